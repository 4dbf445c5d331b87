import type { CommandJob, LeakJob } from '#shared/jobs/job.ts';

/** The name under which the policy's alert rules see what people report by hand. */
export const PERSON_SOURCE = 'slack';

/** Makes a sealed report of each clue that a person's pasted leak gave; the same job gives the same reports again. */
export function leakJobs(
  job: Pick<CommandJob, 'sealed' | 'receivedAt' | 'deliveryKey'>,
  note: string | undefined,
): LeakJob[] {
  return job.sealed.map((clue, index) => {
    const key = `${PERSON_SOURCE}:${job.deliveryKey}:${index}`;
    return {
      v: 1,
      kind: 'report',
      source: PERSON_SOURCE,
      receivedAt: job.receivedAt,
      deliveryKey: key,
      report: { key, clue, detector: 'reported by a person', ...(note === undefined || note === '' ? {} : { note }) },
    };
  });
}
