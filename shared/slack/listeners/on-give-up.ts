import { refuseEnd } from '#shared/tokens/stop-run.ts';
import { callOff, findWaiting } from '../waiting-request.ts';
import type { Answer } from './answer.ts';
import { lapsed } from './lapsed.ts';
import type { Press } from './press.ts';
import { contextOf, type SlackContext } from './slack-context.ts';

/**
 * Ends a request that is tried again by itself, for whoever asked for it or may make the same change: nothing more of it is
 * begun from here on. Its own message says so at once, or, where a try is under way, when that has come to its end.
 */
export async function onGiveUp(slack: SlackContext, { value = '' }: Press): Promise<readonly Answer[]> {
  const { services, request, attempt } = slack;
  const waiting = await findWaiting(services, value);
  if (waiting === undefined) return [lapsed('deactivate')];
  const denied = refuseEnd((await contextOf(slack, true)).authority, waiting);
  if (denied !== undefined) return [{ outcome: denied, to: 'me' }];
  await callOff(services, value, { by: request.actor, at: attempt.requestedAt });
  // The next delivery would end it too, in minutes. While one is under way, this press comes back.
  return (await slack.again(waiting.job)) ? [] : [lapsed(waiting.verb)];
}
