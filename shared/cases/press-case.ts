import { isValid } from '#shared/core/is-valid.ts';
import { defined } from '#shared/core/defined.ts';
import { without } from '#shared/core/without.ts';
import type { Mutation } from '#shared/core/vocabulary.ts';
import type { SendLeaks } from '#shared/jobs/job.ts';
import { approvalFor } from '#shared/policy/approval-rule.ts';
import { askOthers, noApprovalRule } from '#shared/tokens/ask-others.ts';
import { caseProfiles } from '#shared/store/case-profiles.ts';
import type { AuditEntry, Case, CasePressed } from '#shared/store/store.ts';
import { type Allowed, type Authority, type Denied, isDenied } from '#shared/tokens/authorise.ts';
import { requestOf, stableId } from '#shared/tokens/attempt.ts';
import type { Context } from '#shared/tokens/context.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { takeOrder } from '#shared/tokens/take-order.ts';
import { type CasePress, needsReason } from './case-press.ts';
import { isDecidedByNews } from './news-since.ts';
import { noteDecision, rememberDecision } from './remember-decision.ts';
import { isUnsearched } from './search-again.ts';
import { changeByPress, isNewPress, isOvertaken, notePress, pressedBy } from './change-by-press.ts';
import { type CaseChange, changeCase } from './keep-case.ts';
import { askForLever } from './levers-for.ts';
import { mayBeStopped } from '#shared/store/may-be-stopped.ts';
import { isMerged } from '#shared/store/read-live-case.ts';
import { repeatReport } from './repeat-report.ts';
import { tellOverruled } from './tell-overruled.ts';
import { pressAsOwner } from './press-as-owner.ts';
import { readCase } from './read-cases.ts';

/**
 * Does what was pressed on a case's card, as far as the rules let this person now. An outcome `case` is the case as it now
 * stands; what became of a token is not in the case yet, and enters it by `settle` alone.
 */
export async function pressCase(context: Context, sendLeaks: SendLeaks, press: CasePress): Promise<Outcome> {
  const kase = await context.services.store.cases.get(press.case);
  if (kase === undefined) return { kind: 'denied', verb: 'cases', why: 'lapsed', roles: [] };
  // What an earlier attempt has made is on record too, and stays made whoever may make it by now.
  const isMade = context.attempt.journal.get<true>(MADE) === true;
  const outcome: Outcome = isMade
    ? { kind: 'case', case: kase, entries: [] }
    : await actOn(context, { kase, sendLeaks }, press);
  const { act } = press;
  const isNothing = act === 'open' || NOTHING.has(outcome.kind);
  if (isNothing) return outcome;
  const named = await notePress(context, kase.id, act);
  return outcome.kind === 'case' ? { ...outcome, case: named } : outcome;
}

/** The note of a job that its press has changed the case. */
const MADE = 'made';

/** Endings of a press that did nothing. */
const NOTHING: ReadonlySet<Outcome['kind']> = new Set(['denied', 'unknown_token', 'asked_before', 'hindered']);

function actOn(
  context: Context,
  { kase, sendLeaks }: { readonly kase: Case; readonly sendLeaks: SendLeaks },
  press: CasePress,
): Promise<Outcome> {
  switch (press.act) {
    case 'open':
      return readCase(context.services, context.authority, kase.id);
    case 'take':
      return takeCase(context, kase);
    case 'dismiss':
      return dismissCase(context, kase, press.reason);
    case 'reopen':
      return reopenCase(context, kase);
    case 'lever':
      return askForLever(context, kase, press.lever ?? '');
    case 'retry':
      return pressRetry(context, { kase, sendLeaks }, press.token);
    case 'deactivate':
    case 'delete':
      return changeToken(context, kase, { verb: press.act, named: press.token });
    case 'undo':
      return changeToken(context, kase, { verb: 'activate', named: press.token });
    case 'mine':
    case 'not_mine':
    case 'wait': {
      const deactivate = () => changeToken(context, kase, { verb: 'deactivate', named: undefined });
      return pressAsOwner(context, kase, { act: press.act, sendLeaks, deactivate });
    }
  }
}

/** What "Try again" stands for on the card of a case, and the case that it was pressed on. */
interface Retry {
  readonly what: 'search' | 'look' | 'stop';
  readonly caseId: string;
}

/** Searches, looks, or stops the token. A replay does what was pressed, whatever has become of the case since. */
async function pressRetry(
  context: Context,
  { kase, sendLeaks }: { readonly kase: Case; readonly sendLeaks: SendLeaks },
  named: string | undefined,
): Promise<Outcome> {
  const { journal } = context.attempt;
  const known = journal.get<Retry>('retry');
  const retry = known ?? { what: retryOf(kase, named), caseId: kase.id };
  if (known === undefined) await journal.put('retry', retry);
  if (retry.what === 'search') return searchForToken(context, sendLeaks, { kase, pressedOn: retry.caseId });
  return changeToken(retry.what === 'look' ? onlyLooking(context) : context, kase, { verb: 'deactivate', named });
}

function retryOf({ token, state }: Case, named: string | undefined): Retry['what'] {
  if (token === undefined && named === undefined) return 'search';
  return state === 'waiting' ? 'look' : 'stop';
}

/** "Check again": what its provider has taken may still wait there, and whoever approves it there sees each request. */
function onlyLooking(context: Context): Context {
  return { ...context, attempt: { ...context.attempt, asksAgain: false } };
}

/** The right to act on a case: it is needed on every profile that the case is about. */
function rightOn(authority: Authority, kase: Case, verb: 'leak' | 'cases'): Allowed | Denied {
  const answers = caseProfiles(kase).map((profile) => authority.may(verb, profile));
  const denied = answers.find(isDenied);
  // Which profile it is would be told to somebody who may not see it.
  if (denied !== undefined) return without(denied, 'profile');
  return answers.at(-1) ?? authority.may(verb);
}

async function changeToken(
  context: Context,
  kase: Case,
  { verb, named }: { readonly verb: Mutation; readonly named: string | undefined },
): Promise<Outcome> {
  const { id, token } = kase;
  const asked = named ?? (token === undefined ? undefined : `${token.profile}:${token.id}`);
  if (asked === undefined) return nothingToLookFor(id, verb);
  if (verb !== 'activate' && isOvertaken(kase, pressedBy(context, verb))) {
    return (await tellOverruled(context, kase)) ?? settledBefore(kase);
  }
  // The card's buttons ask by Slack's own dialog before the press is sent.
  const outcome = await takeOrder(context, {
    verb,
    tokens: [asked],
    keepGoing: false,
    ask: 'never',
    caseId: id,
    reason: `case ${id}`,
  });
  const isProtected = outcome.kind === 'refused' && outcome.why === 'protected' && verb === 'deactivate';
  return isProtected && kase.grade === 'proved' ? askToLift(context, kase, outcome.reason) : outcome;
}

/** Asks somebody else, by the rule for bigger levers, to lift a token's protection for its proved leak. */
async function askToLift(context: Context, { id, token }: Case, lifts: string): Promise<Outcome> {
  const { services, authority, attempt } = context;
  if (token === undefined) return nothingToLookFor(id, 'deactivate');
  const { profile, name } = token;
  const rule = approvalFor(services.policy, { verb: 'lever', profiles: [profile], count: 1, requesterRoles: [] });
  if (rule === undefined) return noApprovalRule('deactivate');
  const order = {
    verb: 'deactivate',
    tokens: [{ profile, id: token.id, name }],
    requester: authority.actor,
    ...requestOf(attempt),
    keepGoing: false,
    reason: `case ${id}`,
    caseId: id,
    lifts,
  } as const;
  return askOthers(context, order, rule);
}

function nothingToLookFor(asked: string, verb: Mutation): Outcome {
  return { kind: 'unknown_token', verb, asked, suggestions: [], unread: [] };
}

/** Has the token of a case searched again, as if the case had just been reported. */
async function searchForToken(
  context: Context,
  sendLeaks: SendLeaks,
  { kase, pressedOn }: { readonly kase: Case; readonly pressedOn: string },
): Promise<Outcome> {
  const { services, authority, attempt } = context;
  const begun = attempt.journal.get<string | true>('searching');
  // What an attempt has begun by the right that was there then says on its card that it goes on. An earlier release noted no role.
  const right = typeof begun === 'string' ? { role: begun } : rightOn(authority, kase, 'leak');
  if ('kind' in right && isDenied(right)) return right;
  const toRecord = { what: 'search', caseId: pressedOn, role: right.role } as const;
  // What was looked for is found: by an earlier attempt's search, or by another.
  if (kase.token !== undefined) {
    await record(context, toRecord);
    return { kind: 'case', case: kase, entries: [] };
  }
  const search = await stableId(attempt, 'search', services.newId);
  const job = repeatReport(kase, attempt.requestedAt, search);
  if (job === undefined) return nothingToLookFor(kase.id, 'deactivate');
  // Said before it is sent: the worker may be done before we could say so. A press is one job, by its key; a
  // replay says it no more, since the one search may have ended.
  const isReplay = begun !== undefined;
  if (!isReplay) await attempt.journal.put('searching', right.role);
  const now = await changeCase(services.store, { id: kase.id, now: services.now() }, (current) =>
    !isReplay && (current.state === 'unsearched' || current.state === 'unmatched' || current.state === 'not_revoked')
      ? { ...without(current, 'troubles'), state: 'received' }
      : undefined,
  );
  await sendLeaks([job]);
  await record(context, toRecord);
  return { kind: 'case', case: now, entries: [] };
}

/** Changes a case by a press, puts it on record and notes that it is made, all in one write. */
async function changeOnRecord(
  context: Context,
  toRecord: Recorded & { readonly what: Exclude<Recorded['what'], 'search'> },
  change: CaseChange,
): Promise<Outcome> {
  const { services, attempt } = context;
  const { what: act, caseId: id } = toRecord;
  const along = [services.store.audit.writing(entryOf(context, toRecord)), attempt.journal.writing(MADE, true)];
  const { kase, isMade } = await changeByPress(context, { id, act, along }, change);
  // Somebody's press came first, or the card was older than what has become of the token.
  if (!isMade) return settledBefore(kase);
  // An earlier release put it on record after the change, and may have died in between.
  if (attempt.journal.get<true>(MADE) !== true) await record(context, toRecord);
  return { kind: 'case', case: kase, entries: [] };
}

async function takeCase(context: Context, kase: Case): Promise<Outcome> {
  const { authority } = context;
  const { actor } = authority;
  const allowed = rightOn(authority, kase, 'cases');
  if (isDenied(allowed)) return allowed;
  const toRecord = { what: 'take', caseId: kase.id, role: allowed.role } as const;
  return changeOnRecord(context, toRecord, (current) => ({ ...current, takenBy: actor }));
}

async function dismissCase(context: Context, kase: Case, reason: string | undefined): Promise<Outcome> {
  const { services, authority } = context;
  const allowed = rightOn(authority, kase, 'leak');
  if (isDenied(allowed)) return allowed;
  if (DISMISSABLE.has(kase.state) && needsReason(kase) && (reason ?? '').trim() === '') {
    return { kind: 'denied', verb: 'leak', why: 'no_reason', roles: [] };
  }
  const press = pressedBy(context, 'dismiss');
  if (isNewPress(kase, press) && isDismissable(kase, press)) await noteDecision(services.store, kase, press.at);
  const toRecord = { what: 'dismiss', caseId: kase.id, role: allowed.role, reason } as const;
  return changeOnRecord(context, toRecord, (current) => dismissedBy(current, press, reason));
}

/** Somebody's press came first, or the token was dealt with by itself. */
function settledBefore({ presses, returned }: Case): Outcome {
  const last = presses?.at(-1);
  const { by, at } = returned !== undefined && returned.at > (last?.at ?? '') ? returned : (last ?? {});
  const settled = by && at !== undefined ? ({ how: 'changed', by, at } as const) : undefined;
  return { kind: 'denied', verb: 'leak', why: 'settled', roles: [], ...defined({ settled }) };
}

/** Opens again what a person has closed: the question is as it was, and nothing acts by itself. */
async function reopenCase(context: Context, kase: Case): Promise<Outcome> {
  const { authority } = context;
  const allowed = rightOn(authority, kase, 'leak');
  if (isDenied(allowed)) return allowed;
  const toRecord = { what: 'reopen', caseId: kase.id, role: allowed.role } as const;
  return changeOnRecord(context, toRecord, (current) => {
    if (current.state !== 'dismissed' || current.dismissedBy === undefined) return undefined;
    const isAsking = current.token !== undefined || (current.candidates ?? []).length > 0;
    return { ...without(current, 'dismissedBy', 'dismissReason'), state: isAsking ? 'asking' : 'unmatched' };
  });
}

interface Recorded {
  readonly what: 'take' | 'dismiss' | 'reopen' | 'search';
  readonly caseId: string;
  readonly role: string;
  readonly reason?: string | undefined;
}

function record(context: Context, entry: Recorded): Promise<void> {
  return context.services.store.audit.append(entryOf(context, entry));
}

function entryOf({ services, authority: { actor }, attempt }: Context, entry: Recorded): AuditEntry {
  const { what, caseId, role, reason } = entry;
  return {
    at: services.now().toISOString(),
    id: `${what}-${caseId}-${actor.userId}-${attempt.requestedAt}`,
    actor,
    what,
    caseId,
    rule: `role:${role}`,
    result: 'done',
    ...defined({ reason }),
  };
}

/** What "Not ours" may close: nothing that is dead, at work or brought back. */
const DISMISSABLE: ReadonlySet<Case['state']> = new Set([
  'unsearched',
  'unmatched',
  'muted',
  'asking',
  'noted',
  'shadowed',
  'not_revoked',
  'dismissed',
]);

/** Nor what another secret has decided to be killed, which was reported since whoever pressed saw the card. */
function isDismissable(kase: Case, { at }: CasePressed): boolean {
  return DISMISSABLE.has(kase.state) && !isMerged(kase) && !(mayBeStopped(kase) && isDecidedByNews(kase, at));
}

/**
 * The generation goes up, so that a job which is between two tries kills nothing after a person has said "Not ours"; what
 * kept it from killing, and that it would try again, is no matter any more.
 */
function dismissedBy(kase: Case, press: CasePressed, reason: string | undefined): Case | undefined {
  if (!isDismissable(kase, press)) return undefined;
  const known = without(rememberDecision(kase, press.at), 'troubles', 'dismissReason');
  // Whoever closes what nobody could look for has not seen it: a proved leak is looked for all the same, and told.
  const isProved = [kase, kase.deferred].some((one) => one !== undefined && isValid(one));
  const rest = isUnsearched(kase) && isProved ? known : without(known, 'search', 'deferred');
  const why = defined({ dismissReason: reason });
  return { ...rest, ...why, state: 'dismissed', dismissedBy: press.by, generation: kase.generation + 1 };
}
