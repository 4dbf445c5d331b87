import { isFault } from '#shared/core/fault.ts';
import { callOff } from '../waiting-request.ts';
import type { Answer } from './answer.ts';
import { findEndable, isOfPress } from './find-endable.ts';
import { lapsed } from './lapsed.ts';
import type { Press } from './press.ts';
import type { SlackContext } from './slack-context.ts';

/**
 * Ends a request that is tried again by itself, for whoever asked for it or may make the same change: nothing more of it is
 * begun from here on. Its own message says so at once, or, where a try is under way, when that has come to its end; what had
 * begun is read until it is known.
 */
export async function onGiveUp(slack: SlackContext, { value = '' }: Press): Promise<readonly Answer[]> {
  const { services, request } = slack;
  const found = await findEndable(slack, value);
  if ('said' in found) return [found.said];
  const { waiting } = found;
  // As of now: a try may have been made since it was pressed, and none is from here on.
  await callOff(services, value, { by: request.actor, at: services.now().toISOString() });
  try {
    // The next delivery would end it too, in minutes. While one is under way, this press comes back.
    return (await slack.again(waiting.job)) ? [] : [lapsed(waiting.verb)];
  } catch (error) {
    if (isOfPress(error) || isFault(error, 'delivery_in_progress')) throw error;
    // What had begun could not be read: its message says so, and its own queue goes on with that.
    return [];
  }
}
