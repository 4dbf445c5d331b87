import { isWithin } from '#shared/core/is-within.ts';
import type { Message } from './blocks/bricks.ts';
import type { Reply, Target } from './reply.ts';

interface ProgressDeps {
  readonly reply: Pick<Reply, 'edit'>;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** One message that is edited while something runs. */
export interface Progress {
  /** Shows a state, unless the last one is about a second old or still on its way: then it is left out. Never throws. */
  show(message: () => Message): void;
  /** Shows the final state, after a pause if one is due. Throws what `edit` throws. */
  finish(message: Message): Promise<void>;
}

/** Slack takes about one edit a second. */
const PAUSE_MS = 1100;

/** Keeps the edits of one message within Slack's rate; the final state is always shown. */
export function createProgress(target: Target, { reply, now, sleep }: ProgressDeps): Progress {
  let lastAt = Number.NEGATIVE_INFINITY;
  let onItsWay: Promise<void> | undefined;
  return {
    show: (message) => {
      // A message without a `ts` is changed by `response_url`, which may be used five times: kept for the final state.
      if (target.ts === undefined || onItsWay !== undefined || isWithin(lastAt, now(), PAUSE_MS)) return;
      lastAt = now().getTime();
      onItsWay = reply
        .edit(target, message())
        // A state in between may get lost; the work itself goes on.
        .catch(() => undefined)
        .finally(() => {
          onItsWay = undefined;
        });
    },
    finish: async (message) => {
      await onItsWay;
      if (isWithin(lastAt, now(), PAUSE_MS)) await sleep(lastAt + PAUSE_MS - now().getTime());
      await reply.edit(target, message);
    },
  };
}
