import { isWithin } from '#shared/core/is-within.ts';
import { LATE_MS } from '#shared/core/late-ms.ts';
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
  /** Waits until no state that was shown can arrive any more. */
  settle(): Promise<void>;
}

/** Slack takes about one edit a second. */
const PAUSE_MS = 1100;

/** Keeps the edits of one message within Slack's rate; the final state is always shown. */
export function createProgress(target: Target, { reply, now, sleep }: ProgressDeps): Progress {
  let lastAt = Number.NEGATIVE_INFINITY;
  let onItsWay: Promise<void> | undefined;
  /** How long after the last edit the next one may be made. */
  let pauseMs = PAUSE_MS;
  const restOfPause = async (): Promise<void> => {
    if (isWithin(lastAt, now(), pauseMs)) await sleep(lastAt + pauseMs - now().getTime());
  };
  return {
    show: (message) => {
      // A message without a `ts` is changed by `response_url`, which may be used five times: kept for the final state.
      if (target.ts === undefined || onItsWay !== undefined || isWithin(lastAt, now(), pauseMs)) return;
      lastAt = now().getTime();
      pauseMs = PAUSE_MS;
      onItsWay = reply
        .edit(target, message())
        // A state in between may get lost; the work itself goes on. What comes late must not stand over what comes after it.
        .catch(() => {
          pauseMs = LATE_MS;
        })
        .finally(() => {
          onItsWay = undefined;
        });
    },
    finish: async (message) => {
      await onItsWay;
      await restOfPause();
      await reply.edit(target, message);
    },
    settle: async () => {
      await onItsWay;
      if (pauseMs === LATE_MS) await restOfPause();
    },
  };
}
