import { isFault } from '#shared/core/fault.ts';
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

/** Trouble with our record or with Slack. */
const OURS = ['store_unavailable', 'slack_unavailable', 'slack_unauthorized', 'channel_closed'] as const;

/** True for what kept a press from its own end, so that its queue comes with it again; false for trouble of the request it is about. */
export function isOfPress(error: unknown): boolean {
  return !isFault(error) || isFault(error, ...OURS);
}
