import { callOff } from '../waiting-request.ts';
import type { Answer } from './answer.ts';
import { findEndable } from './find-endable.ts';
import { lapsed } from './lapsed.ts';
import type { Press } from './press.ts';
import type { SlackContext } from './slack-context.ts';

/**
 * Ends a request that is tried again by itself, for whoever asked for it or may make the same change: nothing more of it is
 * begun from here on. Its own message says so at once, or, where a try is under way, when that has come to its end.
 */
export async function onGiveUp(slack: SlackContext, { value = '' }: Press): Promise<readonly Answer[]> {
  const { services, request } = slack;
  const found = await findEndable(slack, value);
  if ('said' in found) return [found.said];
  const { waiting } = found;
  // As of now: a try may have been made since it was pressed, and none is from here on.
  await callOff(services, value, { by: request.actor, at: services.now().toISOString() });
  // The next delivery would end it too, in minutes. While one is under way, this press comes back.
  return (await slack.again(waiting.job)) ? [] : [lapsed(waiting.verb)];
}
