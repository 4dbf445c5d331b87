import { isFault } from '#shared/core/fault.ts';
import type { Trouble } from '#shared/tokens/trouble.ts';
import { isRetrying } from '#shared/tokens/trouble-of.ts';
import { subjectIn, type WaitingRequest } from '../waiting-request.ts';
import type { Answer } from './answer.ts';
import { findEndable, isOfPress } from './find-endable.ts';
import { lapsed } from './lapsed.ts';
import type { Press } from './press.ts';
import type { SlackContext } from './slack-context.ts';

/**
 * Delivers a request that is tried again by itself once more, at once, for whoever asked for it or may make the same change:
 * it stays the request of whoever asked. How it ends stands in its message; a try that fails is told to whoever pressed.
 */
export async function onTryNow(slack: SlackContext, { value = '' }: Press): Promise<readonly Answer[]> {
  const { services, request } = slack;
  const found = await findEndable(slack, value);
  if ('said' in found) return [found.said];
  const { waiting } = found;
  await services.store.audit.append({
    at: services.now().toISOString(),
    id: `try-now-${request.job.deliveryKey}`,
    actor: request.actor,
    what: 'try_now',
    verb: waiting.verb,
    result: 'noted',
    ...subjectIn(waiting.answers),
  });
  try {
    return (await slack.again(waiting.job)) ? [] : [lapsed(waiting.verb)];
  } catch (error) {
    return [{ outcome: { kind: 'tried_now', verb: waiting.verb, ...troubleIn(waiting, error) }, to: 'me' }];
  }
}

/** What kept a try from its end; none where another one is under way. What keeps this press from its own is thrown. */
function troubleIn({ answers }: WaitingRequest, error: unknown): { readonly trouble?: Trouble } {
  if (!isFault(error) || isOfPress(error)) throw error;
  if (isFault(error, 'delivery_in_progress')) return {};
  const last = answers.map(({ outcome }) => outcome).find(isRetrying)?.trouble;
  const { provider, profile } = last ?? {};
  return {
    trouble: {
      fault: error.code,
      next: 'retrying',
      attempt: last?.attempt ?? 1,
      ...(provider && { provider }),
      ...(profile && { profile }),
    },
  };
}
