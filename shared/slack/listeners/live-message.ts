import { isFault } from '#shared/core/fault.ts';
import { outwait } from '#shared/core/outwait.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import type { Services } from '#shared/tokens/services.ts';
import type { Message } from '../blocks/bricks.ts';
import { createProgress, type Progress } from '../progress.ts';
import type { Reply } from '../reply.ts';
import type { Answer } from './answer.ts';
import type { Request } from './request.ts';
import type { Say } from './say.ts';

interface LiveMessageDeps extends Pick<Say, 'say' | 'toMessage'> {
  readonly services: Pick<Services, 'now' | 'sleep'>;
  readonly reply: Reply;
}

/** The one message of a request that is edited while a long run goes on. */
export interface LiveMessage {
  /** Shows how far a long run has come. Never throws: words that fail must not stop the work. */
  readonly show: (outcome: Outcome) => Promise<void>;
  /** Makes the live message the final one; false when there is none (any more). Nothing is shown after it. */
  readonly finish: (message: Message) => Promise<boolean>;
  /**
   * Waits until nothing that was shown can arrive any more, after which nothing is shown. True where the first words may stand
   * although nobody has heard where.
   */
  readonly settle: () => Promise<boolean>;
}

/** Creates the live message of one request; it is posted when there is something to show. */
export function createLiveMessage({ services, reply, say, toMessage }: LiveMessageDeps, request: Request): LiveMessage {
  const { now, sleep } = services;
  const { channel, pressed } = request.place;
  let progress: Promise<Progress | undefined> | undefined;
  let isOver = false;
  /** When it was told that the first words failed, ISO 8601. */
  let failedAt: string | undefined;
  const open = async (outcome: Outcome): Promise<Progress | undefined> => {
    const answer: Answer = { outcome, to: pressed === undefined ? 'channel' : 'here' };
    const target = await say(request, answer, 0).catch(() => {
      failedAt = now().toISOString();
      return undefined;
    });
    return target && createProgress(target, { reply, now, sleep });
  };
  return {
    show: async (outcome) => {
      // From App Home and from a modal there is no message to edit; what is said in the end belongs elsewhere.
      if (isOver || (channel === undefined && pressed === undefined)) return;
      if (progress === undefined) {
        progress = open(outcome);
        await progress;
        return;
      }
      (await progress)?.show(() => toMessage(request, { outcome, to: 'here' }));
    },
    finish: async (message) => {
      isOver = true;
      const shown = await progress;
      if (shown === undefined) return false;
      try {
        await shown.finish(message);
        return true;
      } catch (error) {
        if (!isFault(error, 'slack_rejected')) throw error;
        return false;
      }
    },
    settle: async () => {
      isOver = true;
      await (await progress)?.settle();
      if (failedAt === undefined) return false;
      await outwait({ now, sleep }, failedAt);
      return true;
    },
  };
}
