import { isValid } from '#shared/core/is-valid.ts';
import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import { FAULTS } from '#shared/core/fault.ts';
import { hasCome } from '#shared/jobs/has-come.ts';
import { isDue } from '#shared/jobs/is-due.ts';
import type { LeakJob, ReportJob, SendLeaksLater } from '#shared/jobs/job.ts';
import { sendPlanned } from '#shared/jobs/send-planned.ts';
import type { Case, CaseTrouble, PlannedSearch, Store } from '#shared/store/store.ts';
import { caseId } from '#shared/store/case-id.ts';
import { awaitsKill } from './awaits-kill.ts';
import { caseKeys } from './case-keys.ts';
import { knownKey } from './known-key.ts';
import { changeCase } from './keep-case.ts';
import { isDecided } from './remember-decision.ts';
import { WAIT_RULE } from './stops-for-owner.ts';
import { repeatReport } from './repeat-report.ts';
import { runOf } from './run-of.ts';

type SearchJob = Extract<LeakJob, { kind: 'search-again' }>;

interface SearchAgainDeps {
  readonly store: Store;
  readonly now: () => Date;
  readonly send: SendLeaksLater;
}

/** Keeps every case that could not be searched on its way to a search that works. */
export interface SearchAgain {
  /**
   * Plans the next search of a case that could not be searched, or whose kill was decided and not made, unless one is planned;
   * gives the case as it was written, where it was. The search that is `made` just now is none to come, by whose clock ever.
   * Throws the store's faults.
   */
  plan(kase: Case, made?: Pick<LeakJob, 'receivedAt'>): Promise<Case | undefined>;
  /**
   * Plans it like `plan` where none is to come that anybody could still be about to make: whatever has brought a case to this
   * point, its card then tells of the next one.
   */
  keep(kase: Case): Promise<Case | undefined>;
  /**
   * Tells what a planned search is to do now: the report to handle, or `undefined` where nothing is (left) to be searched
   * for, or its time has not come and it was put back. What an earlier attempt has begun is gone on with, whatever that has made
   * of the case, and what it has done is told.
   */
  due(job: SearchJob, attempt?: number): Promise<ReportJob | undefined>;
  /**
   * Says that a profile, or GitHub, has answered: what waits for it is searched at once. Whether anybody waits is looked up at
   * times, and always for a checked one: somebody has mended it, and asks. Throws the store's faults.
   */
  answered(whose: string, how?: { readonly isChecked: boolean }): Promise<void>;
  /** Searches everything that waits, and tells how much that is. */
  all(): Promise<number>;
}

/** The first pause before a case is searched again, and the longest; how long it goes on by itself before the weekly sweep. */
const PAUSE_SECONDS = { first: 15, longest: 3600 } as const;
const BY_ITSELF_MS = 7 * 86_400_000;
const WAITING_SECONDS = 30 * 86_400;
/** For so long nobody is looked for who waits for a profile, once nobody does; less than the first pause. */
const QUIET_MS = 10_000;
/** How much later a search comes whose case does not say yet that it is planned: by then whoever plans it has written so. */
const WRITTEN_SECONDS = 30;
/** What is that late has been tried before. */
const TRIED_AFTER_MS = 60_000;

/**
 * True for what has ended a kill and may be mended or pass: the one place that says so, by the closed table. What Patrol itself
 * refuses (a protected token, its own, what a person decided), what its server cannot do and a token that is gone do not pass.
 */
export function isMendable(trouble: CaseTrouble): boolean {
  switch (trouble.kind) {
    case 'failed':
      return trouble.next !== 'retrying' && FAULTS[trouble.fault].later === 'again';
    case 'unconfirmed':
      return trouble.again?.next !== 'retrying';
    case 'unread':
      return true;
    case 'waiting':
    case 'unsupported':
    case 'refused':
    case 'not_found':
    case 'unlocated':
    case 'alive_again':
    case 'unlisted':
      return false;
  }
}

/** True where a provider refused our credential: that has to be mended first, and then it can be tried again. */
function isCredentialRefused(trouble: CaseTrouble): boolean {
  return trouble.kind === 'failed' && trouble.next === 'final' && trouble.fault === 'provider_unauthorized';
}

/**
 * True for a case whose token is to be killed without a human, as far as is decided. Where a person has decided since, or was
 * asked, a kill that failed was that person's, who has been told and may press again.
 */
export function isToBeKilled(kase: Case): boolean {
  const { decision, clue } = kase;
  // What is to follow an owner's time was asked for after whatever a person had decided before, and ends with what they decide since.
  if (decision?.rule === WAIT_RULE) return decision.overruled !== true;
  return (decision === undefined || decision.action === 'deactivate') && !isDecided(kase, clue);
}

/**
 * True for a case that wants to be searched again: somebody could not be asked, then or by a report that came since, or a kill
 * that was decided has not been made, and the queue does not try it any more.
 */
export function isUnsearched(kase: Case): boolean {
  const { state, token, troubles = [], deferred } = kase;
  if (deferred !== undefined) return true;
  if (token === undefined) return state === 'unsearched' || (state === 'asking' && hasUnread(troubles));
  const isInTheWay = isToBeKilled(kase) ? isMendable : isCredentialRefused;
  return state === 'not_revoked' && (hasUnread(troubles) || troubles.some(isInTheWay));
}

/**
 * True where somebody could not be asked, so that any answer of theirs is worth another try. It is not where a kill failed: a
 * provider may well let us read and not kill, and each try reads first.
 */
function isUnread({ token, troubles = [], deferred }: Case): boolean {
  return token === undefined || deferred !== undefined || hasUnread(troubles);
}

function hasUnread(troubles: readonly CaseTrouble[]): boolean {
  return troubles.some(({ kind }) => kind === 'unread');
}

/** True while a search is planned that will be made: what a card may promise. */
export function isSearchPlanned(kase: Case): boolean {
  const { search } = kase;
  return isUnsearched(kase) && search !== undefined && search.isOver !== true && !isAllInVain(kase);
}

/** All that keeps anybody from the token of a case: from its kill, or from what a report was put off for. */
export function inTheWayOf({ troubles = [], deferred }: Case): readonly CaseTrouble[] {
  return [...troubles, ...(deferred?.troubles ?? [])];
}

function isAllInVain(kase: Case): boolean {
  const troubles = inTheWayOf(kase);
  return troubles.length > 0 && troubles.every(isInVain);
}

/**
 * True where a person closed a case before anybody could look for its token, although the secret itself is proved: what they
 * judged without seeing it is found all the same and told, and never acted on.
 */
function isProvedUnseen(kase: Case): boolean {
  const { state, token, search } = kase;
  return state === 'dismissed' && token === undefined && isValid(kase) && search !== undefined;
}

/**
 * True for what another search by itself meets again: an alert that its sender does not show us, and work that held everything
 * else up. A person may press.
 */
export function isInVain(trouble: CaseTrouble): boolean {
  return trouble.kind === 'unlocated' || (trouble.kind === 'failed' && FAULTS[trouble.fault].later === 'never');
}

/** Whoever could not be asked: profiles, or the sender that keeps the secret. */
export function unaskedIn(kase: Case): readonly string[] {
  const names = inTheWayOf(kase).flatMap((trouble) => {
    if (trouble.kind === 'unread') return trouble.profiles.map(({ whose }) => whose);
    return trouble.kind === 'failed' ? [trouble.whose] : [];
  });
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** Sends the job that searches a case at a time, as far ahead as a queue takes it. */
type SendAt = (caseId: string, at: string) => Promise<void>;

function createSendAt(sender: Pick<SearchAgainDeps, 'now' | 'send'>): SendAt {
  return (caseId, at) => sendPlanned({ ...jobFor(caseId, at), at }, sender);
}

interface PlanDeps extends Pick<SearchAgainDeps, 'store' | 'now'> {
  readonly sendAt: SendAt;
  /** Has the next answer of any of these bring a search forward. */
  readonly waitFor: (all: readonly string[]) => Promise<void>;
}

function createPlan({ store, now, sendAt, waitFor }: PlanDeps): SearchAgain['plan'] {
  return async (kase, made) => {
    if (isAllInVain(kase)) return undefined;
    const search = nextSearch(kase, now(), made?.receivedAt);
    if (search !== undefined || isUnread(kase)) await waitFor(unaskedIn(kase));
    if (search === undefined) return undefined;
    const { id } = kase;
    // Sent before it is written down: a crash between the two leaves a job that nobody planned, and never a plan without a job.
    if (search.isOver !== true) await sendAt(id, search.at);
    return changeCase(store, { id, now: now() }, (current) => ({ ...current, search }));
  };
}

/** Makes what searches again. One plan at a time: a case's own `search` says which job is the planned one. */
export function createSearchAgain({ store, now, send }: SearchAgainDeps): SearchAgain {
  const waiting = async (): Promise<readonly Case[]> =>
    (await store.cases.list({ open: true, limit: 1000 })).filter(isUnsearched);
  const sendNow = async (cases: readonly Case[]): Promise<void> => {
    const receivedAt = now().toISOString();
    const jobs = cases.map(({ id }) => ({ ...jobFor(id, receivedAt), receivedAt }));
    if (jobs.length > 0) await send(jobs, 0);
  };
  const sendAt = createSendAt({ now, send });
  const sendLater = createSendAt({ now, send: (jobs, seconds) => send(jobs, Math.max(seconds, WRITTEN_SECONDS)) });
  const quietUntil = new Map<string, number>();
  const waitFor = async (all: readonly string[]): Promise<void> => {
    for (const whose of all) quietUntil.delete(whose);
    await allEnded(all.map((whose) => store.notes.put(noteOf(whose), true, WAITING_SECONDS)));
  };
  const plan = createPlan({ store, now, sendAt, waitFor });
  return {
    plan,
    keep: async (kase) => {
      const lateMs = now().getTime() - Date.parse(kase.search?.at ?? '');
      const isUnderWay = kase.search?.isOver !== true && lateMs < TRIED_AFTER_MS;
      return isUnsearched(kase) && !isUnderWay ? plan(kase) : undefined;
    },
    due: async ({ caseId, at, receivedAt }, attempt = 1) => {
      const kase = await store.cases.get(caseId);
      if (kase === undefined) return undefined;
      // A dead letter that was brought back is counted from one again.
      const isLate = now().getTime() - Date.parse(at ?? receivedAt) > TRIED_AFTER_MS;
      const mayBeBegun = attempt > 1 || (isLate && (kase.mergedInto !== undefined || isClosed(kase)));
      const report = repeatReport(kase, at ?? receivedAt);
      const goesOn = mayBeBegun && report !== undefined && (await isToGoOn(store, kase, report));
      const isPlanned = at === undefined || at === kase.search?.at;
      const isWanted = isPlanned && (isUnsearched(kase) || isProvedUnseen(kase));
      const planned = { now, plannedAt: () => kase.search?.at, bringBack: () => sendAt(caseId, at ?? receivedAt) };
      // What an attempt has begun had come by its clock, and nobody else ends it.
      const isNow = at === undefined || (goesOn && !isWanted) || (await hasCome(at, planned));
      if (at !== undefined && !goesOn && isAhead(kase, at, now())) await sendLater(caseId, at);
      if (!isNow || (!goesOn && !isWanted)) return undefined;
      return report;
    },
    answered: async (whose, { isChecked } = { isChecked: false }) => {
      const time = now().getTime();
      if (!isChecked && time < (quietUntil.get(whose) ?? 0)) return;
      const isWaitedFor = isChecked || (await store.notes.get<boolean>(noteOf(whose))) === true;
      // Nobody waits: not worth a look at each of the answers to come. Whatever begins to wait has its own plan besides.
      quietUntil.set(whose, isWaitedFor ? 0 : time + QUIET_MS);
      if (!isWaitedFor) return;
      await store.notes.put(noteOf(whose), false, 60);
      await sendNow((await waiting()).filter((kase) => unaskedIn(kase).includes(whose)));
    },
    all: async () => {
      const cases = await waiting();
      await sendNow(cases);
      return cases.length;
    },
  };
}

/** True for a search that may have come before its case says that it is planned: it is sent before that is written. */
function isAhead({ search }: Case, at: string, now: Date): boolean {
  return at > (search?.at ?? '') && Math.abs(now.getTime() - Date.parse(at)) <= TRIED_AFTER_MS;
}

function isClosed({ dismissedBy }: Case): boolean {
  return dismissedBy !== undefined;
}

type Kept = Pick<Store, 'cases' | 'notes' | 'progressOf'>;

/** True for a search that an attempt has made and may not have told, or has begun and is to end though its case was closed since. */
async function isToGoOn(store: Kept, kase: Case, job: ReportJob): Promise<boolean> {
  const progress = await store.progressOf(runOf(job));
  return progress === 'done' || (progress === 'begun' && (!isClosed(kase) || (await hasEntered(store, kase, job))));
}

/**
 * True where a search has found the token of a case, entered that one's own case and died: nobody else ends what that waits for,
 * or tells of it.
 */
async function hasEntered(store: Kept, kase: Case, { report }: ReportJob): Promise<boolean> {
  const key = await knownKey(store.notes, caseKeys(report, kase.clue));
  const found = key === undefined ? undefined : await store.cases.get(caseId(key));
  if (found === undefined || found.id === kase.id) return false;
  return awaitsKill(found) || found.reports.some((one) => one.key === report.key);
}

/**
 * The search that comes next, and when; `undefined` while one is planned, or where it is known that a case has gone on by itself
 * long enough.
 */
function nextSearch(kase: Case, now: Date, made?: string): PlannedSearch | undefined {
  const time = now.getTime();
  const { search } = kase;
  if (search !== undefined && search.at !== made && !isDue(search.at, now)) return undefined;
  const isFirst = search === undefined || isNews(kase, search);
  const { tries, since = now.toISOString(), hasWaited } = isFirst ? NO_SEARCH : search;
  if (time - Date.parse(since) > BY_ITSELF_MS) {
    return search === undefined || search.isOver === true ? undefined : { ...search, isOver: true };
  }
  const pause = Math.min(PAUSE_SECONDS.longest, PAUSE_SECONDS.first * 2 ** Math.min(tries, 12));
  return { tries: tries + 1, at: new Date(time + 1000 * pause).toISOString(), since, ...defined({ hasWaited }) };
}

/** For as long as its provider had a kill nobody tried it: its plan begins anew, once, with a try that is overdue. */
export function planAfterWaiting({ search }: Case, now: Date): PlannedSearch {
  if (search?.hasWaited === true) return search;
  const at = new Date(now.getTime() - TRIED_AFTER_MS).toISOString();
  return { tries: 0, at, since: now.toISOString(), hasWaited: true };
}

const NO_SEARCH: Pick<PlannedSearch, 'tries' | 'since' | 'hasWaited'> = { tries: 0 };

/** True for a case of which more was reported since its last search was planned for: it begins anew. */
function isNews({ reports }: Case, { at }: PlannedSearch): boolean {
  const newest = reports.at(-1)?.at;
  return newest !== undefined && newest > at;
}

function jobFor(caseId: string, at: string) {
  return { v: 1, kind: 'search-again', deliveryKey: `search:${caseId}:${at}`, caseId } as const;
}

function noteOf(whose: string): string {
  return `waits-for:${whose}`;
}
