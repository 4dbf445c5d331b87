import type { Case } from '#shared/store/store.ts';

const UNENDED: ReadonlySet<Case['state']> = new Set(['asking', 'noted', 'shadowed', 'not_revoked', 'restored']);

/** True for a case whose card says of a token that is known that it is not revoked, or works again. */
export function isUnended({ state }: Pick<Case, 'state'>): boolean {
  return UNENDED.has(state);
}

/** True for a case that a person has closed after its kill was decided: what had begun of it may still come about. */
function isClosedOverKill({ state, dismissedBy, decision }: Case): boolean {
  return state === 'dismissed' && dismissedBy !== undefined && decision?.action === 'deactivate';
}

/**
 * What a case's looks come after: the proof of its token's end, that its provider waits, that nobody has stopped it, that it was
 * brought back, or that a person closed it over a kill; `undefined` where none are to be.
 */
export function lookedAfter(kase: Case): string | undefined {
  const { state, token, receipt, generation } = kase;
  if (token === undefined) return undefined;
  if (state === 'waiting' || isUnended(kase) || isClosedOverKill(kase)) return `${state}:${generation}`;
  return state === 'dead' ? receipt?.confirmedAt : undefined;
}
