import { keepPaste } from '#shared/cases/pastes.ts';
import { isOurs } from '#shared/policy/roles.ts';
import { LEAK_NOTE } from '../skeleton-modal.ts';
import type { Answer } from './answer.ts';
import { leakJobs } from './leak-jobs.ts';
import type { SlackContext } from './slack-context.ts';
import { type Submitted, typed } from './submitted.ts';

/** Queues what a person pasted as leaked. The text itself ended at the edge; only clues are here. */
export async function onLeak(slack: SlackContext, submitted: Submitted): Promise<readonly Answer[]> {
  const { request, attempt, services, sendLeaks } = slack;
  // Anybody of the workspace may report: what a report may cause without a human is decided by the reporter's rights.
  if (!isOurs(services.policy, request.actor)) {
    return [{ outcome: { kind: 'denied', verb: 'leak', why: 'other_workspace', roles: [] }, to: 'me' }];
  }
  const { sealed, unrecognised } = request.job;
  const { notes } = services.store;
  const paste = { id: request.job.deliveryKey, reporter: request.actor, recognised: sealed.length, unrecognised };
  // Sent twice after a crash, a report is found to be the same one by its delivery key.
  if (attempt.journal.get<boolean>('sent') !== true) {
    await keepPaste(notes, paste);
    const note = typed(submitted, LEAK_NOTE.block);
    await sendLeaks(leakJobs(request.job, { reporter: request.actor, note }));
    await attempt.journal.put('sent', true);
  }
  await keepPaste(notes, { ...paste, isSent: true });
  return [{ outcome: { kind: 'leak_received', recognised: sealed.length, unrecognised }, to: 'me' }];
}
