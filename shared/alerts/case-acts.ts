import type { LeakJob } from '#functions/job.ts';
import type { Case, Store } from '#shared/store/store.ts';
import type { Change } from '#shared/tokens/outcome.ts';
import { afterChange } from './after-change.ts';
import { caseId, tokenKey } from './case-key.ts';
import { changeCase } from './keep-case.ts';
import { without } from './without.ts';

const GITHUB_REF = /^([^#]{3,140})#(\d{1,15})$/;

/** Where the secret of a case can be fetched again: the newest GitHub alert that belongs to it. */
function locatorOf({ answers }: Case) {
  const found = answers?.findLast(({ source, ref }) => source === 'github' && GITHUB_REF.test(ref));
  const [, repository, number] = GITHUB_REF.exec(found?.ref ?? '') ?? [];
  return repository === undefined ? {} : { locator: { kind: 'github', repository, number: Number(number) } as const };
}

/**
 * Makes the job that looks at a case again as if its newest report had just come in: for "Look again" and "Try again".
 * `requestedAt` (ISO 8601) makes one press one job; the report is not counted again. `undefined` when the case keeps
 * nothing to look for.
 */
export function lookAgainJob(kase: Case, requestedAt: string): LeakJob | undefined {
  const report = kase.reports.at(-1);
  const locator = locatorOf(kase);
  if (report === undefined || (kase.clue === undefined && !('locator' in locator))) return undefined;
  return {
    v: 1,
    kind: 'report',
    source: report.source,
    receivedAt: requestedAt,
    deliveryKey: `again:${kase.id}:${requestedAt}`,
    report: { ...without(report, 'source', 'at'), ...locator, ...(kase.clue === undefined ? {} : { clue: kase.clue }) },
  };
}

/**
 * Writes what became of a token into its case, if it has one: for changes that were asked for outside the card, so that no
 * card says less or more than is true. Gives the changed case, to be shown; `undefined` when there is none.
 */
export async function followChange(store: Store, change: Change, now: Date): Promise<Case | undefined> {
  if (change.kind !== 'changed') return undefined;
  const { profile, id } = change.token;
  const known = await store.cases.get(caseId(tokenKey({ profile, id })));
  if (known === undefined) return undefined;
  return changeCase(store, { id: known.id, now }, (kase) =>
    isNews(kase, change) ? afterChange(kase, change) : undefined,
  );
}

/** A change that the case knows already, that is older than what it knows, or that undoes no kill of it, is no news. */
function isNews({ state, verb, receipt }: Case, change: Extract<Change, { kind: 'changed' }>): boolean {
  if (state === 'dismissed') return false;
  if (receipt !== undefined && receipt.confirmedAt >= change.receipt.confirmedAt) return false;
  if (change.verb === 'activate') return state === 'dead';
  return state !== 'dead' || verb !== change.verb;
}
