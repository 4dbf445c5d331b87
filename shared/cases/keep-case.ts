import type { Report } from '#shared/jobs/job.ts';
import { without } from '#shared/core/without.ts';
import type { Clue } from '#shared/providers/clue.ts';
import type { Candidate } from '#shared/providers/provider.ts';
import type { Case, CaseReport, Store } from '#shared/store/store.ts';
import { caseId, tokenKey } from './case-key.ts';

/** Most reports that a case keeps; `count` counts all. */
const KEPT_REPORTS = 20;

export type CaseChange = (kase: Case) => Omit<Case, 'version'> | undefined;

/** What is known of a leak when its case is opened or met again. */
export interface Intake {
  readonly source: string;
  readonly report: Report;
  readonly clue?: Clue | undefined;
  /** The one token that it means, where it means one. */
  readonly match?: Candidate | undefined;
  readonly candidates: readonly Candidate[];
  /** ISO 8601: when the report reached us. */
  readonly receivedAt: string;
}

/** Changes a stored case and stamps the time; gives the case as it then is. A case that is gone is a defect. */
export async function changeCase(store: Store, at: { id: string; now: Date }, change: CaseChange): Promise<Case> {
  const stored = await store.cases.change(at.id, (kase) => {
    const next = change(kase);
    return next === undefined ? undefined : { ...next, updatedAt: at.now.toISOString() };
  });
  if (stored === undefined) throw new TypeError('a case that was open is gone');
  return stored.record;
}

function toCaseReport({ source, report, receivedAt }: Intake): CaseReport {
  const { key, where, detector, note, publiclyLeaked, test } = report;
  return {
    source,
    key,
    at: receivedAt,
    ...(where === undefined ? {} : { where }),
    ...(detector === undefined ? {} : { detector }),
    ...(note === undefined ? {} : { note }),
    ...(publiclyLeaked === undefined ? {} : { publiclyLeaked }),
    ...(test === undefined ? {} : { test }),
  };
}

/** Who is owed an answer: whoever keeps the alert, also when the news of it came through somebody else (SNS). */
function answerRef({ report: { locator } }: Intake): Pick<Case, 'answers'> {
  if (locator === undefined) return {};
  return { answers: [{ source: locator.kind, ref: `${locator.repository}#${locator.number}` }] };
}

function facts({ clue, match, candidates }: Intake): Partial<Case> {
  return {
    ...(clue === undefined ? {} : { clue }),
    ...(match === undefined
      ? candidates.length > 0
        ? { candidates, grade: 'weak' as const, ...(candidates[0] && { because: candidates[0].because }) }
        : {}
      : { token: match.token, grade: match.grade, because: match.because }),
  };
}

/** Adds a report to a case that exists: counted once by its key, the newest kept, answers owed for it noted. */
function met(kase: Case, intake: Intake): Omit<Case, 'version'> {
  const isNew = !kase.reports.some(({ key }) => key === intake.report.key);
  const owed = answerRef(intake).answers ?? [];
  const answers = [
    ...(kase.answers ?? []),
    ...owed.filter(({ source, ref }) => !kase.answers?.some((known) => known.source === source && known.ref === ref)),
  ];
  return {
    ...kase,
    // A search that found less than was known (a profile was down) takes nothing back.
    ...(intake.match !== undefined || kase.token === undefined ? facts(intake) : {}),
    ...(answers.length > 0 ? { answers } : {}),
    ...(isNew ? { reports: [...kase.reports, toCaseReport(intake)].slice(-KEPT_REPORTS), count: kase.count + 1 } : {}),
  };
}

/** Opens the case with this key, or adds the report to it. Safe to repeat: a report is counted once. */
export async function keepCase(
  store: Store,
  at: { readonly key: string; readonly now: Date },
  intake: Intake,
): Promise<{ readonly kase: Case; readonly isNew: boolean }> {
  const id = caseId(at.key);
  const opened = await store.cases.open({
    id,
    key: at.key,
    state: 'received',
    openedAt: intake.receivedAt,
    updatedAt: at.now.toISOString(),
    reports: [toCaseReport(intake)],
    count: 1,
    generation: 0,
    ...facts(intake),
    ...answerRef(intake),
  });
  if (opened.isNew) return { kase: opened.record, isNew: true };
  return { kase: await changeCase(store, { id, now: at.now }, (kase) => met(kase, intake)), isNew: false };
}

/**
 * Folds cases that were opened before their token was known into the token's case. If that has no message yet, the earlier
 * one becomes its card, so that there is one message per leaked token; otherwise the earlier card stays and points to it.
 * Returns the ids of the folded cases whose card has to be brought up to date. Safe to repeat.
 */
export async function foldCases(
  store: Store,
  from: { readonly keys: readonly string[]; readonly now: Date },
  into: Case,
): Promise<readonly string[]> {
  const pointing: string[] = [];
  for (const id of from.keys.map(caseId).filter((one) => one !== into.id)) {
    const earlier = await store.cases.get(id);
    if (earlier === undefined || earlier.dismissedBy !== undefined) continue;
    const isMoved = earlier.message !== undefined && (await takeMessage(store, into, { from: earlier, now: from.now }));
    const folded = await changeCase(store, { id, now: from.now }, (kase) =>
      kase.state === 'dismissed'
        ? undefined
        : {
            ...(isMoved ? without(kase, 'message') : kase),
            state: 'dismissed',
            trouble: `The same leak as ${into.id}, where it goes on.`,
          },
    );
    if (folded.message !== undefined) pointing.push(id);
  }
  return pointing;
}

/** True when the case now speaks through the earlier one's message. */
async function takeMessage(
  store: Store,
  into: Case,
  given: { readonly from: Case; readonly now: Date },
): Promise<boolean> {
  const { message } = given.from;
  if (message === undefined) return false;
  const { message: taken } = await changeCase(store, { id: into.id, now: given.now }, (kase) =>
    kase.message === undefined ? { ...kase, message } : undefined,
  );
  return taken?.ts === message.ts;
}

/** Key of the case that a leak belongs to: the token's when it means one for sure. */
export function keyFor(match: Candidate | undefined, fallback: string): string {
  return match === undefined ? fallback : tokenKey(match.token);
}

/** True for a case that goes on in another one: nobody has dismissed it, and nothing more happens to it. */
export function isMerged({ state, dismissedBy }: Case): boolean {
  return state === 'dismissed' && dismissedBy === undefined;
}
