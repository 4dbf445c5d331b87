import { allEnded } from '#shared/core/all-ended.ts';
import { approvalFor } from '#shared/policy/approval-rule.ts';
import { authorise, isDenied } from '#shared/tokens/authorise.ts';
import { decideLeak, type LeakDecision, type LeakFacts } from '#shared/policy/decide-leak.ts';
import { isReached } from '#shared/providers/is-reached.ts';
import type { Candidate } from '#shared/providers/provider.ts';
import { isDeleteOnly } from '#shared/providers/tells.ts';
import type { Case, CaseTrouble, Held, Journal, Write } from '#shared/store/store.ts';
import type { Attempt } from '#shared/tokens/attempt.ts';
import { holdAhead, type HeldAhead } from '#shared/store/hold-ahead.ts';
import {
  type BegunChange,
  holdToken,
  holdTokenAhead,
  lastBegun,
  onRecord,
  type TokenAhead,
} from '#shared/tokens/begun-change.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { changeToken, finishBegun, recordTried } from '#shared/tokens/change-token.ts';
import { countOthers, countTogether } from '#shared/tokens/count-together.ts';
import type { Delivery } from '#shared/tokens/delivery.ts';
import type { Change } from '#shared/tokens/outcome.ts';
import { readAfresh } from '#shared/tokens/read-afresh.ts';
import type { Services } from '#shared/tokens/services.ts';
import { casesOf, settle } from '#shared/cases/settle.ts';
import { againOf, failedKill, unreadOf, unconfirmed } from '#shared/cases/trouble-of-change.ts';
import { changeAsRead, saidDecided, sayDecided, type Saying, sayingDecided } from './say-decided.ts';
import { takeKill, takingKill } from './take-kill.ts';
import { wasUsedRecently } from './was-used-recently.ts';
import type { Search } from './find-token.ts';
import { isRetried } from '#shared/cases/give-up-case.ts';
import { isUnsearched } from '#shared/cases/search-again.ts';
import { stopsForOwner, WAIT_RULE } from '#shared/cases/stops-for-owner.ts';
import { aliveAgain } from '#shared/cases/alive-again.ts';
import { proveReturn } from '#shared/cases/prove-return.ts';
import { isDecided as isDecidedHere } from '#shared/cases/remember-decision.ts';
import { awaitsKill } from '#shared/cases/awaits-kill.ts';
import { atWorkKey } from '#shared/cases/case-keys.ts';
import { deferReport, endDeferred } from '#shared/cases/defer-report.ts';
import { changeCase, type Evidence } from '#shared/cases/keep-case.ts';
import { defined } from '#shared/core/defined.ts';
import type { Fault } from '#shared/core/fault.ts';
import { without } from '#shared/core/without.ts';

type CaseFields = Omit<Case, 'version'>;

/** Everything that one report brings to a case. */
export interface Work {
  readonly evidence: Evidence;
  readonly search: Search;
  /** Tells its job from any other, whenever that came; the same on every replay. */
  readonly request: string;
  readonly journal: Journal;
  readonly delivery: Delivery;
  /** Something that kept us from learning more. */
  readonly trouble?: CaseTrouble | undefined;
  /** What makes an old message of this one; see `LeakFacts`. */
  readonly closed?: boolean | undefined;
  readonly cameBefore?: boolean | undefined;
  /** A person has decided about its clue before, in whichever case. */
  readonly isDecided?: boolean | undefined;
}

/** What is to be done about a report, before the brake is asked. */
interface Unbraked {
  readonly decision: LeakDecision;
  readonly facts: LeakFacts;
}

/** Decides by policy what this report may cause without a human, as long as something is left of the allowance. */
async function decide(
  services: Services,
  { evidence, search, trouble, closed, cameBefore, isDecided }: Omit<Work, 'request' | 'journal' | 'delivery'>,
  kase: Case,
): Promise<Unbraked> {
  const { source, report, clue } = evidence;
  const { match, candidates } = search;
  const [best] = candidates;
  const facts: LeakFacts = {
    source,
    provider: best?.token.provider ?? (clue === undefined ? undefined : clue.provider),
    grade: best?.grade,
    profile: best?.token.profile,
    name: best?.token.name,
    kind: best?.token.kind,
    detector: report.detector,
    repository: report.where?.repository,
    foreign: trouble === undefined && isForeign(evidence, search),
    publiclyLeaked: kase.isPublic ?? report.publiclyLeaked,
    test: report.test,
    reversible: match === undefined || (await isReversible(services, match)),
    matches: candidates.length,
    validity: report.validity?.validity,
    contradicts: best?.contradicts,
    decidedByPerson: isDecided === true || [clue, search.watched].some((one) => isDecidedHere(kase, one)),
    closed,
    cameBefore,
    usedRecently: match !== undefined && wasUsedRecently(match.token, services.now(), report.validity),
    reporter: await reporterOf(services, evidence.report, match),
  };
  const isOwed = match !== undefined && (await isOwedToOwner(services, kase, match));
  return { decision: isOwed ? AFTER_WAIT : decideLeak(services.policy, facts), facts };
}

/** The time that an owner asked for is over, and the kill that the policy wants then has not been made yet. */
const AFTER_WAIT: LeakDecision = {
  action: 'deactivate',
  rule: WAIT_RULE,
  because: 'The time that its owner asked for is over.',
};

/** True where an owner's time had ended in a kill that failed: it is made by that decision, as long as the policy says so. */
async function isOwedToOwner(services: Services, kase: Case, { token }: Candidate): Promise<boolean> {
  if (kase.decision?.rule !== WAIT_RULE || kase.decision.overruled === true) return false;
  if (kase.token?.id !== token.id || token.state !== 'active') return false;
  return isUnmade(kase) && (await stopsForOwner(services, { ...kase, token }, 'afterWait'));
}

/** What a person who reported a leak may do to its token themselves, here and now; absent where a scanner did. */
async function reporterOf(
  services: Services,
  { reporter, pasted = 1 }: Evidence['report'],
  match: Candidate | undefined,
): Promise<LeakFacts['reporter']> {
  if (reporter === undefined || match === undefined) return undefined;
  const { profile } = match.token;
  const authority = await authorise(services, reporter, true);
  if (isDenied(authority.may('deactivate', profile))) return 'may-not';
  const askedFor = (others: number) =>
    approvalFor(services.policy, {
      verb: 'deactivate',
      profiles: [profile],
      count: Math.max(pasted, others + 1),
      requesterRoles: authority.roles,
    });
  const rule =
    match.token.state === 'active'
      ? await countTogether(services, { who: reporter, tokens: [match.token] }, askedFor)
      : askedFor(await countOthers(services, reporter, [match.token]));
  return rule === undefined ? 'may' : 'needs-others';
}

/** True where neither the secret's form, nor a token, nor a person links a leak to us. */
function isForeign({ clue, report }: Evidence, { candidates, unread }: Search): boolean {
  const isNameless = clue === undefined && report.reporter === undefined;
  return isNameless && candidates.length === 0 && unread.length === 0;
}

/** A provider may know an undo, but not for every kind of key. */
async function isReversible(services: Services, { token }: Candidate): Promise<boolean> {
  return !isDeleteOnly(token) && (await services.providers.open(token.profile)).knows.undo;
}

/** The state that a report without a kill leads to. What was decided before by policy or a person is never lowered. */
function settled(kase: Case, decision: LeakDecision, { evidence, search, trouble }: Work): CaseFields | undefined {
  const revived = kase.troubles?.filter(({ kind }) => kind === 'alive_again') ?? [];
  const troubles = [...revived, ...(trouble === undefined ? [] : [trouble]), ...unreadOf(search.unread)];
  const decided = {
    ...without(kase, 'version', 'troubles', 'dismissedBy'),
    decision: { action: decision.action, rule: decision.rule },
  };
  const told = troubles.length === 0 ? decided : { ...decided, troubles };
  if (search.candidates.length === 0) {
    if (isUnread(kase, search)) return { ...without(kase, 'version', 'troubles'), state: 'not_revoked', troubles };
    // Zero matches is a fact only where everybody was asked.
    const isUnasked = troubles.length > 0 && kase.token === undefined;
    const state = decision.action === 'mute' ? 'muted' : isUnasked ? 'unsearched' : 'unmatched';
    return isUnknown(kase) || awaitsKill(kase) ? { ...told, state } : undefined;
  }
  switch (decision.action) {
    case 'ask':
    case 'deactivate':
      return isKillToCome(kase, evidence.report.key) || isStillDead(kase, search)
        ? undefined
        : { ...told, state: 'asking' };
    case 'mute':
    case 'notify':
      return isOpenQuestion(kase) ? undefined : { ...told, state: 'noted' };
    case 'shadow':
      return isOpenQuestion(kase) ? undefined : { ...told, state: 'shadowed' };
  }
}

/** A case as its report leaves it, which is put off where nobody could look for it, and not any more where somebody could. */
function searched(kase: Case, next: CaseFields | undefined, { evidence, search }: Work): CaseFields | undefined {
  const known: Case = { ...(next ?? kase), version: kase.version };
  const left =
    search.match === undefined && search.unread.length > 0
      ? deferReport(known, evidence, unreadOf(search.unread))
      : endDeferred(known, evidence.report.key);
  return left === known ? next : without(left, 'version');
}

/**
 * True where another report than this one has decided for a kill that is still to be made, and where one waits at its provider,
 * whoever asked for it: this report takes nothing back.
 */
function isKillToCome(kase: Case, report: string): boolean {
  const by = kase.decision?.action === 'deactivate' ? kase.decision.report : undefined;
  return kase.state === 'waiting' || (by !== undefined && by !== report && isUnmade(kase));
}

/** True for a case that tells its token's end, which whatever only resembles it leaves as it is, unless it is read as working. */
function isStillDead({ state, token: own }: Case, { candidates }: Search): boolean {
  const isOwn = ({ token }: Candidate) => token.id === own?.id && token.profile === own.profile;
  return state === 'dead' && !candidates.some((one) => isOwn(one) && one.token.state === 'active');
}

/** True for a case whose token is to be killed: that is under way, waits at its provider, or has failed and is tried again. */
function isUnmade(kase: Case): boolean {
  const { state, troubles = [] } = kase;
  if (state === 'acting' || state === 'waiting') return true;
  return state === 'not_revoked' && (isUnsearched(kase) || troubles.some(isRetried));
}

/** True where everybody was asked, and nobody knows the token. */
function isGone({ match, unread }: Search): boolean {
  return match === undefined && unread.length === 0;
}

/** True where a token that is to be killed could not be looked for again: it waits for a search that works. */
function isUnread(kase: Case, { unread }: Search): boolean {
  return kase.token !== undefined && unread.length > 0 && (awaitsKill(kase) || kase.state === 'not_revoked');
}

/** True while nothing is known of a token; once it was, a search that finds none tells nothing new. */
function isUnknown({ state, token }: Case): boolean {
  return token === undefined && UNKNOWN.has(state);
}

const UNKNOWN: ReadonlySet<Case['state']> = new Set(['received', 'unsearched', 'unmatched', 'muted', 'not_revoked']);

/** True where a person has been asked, or a kill has not ended yet: telling only must not cover that up. */
function isOpenQuestion({ state }: Case): boolean {
  return state === 'asking' || state === 'not_revoked' || state === 'waiting' || state === 'acting' || state === 'dead';
}

/** The case that a report has been entered into, and what its job has done with it. */
interface Acting {
  readonly kase: Case;
  /** True for a job that has been at this case before; see `hasActed`. */
  readonly isAgain: boolean;
  /** Hears of the case once it says that its kill has begun: until then the brake may hold that back. */
  readonly onActing: (kase: Case) => void;
  /** Sends the look that follows a kill, while that is made, and gives its time. */
  readonly beginLook?: (caseId: string) => Promise<string>;
  /** What was taken beside the opening of the case, where it was; see `takeAhead`. */
  readonly ahead?: Ahead | undefined;
  /** What ends the job: written together with the case as it then is. Nothing where something has to be planned before. */
  readonly ending?: (kase: Case) => readonly Write[];
}

/** Does what was decided, as the only one who works on this case. Throws the fault of a kill that did not end. */
export async function actOnCase(services: Services, at: Acting, reported: Work): Promise<Case> {
  const { store } = services;
  const { id } = at.kase;
  const read = async () => (await store.cases.get(id)) ?? at.kase;
  const hold: HeldAhead['hold'] = (work) => at.ahead?.kase.hold(work) ?? store.hold(atWorkKey(id), work);
  return hold(async ({ waited, givingBack }) => {
    let kase = waited ? await read() : at.kase;
    for (let asksFirst = false; ; ) {
      const acted = await actOnce(services, { ...at, kase, givingBack, asksFirst }, reported);
      if (typeof acted !== 'string') return acted;
      // Somebody was quicker with the allowance, or has changed the case since it was read: it is decided anew.
      if (acted === 'braked') asksFirst = true;
      else kase = await read();
    }
  });
}

/** What a kill by an alert holds, taken before its case is opened. */
export interface Ahead {
  readonly kase: HeldAhead;
  readonly token: TokenAhead | undefined;
  /** Lets go of what is not in use. Never throws. */
  letGo(): Promise<void>;
}

/** Takes the case and, where it is to be killed, the token, both where nobody has them. */
export function takeAhead(
  services: Services,
  { id, token }: { readonly id: string; readonly token: Token | undefined },
): Ahead {
  const held = token === undefined ? undefined : holdTokenAhead(services, token);
  const letTokenGo = async () => held?.letGo();
  // Others hold first the case and then the token: nobody waits for that one with this one in hand.
  const kase = holdAhead(services.store, atWorkKey(id), letTokenGo);
  const letGo = async () => {
    await allEnded([kase.letGo(), letTokenGo()]);
  };
  return { kase, token: held, letGo };
}

/** What a try stands on besides. */
interface Trying extends Acting, Pick<Held, 'givingBack'> {
  /** True where the allowance is asked before anything is decided, and not in the write that notes the beginning. */
  readonly asksFirst: boolean;
}

/** Does it for the case as it was read; gives why it is to be decided anew where it is not so any more, and nothing is done. */
async function actOnce(
  services: Services,
  { kase: known, ...at }: Trying,
  reported: Work,
): Promise<Case | 'changed' | 'braked'> {
  const { isAgain, ahead } = at;
  const end = (seen: Case, next?: (current: Case) => CaseFields | undefined) =>
    endCase(services, { seen, at }, (current) => searched(current, next?.(current), reported));
  if (wasUndone(known, reported.journal)) {
    await ahead?.token?.letGo();
    await tellEarlierKill(services, known, reported.evidence);
    return changeCase(services.store, { id: known.id, now: services.now() }, () => undefined);
  }
  const mayHaveBegun = isAgain || known.decision?.action === 'deactivate';
  // Nobody will change a token that is found no more, and so put on record what an attempt did to it that died.
  if (mayHaveBegun && isGone(reported.search)) await tellEarlierKill(services, known, reported.evidence);
  const work = { ...reported, search: await upToDate(services, reported.search, known) };
  const { match } = work.search;
  if (match?.token.state === 'active' && known.state === 'dead') {
    await ahead?.token?.letGo();
    // It was brought back before this report was entered, or came, which nobody could prove then.
    if (await proveReturn(services, known, match.token)) {
      if (!isAgain || (await isSinceReturn(services, match.token, work.evidence)))
        await work.journal.put(generationOf(known.id), known.generation + 1);
      return 'changed';
    }
  }
  // However fresh its proof is, what was read now is truer: somebody else may have brought it back.
  const kase = match?.token.state === 'active' ? await changeAsRead(services, known, aliveAgain) : known;
  if (kase === 'changed') return kase;
  const { decision, taking } = await askBrake(services, { kase, asksFirst: at.asksFirst }, work);
  const isDead = match?.token.state === 'inactive';
  // Its proof is on the card already, and a later look is no better one.
  if (isDead && !isAgain && kase.state === 'dead') return end(kase);
  // "Not ours" silences what only resembles; a rule that says to kill acts, and what is proved by now is asked once more.
  const isWorthMore = match !== undefined && !isDead && (decision.action === 'deactivate' || match.grade === 'proved');
  if (kase.state === 'dismissed' && !isWorthMore) return end(kase);
  if (match === undefined || work.evidence.report.test === true || (decision.action !== 'deactivate' && !isDead)) {
    // Nor will anybody where only a person is asked by now.
    if (mayHaveBegun && match !== undefined) {
      await ahead?.token?.letGo();
      if (await tellEarlierKill(services, kase, work.evidence)) return 'changed';
    }
    return end(kase, (current) => settled(current, decision, work));
  }
  const decided = { decision, isDead, report: work.evidence.report.key };
  return killIn(services, { ...at, kase }, { ...work, match, decided, taking });
}

/** True for a report that came when somebody had begun already to bring its token back: it is no news of before that. */
async function isSinceReturn(services: Services, token: Token, { receivedAt }: Evidence): Promise<boolean> {
  const begun = await lastBegun(services, token);
  return begun?.verb === 'activate' && begun.at < receivedAt;
}

/** How a kill is taken out of the allowance by the write that notes its beginning. */
type Taking = (unmet: () => Fault) => Write | undefined;

/** Decides, with the brake: what is left of it is asked now, or by the write that `taking` gives. */
async function askBrake(
  services: Services,
  { kase, asksFirst }: Pick<Trying, 'kase' | 'asksFirst'>,
  work: Work,
): Promise<{ readonly decision: LeakDecision; readonly taking?: Taking }> {
  const { decision, facts } = await decide(services, work, kase);
  const { match } = work.search;
  const isKill = match !== undefined && match.token.state !== 'inactive' && decision.action === 'deactivate';
  // What its owner has asked for came out of nobody's allowance.
  if (!isKill || decision === AFTER_WAIT) return { decision };
  const asked = { profile: match.token.profile, caseId: kase.id };
  if (!asksFirst && work.evidence.report.test !== true) {
    return { decision, taking: (unmet) => takingKill(services, asked, unmet) };
  }
  const mayKill = await takeKill(services, asked);
  return { decision: mayKill ? decision : decideLeak(services.policy, { ...facts, braked: true }) };
}

interface Killing extends Work {
  readonly match: Candidate;
  readonly decided: Parameters<typeof sayDecided>[2];
  readonly taking: Taking | undefined;
}

/** Kills the token, or puts on record that it is dead, and enters what came of it. */
async function killIn(
  services: Services,
  { kase, onActing, ...at }: Trying,
  { decided, taking, ...work }: Killing,
): Promise<Case | 'changed' | 'braked'> {
  const { store, now } = services;
  const { id } = kase;
  const change = (next: (current: Case) => CaseFields | undefined) => changeCase(store, { id, now: now() }, next);
  const saying = await howToSay(services, kase, { decided, taking, onActing });
  if (typeof saying === 'string') return saying;
  const by = work.evidence.report.reporter;
  const { enter, looking, entered } = entering(services, { id, saying }, { ...at, by });
  const held = at.ahead?.token;
  const killing = { ...work, decided, saying, ...defined({ held }), enter };
  const made = await kill(services, id, killing).finally(() => looking);
  if (typeof made === 'string') return made;
  const seen = saying.said() ?? (await sayDecided(services, kase, decided));
  if (seen === 'changed') return seen;
  const after = entered() ?? (await settle(services, made, { from: id, by, seen }));
  if (made.kind !== 'unconfirmed') return after ?? change(() => undefined);
  const fault = unconfirmed(made);
  await change((current) => ({
    ...current,
    troubles: [{ kind: 'unconfirmed', read: made.read, again: againOf(fault, work.delivery) }],
  }));
  throw fault;
}

/** Has the case say what was decided: before anything is done, or in the write that notes the beginning of the kill. */
async function howToSay(
  services: Services,
  kase: Case,
  { decided, taking, onActing }: Pick<Killing, 'decided' | 'taking'> & Pick<Acting, 'onActing'>,
): Promise<Saying | 'changed' | 'braked'> {
  if (taking !== undefined) return sayingDecided(services, kase, { decided, taking, onSaid: onActing });
  const acting = await sayDecided(services, kase, decided);
  if (acting === 'changed') return acting;
  if (!decided.isDead) onActing(acting);
  return saidDecided(acting);
}

/** The last change of a case; where it is none the case is written as it is, for what goes with it. */
function endCase(
  { store, now }: Services,
  { seen, at }: { readonly seen: Case; readonly at: Parameters<typeof endingTogether>[0] },
  next: (current: Case) => CaseFields | undefined,
): Promise<Case> {
  const along = (kase: Case) => endingTogether(at, kase);
  const asIs = along(seen).length === 0 ? () => undefined : (kase: Case) => without(kase, 'version');
  return changeCase(store, { id: seen.id, now: now(), seen, along }, (kase) => next(kase) ?? asIs(kase));
}

/** What is written together with the last change of a case: its key given back, and the end of the job; nothing where that has none yet. */
function endingTogether(
  { ending, givingBack }: Pick<Acting, 'ending'> & Pick<Held, 'givingBack'>,
  kase: Case,
): readonly Write[] {
  const writes = ending?.(kase) ?? [];
  return writes.length === 0 ? [] : [...givingBack(), ...writes];
}

interface Entering extends Pick<Acting, 'beginLook' | 'ending'>, Pick<Held, 'givingBack'> {
  readonly by: Evidence['report']['reporter'];
}

/**
 * How a kill that was made enters its case: all that follows from it is one write, with its line of the record, both keys given
 * back, and the end of the job. Not where the token has another case besides: that one has to hear of it before the job ends.
 */
function entering(
  services: Services,
  { id, saying }: { readonly id: string; readonly saying: Saying },
  { by, beginLook, ending, givingBack }: Entering,
) {
  // Beside the kill; where it cannot be sent now, whoever follows the case plans it.
  const looking = beginLook?.(id).catch(() => undefined);
  let kase: Case | undefined;
  const enter: Attempt['enter'] = async (change, along) => {
    const acting = saying.said();
    if (acting === undefined || ending === undefined || casesOf(change, id).length > 1) return;
    const together = (next: Case) => [...along(), ...endingTogether({ ending, givingBack }, next)];
    kase = await settle(services, change, { from: id, by, seen: acting, look: await looking, along: together });
  };
  return { enter, looking, entered: () => kase };
}

/**
 * What an attempt did that died is on record, and told where a fresh read proves it, although a person has closed the case
 * meanwhile: the token is dead, and whoever closed it has to know. Where the token is gone or works, nobody can tell any
 * more what came of it, and the record says so. True where it was proved, which is told once.
 */
async function tellEarlierKill(services: Services, { id, token }: Case, { report }: Evidence): Promise<boolean> {
  if (token === undefined || !isEarlier(await lastBegun(services, token), id)) return false;
  return holdToken(services, { ref: token }, async ({ keep }, begun) => {
    if (!isEarlier(begun, id)) return false;
    const now = await readAfresh(services, token);
    if (!isReached(begun.verb, now)) {
      await recordTried(services, begun, now);
      return false;
    }
    const made = await finishBegun(services, begun, now);
    await settle(services, made, { from: id, by: report.reporter });
    keep(onRecord(begun, made));
    return true;
  });
}

/** True for what was begun for a case, of which nobody could tell so far what came of it. */
function isEarlier(begun: BegunChange | undefined, id: string): begun is BegunChange {
  return begun !== undefined && begun.isOnRecord !== true && begun.order.caseId === id;
}

/**
 * A search that found the token working may be older than its end, which the case knows: then it is read once more, so that
 * nothing is called alive again that is not.
 */
async function upToDate(services: Services, search: Search, { state }: Case): Promise<Search> {
  const { match } = search;
  if (state !== 'dead' || match?.token.state !== 'active') return search;
  const token = await readAfresh(services, match.token);
  if (token === undefined) return { ...without(search, 'match', 'askedAt'), candidates: [] };
  const read = { ...match, token };
  return { ...without(search, 'askedAt'), match: read, candidates: [read] };
}

/**
 * True for a job that has been at this case before: what an attempt did that died is not on record yet, whoever has found
 * the token dead since then.
 */
export function hasActed(journal: Journal, id: string): boolean {
  return enteredIn(journal, id) !== undefined;
}

/** An attempt that could look for nothing was at another case than the token's own, which has a history of its own. */
const generationOf = (id: string): string => `generation:${id}`;
/** Where releases before this one noted it, whatever the case. */
const EARLIER = 'generation';

function enteredIn(journal: Journal, id: string): number | undefined {
  return journal.get<number>(generationOf(id)) ?? journal.get<number>(EARLIER);
}

/** Notes that a job has been at a case, which is written together with what it brings to it; nothing where that is noted. */
export function toBegin(journal: Journal, { id, generation }: Pick<Case, 'id' | 'generation'>): readonly Write[] {
  return hasActed(journal, id) ? [] : [journal.writing(generationOf(id), generation)];
}

/** True when somebody brought the token back since the report was first entered: it must not be killed by the old news. */
function wasUndone({ id, generation }: Case, journal: Journal): boolean {
  return (enteredIn(journal, id) ?? generation) < generation;
}

/** The token as the search has read it. */
function readOf({ search, match }: Work & { readonly match: Candidate }): Pick<Attempt, 'read'> {
  return search.askedAt === undefined ? {} : { read: { token: match.token, askedAt: search.askedAt } };
}

/** Kills; gives what kept the kill from its beginning where the case is to be decided on anew. */
async function kill(
  services: Services,
  id: string,
  work: Omit<Killing, 'taking'> & { readonly saying: Saying } & Pick<Attempt, 'enter' | 'held'>,
): Promise<Change | 'changed' | 'braked'> {
  const { match, evidence, request, journal, decided, delivery, enter, saying, held } = work;
  const { profile, name } = match.token;
  const ref = { profile, id: match.token.id, name };
  const order = {
    verb: 'deactivate',
    tokens: [ref],
    requester: evidence.report.reporter ?? { source: evidence.source },
    requestedAt: evidence.receivedAt,
    request,
    keepGoing: false,
    reason:
      evidence.report.reporter === undefined ? `leaked, reported by ${evidence.source}` : 'leaked, reported by hand',
    caseId: id,
  } as const;
  try {
    return await changeToken(
      services,
      { journal, ...readOf(work), ...defined({ enter, held }), beginning: saying.beginning, asksAgain: false },
      { order, warrant: { rule: decided.decision.rule, approvedBy: [] }, ref },
    );
  } catch (error) {
    const hindered = saying.hindered();
    if (hindered !== undefined) return hindered;
    const { trouble, thrown } = failedKill(error, delivery, profile);
    // Its end may have been stored by a write whose answer was lost.
    const hasEntered = ({ state }: Case) => state === 'dead' && saying.said() !== undefined;
    await changeCase(services.store, { id, now: services.now() }, (kase) =>
      hasEntered(kase) ? undefined : { ...saying.saying(kase), state: 'not_revoked', troubles: [trouble] },
    );
    throw thrown;
  }
}
