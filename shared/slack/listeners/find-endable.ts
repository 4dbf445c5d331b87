import { refuseEnd } from '#shared/tokens/stop-run.ts';
import { findWaiting, type WaitingRequest } from '../waiting-request.ts';
import type { Answer } from './answer.ts';
import { lapsed } from './lapsed.ts';
import { contextOf, type SlackContext } from './slack-context.ts';

/** Finds the request that a button is about, for whoever may hurry or end it; what is said instead where they may not. */
export async function findEndable(
  slack: SlackContext,
  key: string,
): Promise<{ readonly waiting: WaitingRequest } | { readonly said: Answer }> {
  const waiting = await findWaiting(slack.services, key);
  if (waiting === undefined) return { said: lapsed('deactivate') };
  const denied = refuseEnd((await contextOf(slack, true)).authority, waiting);
  return denied === undefined ? { waiting } : { said: { outcome: denied, to: 'me' } };
}
