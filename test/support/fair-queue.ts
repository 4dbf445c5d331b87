import { createSecretKey } from 'node:crypto';
import type { AwsCall } from '#shared/core/aws-call.ts';
import { Secret } from '#shared/core/secret.ts';
import type { CommandJob, LeakJob } from '#shared/jobs/job.ts';
import { sendJobs } from '#shared/jobs/send-jobs.ts';

/** One message of a queue: its group's name is its tenant; without one it is a tenant of its own. */
export interface Grouped {
  readonly MessageBody: string;
  readonly MessageGroupId?: string;
}

/** The workers' capacity as deployed, and AWS's two thresholds. */
const [AT_ONCE, PER_BATCH] = [5, 5];
const SHARE = 0.1;
const IN_FLIGHT = 30;

/**
 * An SQS standard queue with a backlog, as its fair queues are documented: a tenant is noisy with over a tenth of what is in
 * flight (and 30 of it), or over a tenth of the recent processing time; messages of the others are handed out first, and
 * each tenant's own in the order in which they came. Gives the bodies in the order in which they are handed out; `arrive`
 * says what comes when so many have been handed out. Each job takes as long as any other.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
 */
export function handOut(
  backlog: readonly Grouped[],
  arrive: Readonly<Record<number, readonly Grouped[]>>,
): readonly string[] {
  const waiting = [...backlog];
  const spent = new Map<string, number>();
  const out: string[] = [];
  const tenantOf = ({ MessageGroupId }: Grouped, index: number) => MessageGroupId ?? `alone-${index}`;
  const isNoisy = (tenant: string, inFlight: readonly string[]) => {
    const [time = 0, all] = [spent.get(tenant), [...spent.values()].reduce((sum, one) => sum + one, 0)];
    const own = inFlight.filter((one) => one === tenant).length;
    return (all > 0 && time / all > SHARE) || (own >= IN_FLIGHT && own / inFlight.length > SHARE);
  };
  const come = () => waiting.push(...(arrive[out.length] ?? []));
  come();
  while (waiting.length > 0) {
    const inFlight: string[] = [];
    for (let taken = 0; taken < AT_ONCE * PER_BATCH && waiting.length > 0; taken += 1) {
      const quiet = waiting.findIndex((one, index) => !isNoisy(tenantOf(one, index), inFlight));
      const [next] = waiting.splice(Math.max(0, quiet), 1);
      if (next === undefined) break;
      inFlight.push(tenantOf(next, out.length));
      out.push(next.MessageBody);
      come();
    }
    for (const tenant of inFlight) spent.set(tenant, (spent.get(tenant) ?? 0) + 1);
  }
  return out;
}

/** What a queue is given when these jobs are sent. */
export async function queued(jobs: readonly (LeakJob | CommandJob)[]): Promise<readonly Grouped[]> {
  const entries: Grouped[] = [];
  const call: AwsCall = async ({ json }: any) => {
    entries.push(...json.Entries);
    const Successful = json.Entries.map(({ Id }: { Id: string }) => ({ Id }));
    return { ok: true, body: new Secret(JSON.stringify({ Successful })) };
  };
  await sendJobs({ call, jobKey: createSecretKey(Buffer.alloc(32, 1)) }, 'https://queue.example', jobs);
  return entries;
}
