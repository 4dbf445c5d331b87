import { isValid } from '#shared/core/is-valid.ts';
import { defined } from '#shared/core/defined.ts';
import { without } from '#shared/core/without.ts';
import type { Case, CaseReport, CaseTrouble, DeferredReport } from '#shared/store/store.ts';
import type { Evidence } from './keep-case.ts';
import { isInVain } from './search-again.ts';

/**
 * Puts off a report of a token that is known, which nobody could look for: it is handled anew by a planned search, whatever its
 * case says. A proved one stays until it is handled, and a scanner's before a person's. Not a drill, what only resembles a token
 * whose case a person has closed, nor what another search meets again.
 */
export function deferReport(kase: Case, { report, clue }: Evidence, troubles: readonly CaseTrouble[]): Case {
  const { token, dismissedBy, state } = kase;
  const { key, validity } = report;
  const isProved = isValid(report);
  const isClosed = state === 'dismissed' && (dismissedBy === undefined || !isProved);
  const isLess = !takesPlace(kase, report);
  const isDrill = report.test === true;
  if (token === undefined || isDrill || isClosed || isLess || troubles.every(isInVain)) return kase;
  return { ...kase, deferred: { key, troubles, ...defined({ clue, validity }) } };
}

/** True for a report that may go as far as the one that its case's search goes by, or where there is none. */
export function takesPlace(
  { deferred, reports }: Pick<Case, 'deferred' | 'reports'>,
  report: Pick<Evidence['report'], 'key' | 'validity' | 'reporter'>,
): boolean {
  if (deferred === undefined || deferred.key === report.key) return true;
  return weightOf(report) >= weightOf(asReported(deferred, reports));
}

/** A report that waits, with whoever reported it, as the reports of its case tell. */
export function asReported(
  deferred: DeferredReport,
  reports: Case['reports'],
): DeferredReport & Pick<CaseReport, 'reporter'> {
  const { reporter } = reports.find(({ key }) => key === deferred.key) ?? {};
  return { ...deferred, ...defined({ reporter }) };
}

/** How far a report may go: a proof further than anything else, and a scanner's further than that of a person, who may have no right. */
function weightOf(report: Pick<Evidence['report'], 'validity' | 'reporter'>): number {
  if (!isValid(report)) return 0;
  return report.reporter === undefined ? 2 : 1;
}

/** A case whose report with this key was handled: it waits for its search no more. */
export function endDeferred<K extends Omit<Case, 'version'>>(kase: K, key: string): K | Omit<K, 'deferred'> {
  return kase.deferred?.key === key ? without(kase, 'deferred') : kase;
}
