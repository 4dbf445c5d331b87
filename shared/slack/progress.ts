import { isWithin } from '#shared/core/is-within.ts';
import { outwait } from '#shared/core/outwait.ts';
import { stillToCome } from '#shared/core/still-to-come.ts';
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
  /** Since when an edit may still come of which nobody has heard the end, ISO 8601: meanwhile nothing is shown. */
  let unheard: string | undefined;
  const outwaitEdit = async (): Promise<void> => {
    await onItsWay;
    await outwait({ now, sleep }, unheard);
    unheard = undefined;
  };
  return {
    show: (message) => {
      // A message without a `ts` is changed by `response_url`, which may be used five times: kept for the final state.
      if (target.ts === undefined || onItsWay !== undefined || isWithin(lastAt, now(), PAUSE_MS)) return;
      if (stillToCome(unheard, now()) !== undefined) return;
      const begun = now();
      lastAt = begun.getTime();
      onItsWay = reply
        .edit(target, message())
        // A state in between may get lost; the work itself goes on. What comes late must not stand over what comes after it.
        .catch(() => {
          unheard = begun.toISOString();
        })
        .finally(() => {
          onItsWay = undefined;
        });
    },
    finish: async (message) => {
      await outwaitEdit();
      if (isWithin(lastAt, now(), PAUSE_MS)) await sleep(lastAt + PAUSE_MS - now().getTime());
      await reply.edit(target, message);
    },
    settle: outwaitEdit,
  };
}
