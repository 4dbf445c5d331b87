import type { Approval, Vote } from '#shared/store/store.ts';
import { isSameActor } from './is-same-actor.ts';

/** True when this very press gave the last yes: on a replay the record says `approved` already, or `done`, by us. */
export function wasSettledBy({ state, approvedBy }: Approval, mine: Vote): boolean {
  const last = approvedBy.at(-1);
  return (state === 'approved' || state === 'done') && last !== undefined && isSameVote(last, mine);
}

/** By its name, where it was stored with one: two presses of one person can come in the same millisecond. */
export function isSameVote(one: Vote, other: Vote): boolean {
  const isSamePress = one.request === undefined || other.request === undefined || one.request === other.request;
  return isSameActor(one.actor, other.actor) && one.at === other.at && isSamePress;
}
