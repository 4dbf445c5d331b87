import { defined } from '#shared/core/defined.ts';
import type { Actor } from '#shared/core/vocabulary.ts';
import type { Case } from '#shared/store/store.ts';

/**
 * What a case becomes whose token was read as working, brought back `by` somebody who could not know of its leak, or elsewhere;
 * `undefined` where it was not believed dead.
 */
export function aliveAgain(kase: Case, by?: Actor): Case | undefined {
  const { state, receipt } = kase;
  if (state !== 'dead' || receipt === undefined) return undefined;
  const { confirmedAt } = receipt;
  return { ...kase, state: 'not_revoked', troubles: [{ kind: 'alive_again', confirmedAt, ...defined({ by }) }] };
}

/** True for a case whose token was read as working although its end was proved. */
export function isAliveAgain({ state, troubles = [] }: Pick<Case, 'state' | 'troubles'>): boolean {
  return state === 'not_revoked' && troubles.some(({ kind }) => kind === 'alive_again');
}
