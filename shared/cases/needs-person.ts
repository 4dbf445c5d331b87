import type { Case, CaseState } from '#shared/store/store.ts';
import { awaitsKill } from './awaits-kill.ts';

/** States in which a leaked token may still work and nobody but a person goes on. */
const WAITING: ReadonlySet<CaseState> = new Set(['unsearched', 'asking', 'not_revoked', 'waiting']);

/**
 * True for a case that goes on only when a person takes it, and that nobody has taken. A secret that matches nothing is
 * somebody else's, most likely: it wants a person where anybody can read it, or where not everybody could be asked.
 */
export function needsPerson(kase: Case): boolean {
  const { state, takenBy, mergedInto, reports, wait, deferred, troubles = [] } = kase;
  if (takenBy !== undefined || mergedInto !== undefined || isDrill(reports)) return false;
  // Its owner has asked for time, at whose end it is asked about again.
  if (wait !== undefined && wait.isOver !== true) return false;
  const isPublic = reports.some(({ publiclyLeaked }) => publiclyLeaked === true);
  const isUnlooked = deferred !== undefined && state !== 'dismissed';
  return isUnlooked || WAITING.has(state) || (state === 'unmatched' && (isPublic || troubles.length > 0));
}

/** True for a case that did not end although it needs nobody at this moment: a machine is at work, and may fail again. */
export function isAtWork({ state, takenBy, mergedInto }: Case): boolean {
  return awaitsKill({ state }) && takenBy === undefined && mergedInto === undefined;
}

/** A drill wakes nobody. */
function isDrill(reports: Case['reports']): boolean {
  return reports.length > 0 && reports.every(({ test }) => test === true);
}
