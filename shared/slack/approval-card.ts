import type { Approval } from '#shared/store/store.ts';
import { describeApproval } from '#shared/tokens/describe-approval.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import type { Services } from '#shared/tokens/services.ts';

const KEPT_SECONDS = 30 * 86_400;

/**
 * Works with a request as it is stored now, one writer at a time: of two people who press at once, the words of the slower
 * one would else take the card back from its end. What was given up for good (`shown` as done) stays shown as done.
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

/** A request that was given up stays approved, so that a job taken out of the dead-letter queue goes on with it. */
async function asShown(
  { store: { notes } }: Services,
  { shown, stored }: { readonly shown: Approval; readonly stored: Approval },
): Promise<Approval> {
  if (stored.state !== 'approved') return stored;
  const ended = `approval-ended:${stored.id}`;
  const isGivenUp = shown.state === 'done';
  if (isGivenUp) await notes.put(ended, true, KEPT_SECONDS);
  return isGivenUp || (await notes.get<boolean>(ended)) === true ? { ...stored, state: 'done' } : stored;
}
