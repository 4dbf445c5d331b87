import { isSameActor } from './is-same-actor.ts';
import { type Carrying, CARRYING, carryOut } from './carry-out.ts';
import { authorise, isDenied } from './authorise.ts';
import type { Context } from './context.ts';
import type { Outcome } from './outcome.ts';
import { hasBegun } from './change-token.ts';
import { openedBefore, openedRequest } from './ask-others.ts';
import { rightTo } from './place-order.ts';

/** An order that an earlier attempt of this job had begun to carry out, as it ends now. */
export interface Resumed extends Pick<Carrying, 'order'> {
  readonly outcome: Outcome;
}

/** The request for others that an earlier attempt of this job has opened, and may not have told anybody of: it is told, and ends. */
async function resumeRequest(context: Context): Promise<Resumed | undefined> {
  const approval = await openedBefore(context);
  if (approval === undefined || approval.order.verb === 'lever') return undefined;
  return { order: approval.order, outcome: await openedRequest(context, approval) };
}

/** True where an earlier attempt of this job has begun a change, or opened a request for others: a replay has to tell that. */
export async function hasBegunOrder(context: Pick<Context, 'services' | 'attempt'>): Promise<boolean> {
  return context.attempt.journal.get(CARRYING) !== undefined || (await openedBefore(context)) !== undefined;
}

/**
 * Goes on with what an earlier attempt of this job had begun: with the tokens as they were understood then, since one that
 * is gone cannot be found by its name again. The requester's rights are asked again; where they are gone nothing more is
 * done, and what was done is told and on record all the same. Nor is anything with `isOverruled`, where a person has decided
 * otherwise since: then only a change that its provider may have been asked for had begun. `undefined` where nothing had begun.
 */
export async function resumeOrder(context: Context, { isOverruled = false } = {}): Promise<Resumed | undefined> {
  const { services, authority, attempt } = context;
  const request = await resumeRequest(context);
  if (request !== undefined) return request;
  const carrying = attempt.journal.get<Carrying>(CARRYING);
  if (carrying === undefined) return undefined;
  const { order, warrant } = carrying;
  const { requester } = order;
  if (isOverruled) {
    const isBegun = order.tokens.some((ref) => hasBegun(attempt, { order, warrant, ref }));
    return isBegun
      ? { order, outcome: await carryOut(context, order, { ...warrant, withdrawn: 'overruled' }) }
      : undefined;
  }
  const isSelf = isSameActor(requester, authority.actor);
  const rights = isSelf ? authority : await authorise(services, requester, attempt.journal);
  const isLost = isDenied(rightTo(order, rights));
  return { order, outcome: await carryOut(context, order, isLost ? { ...warrant, withdrawn: 'no_right' } : warrant) };
}
