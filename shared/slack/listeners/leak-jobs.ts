import { PERSON_SOURCE, pastedKey } from '#shared/cases/pastes.ts';
import { defined } from '#shared/core/defined.ts';
import type { Actor } from '#shared/core/vocabulary.ts';
import type { CommandJob, LeakJob } from '#shared/jobs/job.ts';

/** Makes a sealed report of each clue that a person's pasted leak gave, in that person's name; the same job gives the same reports again. */
export function leakJobs(
  job: Pick<CommandJob, 'sealed' | 'receivedAt' | 'deliveryKey'>,
  { reporter, note }: { readonly reporter: Actor; readonly note: string | undefined },
): LeakJob[] {
  return job.sealed.map((clue, index) => {
    const key = pastedKey(job.deliveryKey, index);
    return {
      v: 1,
      kind: 'report',
      source: PERSON_SOURCE,
      receivedAt: job.receivedAt,
      deliveryKey: key,
      report: { key, clue, reporter, pasted: job.sealed.length, ...defined({ note: note === '' ? undefined : note }) },
    };
  });
}
