import type { Approval, Vote } from '#shared/store/store.ts';

/** A request to which somebody says no: whoever asked takes it back with that. */
export function asRefused<R extends Pick<Approval, 'order'>>(record: R, vote: Vote) {
  // From whatever workspace of a grid; that it is one of ours was asked before.
  const state = vote.actor.userId === record.order.requester.userId ? 'withdrawn' : 'refused';
  return { ...record, state, refusedBy: vote } as const;
}
