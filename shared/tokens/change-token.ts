import { defined } from '#shared/core/defined.ts';
import { isFault } from '#shared/core/fault.ts';
import { isWithin } from '#shared/core/is-within.ts';
import { without } from '#shared/core/without.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import type { Actor, FreshRead, Mutation, Receipt, Token } from '#shared/core/vocabulary.ts';
import { protectedBy } from '#shared/policy/protected-by.ts';
import { isReached } from '#shared/providers/is-reached.ts';
import { READ_BACK_PAUSES } from '#shared/providers/kit/comes-true.ts';
import type { Provider } from '#shared/providers/provider.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import { readLiveCase } from '#shared/store/read-live-case.ts';
import type { AuditEntry, Case, Held, Refusal, Write } from '#shared/store/store.ts';
import type { Attempt } from './attempt.ts';
import { type BegunChange, begunBy, holdToken, isUnfinished, onRecord } from './begun-change.ts';
import { recordOf, type TokenChange } from './warrant.ts';
import { lastFoundSo, notingFoundSo } from './found-so.ts';
import { isEndOverruled } from './is-end-overruled.ts';
import { leakName, leaksOf } from './leaks-of.ts';
import type { Change, OutcomeOf } from './outcome.ts';
import { pendingUntil } from './pending-until.ts';
import type { Trouble } from './trouble.ts';
import type { Services } from './services.ts';
import { troubleOf } from './trouble-of.ts';
import { worksThrough } from './works-through.ts';
import { whyRefused } from './why-refused.ts';

/** What a change needs of the job that asks: in its notes a replay finds what was attempted before a crash. */
type Noted = Pick<Attempt, 'journal' | 'read' | 'readBack' | 'beginning' | 'enter' | 'held' | 'asksAgain'>;

/** How long a read from before the lock may stand for one under it, milliseconds. */
const READ_STANDS_MS = 2000;
/** By how much the clocks of two functions may differ. */
const CLOCKS_DIFFER_MS = 60_000;

/** How long the case of a token may take to hear that a person has brought it back, milliseconds; no report kills it meanwhile. */
const UNHEARD_MS = 60_000;

/**
 * Acts, reads back, writes the receipt and the audit entry, all while holding the token alone, so that the same change
 * asked many times at once is made once. What our own earlier attempt did before a crash is told as done by us; what
 * another's did that has not come back yet is put on record before it is changed again, and is not done again by its
 * replay. Throws the provider's and the store's faults; everything else that can happen is a `Change`.
 *
 * The token is read under the lock first, with one exception that saves a leaked one a round trip: what this delivery has read
 * itself, when the token was looked for, is enough to act on where nobody held the token, the job is tried for the first time,
 * the read is two seconds old at most, and no change of ours was begun since. It never proves anything: an end is always read.
 */
export async function changeToken(services: Services, attempt: Noted, asked: TokenChange): Promise<Change> {
  const { profile, id } = asked.ref;
  const provider = await services.providers.open(profile);
  if (isBelieved(services, attempt, asked)) provider.prepare(asked.order.verb, id);
  return holdToken(services, { ref: { profile, id }, ahead: attempt.held }, async (held, last) => {
    const making = { services, provider, held, last, attempt: held.waited ? without(attempt, 'read') : attempt };
    const { change, begun, lost } = await make(making, asked);
    for (const told of lost === undefined ? [change] : [lost, change]) {
      held.leave(services.store.audit.writing(auditEntry(services, asked, told)));
    }
    // What could not be proved may be proved later, by whoever reads the token next: then that is put on record as its end.
    if (begun !== undefined && change.kind !== 'unconfirmed') {
      held.keep(onRecord(begun, whatStays(change)));
    }
    if (change.kind === 'changed') await attempt.enter?.(change, held.givingBack);
    return change;
  });
}

/** True where this request, in this attempt or an earlier one, has begun to change the token. */
export function hasBegun({ journal }: Noted, asked: TokenChange): boolean {
  return journal.get<Attempted>(noteOf(asked)) !== undefined;
}

interface Attempted {
  readonly at: string;
  readonly token: Token;
}

/** A change that was made or not, and what it had begun, which is on record only when the change is. */
interface Made {
  readonly change: Change;
  readonly begun?: BegunChange;
  /** What an attempt of ours did that died, where it is not done again, and nobody can tell any more what came of it. */
  readonly lost?: Change;
}

interface Making {
  readonly services: Services;
  readonly provider: Provider;
  readonly attempt: Noted;
  readonly held: Held;
  /** The change of the token that was begun last. */
  readonly last: BegunChange | undefined;
}

async function make(making: Making, asked: TokenChange): Promise<Made> {
  const { services, attempt, last } = making;
  const { order, warrant, ref } = asked;
  const { verb } = order;
  const earlier = attempt.journal.get<Attempted>(noteOf(asked));
  const before = await readFirst(making, asked, earlier);
  const others = last !== undefined && last.by !== begunBy(order) ? last : undefined;
  if (others !== undefined) await recordOthers(making, others, before);
  const token = before ?? earlier?.token;
  if (token === undefined) return { change: { kind: 'not_found', verb, asked: `${ref.profile}:${ref.id}` } };

  const isSo = isReached(verb, before);
  if (isSo && !isToPass(order, { earlier, others })) return asReached(making, asked, { token, earlier, read: before });
  const refusal =
    refuseNow(making, { order, warrant }, { token, others, isAgain: earlier !== undefined }) ??
    (await refuseOlder(making, asked, token)) ??
    (await refuse(services, { order, warrant }, token));
  if (isSo && refusal !== undefined) return asReached(making, asked, { token, earlier, read: before });
  const waiting = refusal === undefined ? stillPending(making, asked, token) : undefined;
  if (waiting !== undefined) return { change: waiting };
  if (refusal === undefined) return act(making, asked, { token, earlier, read: before });
  const isLost = earlier !== undefined && others === undefined && last !== undefined && last.isOnRecord !== true;
  return { change: refusal, ...(isLost && { lost: { kind: 'unconfirmed', verb, token, read: freshRead(before) } }) };
}

/**
 * True for a token that is stopped, and that a return which its provider has taken may bring back any moment: stopping it once
 * more comes after that. Not where somebody at the provider decides when the return comes about.
 */
function isToPass(
  { verb }: TokenChange['order'],
  { earlier, others }: { readonly earlier: Attempted | undefined; readonly others: BegunChange | undefined },
): boolean {
  if (verb === 'activate' || earlier !== undefined || others?.verb !== 'activate') return false;
  return others.isOnRecord !== true;
}

/** The end of a request whose token is as it asks for, by itself or by an attempt of its own. */
async function asReached(making: Making, asked: TokenChange, known: Known): Promise<Made> {
  const { services, provider, last } = making;
  const { order } = asked;
  const { verb } = order;
  const { token, earlier, read } = known;
  const already = earlier === undefined;
  const receipt = { ...receiptOf(services, { order, last }, read), ...defined({ actedAt: earlier?.at }) };
  const change: Change = {
    kind: 'changed',
    verb,
    token: read ?? token,
    already,
    undo: undoes(verb, provider, [earlier?.token, read]),
    receipt,
    ...(!already && (await leakedMeanwhile(services, order, earlier.token))),
  };
  if (already) await noteWord(making, asked);
  // What our own attempt had begun is on record from here on.
  return already || last?.by !== begunBy(order) ? { change } : { change, begun: last };
}

/** The token before the change. */
async function readFirst(
  { services, provider, attempt, last }: Making,
  asked: TokenChange,
  earlier: Attempted | undefined,
): Promise<Token | undefined> {
  const { ref } = asked;
  const { read } = attempt;
  const known = earlier?.token ?? read?.token ?? last?.token;
  if (earlier !== undefined || read === undefined || !isBelieved(services, attempt, asked)) {
    return provider.get(ref.id, known);
  }
  const isUntouched =
    last === undefined || (last.isOnRecord === true && Date.parse(last.at) < read.askedAt - CLOCKS_DIFFER_MS);
  return isUntouched ? read.token : provider.get(ref.id, known);
}

/** True for a read of this very token that is fresh, by a job's first attempt, and leaves something to do. */
function isBelieved({ now }: Services, { journal, read }: Noted, { ref, order }: TokenChange): boolean {
  return (
    journal.attempt === 1 &&
    read?.token.id === ref.id &&
    read.token.profile === ref.profile &&
    !isReached(order.verb, read.token) &&
    isWithin(read.askedAt, now(), READ_STANDS_MS)
  );
}

/** Refuses by what has become of the request, and of the token, since it was asked. */
function refuseNow(
  making: Making,
  { order, warrant }: Word,
  {
    token,
    others,
    isAgain,
  }: { readonly token: Token; readonly others: BegunChange | undefined; readonly isAgain: boolean },
): Change | undefined {
  const { verb, requester } = order;
  const refused = (refusal: Refusal): Change => ({ kind: 'refused', verb, token, ...refusal });
  if (warrant.withdrawn !== undefined) return refused({ why: warrant.withdrawn });
  if (warrant.calledOffBy !== undefined) return refused({ why: 'called_off', by: warrant.calledOffBy });
  if (others === undefined || !isOpposite(verb, others.verb)) return undefined;
  if (isAgain || isOutdated(making, { order, warrant }, others)) return refused({ why: 'overtaken' });
  const { requester: by } = others.order;
  const isUnheard = Date.parse(others.at) > making.services.now().getTime() - UNHEARD_MS;
  return !isPerson(requester) && isPerson(by) && isUnheard ? refused({ why: 'brought_back', by }) : undefined;
}

/** Somebody's word about a token: what they asked for, and what allows it. */
type Word = Pick<TokenChange, 'order' | 'warrant'>;

/**
 * True for what a person had decided before the opposite was decided, and that comes to it late: what is carried out at once is
 * the newer one, whatever the clocks say. Of two presses on one card the earlier one is, at once too.
 */
function isOutdated(
  making: Making,
  { order: { caseId }, warrant: { decidedAt } }: Word,
  { order, warrant: { decidedAt: opposite } }: Word,
): boolean {
  if (decidedAt === undefined || opposite === undefined || decidedAt >= opposite) return false;
  const isOneCard = caseId !== undefined && caseId === order.caseId;
  return isOneCard || comesLate(making, decidedAt);
}

function comesLate({ services: { now }, attempt: { journal } }: Making, decidedAt: string): boolean {
  return journal.attempt > 1 || now().getTime() - Date.parse(decidedAt) > CLOCKS_DIFFER_MS;
}

/**
 * Refuses what a person had decided before somebody wanted the opposite: of what comes late also where that was found so, and of
 * what a leak is about where it was said on its card.
 */
async function refuseOlder(making: Making, asked: TokenChange, token: Token): Promise<Change | undefined> {
  const { verb } = asked.order;
  const { decidedAt } = asked.warrant;
  if (decidedAt === undefined) return undefined;
  const isLate = comesLate(making, decidedAt);
  const newer = isLate ? await lastFoundSo(making.services, asked.ref) : undefined;
  if (newer !== undefined && newer.decidedAt > decidedAt && isOpposite(verb, newer.verb)) {
    return { kind: 'refused', verb, token, why: 'overtaken' };
  }
  const kase = verb === 'activate' ? undefined : await leakOf(making.services, asked, isLate);
  const isOverruled = kase !== undefined && isEndOverruled(kase, decidedAt);
  return isOverruled ? { kind: 'refused', verb, token, why: 'overruled' } : undefined;
}

/** The case for which a token is to end. Of one that was pressed on, and is not late, whoever takes the press has just read it. */
async function leakOf(
  { store }: Services,
  { order: { caseId: pressedOn, ofLeaks }, ref }: TokenChange,
  isLate: boolean,
): Promise<Case | undefined> {
  const id = pressedOn !== undefined && isLate ? pressedOn : ofLeaks && caseId(tokenKey(ref));
  return id === undefined ? undefined : readLiveCase(store, id);
}

/** Has a person's word known to whoever comes to the token after it, though nothing had to be done. */
async function noteWord(
  { services, held }: Making,
  { order: { verb }, warrant: { decidedAt }, ref }: TokenChange,
): Promise<void> {
  if (decidedAt === undefined) return;
  for (const write of await notingFoundSo(services, ref, { verb, decidedAt })) held.leave(write);
}

/** The change as it waits at its provider, where this very request has asked for it, or another one to which it is left. */
function stillPending(
  { services: { now }, attempt, last }: Making,
  { order }: TokenChange,
  token: Token,
): Change | undefined {
  const { verb } = order;
  if (last?.pending === undefined || last.verb !== verb) return undefined;
  if (attempt.asksAgain !== false && last.by !== begunBy(order)) return undefined;
  const isOver = Date.parse(pendingUntil(last.at)) <= now().getTime();
  return isOver ? undefined : { kind: 'waiting_on_provider', verb, token, answer: last.pending, askedAt: last.at };
}

/** What whoever changes the token next has to know of this change. */
function whatStays(change: Change): Parameters<typeof onRecord>[1] {
  if (change.kind === 'changed') return change;
  return change.kind === 'waiting_on_provider' ? { pending: change.answer } : {};
}

/** A token as it is known, how this very request knew it in an earlier attempt, and what was read of it now. */
interface Known {
  readonly token: Token;
  readonly earlier: Attempted | undefined;
  readonly read: Token | undefined;
}

/**
 * Makes the change and reads it back. That it has begun is written down before: for our own replay, and for whoever is next; and
 * that another was tried before it, of which nobody could tell any more.
 */
async function act(
  { services, provider, held, last, attempt: { journal, readBack: shared, beginning } }: Making,
  asked: TokenChange,
  { token, earlier, read: before }: Known,
): Promise<Made> {
  const { order, ref } = asked;
  const { verb } = order;
  const at = services.now().toISOString();
  const begun: BegunChange = { ...asked, by: begunBy(order), verb, at, token };
  // Both at once: the journal refuses who has lost the job, and must not act.
  const along = [held.keeping(begun), ...tried(services, { last, by: begun.by }, before), ...(beginning?.() ?? [])];
  await journal.put(noteOf(asked), { at, token } satisfies Attempted, along);
  const effect = await provider[verb](ref.id);
  const actedAt = services.now().toISOString();
  const made = (change: Change): Made => ({ change, begun });
  const isSo = isReached(verb, before);
  if (effect.kind === 'pending' && !isSo) {
    return made({ kind: 'waiting_on_provider', verb, token, answer: effect.answer, askedAt: at });
  }
  if (effect.kind === 'unsupported' && !isSo) return made({ kind: 'unsupported', verb, token, answer: effect.answer });
  // `not_found` for something just read: whoever was quicker, the fresh read decides what is true.
  const { after, reached, unread } = await readBack(services, { get: provider.get, shared }, { token, verb });
  if (!reached) {
    const read = unread === undefined ? freshRead(after) : 'partial';
    return made({ kind: 'unconfirmed', verb, token: after ?? token, read, ...defined({ unread }) });
  }
  const answer = effect.kind === 'done' ? effect.answer : undefined;
  const receipt = { ...receiptOf(services, { order, last }, after), actedAt, ...defined({ answer }) };
  const was = earlier?.token ?? token;
  // What had expired before is no kill of ours; where only a move of its expiry ends a token, it had not.
  const hadEnded = was.state === 'expired' && after?.state === 'expired';
  const already = hadEnded || isSo || (effect.kind === 'not_found' && earlier === undefined);
  return made({
    kind: 'changed',
    verb,
    token: after ?? token,
    already,
    undo: undoes(verb, provider, [was, after]),
    receipt,
  });
}

/**
 * Puts a change on record that another request has begun and whose end nobody has seen so far, where it is read as done: once
 * this one has changed the token, nobody could tell any more.
 */
async function recordOthers({ services }: Making, begun: BegunChange, now: Token | undefined): Promise<void> {
  if (isUnfinished(begun) && isReached(begun.verb, now)) await finishBegun(services, begun, now);
}

/** The line of another's change that was begun, is not on record and is not read as done, as a write: it was tried. */
function tried(
  services: Services,
  { last, by }: Pick<Making, 'last'> & Pick<BegunChange, 'by'>,
  now: Token | undefined,
): readonly Write[] {
  if (last === undefined || last.by === by || last.isOnRecord === true || isReached(last.verb, now)) return [];
  return [services.store.audit.writing(auditEntry(services, last, unproved(last, now)))];
}

/** Puts a change that was begun, and that a read does not show as done, on record as tried. */
export function recordTried(services: Services, begun: BegunChange, now: Token | undefined): Promise<void> {
  return recordChange(services, begun, unproved(begun, now));
}

function unproved({ verb, token }: BegunChange, now: Token | undefined): OutcomeOf<'unconfirmed'> {
  return { kind: 'unconfirmed', verb, token, read: freshRead(now) };
}

/** Ends a change that was begun, is read as done now, and was not proved before: gives it with this proof, and records it. */
export async function finishBegun(
  services: Services,
  begun: BegunChange,
  now: Token | undefined,
): Promise<OutcomeOf<'changed'>> {
  const { verb, token, order, at } = begun;
  const provider = await services.providers.open(begun.ref.profile);
  const receipt = { ...receiptOf(services, { order, last: begun }, now), actedAt: at };
  const undo = undoes(verb, provider, [token, now]);
  const change = {
    ...({ kind: 'changed', verb, token: now ?? token, already: false, undo, receipt } as const),
    ...(await leakedMeanwhile(services, order, token)),
  };
  await recordChange(services, begun, change);
  return change;
}

function noteOf({ order: { verb }, ref }: TokenChange): string {
  return `${verb}:${ref.profile}:${ref.id}`;
}

interface Proved extends Pick<TokenChange, 'order'> {
  readonly last: BegunChange | undefined;
}

/**
 * A receipt of what was read now; when it was acted on is known better by whoever did. Its proof is later than whatever was
 * begun or proved of the token before, though another clock has told that: which of two changes is the newer one goes by it.
 */
function receiptOf(services: Services, { order, last }: Proved, token: Token | undefined): Receipt {
  const { verb, requestedAt } = order;
  const known = [last?.at, last?.provedAt].flatMap((at) => (at === undefined ? [] : [Date.parse(at) + 1]));
  const now = services.now();
  const confirmedAt = new Date(Math.max(now.getTime(), ...known)).toISOString();
  return { verb, requestedAt, actedAt: now.toISOString(), confirmedAt, read: freshRead(token) };
}

/** Whether a change can be undone: nothing brings back what has expired, before the change or by it. */
function undoes(verb: Mutation, provider: Provider, reads: readonly (Token | undefined)[]): boolean {
  return verb !== 'delete' && provider.knows.undo && reads.every((read) => read?.state !== 'expired');
}

/** False where a report asks. */
function isPerson(requester: TokenChange['order']['requester']): requester is Actor {
  return 'userId' in requester;
}

function isOpposite(one: Mutation, other: Mutation): boolean {
  return (one === 'activate') !== (other === 'activate');
}

interface ReadBack {
  readonly after: Token | undefined;
  readonly reached: boolean;
  /** Where the provider was asked, and gave no whole answer: that proves neither an end nor its absence. */
  readonly unread?: OutcomeOf<'unconfirmed'>['unread'];
}

/** Two ways to read a token after its change: alone, and before that together with others of the same run. */
interface Reading {
  readonly get: Provider['get'];
  readonly shared: Attempt['readBack'];
}

async function readBack(
  services: Services,
  { get, shared = get }: Reading,
  { token, verb }: { readonly token: Token; readonly verb: Mutation },
): Promise<ReadBack> {
  let after: Token | undefined;
  for (const pause of READ_BACK_PAUSES) {
    if (pause > 0) await services.sleep(pause);
    try {
      after = await (pause === 0 ? shared : get)(token.id, token);
    } catch (error) {
      // What passes is read again by the next try; the rest does not, and the change was accepted all the same.
      if (!isFault(error) || error.isRetryable) throw error;
      const { code: fault, status, quoted } = error;
      return { after: undefined, reached: false, unread: { fault, ...defined({ status, quoted }) } };
    }
    // The first LangSmith servers with revocation end a token by moving its expiry: dead all the same.
    if (isReached(verb, after) || (verb === 'deactivate' && after?.state === 'expired'))
      return { after, reached: true };
  }
  return { after, reached: false };
}

/** What reading a token anew has shown. */
export function freshRead(token: Token | undefined): FreshRead {
  return token?.state ?? 'absent';
}

/**
 * Refuses to revoke the token we work with, and those that the policy protects, unless two people lift that for a proved
 * leak. Bringing back is allowed unless the token has a leak of which whoever asked was not told.
 */
async function refuse(services: Services, asked: Word, token: Token): Promise<Change | undefined> {
  const { verb } = asked.order;
  if (verb === 'activate') return refuseLeaked(services, asked.order, token);
  const profile = token.own ? token.profile : await worksThrough(services, token);
  if (profile !== undefined) {
    return { kind: 'refused', verb, token: { ...token, profile, own: true }, why: 'own', profile };
  }
  const reason = protectedBy(services.policy, token);
  if (reason === undefined || (await isLifted(services, asked, token))) return undefined;
  return { kind: 'refused', verb, token, why: 'protected', reason };
}

/** Refuses to bring back what has leaked, where that was not told before it was asked for, or agreed to. */
async function refuseLeaked(
  services: Services,
  order: TokenChange['order'],
  token: Token,
): Promise<Change | undefined> {
  const { verb } = order;
  return (await hasUntoldLeak(services, order, token)) ? { kind: 'refused', verb, token, why: 'leaked' } : undefined;
}

/** Notes of a return that came about over a leak which nobody could name when it was begun. */
async function leakedMeanwhile(
  services: Services,
  order: TokenChange['order'],
  token: Token,
): Promise<Pick<OutcomeOf<'changed'>, 'leakedMeanwhile'>> {
  return order.verb === 'activate' && (await hasUntoldLeak(services, order, token)) ? { leakedMeanwhile: true } : {};
}

async function hasUntoldLeak(
  services: Services,
  { leaks: told = [] }: TokenChange['order'],
  token: Token,
): Promise<boolean> {
  return (await leaksOf(services, [token])).some((leak) => !told.includes(leakName(leak)));
}

/** True where somebody else than the requester has agreed to lift the protection, and the leak of this token is proved. */
async function isLifted(
  { store }: Services,
  { order: { lifts, caseId, requester }, warrant }: Word,
  token: Token,
): Promise<boolean> {
  if (lifts === undefined || caseId === undefined || !('userId' in requester)) return false;
  if (!warrant.approvedBy.some(({ userId }) => userId !== requester.userId)) return false;
  const kase = await store.cases.get(caseId);
  return kase?.grade === 'proved' && kase.token?.id === token.id && kase.token.profile === token.profile;
}

/** How a change ended that a fault stopped; on record unless it is tried again. Throws whatever is not a fault. */
export async function failedChange(
  services: Services,
  asked: TokenChange,
  { error, ...tried }: { readonly error: unknown } & Pick<Trouble, 'next' | 'attempt' | 'begun'>,
): Promise<Extract<Change, { kind: 'failed' }>> {
  const { name, profile, id } = asked.ref;
  const provider = services.providers.kindOf(profile);
  const trouble = troubleOf(error, { ...tried, profile, ...defined({ provider }) });
  const change = { kind: 'failed', verb: asked.order.verb, ref: { profile, id }, name, trouble } as const;
  if (tried.next !== 'retrying') await recordChange(services, asked, change);
  return change;
}

/** Puts how a change ended on record; the same change told again by a replay is one entry. */
export function recordChange(services: Services, asked: TokenChange, change: Change): Promise<void> {
  return services.store.audit.append(auditEntry(services, asked, change));
}

/** The line of the record for a change, done or not. The same change on a replay has the same id. */
function auditEntry(services: Services, { order, warrant, ref }: TokenChange, change: Change): AuditEntry {
  const { rule, approvedBy } = warrant;
  const { requester, verb, requestedAt, request } = order;
  const token = { profile: ref.profile, id: ref.id };
  return {
    at: services.now().toISOString(),
    id: sha256Hex(
      JSON.stringify([requestedAt, requester, verb, token, change.kind, auditResult(change), request]),
    ).slice(0, 24),
    actor: requester,
    what: verb,
    token,
    rule,
    result: auditResult(change),
    ...recordOf(order),
    ...('token' in change ? { tokenName: change.token.name } : {}),
    ...(approvedBy.length === 0 ? {} : { approvedBy }),
    ...(change.kind === 'changed' ? { receipt: change.receipt } : {}),
    ...(change.kind === 'refused' ? { detail: { kind: 'refused', refusal: whyRefused(change) } as const } : {}),
    ...('answer' in change ? { answer: change.answer } : {}),
    ...('read' in change ? { read: change.read } : {}),
    ...(change.kind === 'failed' ? { detail: { kind: 'failed', fault: change.trouble.fault } as const } : {}),
  };
}

function auditResult(change: Change): AuditEntry['result'] {
  switch (change.kind) {
    case 'changed':
      return change.already ? 'already' : 'done';
    case 'waiting_on_provider':
      return 'pending';
    case 'unconfirmed':
    case 'failed':
      return 'failed';
    case 'refused':
    case 'unsupported':
    case 'not_found':
      return change.kind;
  }
}
