import type { Case, CaseState } from './store.ts';

const AT_WORK: ReadonlySet<CaseState> = new Set(['acting', 'not_revoked', 'waiting']);

/** True for a case whose kill is under way, or may have happened though nobody has proved it. */
export function mayBeStopped({ state }: Pick<Case, 'state'>): boolean {
  return AT_WORK.has(state);
}
