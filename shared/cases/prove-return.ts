import { defined } from '#shared/core/defined.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import type { Case } from '#shared/store/store.ts';
import { asIs } from '#shared/tokens/already-so.ts';
import { type BegunChange, holdToken, isUnfinished, lastBegun, onRecord } from '#shared/tokens/begun-change.ts';
import { finishBegun } from '#shared/tokens/change-token.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import type { Services } from '#shared/tokens/services.ts';
import { isAliveAgain } from './alive-again.ts';
import { settle } from './settle.ts';

/**
 * Has the case of a token that works hear that a person brought it back through Patrol. Either its provider had not done it yet
 * when it was read back, and a read shows now that it has, which is put on record; or that is on record, and whoever did it goes
 * on with other tokens before they tell the cases. False where nothing of ours explains that the token works, or it does over a
 * leak that whoever asked for it could not know of, which its case says then. Safe to repeat.
 */
export async function proveReturn(services: Services, { id, receipt }: Case, token: Token): Promise<boolean> {
  const isReturn = (begun: BegunChange | undefined): begun is BegunChange =>
    begun?.verb === 'activate' && (isUnfinished(begun) || isUnheard(begun, receipt));
  if (!isReturn(await lastBegun(services, token))) return false;
  return holdToken(services, { ref: token }, async ({ keep }, begun) => {
    if (!isReturn(begun)) return false;
    const change = isUnfinished(begun)
      ? await finishBegun(services, begun, token)
      : await asKept(services, begun, token);
    const { requester } = begun.order;
    const kase = await settle(services, change, { from: id, ...('userId' in requester && { by: requester }) });
    keep(onRecord(begun, change));
    // A case that does not take it for news tells of it nothing: the token is to be judged as it was read.
    return kase === undefined || (kase.state !== 'dead' && !isAliveAgain(kase));
  });
}

/** True for a return that was proved later than the end of the token of which its case tells. */
function isUnheard({ provedAt }: BegunChange, receipt: Case['receipt']): boolean {
  return provedAt !== undefined && receipt !== undefined && provedAt > receipt.confirmedAt;
}

/** A return that is on record, as it was proved then. */
async function asKept(services: Services, begun: BegunChange, token: Token): Promise<OutcomeOf<'changed'>> {
  const { order, at: actedAt, provedAt: confirmedAt } = begun;
  const { receipt, ...change } = await asIs(services, order, { token, isGone: false });
  return { ...change, already: false, receipt: { ...receipt, actedAt, ...defined({ confirmedAt }) } };
}
