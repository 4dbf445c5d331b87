import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import type { Actor } from '#shared/core/vocabulary.ts';
import { without } from '#shared/core/without.ts';
import pLimit from 'p-limit';
import type { Case, CaseTrouble, Refusal, Write } from '#shared/store/store.ts';
import { type Change, isChange, type Outcome, type OutcomeOf } from '#shared/tokens/outcome.ts';
import type { Services } from '#shared/tokens/services.ts';
import { isRetrying } from '#shared/tokens/trouble-of.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import { troubleOfChange } from './trouble-of-change.ts';
import { aliveAgain } from './alive-again.ts';
import { chooseToken, isOwn } from './choose-token.ts';
import { noteDecision, rememberDecision } from './remember-decision.ts';
import { changeCase } from './keep-case.ts';
import { isDecidedByNews } from './news-since.ts';
import { isMerged } from '#shared/store/read-live-case.ts';
import { mayBeStopped } from '#shared/store/may-be-stopped.ts';

const AT_ONCE = 8;

/** What the end of a change makes of its case. A change that did not happen leaves a dead token's case dead. */
export function afterChange(kase: Case, change: Change, by?: Actor): Omit<Case, 'version'> {
  const rest = without(kase, 'version', 'troubles');
  const how = defined({ changedBy: by, already: change.kind === 'changed' && change.already ? true : undefined });
  const found = 'token' in change ? { token: change.token } : {};
  if (isOverLeak(kase, change)) {
    const alive = aliveAgain(kase, by);
    if (alive !== undefined) return without(alive, 'version');
  }
  if (change.kind === 'changed') {
    const { verb, receipt } = change;
    return verb === 'activate'
      ? {
          ...without(rememberDecision(rest, receipt.requestedAt), 'receipt', 'verb', 'changedBy', 'already'),
          ...found,
          ...how,
          returned: { at: receipt.requestedAt, ...defined({ by }) },
          // Whoever brought the token back may not have known of what was reported meanwhile: somebody is still asked.
          ...(isAskedAnew(kase) ? { state: 'asking', ...defined({ troubles: kase.troubles }) } : { state: 'restored' }),
          generation: kase.generation + 1,
        }
      : // Whatever was reported of it and could not be looked for: it is dead.
        { ...without(rest, 'changedBy', 'already', 'deferred'), ...found, ...how, state: 'dead', verb, receipt };
  }
  const troubles = [troubleOfChange(change)];
  if (mayReturn(kase, change)) return { ...without(rest, 'look'), troubles };
  if (change.verb === 'activate' || kase.state === 'dead') return { ...rest, troubles };
  const state = troubles.some(isOvertaken) ? 'asking' : UNCHANGED_STATE[change.kind];
  return { ...rest, ...found, state, troubles };
}

/** True for a return that was asked for before the leak was known for which its case calls the token dead: nobody has decided about that. */
function isOverLeak({ state, receipt }: Case, change: Change): boolean {
  if (change.kind !== 'changed' || change.leakedMeanwhile !== true || state !== 'dead') return false;
  return receipt !== undefined && change.receipt.actedAt < receipt.confirmedAt;
}

const BY_PEOPLE: ReadonlySet<Refusal['why']> = new Set(['overtaken', 'overruled', 'brought_back']);

/** Where somebody was just bringing the token back, or has decided otherwise, a person decides, and no machine. */
function isOvertaken(trouble: CaseTrouble): boolean {
  return trouble.kind === 'refused' && BY_PEOPLE.has(trouble.why);
}

/** True for a kill that was not made because somebody had decided otherwise. */
function isOverruled(change: Change): boolean {
  return change.kind === 'refused' && (change.why === 'overtaken' || change.why === 'overruled');
}

/** True for a question that a report has left which came while the token was brought back. */
function isAskedAnew({ state, troubles = [] }: Pick<Case, 'state' | 'troubles'>): boolean {
  return state === 'asking' && troubles.some(isOvertaken);
}

/**
 * True for a return that decides nothing: over a leak that was not named to whoever asked for it, or another secret that was
 * reported only then, for which a kill is under way or not proved; and one that the case has heard of, since when a kill was
 * decided, or a question asked.
 */
function decidesNothing(kase: Case, { verb, receipt, leakedMeanwhile }: OutcomeOf<'changed'>): boolean {
  if (verb !== 'activate') return false;
  const isHeard = kase.returned?.at === receipt.requestedAt;
  if (!mayBeStopped(kase)) return isHeard && isAskedAnew(kase);
  return leakedMeanwhile === true || isHeard || isDecidedByNews(kase, receipt.requestedAt);
}

type Unchanged = Exclude<Change, { kind: 'changed' }>;

/** Where a case stands after a kill that did not happen. */
const UNCHANGED_STATE: Readonly<Record<Unchanged['kind'], Case['state']>> = {
  waiting_on_provider: 'waiting',
  unsupported: 'asking',
  refused: 'not_revoked',
  not_found: 'unmatched',
  unconfirmed: 'not_revoked',
  failed: 'not_revoked',
};

/** The delivery of a press that an outcome is of. */
interface Pressed {
  readonly name: string;
  readonly isFirst: boolean;
}

interface Settling {
  readonly from?: string | undefined;
  readonly by?: Actor | undefined;
  /** The press on the case of `from` that came to this: what an earlier try of it has left there is over when it is not tried again. */
  readonly pressed?: Pressed | undefined;
  /** The case as the caller has written it last, so that it is read again only when somebody else was quicker. */
  readonly seen?: Case | undefined;
  /** When the look is due that was sent ahead for the end of the token, ISO 8601. */
  readonly look?: string | undefined;
  /** What is written together with the case of `from` as it will be, also where this end is no news to it. */
  readonly along?: (kase: Case) => readonly Write[];
}

/**
 * The one way in which what became of tokens enters cases: those about the tokens, and the one from which a single change
 * was asked for (`from`), with whoever asked for it (`by`). Safe to repeat; a token without a case is no fault. Gives the
 * case of `from` as it then is.
 */
export async function settle(
  { store, now }: Pick<Services, 'store' | 'now'>,
  outcome: Outcome,
  { from, by, pressed, seen, look, along }: Settling = {},
): Promise<Case | undefined> {
  const limit = pLimit(AT_ONCE);
  const enter = async (id: string, { change, isFrom }: Entered): Promise<Case | undefined> => {
    const known = seen?.id === id ? seen : await store.cases.get(id);
    if (known === undefined) return undefined;
    // Before the case says so: a report that comes in between must find the decision.
    const isReturn = change.kind === 'changed' && change.verb === 'activate';
    if (isReturn && isNews(known, change, isFrom) && !isOverLeak(known, change)) {
      await noteDecision(store, known, change.receipt.requestedAt);
    }
    const how = { id, now: now(), seen: known, ...(isFrom && defined({ along })) };
    return changeCase(store, how, (kase) => {
      if (isNews(kase, change, isFrom))
        return {
          ...retriedBy(isFrom ? pressed : undefined, afterChange(kase, change, by)),
          ...(isFrom && lookOf(change, look)),
        };
      if (isFrom && endsTrouble(kase, change)) return without(kase, 'troubles');
      if (mayReturn(kase, change)) return without(kase, 'version', 'look');
      return isFrom && along !== undefined ? without(kase, 'version') : undefined;
    });
  };
  const changes = changesIn(outcome);
  if (from !== undefined && pressed?.isFirst === false && changes.length === 0 && !isRetrying(outcome))
    return changeCase(store, { id: from, now: now() }, (kase) => withoutTries(kase, pressed));
  const enterAll = async (change: Change): Promise<Case | undefined> => {
    const told = from === undefined ? undefined : await toldIn({ store, now }, from, change);
    const ids = casesOf(change, told);
    const entered = await allEnded(ids.map((id) => limit(() => enter(id, { change, isFrom: id === told }))));
    return entered.find((kase) => kase !== undefined && kase.id === told);
  };
  return (await allEnded(changes.map(enterAll))).find((kase) => kase !== undefined);
}

interface Entered {
  readonly change: Change;
  readonly isFrom: boolean;
}

/** Ends of a change by which, or by what may come of it, something was done to the token. */
const DONE: ReadonlySet<Change['kind']> = new Set(['changed', 'waiting_on_provider', 'unconfirmed']);

/** The case that a change is told in which was asked for from this one: the token's own, once a person has chosen the token here. */
async function toldIn({ store, now }: Pick<Services, 'store' | 'now'>, from: string, change: Change): Promise<string> {
  const [own] = casesOf(change);
  if (own === undefined || own === from) return from;
  const kase = await store.cases.get(from);
  if (kase?.mergedInto === own && isMerged(kase)) return own;
  if (kase === undefined || isOwn(kase) || !('token' in change) || !DONE.has(change.kind)) return from;
  // Somebody has closed it, and a press has brought it back since: nobody takes that over, and it tells its own end.
  if (kase.dismissedBy !== undefined && kase.state !== 'dismissed') return from;
  return chooseToken(store, kase, { token: change.token, now: now() });
}

/** Notes whose tries a case tells of. */
function retriedBy<K extends Pick<Case, 'troubles'>>(pressed: Pressed | undefined, kase: K): K {
  if (pressed === undefined || kase.troubles?.some(isOfFailure) !== true) return kase;
  const troubles = kase.troubles.map((trouble) =>
    isOfFailure(trouble) ? { ...trouble, request: pressed.name } : trouble,
  );
  return { ...kase, troubles };
}

function isOfFailure(trouble: CaseTrouble): trouble is Extract<CaseTrouble, { kind: 'failed' }> {
  return trouble.kind === 'failed';
}

/** A case without the trouble of a press that is over: it was refused by now, or waits for others. */
function withoutTries(kase: Case, { name }: Pressed): Omit<Case, 'version'> | undefined {
  const { troubles = [], ...rest } = without(kase, 'version');
  const left = troubles.filter((trouble) => !isOfFailure(trouble) || trouble.request !== name);
  if (left.length === troubles.length) return undefined;
  return { ...rest, ...(left.length > 0 && { troubles: left }) };
}

/** The look that is planned after a proof. */
function lookOf(change: Change, at: string | undefined): Pick<Case, 'look'> {
  if (change.kind !== 'changed' || at === undefined) return {};
  return { look: { after: change.receipt.confirmedAt, looks: 1, at } };
}

/** The cases that an outcome concerns, whose cards have to follow: the one it was asked for from, and its tokens' own. */
export function casesOf(outcome: Outcome, from?: string): readonly string[] {
  if (outcome.kind === 'hygiene') {
    const { revived, returned = [] } = outcome.digest;
    return [...revived.map(({ caseId: id }) => id), ...returned];
  }
  const own = changesIn(outcome).flatMap((change) => {
    const ref = 'token' in change ? change.token : 'ref' in change ? change.ref : undefined;
    return ref === undefined ? [] : [caseId(tokenKey({ profile: ref.profile, id: ref.id }))];
  });
  return [...new Set([...(from === undefined ? [] : [from]), ...own])];
}

function changesIn(outcome: Outcome): readonly Change[] {
  if (outcome.kind === 'bulk') return outcome.changes;
  return isChange(outcome) ? [outcome] : [];
}

/** True where what failed before, and was tried again, has come to its end: nothing of it is still to come. */
function endsTrouble(kase: Case, change: Change): boolean {
  return change.kind === 'changed' && !decidesNothing(kase, change) && kase.troubles !== undefined && !isMerged(kase);
}

/** True for a return that is begun and not proved, of a token that the case calls dead: its looks begin anew. */
function mayReturn(kase: Case, change: Change): boolean {
  return kase.state === 'dead' && !isMerged(kase) && change.verb === 'activate' && isUnproved(change);
}

function isUnproved({ kind }: Change): boolean {
  return kind === 'waiting_on_provider' || kind === 'unconfirmed';
}

/** True for a stop that is begun and not proved, wherever it was asked for, of a token that the case calls active again. */
function mayEndReturn({ state }: Case, change: Unchanged): boolean {
  return state === 'restored' && change.verb !== 'activate' && isUnproved(change);
}

/**
 * A change that the case knows already, that is older than what it knows, or that undoes no kill of it, is no news. One that
 * did not happen is news only where it was asked for, or where the case says that its token works again and that may be over;
 * a case that somebody has closed hears only of what is asked there, and neither it nor one whose token somebody has brought back
 * that this has overruled it.
 */
function isNews(kase: Case, change: Change, isFrom: boolean): boolean {
  if (isMerged(kase)) return false;
  if (kase.state === 'dismissed' && !isFrom) return false;
  if (isOverruled(change) && (kase.state === 'dismissed' || kase.state === 'restored')) return false;
  if (change.kind !== 'changed') return isFrom || mayEndReturn(kase, change);
  if (decidesNothing(kase, change)) return false;
  const { state, verb, receipt } = kase;
  // The kill that this case waits for has ended, whatever the clock of whoever killed it before said.
  if (isFrom && state === 'acting' && change.verb !== 'activate') return true;
  if (receipt !== undefined && receipt.confirmedAt >= change.receipt.confirmedAt) return false;
  // What really brought a token back undid a kill, also one whose job has died before it could say so.
  if (change.verb === 'activate')
    return state === 'dead' || (!change.already && (mayBeStopped(kase) || isAskedAnew(kase)));
  return state !== 'dead' || verb !== change.verb || !change.already;
}
