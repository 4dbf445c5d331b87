import { isValid } from '#shared/core/is-valid.ts';
import type { Fingerprint } from '#shared/core/fingerprint.ts';
import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import { without } from '#shared/core/without.ts';
import type { Report, ReportJob, SendLeaksLater } from '#shared/jobs/job.ts';
import type { CheckedValidity } from '#shared/core/vocabulary.ts';
import { worksThrough } from '#shared/tokens/works-through.ts';
import { type FaultCode, isFault } from '#shared/core/fault.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import type { Clue } from '#shared/providers/clue.ts';
import type { AuditEntry, Case, Journal, Write } from '#shared/store/store.ts';
import { type Delivery, refuseHeldLoop } from '#shared/tokens/delivery.ts';
import type { Services } from '#shared/tokens/services.ts';
import { actOnCase, type Ahead, hasActed, takeAhead, toBegin } from './act-on-case.ts';
import { awaitsKill } from '#shared/cases/awaits-kill.ts';
import { atWorkKey, caseKeys, clueKey, clueNote } from '#shared/cases/case-keys.ts';
import { caseId } from '#shared/store/case-id.ts';
import { CLUE_KNOWN_SECONDS, knownKey, knownNotes } from '#shared/cases/known-key.ts';
import { mergeCases } from '#shared/cases/merge-cases.ts';
import { isMerged } from '#shared/store/read-live-case.ts';
import { runOf } from '#shared/cases/run-of.ts';
import { failureOf, unreadOf } from '#shared/cases/trouble-of-change.ts';
import type { CheckValidity } from './check-validity.ts';
import { findToken, type Search } from './find-token.ts';
import type { GithubRest } from './github-rest.ts';
import { isDecisionNoted } from '#shared/cases/remember-decision.ts';
import { deferReport, endDeferred } from '#shared/cases/defer-report.ts';
import { changeCase, type Evidence, keepCase, keyFor, withReport } from '#shared/cases/keep-case.ts';
import { isUnsearched } from '#shared/cases/search-again.ts';
import { type CompletedReport, fetchAlertSecret, toOthers } from './fetch-alert-secret.ts';
import { isSpent, tellStop } from './tell-stop.ts';
import { numberOf, type Sending, sendingOf } from './sending-of.ts';
import { type CaseEffects, followCases, type KnownCase } from '#shared/cases/follow-cases.ts';

/** GitHub's troubles that do not pass by themselves: the case waits for a person, not the job for a better day. */
const MENDED_FIRST = [
  'provider_unauthorized',
  'provider_unexpected',
  'provider_unreached',
  'config_invalid',
] as const satisfies readonly FaultCode[];

/** What a leak is handled with; all effects on Slack and on senders are in `show` and `answerBack`. */
export interface LeakDeps extends CaseEffects {
  readonly services: Services;
  readonly github: GithubRest;
  readonly fingerprint: Fingerprint;
  readonly watched: (clue: Clue) => Promise<Clue | undefined>;
  readonly checkValidity: CheckValidity;
  /** Sends the first look at a token whose kill begins; see `ReadAgain`. */
  readonly beginLook?: (caseId: string) => Promise<string>;
  /** As `findToken` needs it. */
  readonly issuerOf: (profile: string) => string | undefined;
  /** Queues what is to be looked for besides: more tokens in the secret of one alert. */
  readonly sendLater: SendLeaksLater;
  /** Plans the next search of a case that could not be searched, or whose kill was decided and not made. */
  readonly planSearch: (kase: Case, made: ReportJob) => Promise<unknown>;
}

/** What became of a report, for the log. */
export interface HandledLeak {
  readonly caseId: string;
  readonly state: Case['state'];
  readonly rule?: string;
  /** Whose the token is, or would be by its secret. */
  readonly provider?: NonNullable<Case['clue']>['provider'];
  /** True when an earlier delivery of the same job had done it. */
  readonly replayed: boolean;
}

/** The result that is remembered: the case, and what a later delivery of the same message then need not ask for. */
interface RememberedLeak extends Omit<HandledLeak, 'replayed'> {
  /** Earlier cases whose cards have to point to it. */
  readonly merged?: readonly string[];
  /** Of its token. */
  readonly profile?: string;
  /** ISO 8601: when the message came first. */
  readonly first?: string;
  /** Its secret was proved. */
  readonly isProved?: true;
}

/** What is remembered of a message, for its later deliveries. */
type Came = Pick<RememberedLeak, 'first' | 'isProved'>;

interface ReportAttempt {
  readonly journal: Journal;
  readonly delivery: Delivery;
  readonly interim: Interim;
  /** The job as it came: a message that is sent again later has a name of its own. */
  readonly cameAs: ReportJob;
  /** Hears of the case as soon as there is one, so that trouble can be shown on it. */
  readonly onCase: (id: string) => void;
  /** Hears of a case that this run has changed for all to see and is done with, as it has written it last. */
  readonly onWritten: (known: Written) => void;
}

type Written = Required<Pick<KnownCase, 'written' | 'isOpened'>>;

/**
 * A kill takes about a second; only one that takes longer is worth a word before its end. Fewer words also mean that fewer
 * can be lost: of a card whose address a crash keeps from being stored, nobody ever says that the token is dead.
 */
const INTERIM_MS = 2000;
const NOTHING_FOUND: Search = { candidates: [], unread: [] };

/**
 * Handles one sealed report: locates its secret, finds the token, decides by policy, kills it with proof, keeps the case.
 * The kill comes first and the words later: a report is remembered as handled before anybody is told, so that trouble with
 * Slack or a sender repeats only the telling. Throws what the queue shall retry or drop; the case has said so by then,
 * as far as Slack could be reached.
 */
export function createHandleLeak(deps: LeakDeps): (job: ReportJob, delivery: Delivery) => Promise<HandledLeak> {
  return async (job, delivery) => {
    let touched: string | undefined;
    const onCase = (id: string) => {
      touched = id;
    };
    let isTelling = false;
    const interim = createInterim(deps);
    let last: Written | undefined;
    const onWritten = (written: Written) => {
      last = written;
    };
    try {
      const handle = (one: ReportJob) =>
        deps.services.store.remember(runOf(one), (journal) =>
          work(deps, asNoted(one, journal), { journal, delivery, interim, onCase, onWritten, cameAs: job }),
        );
      const first = await handle(job);
      const again = first.replayed ? await sentAgain(deps, job, first.value) : undefined;
      const { value, replayed } = again === undefined ? first : await handle(again);
      const { merged = [], profile, ...handled } = without(value, 'first', 'isProved');
      isTelling = true;
      const known = { id: handled.caseId, ...defined({ profile }), ...last };
      await followCases(deps, [handled.caseId, ...merged], known);
      await interim.heard();
      return { ...handled, replayed };
    } catch (error) {
      const { store, now } = deps.services;
      const stop = { error, delivery, last, isTelling };
      const planSearch = (kase: Case) => deps.planSearch(kase, job);
      const stopping = { ...deps, store, now, planSearch };
      const untold = touched === undefined ? undefined : await tellStop(stopping, touched, stop);
      throw untold ?? error;
    }
  };
}

/**
 * Gives the report that a message makes which was handled before and is sent again later: whatever became of its token
 * meanwhile is read afresh. What is sent again at once, or brought twice by the queue, is none, unless its secret is proved
 * only now: then it is the same report with its proof.
 */
async function sentAgain(
  { services }: LeakDeps,
  job: ReportJob,
  { first, isProved }: Came,
): Promise<ReportJob | undefined> {
  const number =
    first === undefined ? (await sendingOf(services.store.notes, job)).number : numberOf(job.receivedAt, first);
  if (number > 0) {
    const key = `${job.deliveryKey}@${number}`;
    return { ...job, deliveryKey: key, report: { ...job.report, key } };
  }
  const isMessage = job.deliveryKey === job.report.key;
  if (!isMessage || isProved === true || !isValid(job.report)) return undefined;
  return { ...job, deliveryKey: `${job.deliveryKey}+valid` };
}

function cameOf({ first }: Sending, report: Report): Came {
  return defined({ first, isProved: isValid(report) ? (true as const) : undefined });
}

/**
 * What a run goes by, as it was begun, and as surely as any of its attempts knew it: a message that is sent again may take part in
 * the run of its first sending, long after that, or when its issuer does not answer any more.
 */
interface GoesBy {
  readonly cameBefore: boolean;
  /** The proof of its secret. */
  readonly validity?: CheckedValidity | undefined;
}

const GOES_BY = 'goes-by';

function goesBy(journal: Journal, { report }: ReportJob, { number }: Sending): GoesBy {
  const { cameBefore = number > 0 } = journal.get<GoesBy>(GOES_BY) ?? {};
  return { cameBefore, ...(isValid(report) && defined({ validity: report.validity })) };
}

/** A job with the proof that its run has. */
function asNoted(job: ReportJob, journal: Journal): ReportJob {
  const { validity } = journal.get<GoesBy>(GOES_BY) ?? {};
  return validity === undefined || isValid(job.report) ? job : { ...job, report: { ...job.report, validity } };
}

/** Notes what a run goes by, together with what it brings to its case; nothing where that is noted. */
function toGoBy(journal: Journal, by: GoesBy): readonly Write[] {
  const noted = journal.get<GoesBy>(GOES_BY);
  const isNoted = noted !== undefined && (noted.validity !== undefined || by.validity === undefined);
  return isNoted ? [] : [journal.writing(GOES_BY, by)];
}

async function work(deps: LeakDeps, job: ReportJob, attempt: ReportAttempt): Promise<RememberedLeak> {
  const { store } = deps.services;
  const all = await learn(deps, job, attempt);
  const { completed, seen, known, there, search } = all;
  if ('id' in completed) {
    if (seen.note !== undefined) await store.notes.put(...seen.note);
    return { ...(await planned(deps, job, completed)), ...cameOf(seen, job.report) };
  }
  const { report, clue } = completed;
  const keys = caseKeys(report, clue);
  const { source, receivedAt, requestId } = job;
  const base = { source, report, clue, receivedAt, ...defined({ requestId }) };
  const evidence: Evidence = { ...base, match: search.match, candidates: search.candidates, watched: search.watched };
  // Another report may have found the token while this one's search failed.
  const met = known ?? (search.retryable === undefined ? undefined : await knownKey(deps.services.store.notes, keys));
  const key = keyFor(search.match, met ?? keys[0]);
  const notes = [
    ...toComplete(job, attempt.journal, completed),
    ...(seen.note === undefined ? [] : [store.notes.writing(...seen.note)]),
    ...(search.match === undefined
      ? toFindByPlace(deps, job, clue)
      : knownNotes(keys, key).map((note) => store.notes.writing(...note))),
  ];
  const repeat = { attempt, there, search, evidence, completed, notes, came: cameOf(seen, report) };
  const repeated = all.earlier.size > 0 ? undefined : await endRepeat(deps, job, repeat);
  if (repeated !== undefined) return repeated;
  const ahead = takeFor(deps, { key, search, report }, attempt);
  try {
    return await enter(deps, job, { attempt, learnt: { ...all, completed }, evidence, key, keys, notes, ahead });
  } finally {
    await ahead?.letGo();
  }
}

/** Takes what a kill holds while its case is opened; the token only where it will surely be killed, and nobody is asked before. */
function takeFor(
  { services }: LeakDeps,
  { key, search, report }: { readonly key: string; readonly search: Search; readonly report: Report },
  { journal }: ReportAttempt,
): Ahead | undefined {
  if (search.retryable !== undefined) return undefined;
  const { token, grade } = search.match ?? {};
  const isAlive = token?.state === 'active' && !token.own;
  const isSure = grade === 'proved' && report.test !== true && report.reporter === undefined && journal.attempt === 1;
  return takeAhead(services, { id: caseId(key), token: isAlive && isSure ? token : undefined });
}

/** A report as it is to enter its case. */
interface Entering {
  readonly attempt: ReportAttempt;
  readonly learnt: Learnt & { readonly completed: CompletedReport };
  readonly evidence: Evidence;
  /** Keys of the cases that it may belong to, and that of the one that it does. */
  readonly keys: readonly string[];
  readonly key: string;
  /** What is noted with the case. */
  readonly notes: readonly Write[];
  readonly ahead: Ahead | undefined;
}

/** Enters a report into its case and does what follows from it. */
async function enter(
  deps: LeakDeps,
  job: ReportJob,
  { attempt, learnt, evidence, key, keys, notes, ahead }: Entering,
): Promise<RememberedLeak> {
  const { store, now } = deps.services;
  const { journal, delivery } = attempt;
  const { completed, seen, earlier, search } = learnt;
  const came = cameOf(seen, completed.report);
  // Together with the case: an attempt after a crash that finds the token gone comes to this very case all the same.
  const by = goesBy(journal, job, seen);
  const isAgain = hasActed(journal, caseId(key));
  const along = (kept: Pick<Case, 'id' | 'generation'>) => [
    ...notes,
    ...toBegin(journal, kept),
    ...toGoBy(journal, by),
  ];
  const keeping = { key, now: now(), along, seen: learnt.there };
  const { kase: kept, isNew, isCounted } = await keepCase(store, keeping, evidence);
  attempt.onCase(kept.id);
  // Whether the token was found or not: what was opened before its secret could be fetched goes on in this case too.
  const opened = keys.filter((name) => earlier.has(caseId(name)));
  const { test, reporter } = evidence.report;
  // What a person reports goes no further than their rights.
  const isProved = isValid(evidence.report) && test !== true && reporter === undefined;
  const { merged, kase } = await mergeCases(store, { keys: opened, now: now(), isProved }, kept);
  if (search.retryable !== undefined) {
    const told = await tellTrouble(deps, kase, { error: search.retryable, evidence, delivery, search });
    if (isNew && merged.length === 0) attempt.onWritten({ written: told, isOpened: true });
    if (delivery.isLast) await deps.planSearch(told, job);
    throw search.retryable;
  }
  const { interim } = attempt;
  const ending = (ended: Case) => endOf(deps, job, { kase: ended, merged, journal, came });
  const isDecided = learnt.isDecided || (await isDecisionNoted(store, search.watched));
  const acted = await actOnCase(
    deps.services,
    { kase, isAgain, onActing: interim.onActing, ahead, ending, ...defined({ beginLook: deps.beginLook }) },
    {
      ...{ evidence, search, request: job.deliveryKey, journal, delivery },
      ...{ trouble: completed.trouble, closed: completed.closed },
      ...{ cameBefore: by.cameBefore, isDecided },
    },
  ).finally(interim.end);
  const ended = journal.ended<RememberedLeak>();
  if (ended === undefined) return { ...(await planned(deps, job, acted)), merged, ...came };
  // What was told of those before it is theirs; a report that was counted is to be seen.
  if (isCounted && merged.length === 0) attempt.onWritten({ written: acted, isOpened: isNew });
  return ended;
}

interface Repeat extends Pick<Learnt, 'search' | 'there'> {
  readonly attempt: ReportAttempt;
  readonly came: Came;
  readonly evidence: Evidence;
  readonly completed: CompletedReport;
  readonly notes: readonly Write[];
}

/**
 * Ends a report of a token that is dead, as its case says with proof: it is counted, and that is all that is done about it, in
 * one write. Nobody has to be alone with the case for that, since the write is of the case as it was read. Nothing where
 * there may be more to do, or where the case was changed meanwhile.
 */
async function endRepeat(
  deps: LeakDeps,
  job: ReportJob,
  { attempt: { journal, onCase, onWritten }, there, search, evidence, completed, notes, came }: Repeat,
): Promise<RememberedLeak | undefined> {
  const { store, now } = deps.services;
  const isDead = (kase: Case) => kase.state === 'dead' && !isMerged(kase);
  const { match } = search;
  if (match?.token.state !== 'inactive' || there?.key !== keyFor(match, '') || !isDead(there)) return undefined;
  // What was begun by an attempt that died is ended by whoever is alone with the case, and so is what GitHub has told.
  if (hasActed(journal, there.id) || completed.report.locator !== undefined) return undefined;
  onCase(there.id);
  const along = (kase: Case) => [...notes, ...endOf(deps, job, { kase, merged: [], journal, came })];
  const kase = await changeCase(store, { id: there.id, now: now(), seen: there, along }, (current) =>
    isDead(current) ? endDeferred(withReport(current, evidence), evidence.report.key) : undefined,
  );
  const ended = journal.ended<RememberedLeak>();
  if (ended !== undefined && kase.count > there.count) onWritten({ written: kase, isOpened: false });
  return ended;
}

/** What is shown of a case before the end of its kill. */
interface Interim {
  readonly onActing: (kase: Case) => void;
  readonly end: () => void;
  /** Throws where Slack has not answered it: it may come late, over what was told since, and has to be drawn over then. */
  readonly heard: () => Promise<void>;
}

/** Shows a case whose kill takes long before its end. */
function createInterim(deps: LeakDeps): Interim {
  let isOver = false;
  let showing: Promise<void> | undefined;
  const show = async (id: string): Promise<void> => {
    await deps.services.sleep(INTERIM_MS);
    if (isOver) return;
    showing = deps.show(id);
    await showing;
  };
  return {
    onActing: ({ id }) => {
      // Not waited for: Slack being slow must not delay the kill.
      show(id).catch(() => undefined);
    },
    end: () => {
      isOver = true;
    },
    heard: async () => {
      await showing?.catch((error: unknown) => {
        if (isFault(error, 'slack_unavailable')) throw error;
      });
    },
  };
}

/** What is known of a report before its case is: all of it asked for at once. */
interface Learnt {
  readonly completed: CompletedReport | Case;
  readonly seen: Sending;
  /** Key of the case that its clue is known to belong to, and that case. */
  readonly known: string | undefined;
  readonly there: Case | undefined;
  /** Cases that were opened before their token was known. */
  readonly earlier: ReadonlySet<string>;
  /** A person has decided about its clue before. */
  readonly isDecided: boolean;
  readonly search: Search;
}

async function learn(deps: LeakDeps, job: ReportJob, attempt: ReportAttempt): Promise<Learnt> {
  const { store } = deps.services;
  const seeing = sendingOf(store.notes, attempt.cameAs);
  const completing = completeOrTell(deps, job, attempt).catch(async (error: unknown) => {
    const came = await seeing;
    if (came.note !== undefined) {
      await attempt.journal.put(GOES_BY, goesBy(attempt.journal, job, came), [store.notes.writing(...came.note)]);
    }
    throw error;
  });
  const then = <T>(none: T, ask: (report: CompletedReport) => Promise<T>): Promise<T> =>
    completing.then((completed) => ('id' in completed ? none : ask(completed)));
  const knowing = then<string | undefined>(undefined, ({ report, clue }) =>
    knownKey(deps.services.store.notes, caseKeys(report, clue)),
  );
  const asked = [
    completing,
    seeing,
    knowing,
    // Beside the search.
    knowing.then((key) => (key === undefined ? undefined : store.cases.get(caseId(key)))),
    then<ReadonlySet<string>>(new Set(), ({ report, clue }) => casesThere(deps, caseKeys(report, clue).map(caseId))),
    then(false, ({ clue }) => isDecisionNoted(store, clue)),
    then(NOTHING_FOUND, (completed) => findAndPrepare(deps, completed, attempt)),
    then(undefined, (completed) => sendOthers(deps, completed, attempt)),
  ] as const;
  // Where one fails the job is given back: nothing of it may still be under way then.
  const [completed, seen, known, there, earlier, isDecided, search] = await allEnded(asked);
  return { completed, seen, known, there, earlier, isDecided, search };
}

/**
 * Looks for the token, and has the provider prepare the kill of one that was surely found and works while its case is opened.
 * Where the policy then wants none, one call to the provider was in vain.
 */
async function findAndPrepare(
  deps: LeakDeps,
  { report, clue }: CompletedReport,
  { journal }: ReportAttempt,
): Promise<Search> {
  if (clue === undefined) return NOTHING_FOUND;
  if (journal.attempt === 1) prepareLikely(deps, { report, clue });
  const search = await findToken(deps, clue, report);
  const token = search.match?.token;
  if (token?.state === 'active' && !token.own && report.test !== true && journal.attempt === 1) {
    const opening = deps.services.providers.open(token.profile);
    opening.then((provider) => provider.prepare('deactivate', token.id)).catch(() => undefined);
    // What is stored of our own credentials is read meanwhile: the kill asks by it.
    void worksThrough(deps.services, token);
  }
  return search;
}

/**
 * Has the provider prepare the kill of the token that the issuer's own list makes likely, beside the search that tells which it
 * is: through the one profile whose issuer has accepted the secret.
 */
function prepareLikely(
  { services: { providers }, issuerOf }: LeakDeps,
  { report: { validity, test }, clue }: { readonly report: Report; readonly clue: Clue },
): void {
  const { likely, acceptedBy = [] } = validity ?? {};
  const isAccepting = (profile: string) => {
    const issuer = issuerOf(profile);
    return providers.kindOf(profile) === clue.provider && issuer !== undefined && acceptedBy.includes(issuer);
  };
  const [only, ...others] = providers.names().filter(isAccepting);
  if (likely === undefined || test === true || only === undefined || others.length > 0) return;
  const opening = providers.open(only);
  opening.then((provider) => provider.prepare('deactivate', likely)).catch(() => undefined);
}

/** Queues what else was in the secret before anything is done about the first: a crash loses none, and a replay is known. */
async function sendOthers(deps: LeakDeps, completed: CompletedReport, { cameAs }: ReportAttempt): Promise<undefined> {
  const jobs = toOthers(cameAs, completed);
  if (jobs.length > 0) await deps.sendLater(jobs, 0);
}

async function casesThere({ services }: LeakDeps, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const cases = await allEnded(ids.map((id) => services.store.cases.get(id)));
  return new Set(cases.flatMap((kase) => kase?.id ?? []));
}

/** Ends a report. A case that could not be searched is searched again by itself: to the queue the job is done. */
async function planned(deps: LeakDeps, job: ReportJob, kase: Case): Promise<RememberedLeak> {
  if (isUnsearched(kase)) await deps.planSearch(kase, job);
  return done(deps, job, kase);
}

/**
 * Locates the secret. Where that fails, a case says so: what may pass is thrown on, so that the queue tries it again, and a
 * refusal gives that case, which is searched again when the credential works.
 */
async function completeOrTell(
  deps: LeakDeps,
  job: ReportJob,
  { journal, delivery, onCase }: ReportAttempt,
): Promise<CompletedReport | Case> {
  try {
    refuseHeldLoop(delivery);
    return (
      journal.get<CompletedReport>(COMPLETED) ??
      (await fetchAlertSecret({ ...deps, now: deps.services.now }, job.report))
    );
  } catch (error) {
    const { store, now } = deps.services;
    const keys = caseKeys(job.report, job.report.clue);
    const key = (await knownKey(deps.services.store.notes, keys)) ?? keys[0];
    const { source, report, receivedAt, requestId } = job;
    const evidence = { source, report, receivedAt, candidates: [], ...defined({ requestId }) };
    const { kase } = await keepCase(store, { key, now: now() }, evidence);
    onCase(kase.id);
    const whose = isFault(error, 'work_too_long') ? {} : { whose: 'GitHub' };
    const told = await tellTrouble(deps, kase, { error, evidence, delivery, search: NOTHING_FOUND, ...whose });
    if (isFault(error, ...MENDED_FIRST)) return told;
    if (delivery.isLast) await deps.planSearch(told, job);
    throw error;
  }
}

const COMPLETED = 'completed';

/**
 * Notes what a thin alert was completed to, sealed as it is, together with the case that it opens: a kill that has begun by it
 * comes to its end although GitHub does not answer any more.
 */
function toComplete({ report }: ReportJob, journal: Journal, completed: CompletedReport): readonly Write[] {
  const isNoted = journal.get<CompletedReport>(COMPLETED) !== undefined;
  if (report.locator === undefined || completed.trouble !== undefined || isNoted) return [];
  return [journal.writing(COMPLETED, completed)];
}

/** Notes the clue of a thin alert whose token was not found: its job knows the place alone, and not the case that it opens. */
function toFindByPlace(
  { services: { store } }: LeakDeps,
  { report }: ReportJob,
  clue: Clue | undefined,
): readonly Write[] {
  const note = clueNote(report);
  const key = clue === undefined ? undefined : clueKey(clue);
  return note === undefined || key === undefined ? [] : [store.notes.writing(note, key, CLUE_KNOWN_SECONDS)];
}

/**
 * Puts a trouble on a case whose token is not known yet; one that is known is not un-killed by it. Where it waits for its kill
 * and this is not tried again, it waits no more, unless somebody else is at work on it; and the report is put off.
 */
async function tellTrouble(
  { services }: LeakDeps,
  known: Case,
  what: { readonly error: unknown; readonly search: Search; readonly whose?: string } & {
    readonly evidence: Evidence;
    readonly delivery: Delivery;
  },
): Promise<Case> {
  const { error, evidence, delivery, search, whose } = what;
  const profile = whose ?? search.unread.map((one) => one.profile).join(', ');
  const troubles = [failureOf(error, delivery, profile === '' ? undefined : profile)];
  const state = search.candidates.length > 0 ? 'asking' : 'unsearched';
  const { store, now } = services;
  const { id } = known;
  const isFinal = delivery.isLast || isSpent(error);
  const tell = (mayEnd: boolean, seen?: Case) =>
    changeCase(store, { id, now: now(), seen }, (kase) => {
      if (kase.token === undefined) return kase.state === 'dismissed' ? undefined : { ...kase, state, troubles };
      const ended: Case = mayEnd && awaitsKill(kase) ? { ...kase, state: 'not_revoked', troubles } : kase;
      const unread = unreadOf(search.unread);
      const next = isFinal ? deferReport(ended, evidence, unread.length > 0 ? unread : troubles) : ended;
      return next === kase ? undefined : next;
    });
  if (!isFinal) return tell(false, known);
  return store
    .hold(atWorkKey(id), () => tell(true), 0)
    .catch((held: unknown) => {
      if (!isFault(held, 'delivery_in_progress')) throw held;
      return tell(false);
    });
}

/** What ends a report: its line of the record, and the end of its job. Not one whose next search has to be planned before. */
function endOf(
  deps: LeakDeps,
  job: ReportJob,
  {
    kase,
    merged,
    journal,
    came,
  }: Pick<ReportAttempt, 'journal'> & { readonly kase: Case; readonly merged: readonly string[]; readonly came: Came },
): readonly Write[] {
  if (isUnsearched(kase)) return [];
  const result: RememberedLeak = { ...handledIn(deps, kase), merged, ...came };
  // Told after the kill's line, which is made in the same moment.
  const at = new Date(deps.services.now().getTime() + 1).toISOString();
  return [deps.services.store.audit.writing({ ...lineOf(deps, job, kase), at }), journal.ending(result)];
}

/** Writes what was decided into the record. */
async function done(deps: LeakDeps, job: ReportJob, kase: Case): Promise<RememberedLeak> {
  await deps.services.store.audit.append(lineOf(deps, job, kase));
  return handledIn(deps, kase);
}

/** What the record says of a report; once, however often it is tried. */
function lineOf({ services }: LeakDeps, { source, report }: ReportJob, kase: Case): AuditEntry {
  const { decision, token, because, id, state } = kase;
  return {
    at: services.now().toISOString(),
    id: sha256Hex(JSON.stringify(['report', report.key])).slice(0, 24),
    actor: report.reporter ?? { source },
    what: 'read',
    verb: 'leak',
    result: 'noted',
    caseId: id,
    ...(token === undefined ? {} : { token: { profile: token.profile, id: token.id }, tokenName: token.name }),
    ...defined({ rule: decision?.rule }),
    detail: { kind: 'report', state },
    ...defined({ because }),
  };
}

function handledIn({ services }: LeakDeps, { id, state, token, clue, decision }: Case): RememberedLeak {
  const profile = token?.profile;
  const provider = (profile === undefined ? undefined : services.providers.kindOf(profile)) ?? clue?.provider;
  return { caseId: id, state, ...defined({ rule: decision?.rule, provider, profile }) };
}
