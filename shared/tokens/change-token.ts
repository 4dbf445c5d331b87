import { defined } from '#shared/core/defined.ts';
import { isFault } from '#shared/core/fault.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import type { ChangeOrder, Mutation, NamedRef, Receipt, Token } from '#shared/core/vocabulary.ts';
import { protectedBy } from '#shared/policy/protected-by.ts';
import type { Provider } from '#shared/providers/provider.ts';
import type { AuditEntry } from '#shared/store/store.ts';
import type { Attempt } from './attempt.ts';
import { recordOf, type Warrant } from './warrant.ts';
import type { Change, Trouble } from './outcome.ts';
import type { Services } from './services.ts';
import { troubleOf } from './trouble-of.ts';
import { worksThrough } from './works-through.ts';

/** One change of one token, decided and allowed by the caller: the order that it is a part of, and what allows it. */
export interface TokenChange {
  readonly order: ChangeOrder<AuditEntry['actor']>;
  readonly warrant: Warrant;
  readonly ref: NamedRef;
}

/** What a change needs of the job that asks: in its notes a replay finds what was attempted before a crash. */
type Noted = Pick<Attempt, 'journal'>;

/** How long after a change the provider is read again while it does not agree yet, milliseconds. */
const READ_BACK_PAUSES = [0, 250, 750, 2000];

/**
 * Acts, reads back, writes the receipt and the audit entry, all while holding the token alone, so that the same change
 * asked many times at once is made once. What our own earlier attempt did before a crash is told as done by us. Throws
 * the provider's and the store's faults; everything else that can happen is a `Change`.
 */
export async function changeToken(services: Services, attempt: Noted, asked: TokenChange): Promise<Change> {
  const { profile, id } = asked.ref;
  const provider = await services.providers.open(profile);
  return services.store.hold(`token:${profile}:${id}`, async () => {
    const change = await make({ services, provider, attempt }, asked);
    await recordChange(services, asked, change);
    return change;
  });
}

interface Attempted {
  readonly at: string;
  readonly token: Token;
}

interface Making {
  readonly services: Services;
  readonly provider: Provider;
  readonly attempt: Noted;
}

async function make(
  { services, provider, attempt: { journal } }: Making,
  { order, warrant, ref }: TokenChange,
): Promise<Change> {
  const { verb, requestedAt } = order;
  const note = `${verb}:${ref.profile}:${ref.id}`;
  const earlier = journal.get<Attempted>(note);
  const now = () => services.now().toISOString();
  const before = await provider.get(ref.id, earlier?.token.kind);
  const token = before ?? earlier?.token;
  if (token === undefined) return { kind: 'not_found', verb, asked: `${ref.profile}:${ref.id}` };

  const undo = verb !== 'delete' && provider.knows.undo;
  const receipt = (actedAt: string, providerSaid: string): Receipt => ({
    verb,
    requestedAt,
    actedAt,
    confirmedAt: now(),
    providerSaid,
  });
  if (isReached(verb, before)) {
    const said = wordsForState(before);
    const already = earlier === undefined;
    const at = earlier?.at ?? now();
    return { kind: 'changed', verb, token: before ?? token, already, undo, receipt: receipt(at, said) };
  }
  const refusal = await refuse(services, { order, warrant }, token);
  if (refusal !== undefined) return refusal;

  await journal.put(note, { at: now(), token } satisfies Attempted);
  const effect = await provider[verb](ref.id);
  const actedAt = now();
  if (effect.kind === 'pending') return { kind: 'waiting_on_provider', verb, token, said: effect.said };
  if (effect.kind === 'unsupported') return { kind: 'unsupported', verb, token, said: effect.said };
  // `not_found` for something just read: whoever was quicker, the fresh read decides what is true.
  const { after, reached, wasRead } = await readBack(services, provider, { token, verb });
  if (!reached) {
    const said = wasRead ? wordsForState(after) : 'no fresh read could see everything';
    return { kind: 'unconfirmed', verb, token: after ?? token, said };
  }
  const said = effect.kind === 'done' ? `${effect.said}; then ${wordsForState(after)}` : wordsForState(after);
  const already = effect.kind === 'not_found' && earlier === undefined;
  return { kind: 'changed', verb, token: after ?? token, already, undo, receipt: receipt(actedAt, said) };
}

/** True when the token is in the state that the verb asks for. An expired token is not "active again". */
export function isReached(verb: Mutation, token: Token | undefined): boolean {
  if (verb === 'delete') return token === undefined;
  return token?.state === (verb === 'deactivate' ? 'inactive' : 'active');
}

interface ReadBack {
  readonly after: Token | undefined;
  readonly reached: boolean;
  /** False where the provider was asked, and its answer was no whole one: that proves neither an end nor its absence. */
  readonly wasRead: boolean;
}

async function readBack(
  services: Services,
  provider: Provider,
  { token: { id, kind }, verb }: { readonly token: Token; readonly verb: Mutation },
): Promise<ReadBack> {
  let after: Token | undefined;
  for (const pause of READ_BACK_PAUSES) {
    if (pause > 0) await services.sleep(pause);
    try {
      after = await provider.get(id, kind);
    } catch (error) {
      if (!isFault(error, 'provider_unexpected')) throw error;
      return { after: undefined, reached: false, wasRead: false };
    }
    // The first LangSmith servers with revocation end a token by moving its expiry: dead all the same.
    if (isReached(verb, after) || (verb === 'deactivate' && after?.state === 'expired'))
      return { after, reached: true, wasRead: true };
  }
  return { after, reached: false, wasRead: true };
}

/** What a fresh read has shown, as a receipt tells it. */
export function wordsForState(token: Token | undefined): string {
  return token === undefined ? 'a fresh read did not find it' : `a fresh read says ${token.state}`;
}

/**
 * Refuses to revoke the token we work with, and those that the policy protects, unless two people lift that for a proved
 * leak. Bringing back is always allowed.
 */
async function refuse(
  services: Services,
  asked: Pick<TokenChange, 'order' | 'warrant'>,
  token: Token,
): Promise<Change | undefined> {
  const { verb } = asked.order;
  if (verb === 'activate') return undefined;
  const profile = token.own ? token.profile : await worksThrough(services, token);
  if (profile !== undefined) {
    const reason = `it is the token that Patrol itself works with in ${profile}`;
    return { kind: 'refused', verb, token: { ...token, profile, own: true }, why: 'own', reason };
  }
  const reason = protectedBy(services.policy, token);
  if (reason === undefined || (await isLifted(services, asked, token))) return undefined;
  return { kind: 'refused', verb, token, why: 'protected', reason };
}

/** True where somebody else than the requester has agreed to lift the protection, and the leak of this token is proved. */
async function isLifted(
  { store }: Services,
  { order: { lifts, caseId, requester }, warrant }: Pick<TokenChange, 'order' | 'warrant'>,
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
  { error, ...tried }: { readonly error: unknown } & Pick<Trouble, 'next' | 'attempt'>,
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
  const { requester, verb, requestedAt } = order;
  const token = { profile: ref.profile, id: ref.id };
  return {
    at: services.now().toISOString(),
    id: sha256Hex(JSON.stringify([requestedAt, requester, verb, token, change.kind])).slice(0, 24),
    actor: requester,
    what: verb,
    token,
    rule,
    result: auditResult(change),
    ...recordOf(order),
    ...('token' in change ? { tokenName: change.token.name } : {}),
    ...(approvedBy.length === 0 ? {} : { approvedBy }),
    ...(change.kind === 'changed' ? { receipt: change.receipt } : {}),
    ...(change.kind === 'refused' ? { detail: change.reason } : {}),
    ...('said' in change ? { detail: change.said } : {}),
    ...(change.kind === 'failed' ? { detail: change.trouble.fault } : {}),
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
