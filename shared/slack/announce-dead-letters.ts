import type { AwsCall } from '#shared/core/aws-call.ts';
import { eachInTurn } from '#shared/core/each-in-turn.ts';
import type { DeadLetters } from '#shared/jobs/count-dead-letters.ts';
import { readDeadLetters } from '#shared/jobs/read-dead-letters.ts';
import { type EndGivenUpDeps, endGivenUp } from './end-given-up.ts';
import { tellDeadLetters } from './tell-dead-letters.ts';

interface AnnounceDeps extends EndGivenUpDeps {
  readonly call: AwsCall;
  /** URLs of the queues that keep what was given up. */
  readonly deadQueues: Readonly<Record<keyof DeadLetters, string>>;
}

/**
 * Tells in the security channel what was given up, and when it is back; where its words promise more, they are ended. What
 * keeps one of these from being said keeps none of the others. Throws Slack's, the queue's and the store's faults; asked again
 * it goes on where it stopped.
 */
export async function announceDeadLetters(deps: AnnounceDeps, dead: DeadLetters): Promise<void> {
  const { call, deadQueues } = deps;
  const queues = (['commands', 'leaks'] as const).filter((queue) => dead[queue] > 0);
  await eachInTurn([
    () => tellDeadLetters(deps, dead),
    ...queues.map((queue) => async () => endGivenUp(deps, await readDeadLetters(call, deadQueues[queue]))),
  ]);
}
