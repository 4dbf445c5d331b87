import type { types } from '@slack/bolt';
import type { Actor, Mutation } from '#shared/core/vocabulary.ts';
import { attemptsLast, pauseSeconds } from '#shared/jobs/pause-seconds.ts';
import { FACTS } from '#shared/providers/facts.ts';
import type { Trouble } from '#shared/tokens/trouble.ts';
import { button, sure } from './bricks.ts';
import { ACTION } from './press.ts';
import { escape, mention } from './text.ts';
import { when, whenExactly } from './time.ts';

/** Who asked for a change that has not come about yet, and since when. */
export interface Waiting {
  readonly actor: Actor;
  /** When it was asked for; absent where that is not known. */
  readonly requestedAt?: string;
  readonly now: Date;
  /** Which delivery of its queue it is; where that is not known, the tries are counted. */
  readonly attempt?: number;
  /** The request itself, where it can be hurried and ended. */
  readonly run?: string;
}

/**
 * What a person wants to know of a change that is tried again by itself: who asked and since when, when it is tried next
 * and until when, and the way by hand. Nothing for any other ending.
 */
export function notYetWords({ next, attempt: tries, provider, calledOff }: Trouble, waiting: Waiting): string[] {
  if (next !== 'retrying') return [];
  const { actor, requestedAt, now, attempt = tries } = waiting;
  const following = new Date(now.getTime() + pauseSeconds(attempt) * 1000).toISOString();
  const until =
    requestedAt === undefined
      ? undefined
      : new Date(Date.parse(requestedAt) + attemptsLast(attempt) * 1000).toISOString();
  return [
    `Asked for by ${mention(actor.userId)}${requestedAt === undefined ? '' : ` ${when(requestedAt)}`}. The next ${calledOff === undefined ? 'try' : 'look'} comes by itself about ${whenExactly(following)}${until === undefined ? '' : `; it goes on by itself until about ${when(until)}`}.`,
    provider === undefined
      ? undefined
      : `In a hurry, by hand: ${FACTS[provider].console.url} &gt; ${escape(FACTS[provider].console.path)} (on a server of your own, its page).`,
  ].filter((line) => line !== undefined);
}

/** Hurries a request that is tried again by itself, or ends it; none where its message could not be edited when it is over. */
export function waitingButtons(run: string | undefined, verb: Mutation): readonly (types.Button | undefined)[] {
  if (run === undefined) return [];
  const confirm = sure(
    'Give this up?',
    `Patrol stops trying to ${verb} it: nothing more of it is begun. What a try has begun already may still come about: that is read until it is known.`,
    'Give up',
  );
  return [
    button({ text: 'Try now', action: ACTION.tryNow, value: run }),
    button({ text: 'Give up', action: ACTION.giveUp, value: run, style: 'danger', confirm }),
  ];
}
