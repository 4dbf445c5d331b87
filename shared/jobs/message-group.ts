import { isValid } from '#shared/core/is-valid.ts';
import type { CommandJob, LeakJob } from './job.ts';

/** What SQS takes for a group's name. */
const UNFIT = /[^\w.-]/g;

/**
 * Names whose turn a job takes in its queue: each person's, each source's, all proved leaks'. Where one of them has the
 * worker busy, SQS hands out the jobs of the others first (fair queues), so that a flood waits for people and not the other
 * way round.
 */
export function messageGroup(job: CommandJob | LeakJob): string {
  switch (job.kind) {
    case 'report':
      if (job.report.reporter !== undefined) return fit(`person-${job.report.reporter.userId}`);
      return isValid(job.report) ? 'proved' : fit(`source-${job.source}`);
    case 'report-part':
      return fit(`source-${job.source}`);
    case 'sns-confirm':
      return 'source-sns';
    case 'command':
    case 'action':
    case 'view':
    case 'event':
      return fit(`person-${userIn(job.payload)}`);
    default:
      return 'planned';
  }
}

const fit = (name: string): string => name.replaceAll(UNFIT, '-').slice(0, 128);

/** A slash command names its person in a field of its own; a press and a window do so in an object. */
function userIn({ user_id: typed, user, event }: CommandJob['payload']): string {
  const named = [typed, idIn(user), idIn(event)].find((one) => typeof one === 'string');
  return typeof named === 'string' ? named : 'unknown';
}

function idIn(part: unknown): unknown {
  if (typeof part !== 'object' || part === null) return undefined;
  return 'id' in part ? part.id : 'user' in part ? part.user : undefined;
}
