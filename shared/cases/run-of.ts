import type { ReportJob } from '#shared/jobs/job.ts';

/** Gives the key by which the handling of a report is remembered; jobs of one delivery key are one. */
export function runOf({ deliveryKey }: ReportJob): string {
  return `leak:${deliveryKey}`;
}
