import type { Approval, Case, CaseState } from './store.ts';

/** Cases in these states want nothing more from anybody: the policy or a person has said so, or the token is dead. */
const CLOSED: readonly CaseState[] = ['muted', 'noted', 'shadowed', 'dead', 'restored', 'dismissed'];

/** True when a case still wants something from somebody, or a report of it is still to be looked for. */
export function isOpenCase({ state, deferred }: Pick<Case, 'state' | 'deferred'>): boolean {
  return !CLOSED.includes(state) || deferred !== undefined;
}

/** True when an approval still waits for somebody's word, whether or not its time has passed meanwhile. */
export function isOpenApproval({ state }: Pick<Approval, 'state'>): boolean {
  return state === 'open';
}
