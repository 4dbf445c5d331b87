import { isValid } from '#shared/core/is-valid.ts';
import type { ReportJob } from '#shared/jobs/job.ts';
import type { Case } from '#shared/store/store.ts';
import { defined } from '#shared/core/defined.ts';
import { clueKey } from './case-keys.ts';
import { newestScanned } from './newest-scanned.ts';
import { without } from '#shared/core/without.ts';

const GITHUB_REF = /^([^#]{3,140})#(\d{1,15})$/;

/** Where the secret of a case can be fetched again: the newest GitHub alert that belongs to it. */
function locatorOf({ answers }: Case) {
  const found = answers?.findLast(({ source, ref }) => source === 'github' && GITHUB_REF.test(ref));
  const [, repository, number] = GITHUB_REF.exec(found?.ref ?? '') ?? [];
  return repository === undefined ? {} : { locator: { kind: 'github', repository, number: Number(number) } as const };
}

/**
 * The report by which a kill was decided, which another one may not have decided; else the newest that is no drill, which never
 * acts, and of a proved secret the newest of a scanner: what a person reports may go no further than their own rights.
 */
export function decidingReport(kase: Case): Case['reports'][number] | undefined {
  const { reports, decision } = kase;
  const deciding = decision?.action === 'deactivate' ? decision.report : undefined;
  const scanned = isValid(kase) ? newestScanned(reports) : undefined;
  const leak = reports.findLast(({ test }) => test !== true);
  return reports.find(({ key }) => key === deciding) ?? scanned ?? leak ?? reports.at(-1);
}

/** What is searched for: by what a kill was decided that is still to be made; else what was put off, with all that it brought. */
function toRepeat(
  kase: Case,
): Pick<Case, 'clue' | 'validity'> & { readonly report: ReturnType<typeof decidingReport> } {
  const { state, decision, deferred, clue, validity } = kase;
  const isToBeMade = state === 'not_revoked' && decision?.action === 'deactivate';
  const report = decidingReport(kase);
  if (deferred === undefined || isToBeMade) return { report, ...defined({ clue, validity }) };
  const { key } = deferred;
  const own = kase.reports.find((one) => one.key === key) ?? (report && { ...report, key });
  return { report: own, ...defined({ clue: deferred.clue, validity: deferred.validity }) };
}

/**
 * Makes the job that searches for a case's token again, as if its report had just come in: the one that a kill was decided by, else
 * the one that was put off, else the newest.
 * Jobs of one `name` are one job (else `requestedAt`, ISO 8601); the report is not counted again. `undefined` when the case keeps
 * nothing to look for.
 */
export function repeatReport(kase: Case, requestedAt: string, name = requestedAt): ReportJob | undefined {
  const { clue, validity, report } = toRepeat(kase);
  // Its own clue says more than an alert that was only told to be about it.
  const locator = clue !== undefined && clueKey(clue) !== undefined ? {} : locatorOf(kase);
  if (report === undefined || (clue === undefined && !('locator' in locator))) return undefined;
  return {
    v: 1,
    kind: 'report',
    source: report.source,
    receivedAt: requestedAt,
    deliveryKey: `again:${kase.id}:${name}`,
    report: {
      ...without(report, 'source', 'at', 'clueKeys'),
      ...locator,
      ...defined({ clue, validity }),
    },
  };
}
