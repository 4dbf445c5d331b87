import { CLOCKS_MS } from '#shared/core/late-ms.ts';
import type { Case } from '#shared/store/store.ts';

/**
 * Names the clues that were reported to a case later than a time (ISO 8601) alone: whoever decided then had not been told of them.
 * None where that is not sure, since not all reports are kept, or not of all is known what they told.
 */
export function newsSince({ reports, count }: Pick<Case, 'reports' | 'count'>, at: string): ReadonlySet<string> {
  const until = Date.parse(at) + CLOCKS_MS;
  const isLater = (report: Case['reports'][number]) => Date.parse(report.at) > until;
  const earlier = reports.filter((report) => !isLater(report));
  if (reports.length < count || earlier.some(({ clueKeys }) => clueKeys === undefined)) return new Set();
  const told = new Set(earlier.flatMap(({ clueKeys = [] }) => clueKeys));
  const later = reports.filter(isLater).flatMap(({ clueKeys = [] }) => clueKeys);
  return new Set(later.filter((key) => !told.has(key)));
}

/** True for a kill that was decided by the report of another secret than those that were reported until then. */
export function isDecidedByNews(kase: Pick<Case, 'reports' | 'count' | 'decision'>, until: string): boolean {
  const { decision, reports } = kase;
  const { clueKeys = [] } = reports.find(({ key }) => key === decision?.report) ?? {};
  const news = newsSince(kase, until);
  return clueKeys.length > 0 && clueKeys.every((key) => news.has(key));
}
