import { defined } from '#shared/core/defined.ts';
import type { ChangeOrder } from '#shared/core/vocabulary.ts';
import { stableId } from './attempt.ts';
import type { Denied } from './authorise.ts';
import type { Context } from './context.ts';
import { agreeable } from './describe-approval.ts';
import { countOthers } from './count-together.ts';
import { leakName } from './leaks-of.ts';
import type { Outcome, OutcomeOf, Settled } from './outcome.ts';
import { approvalRuleFor, placeOrder } from './place-order.ts';
import { withPeople } from './with-people.ts';
import { resumeOrder } from './resume-order.ts';

/** How long a person may think before pressing their own confirmation. */
const CONFIRM_SECONDS = 15 * 60;

/** An order that waits for its requester's own yes, as it is stored. */
interface Pending {
  readonly order: ChangeOrder;
  readonly expiresAt: string;
}

/** What is shown of an order before its requester's own yes. */
export type Previewed = Pick<
  OutcomeOf<'confirm'>,
  'tokens' | 'alsoNamed' | 'leaks' | 'leftOut' | 'filter' | 'unread' | 'unseen'
>;

/** Puts an order before its requester once more, and keeps it whole until the answer; or says at once that nobody could agree to it. */
export async function askConfirmation(
  { services, authority, attempt }: Context,
  order: ChangeOrder,
  { tokens, alsoNamed = [], leaks = [], leftOut = [], ...found }: Previewed,
): Promise<OutcomeOf<'confirm' | 'no_approver'>> {
  const { verb, requester, keepGoing, reason } = order;
  const others = await countOthers(services, requester, order.tokens);
  const rule = approvalRuleFor(services, authority, { order, others });
  const could = rule && (await agreeable(services, { rule: rule.name, order }));
  const tooFew = rule !== undefined && could !== undefined && could.could < rule.approvers;
  // A yes that nobody else can follow is not asked for.
  if (tooFew && !could.mayBreakGlass)
    return { kind: 'no_approver', verb, rule: rule.name, roles: rule.by, needed: rule.approvers, ...could };
  const pending = await stableId(attempt, 'pending', services.newId);
  const expiresAt = new Date(services.now().getTime() + CONFIRM_SECONDS * 1000).toISOString();
  const told = leaks.length > 0 ? { ...order, leaks: leaks.map(leakName) } : order;
  await services.store.notes.put(pendingKey(pending), { order: told, expiresAt } satisfies Pending, CONFIRM_SECONDS);
  const approvers = rule && {
    needed: rule.approvers,
    roles: rule.by,
    ...(tooFew && { tooFew }),
    ...(others > 0 && { countedWith: others }),
  };
  return {
    kind: 'confirm',
    verb,
    tokens: await withPeople(services, tokens),
    pending,
    requester,
    keepGoing,
    ...found,
    ...(leftOut.length > 0 ? { leftOut } : {}),
    ...(alsoNamed.length > 0 ? { alsoNamed } : {}),
    ...(leaks.length > 0 ? { leaks } : {}),
    ...defined({ reason, approvers }),
    expiresAt,
  };
}

/**
 * Takes the requester's own yes or no to a confirmation, and gives back the reason typed with the request. Only the
 * requester is asked; the first press counts.
 */
export async function answerConfirmation(
  context: Context,
  press: { readonly pending: string; readonly yes: boolean },
): Promise<{ readonly outcome: Outcome; readonly reason?: string }> {
  const { services, authority, attempt } = context;
  const resumed = await resumeOrder(context);
  if (resumed !== undefined) return { outcome: resumed.outcome, ...defined({ reason: resumed.order.reason }) };
  const pending = await services.store.notes.get<Pending>(pendingKey(press.pending));
  const denied = (why: Denied['why']): { readonly outcome: Outcome } => {
    return { outcome: { kind: 'denied', verb: pending?.order.verb ?? 'delete', why, roles: [] } };
  };
  if (pending === undefined) return denied('lapsed');
  const { order } = pending;
  if (order.requester.userId !== authority.actor.userId || order.requester.teamId !== authority.actor.teamId) {
    return denied('not_the_requester');
  }
  if (services.now().toISOString() > pending.expiresAt) return denied('lapsed');
  // Claimed under a name that a replay finds again: a crash right after the claim must not lose to itself.
  const claimant = await stableId(attempt, 'press', services.newId);
  const isFirst = await services.store.notes.claim(`pressed:${press.pending}`, CONFIRM_SECONDS * 4, { by: claimant });
  const settledKey = `settled:${press.pending}`;
  if (!isFirst) {
    const settled = await services.store.notes.get<Settled>(settledKey);
    return { outcome: { kind: 'denied', verb: order.verb, why: 'settled', roles: [], ...defined({ settled }) } };
  }
  const how = press.yes ? 'confirmed' : 'cancelled';
  const settled: Settled = { how, by: authority.actor, at: attempt.requestedAt };
  await services.store.notes.put(settledKey, settled, CONFIRM_SECONDS * 4);
  if (!press.yes)
    return { outcome: { kind: 'cancelled', verb: order.verb, by: authority.actor, tokens: order.tokens } };
  return { outcome: await placeOrder(context, order), ...defined({ reason: order.reason }) };
}

function pendingKey(id: string): string {
  return `pending:${id}`;
}
