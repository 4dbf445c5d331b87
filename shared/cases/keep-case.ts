import { isValid } from '#shared/core/is-valid.ts';
import { defined } from '#shared/core/defined.ts';
import { without } from '#shared/core/without.ts';
import type { Report } from '#shared/jobs/job.ts';
import type { Where } from '#shared/core/where.ts';
import { GRADES } from '#shared/core/vocabulary.ts';
import type { Clue } from '#shared/providers/clue.ts';
import type { Candidate } from '#shared/providers/provider.ts';
import type { Case, CaseReport, Store, Write } from '#shared/store/store.ts';
import { clueKey } from './case-keys.ts';
import { newestScanned } from './newest-scanned.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';

/** Most reports that a case keeps; `count` counts all. */
const KEPT_REPORTS = 20;

export type CaseChange = (kase: Case) => Omit<Case, 'version'> | undefined;

/** What is known of a leak when its case is opened or met again. */
export interface Evidence {
  readonly source: string;
  readonly report: Report;
  readonly clue?: Clue | undefined;
  /** The same secret as it is known otherwise: what a person decides is about both. */
  readonly watched?: Clue | undefined;
  /** The one token that it means, where it means one. */
  readonly match?: Candidate | undefined;
  readonly candidates: readonly Candidate[];
  /** ISO 8601: when the report reached us. */
  readonly receivedAt: string;
  /** The request that brought it. */
  readonly requestId?: string;
}

/** What is known of a case before it is changed, and what is written together with it. */
type How = NonNullable<Parameters<Store['cases']['change']>[2]>;

/**
 * Changes a stored case and stamps the time; gives the case as it then is. The time that an owner holds the question for
 * ends with the question, whatever ended it. A case that is gone is a defect.
 */
export async function changeCase(
  store: Store,
  at: { readonly id: string; readonly now: Date } & How,
  change: CaseChange,
): Promise<Case> {
  const { id, now, ...how } = at;
  const stamped = (kase: Case) => {
    const next = change(kase);
    if (next === undefined) return undefined;
    return { ...(next.state === 'asking' ? next : without(next, 'wait')), updatedAt: now.toISOString() };
  };
  const stored = await store.cases.change(id, stamped, how);
  if (stored === undefined) throw new TypeError('a case that was open is gone');
  return stored.record;
}

function toCaseReport(evidence: Evidence): CaseReport {
  const { source, report, receivedAt, requestId } = evidence;
  const clueKeys = cluesOf(evidence);
  const { key, where, detector, note, remarks, reporter, pasted, among, publiclyLeaked, test } = report;
  return {
    source,
    key,
    at: receivedAt,
    ...defined({ requestId, where, detector, note, remarks, reporter, pasted, among, publiclyLeaked, test }),
    ...(clueKeys.length > 0 && { clueKeys }),
  };
}

/** Who is owed an answer: whoever keeps the alert, also when the news of it came through somebody else (SNS). */
function answerRef({ report: { locator } }: Evidence): Pick<Case, 'answers'> {
  if (locator === undefined) return {};
  return { answers: [{ source: locator.kind, ref: `${locator.repository}#${locator.number}` }] };
}

/** Most different clues of which a case knows that they were reported to it. */
export const KEPT_CLUES = 200;

/** The names of both, each once, the newest kept. */
export function joinClues(known: Case['clueKeys'] = [], more: Case['clueKeys'] = []): Pick<Case, 'clueKeys'> {
  const all = [...new Set([...known, ...more])].slice(-KEPT_CLUES);
  return all.length === 0 ? {} : { clueKeys: all };
}

function cluesOf({ clue, watched }: Evidence): readonly string[] {
  return [clue, watched].flatMap((one) => (one === undefined ? [] : (clueKey(one) ?? [])));
}

/** Most candidates that a case keeps; the reason says how many there are. */
const KEPT_CANDIDATES = 20;

function reasonOf(candidates: readonly Candidate[]): Pick<Case, 'because'> {
  const [first] = candidates;
  if (first === undefined) return {};
  const count = candidates.length;
  if (count <= KEPT_CANDIDATES) return { because: first.because };
  return { because: [...first.because, { kind: 'first_of', count, kept: KEPT_CANDIDATES }] };
}

function facts({ clue, match, candidates, report: { validity: told } }: Evidence): Partial<Case> {
  return {
    ...defined({ clue, validity: told }),
    ...(match === undefined
      ? candidates.length > 0
        ? { candidates: candidates.slice(0, KEPT_CANDIDATES), grade: 'weak' as const, ...reasonOf(candidates) }
        : {}
      : { token: match.token, grade: match.grade, because: match.because }),
  };
}

/** The proof of a secret that a report of the same one takes nothing from, since nobody could check it this time. */
function proofKept(kase: Case, { clue, report }: Evidence): Pick<Case, 'validity'> {
  const isUnchecked = report.validity?.validity === 'unknown' && isSameClue(kase.clue, clue);
  return isValid(kase) && isUnchecked ? defined({ validity: kase.validity }) : {};
}

/** True also for a report that tells no clue of its own. */
function isSameClue(known: Clue | undefined, clue: Clue | undefined): boolean {
  if (clue === undefined) return true;
  const key = clueKey(clue);
  return key !== undefined && known !== undefined && key === clueKey(known);
}

/** The answers owed by both, each once; one that was given stays given. */
export function joinAnswers(known: Case['answers'] = [], more: Case['answers'] = []): NonNullable<Case['answers']> {
  return [
    ...known,
    ...more.filter(({ source, ref }) => !known.some((one) => one.source === source && one.ref === ref)),
  ];
}

/** True where a report means the case's token at least as surely as what was known. */
function isAsSure({ match }: Evidence, { grade = 'weak' }: Case): boolean {
  return match !== undefined && GRADES.indexOf(match.grade) <= GRADES.indexOf(grade);
}

/** Most showings of the secret that a case keeps. */
const KEPT_SHOWINGS = 5;

/** The showings known of both, each once, the newest kept. */
export function joinShowings(known: Case['showings'] = [], more: Case['showings'] = []): Pick<Case, 'showings'> {
  const all = [...known, ...more.filter(({ at }) => !known.some((one) => one.at === at))];
  if (all.length === 0) return {};
  return { showings: all.toSorted((left, right) => compare(left.at, right.at)).slice(-KEPT_SHOWINGS) };
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}

function showingsOf({ report: { validity } }: Evidence): Case['showings'] {
  return validity?.shown === undefined ? [] : [validity.shown];
}

/** True for what only tells a place that an earlier report told. */
function isKnownPlace({ reports }: Case, { isPlace, where = {} }: Report): boolean {
  if (isPlace !== true) return false;
  const placeOf = ({ repository, path, commit, url }: Where) =>
    JSON.stringify(path === undefined ? [repository, url] : [repository, path, commit]);
  return reports.some((known) => known.where !== undefined && placeOf(known.where) === placeOf(where));
}

/**
 * True for another secret than those that a person has closed a case about: it is news, and asked about. The same ones, and
 * drills, stay closed.
 */
function isOtherLeak({ state, dismissedBy, clueKeys }: Case, evidence: Evidence): boolean {
  if (state !== 'dismissed' || dismissedBy === undefined || evidence.report.test === true) return false;
  const keys = cluesOf(evidence);
  return clueKeys !== undefined && keys.length > 0 && !keys.some((key) => clueKeys.includes(key));
}

/**
 * The reports that a case keeps of all: the newest, and however old they are those that its kill and its search go by, or would once
 * its secret is proved: a scanner's newest.
 */
export function keptOf(
  { decision, deferred }: Pick<Case, 'decision' | 'deferred'>,
  all: Case['reports'],
): Case['reports'] {
  const scanned = newestScanned(all);
  const needed = all.filter((one) => one === scanned || one.key === decision?.report || one.key === deferred?.key);
  const newest = all.filter((one) => !needed.includes(one)).slice(needed.length - KEPT_REPORTS);
  return all.filter((one) => needed.includes(one) || newest.includes(one));
}

/** Adds a report to a case that exists: counted once by its key, the newest kept, answers owed for it noted. */
export function withReport(kase: Case, evidence: Evidence): Omit<Case, 'version'> {
  const isNew = !kase.reports.some(({ key }) => key === evidence.report.key) && !isKnownPlace(kase, evidence.report);
  const answers = joinAnswers(kase.answers, answerRef(evidence).answers);
  const isLearnt = kase.token === undefined || isAsSure(evidence, kase);
  const open = isOtherLeak(kase, evidence)
    ? { ...without(kase, 'dismissedBy', 'dismissReason'), state: 'received' as const }
    : kase;
  return {
    // What is known of one secret says nothing of another.
    ...(isLearnt && !isSameClue(kase.clue, evidence.clue) ? without(open, 'validity') : open),
    // A search that found less than was known (a profile was down), or that is less sure, takes nothing back.
    ...(isLearnt && { ...facts(evidence), ...proofKept(kase, evidence) }),
    ...(answers.length > 0 ? { answers } : {}),
    ...joinShowings(kase.showings, showingsOf(evidence)),
    ...joinClues(kase.clueKeys, cluesOf(evidence)),
    ...(isNew ? { reports: keptOf(kase, [...kase.reports, toCaseReport(evidence)]), count: kase.count + 1 } : {}),
    // What only resembles it says nothing of how its token leaked.
    ...((kase.token === undefined || evidence.match !== undefined) && publicness(evidence)),
  };
}

/** Public is what any report has said, and it stays so. */
function publicness({ report: { publiclyLeaked } }: Evidence): Pick<Case, 'isPublic'> {
  return publiclyLeaked === true ? { isPublic: true } : {};
}

/** Where a case is kept, and what is written together with it, as it will be. */
interface Keeping {
  readonly key: string;
  readonly now: Date;
  readonly along?: (kase: Pick<Case, 'id' | 'generation'>) => readonly Write[];
  /** The case as it was read a moment ago, where there was one. */
  readonly seen?: Case | undefined;
}

interface Kept {
  readonly kase: Case;
  readonly isNew: boolean;
  /** True where this call has counted the report. */
  readonly isCounted: boolean;
}

/** Opens the case with this key, or adds the report to it. Safe to repeat: a report is counted once. */
export async function keepCase(store: Store, at: Keeping, evidence: Evidence): Promise<Kept> {
  const id = caseId(at.key);
  if (at.seen?.id === id) return addReport(store, { ...at, seen: at.seen }, evidence);
  const generation = 0;
  const opening = {
    id,
    key: at.key,
    state: 'received' as const,
    openedAt: evidence.receivedAt,
    updatedAt: at.now.toISOString(),
    reports: [toCaseReport(evidence)],
    count: 1,
    generation,
    ...facts(evidence),
    ...joinClues([], cluesOf(evidence)),
    ...joinShowings([], showingsOf(evidence)),
    ...publicness(evidence),
    ...answerRef(evidence),
  };
  const { record, isNew } = await store.cases.open(opening, at.along?.({ id, generation }));
  if (isNew) return { kase: record, isNew, isCounted: true };
  return addReport(store, { ...at, seen: record }, evidence);
}

async function addReport(
  store: Store,
  { seen, now, along }: Keeping & { readonly seen: Case },
  evidence: Evidence,
): Promise<Kept> {
  let isCounted = false;
  const kase = await changeCase(store, { id: seen.id, now, seen, ...defined({ along }) }, (current) => {
    const next = withReport(current, evidence);
    isCounted = next.count > current.count;
    return next;
  });
  return { kase, isNew: false, isCounted };
}

/** Key of the case that a leak belongs to: the token's when it means one for sure. */
export function keyFor(match: Candidate | undefined, fallback: string): string {
  return match === undefined ? fallback : tokenKey(match.token);
}
