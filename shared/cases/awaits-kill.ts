import type { Case } from '#shared/store/store.ts';

/** True while a case waits for a kill, or for whoever decides about one: it says "working on it". */
export function awaitsKill({ state }: Pick<Case, 'state'>): boolean {
  return state === 'received' || state === 'acting';
}
