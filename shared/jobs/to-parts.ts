import { isValid } from '#shared/core/is-valid.ts';
import type { LeakJob, ReportJob } from './job.ts';
import { toQueueText } from './to-queue-text.ts';

type PartJob = Extract<LeakJob, { kind: 'report-part' }>;

/** So many reports of one delivery are queued one by one. */
const MOST_ALONE = 50;
/** Ten of these and their envelopes fit into a batch, which SQS takes up to 1 MiB. */
const PART_BYTES = 90_000;
const PART_REPORTS = 100;
/** How many of a large report are handled in a second, so that what others report meanwhile does not wait behind it. */
const SPREAD_PER_SECOND = 25;

/**
 * Packs the reports of a large delivery, so that it is stored before its sender has waited too long: what is proved stays
 * alone and comes first, the others go in parts. A delivery of usual size stays as it is.
 */
export function toParts(jobs: readonly LeakJob[]): readonly LeakJob[] {
  const reports = jobs.filter((job) => job.kind === 'report');
  if (reports.length <= MOST_ALONE) return jobs;
  const isProved = ({ report }: ReportJob) => isValid(report);
  const proved = reports.filter(isProved);
  const others = reports.filter((job) => !isProved(job));
  return [...jobs.filter((job) => job.kind !== 'report'), ...proved, ...packed(others)];
}

function packed(jobs: readonly ReportJob[]): readonly PartJob[] {
  const parts: { first: ReportJob; offset: number; bytes: number; reports: ReportJob['report'][] }[] = [];
  jobs.forEach((job, index) => {
    const bytes = Buffer.byteLength(toQueueText(JSON.stringify(job.report))) + 1;
    const last = parts.at(-1);
    if (last !== undefined && last.bytes + bytes <= PART_BYTES && last.reports.length < PART_REPORTS) {
      last.bytes += bytes;
      last.reports.push(job.report);
    } else parts.push({ first: job, offset: index, bytes, reports: [job.report] });
  });
  return parts.map(({ first, offset, reports }) => ({
    v: 1,
    kind: 'report-part',
    source: first.source,
    receivedAt: first.receivedAt,
    deliveryKey: `part:${first.deliveryKey}`,
    offset,
    reports,
  }));
}

/**
 * Queues the reports of a part, each as the very job that was packed, spread over time. Safe to repeat: a job that was
 * queued before is known by its key. Throws the queue's faults.
 */
export async function sendPart(
  { source, receivedAt, offset, reports }: PartJob,
  send: (jobs: readonly LeakJob[], delaySeconds: number) => Promise<void>,
): Promise<void> {
  const jobs = reports.map(
    (report): ReportJob => ({ v: 1, kind: 'report', source, receivedAt, deliveryKey: report.key, report }),
  );
  const seconds = Map.groupBy(jobs, (_, index) => Math.floor((offset + index) / SPREAD_PER_SECOND));
  for (const [delaySeconds, together] of seconds) await send(together, delaySeconds);
}
