import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import { type Fault, isFault } from '#shared/core/fault.ts';
import type { Lever, LeverOrder, NamedRef, ProviderAnswer, Token } from '#shared/core/vocabulary.ts';
import { approvalFor } from '#shared/policy/approval-rule.ts';
import { isGranted } from '#shared/policy/offered-changes.ts';
import type { ApprovalRule, Policy } from '#shared/policy/policy.ts';
import { protectedBy } from '#shared/policy/protected-by.ts';
import type { Pull } from '#shared/providers/provider.ts';
import type { Approval, AuditEntry, Case, Journal } from '#shared/store/store.ts';
import { requestOf } from '#shared/tokens/attempt.ts';
import { askOthers, noApprovalRule, openedBefore, openedRequest } from '#shared/tokens/ask-others.ts';
import { type Denied, isDenied } from '#shared/tokens/authorise.ts';
import type { Context } from '#shared/tokens/context.ts';
import { recordOf, subjectOf, type Warrant } from '#shared/tokens/warrant.ts';
import { isEndOverruled } from '#shared/tokens/is-end-overruled.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import type { Services } from '#shared/tokens/services.ts';
import { type LeverWarrant, OPEN_ENDS, PULLED, warrantOf } from '#shared/tokens/resolve-approval.ts';
import { worksThrough } from '#shared/tokens/works-through.ts';
import { readLiveCase } from '#shared/store/read-live-case.ts';

/** The bigger levers that the policy offers for a case's token. A profile that cannot be opened offers none. */
export async function leversFor(services: Services, kase: Case): Promise<readonly Lever[]> {
  return leversOffered(services, kase).catch(() => []);
}

/** The same for whoever acts by it: throws what may pass. */
async function leversOffered({ policy, providers }: Services, { token }: Case): Promise<readonly Lever[]> {
  if (token === undefined || policy.alerts.levers.length === 0) return [];
  // One that nobody may ask for, or nobody could approve, is no offer.
  const { profile } = token;
  if (!isGranted(policy, 'lever', profile) || leverRule(policy, profile) === undefined) return [];
  try {
    const levers = (await providers.open(token.profile)).levers(token);
    return levers.filter(({ kind }) => policy.alerts.levers.includes(kind));
  } catch (error) {
    return unlessPassing(error, []);
  }
}

/** What stands for what could not be read. What may pass is thrown: what others have agreed to does not lapse by it. */
function unlessPassing<T>(error: unknown, otherwise: T): T {
  if (isFault(error) && error.isRetryable) throw error;
  return otherwise;
}

/** A bigger lever always waits for somebody else, whoever asks; for two, where own or protected tokens would die. */
export async function askForLever(context: Context, kase: Case, leverId: string): Promise<Outcome> {
  const { services, authority, attempt } = context;
  const { token } = kase;
  // Whatever can be read of it now: a request that nobody is told of would be open for ever.
  const opened = await openedBefore(context);
  if (opened !== undefined) return openedRequest(context, opened);
  const lever = (await leversOffered(services, kase)).find(({ id }) => id === leverId);
  if (token === undefined || lever === undefined) return { kind: 'denied', verb: 'lever', why: 'lapsed', roles: [] };
  const allowed = authority.may('lever', token.profile);
  if (isDenied(allowed)) return allowed;
  const rule = leverRule(services.policy, token.profile);
  if (rule === undefined) return noApprovalRule('lever');
  const stops = await stoppedBy(services, lever, token).catch((): 'unread' => 'unread');
  const dies = await endangeredIn(services, stops);
  const order = {
    verb: 'lever',
    lever,
    stops: stops === 'unread' ? stops : stops.slice(0, KEPT_TOKENS).map(refOf),
    dies: dies === 'unread' ? [] : dies,
    tokens: [{ profile: token.profile, id: token.id, name: token.name }],
    requester: authority.actor,
    ...requestOf(attempt),
    keepGoing: false,
    caseId: kase.id,
  } as const;
  return askOthers(
    context,
    order,
    needsTwo(lever, dies) ? { ...rule, approvers: Math.max(TWO, rule.approvers) } : rule,
  );
}

function leverRule(policy: Policy, profile: string): ApprovalRule | undefined {
  return approvalFor(policy, { verb: 'lever', profiles: [profile], count: 1, requesterRoles: [] });
}

/** How many have to agree where a token dies that Patrol works with or the policy protects. */
const TWO = 2;

function needsTwo({ stopsUs }: Lever, dies: readonly NamedRef[] | 'unread'): boolean {
  return stopsUs === true || dies === 'unread' || dies.length > 0;
}

/** Most of the tokens that a lever stops that its request names. */
const KEPT_TOKENS = 200;

/** The working tokens that stop with a lever; `unread` where the owner's tokens cannot be listed. Throws what may pass. */
async function stoppedBy(
  services: Services,
  { stops }: Lever,
  { profile, id, owner }: Token,
): Promise<readonly Token[] | 'unread'> {
  if (stops === undefined) return [];
  try {
    const { tokens, unreadable = 0 } = await (await services.providers.open(profile)).list();
    // A list without the token itself shows other people's tokens; a row that could not be read may be one that dies.
    if (unreadable > 0 || !tokens.some((token) => token.id === id)) return 'unread';
    return tokens.filter((token) => token.owner?.id === owner?.id && token.state === 'active');
  } catch (error) {
    return unlessPassing(error, 'unread');
  }
}

/** Of the tokens that stop, those that Patrol works with, through whichever profile, or the policy protects. */
async function endangeredIn(
  services: Services,
  stops: readonly Token[] | 'unread',
): Promise<readonly NamedRef[] | 'unread'> {
  if (stops === 'unread') return stops;
  const isEndangered = async (token: Token): Promise<boolean> =>
    token.own ||
    protectedBy(services.policy, token) !== undefined ||
    (await worksThrough(services, token)) !== undefined;
  const endangered = await allEnded(stops.map(isEndangered));
  return stops.filter((_, index) => endangered[index]).map(refOf);
}

function refOf({ profile, id, name }: Token): NamedRef {
  return { profile, id, name };
}

/** The note of a job that it has begun to pull its lever. */
const PULLING = 'pulling';

/**
 * Pulls the lever of an approved order and records it. One that is no longer offered is not pulled, nor one whose token somebody
 * has decided to keep since the last yes. What an earlier try may have done is read first: it is told and on record, also where
 * nothing more is done. Throws what may pass.
 */
export async function carryOutLever(
  { services, attempt: { journal } }: Pick<Context, 'services' | 'attempt'>,
  order: LeverOrder,
  warrant: LeverWarrant,
): Promise<Outcome> {
  const isBegun = journal.get<true>(PULLING) === true;
  const isPulled = isBegun ? await readPulled(services, order) : undefined;
  const end = (effect: LeverEnd) => endLever({ services, journal }, { order, warrant }, effect);
  if (isPulled === true) return end({ kind: 'done', answer: { fact: 'lost' } });
  const refusal = warrant.refused ?? (await refuseLever(services, order, warrant));
  if (refusal !== undefined) {
    const ended = isBegun ? await end({ kind: 'lost' }) : refusal;
    return isPulled === undefined ? ended : refusal;
  }
  if (!isBegun) await journal.put(PULLING, true);
  const effect = await pull(services, order).catch(asEnd);
  // What this try is refused says nothing of one before it that cannot be read.
  const isOpen = isBegun && isPulled === undefined && (effect.kind === 'refused' || effect.kind === 'failed');
  return end(isOpen ? { kind: 'lost' } : effect);
}

/** True and false as a fresh read shows; `undefined` where none can be made. Throws what may pass. */
async function readPulled({ providers }: Services, { lever, tokens }: LeverOrder): Promise<boolean | undefined> {
  const [token] = tokens;
  if (token === undefined) return undefined;
  try {
    return await (await providers.open(token.profile)).isPulled(lever.id);
  } catch (error) {
    asEnd(error);
    return undefined;
  }
}

/** Why an approved lever is not pulled any more. */
async function refuseLever(
  services: Services,
  order: LeverOrder,
  { approvedBy, decidedAt = order.requestedAt }: Warrant,
): Promise<Denied | undefined> {
  const refused = (why: Denied['why']): Denied => ({ kind: 'denied', verb: 'lever', why, roles: [] });
  const kase = order.caseId === undefined ? undefined : await readLiveCase(services.store, order.caseId);
  if (kase !== undefined && isEndOverruled(kase, decidedAt)) return refused('overtaken');
  const lever = kase && (await leversOffered(services, kase)).find(({ id }) => id === order.lever.id);
  if (kase?.token === undefined || lever === undefined) return refused('outdated');
  // What dies may be more than when it was asked for, and then fewer have agreed than would have to.
  const dies = await endangeredIn(services, await stoppedBy(services, lever, kase.token));
  return approvedBy.length < TWO && needsTwo(lever, dies) ? refused('outdated') : undefined;
}

/** How an approved lever ended; `lost`: a try may have pulled it, which no read shows. */
type LeverEnd = Pull | Unpulled | { readonly kind: 'lost' };

const RESULTS: Readonly<Record<LeverEnd['kind'], AuditEntry['result']>> = {
  refused: 'refused',
  failed: 'failed',
  done: 'done',
  unproved: 'failed',
  lost: 'failed',
  pending: 'pending',
  unsupported: 'unsupported',
  not_found: 'not_found',
};

interface Approved {
  readonly order: LeverOrder;
  readonly warrant: Warrant;
}

/** Puts on record how a lever ended, noted for a replay in the same write, and tells it. Throws what it failed by. */
async function endLever(
  { services, journal }: { readonly services: Services; readonly journal: Journal },
  { order, warrant }: Approved,
  effect: LeverEnd,
): Promise<Outcome> {
  const { audit } = services.store;
  const line = lineOf(services, { order, warrant }, effect);
  if (effect.kind === 'failed') {
    await audit.append(line);
    throw effect.error;
  }
  const { lever, tokens } = order;
  const outcome: Outcome = {
    ...{ kind: 'lever', leverId: lever.id, result: effect.kind, profile: tokens[0]?.profile ?? '' },
    ...('answer' in effect && { answer: effect.answer }),
  };
  await journal.put(PULLED, outcome, [audit.writing(line)]);
  return outcome;
}

function lineOf({ now }: Services, { order, warrant: { rule, approvedBy } }: Approved, effect: LeverEnd): AuditEntry {
  const { requester, requestedAt, request, caseId, lever } = order;
  return {
    at: now().toISOString(),
    // What one person asks for twice in the same millisecond is two lines.
    id: ['lever', caseId, requester.userId, requestedAt, ...(request === undefined ? [] : [request])].join('-'),
    actor: requester,
    what: 'lever',
    rule,
    result: RESULTS[effect.kind],
    approvedBy,
    ...recordOf(order),
    ...subjectOf(order),
    detail: effect.kind === 'failed' ? { kind: 'failed', fault: effect.error.code } : { kind: 'lever', id: lever.id },
    ...('answer' in effect && { answer: effect.answer }),
  };
}

/** Most lines of a case's record among which the end of its lever is looked for. */
const MOST_LINES = 1000;

/**
 * Puts on record that what becomes of an approved lever is not known, where its job was given up before its end was. What comes
 * of it when the job is brought back is a line of its own.
 */
export async function recordGivenUp(services: Services, approval: Approval): Promise<void> {
  const { order } = approval;
  if (order.verb !== 'lever') return;
  const { audit } = services.store;
  const line = lineOf(services, { order, warrant: warrantOf(approval) }, { kind: 'lost' });
  const known = await audit.query({
    actorUserId: order.requester.userId,
    ...defined({ caseId: order.caseId }),
    limit: MOST_LINES,
  });
  if (known.some(({ id }) => id === line.id)) return;
  await audit.append({ ...line, id: `${line.id}-given-up` });
}

async function pull({ providers }: Services, { lever, tokens }: LeverOrder): Promise<Pull> {
  const [token] = tokens;
  return token === undefined ? { kind: 'not_found' } : (await providers.open(token.profile)).pull(lever.id);
}

type Unpulled =
  | { readonly kind: 'refused'; readonly answer: ProviderAnswer }
  | { readonly kind: 'failed'; readonly error: Fault };

/**
 * A provider that will not pull is an answer too: who asked and who approved are told what it said. Throws what passes, and what
 * leaves open whether it was pulled.
 */
function asEnd(error: unknown): Unpulled {
  if (!isFault(error) || error.isRetryable) throw error;
  const { status, quoted } = error;
  const isTold = isFault(error, 'provider_unauthorized', 'provider_unexpected') && status !== undefined;
  if (isTold && status >= 400) return { kind: 'refused', answer: { status, ...defined({ quoted }) } };
  if (isFault(error, ...OPEN_ENDS)) throw error;
  return { kind: 'failed', error };
}
