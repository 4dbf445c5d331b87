import { delayUntil, isDue } from '#shared/jobs/is-due.ts';
import type { LeakJob, SendLeaksLater } from '#shared/jobs/job.ts';
import type { Case, CaseTrouble, PlannedSearch, Store } from '#shared/store/store.ts';
import { changeCase } from './keep-case.ts';
import { repeatReport } from './repeat-report.ts';

type SearchJob = Extract<LeakJob, { kind: 'search-again' }>;

interface SearchAgainDeps {
  readonly store: Store;
  readonly now: () => Date;
  readonly send: SendLeaksLater;
}

/** Keeps every case that could not be searched on its way to a search that works. */
export interface SearchAgain {
  /** Plans the next search of a case that could not be searched, unless one is planned. Throws the store's faults. */
  plan(kase: Case): Promise<void>;
  /**
   * Tells what a planned search is to do now: the report to handle, or `undefined` where nothing is (left) to be searched
   * for, or its time has not come and it was put back. A later attempt goes on with what the first has begun, whatever that
   * has made of the case.
   */
  due(job: SearchJob, attempt?: number): Promise<Extract<LeakJob, { kind: 'report' }> | undefined>;
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
/** What is that late has been tried before. */
const TRIED_AFTER_MS = 60_000;

/** True where a provider refused our credential: that has to be mended first, and then it can be tried again. */
function isCredentialRefused(trouble: CaseTrouble): boolean {
  return trouble.kind === 'failed' && trouble.next === 'final' && trouble.fault === 'provider_unauthorized';
}

/**
 * True for a case that wants to be searched again: somebody could not be asked, or refused us when the token was to be killed,
 * and nothing was found or killed.
 */
export function isUnsearched({ state, token, troubles = [] }: Case): boolean {
  const isUnread = troubles.some(({ kind }) => kind === 'unread');
  if (token !== undefined) return state === 'not_revoked' && (isUnread || troubles.some(isCredentialRefused));
  return state === 'unsearched' || (state === 'asking' && isUnread);
}

/**
 * True where a person closed a case before anybody could look for its token, although the secret itself is proved: what they
 * judged without seeing it is found all the same and told, and never acted on.
 */
function isProvedUnseen({ state, token, validity, search }: Case): boolean {
  return state === 'dismissed' && token === undefined && validity?.validity === 'valid' && search !== undefined;
}

/** Whoever could not be asked: profiles, or the sender that keeps the secret. */
export function unaskedIn({ troubles = [] }: Case): readonly string[] {
  const names = troubles.flatMap((trouble) => {
    if (trouble.kind === 'unread') return trouble.profiles.map(({ whose }) => whose);
    return trouble.kind === 'failed' ? [trouble.whose] : [];
  });
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** Makes what searches again. One plan at a time: a case's own `search` says which job is the planned one. */
export function createSearchAgain({ store, now, send }: SearchAgainDeps): SearchAgain {
  const waiting = async (): Promise<readonly Case[]> =>
    (await store.cases.list({ open: true, limit: 1000 })).filter(isUnsearched);
  const sendNow = async (cases: readonly Case[]): Promise<void> => {
    const receivedAt = now().toISOString();
    const jobs = cases.map(({ id }) => ({ ...jobFor(id, receivedAt), deliveryKey: `search:${id}:${receivedAt}` }));
    if (jobs.length > 0) await send(jobs, 0);
  };
  const sendAt = (caseId: string, at: string): Promise<void> => {
    const job = { ...jobFor(caseId, now().toISOString()), deliveryKey: `search:${caseId}:${at}`, at };
    return send([job], delayUntil(at, now()));
  };
  const quietUntil = new Map<string, number>();
  return {
    plan: async (kase) => {
      // An alert that its sender does not show us would be asked for in vain; a person may press.
      if (kase.troubles?.every(({ kind }) => kind === 'unlocated') === true) return;
      for (const whose of unaskedIn(kase)) quietUntil.delete(whose);
      await Promise.all(unaskedIn(kase).map((whose) => store.notes.put(noteOf(whose), true, WAITING_SECONDS)));
      const search = nextSearch(kase, now());
      if (search === undefined) return;
      // Sent before it is written down: a crash between the two leaves a job that nobody planned, and never a plan without a job.
      await sendAt(kase.id, search.at);
      await changeCase(store, { id: kase.id, now: now() }, (current) => ({ ...current, search }));
    },
    due: async ({ caseId, at, receivedAt }, attempt = 1) => {
      const kase = await store.cases.get(caseId);
      if (kase === undefined || (at !== undefined && at !== kase.search?.at)) return undefined;
      // A dead letter that was brought back is counted from one again.
      const isLate = now().getTime() - Date.parse(at ?? receivedAt) > TRIED_AFTER_MS;
      const goesOn = (attempt > 1 || (isLate && kase.mergedInto !== undefined)) && kase.dismissedBy === undefined;
      if (!goesOn && !isUnsearched(kase) && !isProvedUnseen(kase)) return undefined;
      if (at !== undefined && !isDue(at, now())) {
        await sendAt(caseId, at);
        return undefined;
      }
      const job = repeatReport(kase, at ?? receivedAt);
      return job?.kind === 'report' ? job : undefined;
    },
    answered: async (whose, { isChecked } = { isChecked: false }) => {
      const time = now().getTime();
      if (!isChecked && time < (quietUntil.get(whose) ?? 0)) return;
      const isWaitedFor = (await store.notes.get<boolean>(noteOf(whose))) === true;
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

/** The search that comes next, and when; `undefined` while one is planned, or when a case has gone on by itself long enough. */
function nextSearch({ search, openedAt }: Case, now: Date): PlannedSearch | undefined {
  const time = now.getTime();
  // The search that is just made is none to come, by whose clock ever.
  if (search !== undefined && !isDue(search.at, now)) return undefined;
  if (time - Date.parse(openedAt) > BY_ITSELF_MS) return undefined;
  const tries = (search?.tries ?? 0) + 1;
  const pause = Math.min(PAUSE_SECONDS.longest, PAUSE_SECONDS.first * 2 ** Math.min(tries - 1, 12));
  return { tries, at: new Date(time + 1000 * pause).toISOString() };
}

function jobFor(caseId: string, receivedAt: string) {
  return { v: 1, kind: 'search-again', receivedAt, caseId } as const;
}

function noteOf(whose: string): string {
  return `waits-for:${whose}`;
}
