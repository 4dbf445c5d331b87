import type { CaseReport } from '#shared/store/store.ts';

/** The newest report of a scanner that is no drill: what a person reports may go no further than their own rights. */
export function newestScanned(reports: readonly CaseReport[]): CaseReport | undefined {
  return reports.findLast(({ reporter, test }) => reporter === undefined && test !== true);
}
