import type { Approval } from '#shared/store/store.ts';
import { describeApproval } from '#shared/tokens/describe-approval.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import type { Services } from '#shared/tokens/services.ts';
import { withoutPromise } from './without-promise.ts';

const KEPT_SECONDS = 30 * 86_400;

/**
 * Works with a request as it is stored now, one writer at a time: of two people who press at once, the words of the slower
 * one would else take the card back from its end. What was given up for good (`shown` as done, or noted) stays shown as done.
 */
export async function approvalCard<T>(
  services: Services,
  shown: Approval,
  work: (latest: OutcomeOf<'approval'>) => Promise<T>,
): Promise<T> {
  const { store } = services;
  const { id } = shown;
  return store.hold(`approval-card:${id}`, async () => {
    const stored = (await store.approvals.get(id)) ?? shown;
    return work(await describeApproval(services, await asShown(services, { shown, stored })));
  });
}

/** Notes that what was agreed to has stopped for good: card and copies are drawn as ended from here on, whoever draws them. */
export function noteStopped({ store: { notes } }: Pick<Services, 'store'>, approvalId: string): Promise<void> {
  return notes.put(stoppedNote(approvalId), true, KEPT_SECONDS);
}

function stoppedNote(approvalId: string): string {
  return `approval-ended:${approvalId}`;
}

/** A request that was given up stays approved, so that a job taken out of the dead-letter queue goes on with it. */
async function asShown(
  services: Services,
  { shown, stored }: { readonly shown: Approval; readonly stored: Approval },
): Promise<Approval> {
  if (stored.state !== 'approved') return stored;
  const isGivenUp = shown.state === 'done';
  if (isGivenUp) await noteStopped(services, stored.id);
  const isStopped = isGivenUp || (await services.store.notes.get<boolean>(stoppedNote(stored.id))) === true;
  return isStopped ? withoutPromise(stored) : stored;
}
