import type { Actor } from '#shared/core/vocabulary.ts';
import { attemptsLast, pauseSeconds } from '#shared/jobs/pause-seconds.ts';
import { FACTS } from '#shared/providers/facts.ts';
import type { Trouble } from '#shared/tokens/trouble.ts';
import { escape, mention } from './text.ts';
import { when } from './time.ts';

/** Who asked for a change that has not come about yet, and since when. */
export interface Waiting {
  readonly actor: Actor;
  /** When it was asked for; absent where that is not known. */
  readonly requestedAt?: string;
}

/**
 * What a person wants to know of a change that is tried again by itself: who asked and since when, when it is tried next
 * and until when, and the way by hand. Nothing for any other ending.
 */
export function notYetWords({ next, attempt, provider }: Trouble, { actor, requestedAt }: Waiting): string[] {
  if (next !== 'retrying') return [];
  const until =
    requestedAt === undefined
      ? undefined
      : new Date(Date.parse(requestedAt) + attemptsLast(attempt) * 1000).toISOString();
  return [
    `Asked for by ${mention(actor.userId)}${requestedAt === undefined ? '' : ` ${when(requestedAt)}`}. The next try is in about ${pauseSeconds(attempt)} s${until === undefined ? '' : `; it goes on by itself until about ${when(until)}`}.`,
    provider === undefined
      ? undefined
      : `In a hurry, by hand: ${FACTS[provider].console.url} &gt; ${escape(FACTS[provider].console.path)} (on a server of your own, its page).`,
  ].filter((line) => line !== undefined);
}
