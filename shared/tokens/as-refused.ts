import type { Approval, Vote } from '#shared/store/store.ts';
import { isSameActor } from './is-same-actor.ts';

/** A request to which somebody says no: whoever asked takes it back with that. */
export function asRefused<R extends Pick<Approval, 'order'>>(record: R, vote: Vote) {
  const state = isSameActor(vote.actor, record.order.requester) ? 'withdrawn' : 'refused';
  return { ...record, state, refusedBy: vote } as const;
}
