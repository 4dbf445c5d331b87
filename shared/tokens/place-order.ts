import type { ChangeOrder, Order } from '#shared/core/vocabulary.ts';
import { approvalFor } from '#shared/policy/approval-rule.ts';
import type { ApprovalRule } from '#shared/policy/policy.ts';
import { askOthers } from './ask-others.ts';
import { type Allowed, type Authority, type Denied, isDenied } from './authorise.ts';
import { carryOut } from './carry-out.ts';
import { countAndBegin } from './count-together.ts';
import type { Context } from './context.ts';
import { profilesOf } from './warrant.ts';
import type { Outcome } from './outcome.ts';
import type { Services } from './services.ts';

/** Others have to agree first. */
interface Needed {
  readonly kind: 'needed';
  readonly rule: ApprovalRule;
  readonly others: number;
}

/** Goes on with a confirmed order: rights checked again, then done, or put before others where the policy asks for them. */
export async function placeOrder(context: Context, order: ChangeOrder): Promise<Outcome> {
  const { services, authority, attempt } = context;
  const allowed = rightTo(order, authority);
  if (isDenied(allowed)) return allowed;
  const { tokens } = order;
  const { ahead } = context;
  const placed = await countAndBegin<Needed, Outcome>(
    services,
    { who: authority.actor, tokens, held: ahead?.person },
    {
      ask: (others) => {
        const rule = approvalRuleFor(services, authority, { order, others });
        return rule && { kind: 'needed', rule, others };
      },
      begin: (counted) => {
        const along = () => [...(attempt.noting?.() ?? []), ...counted()];
        const working = { services, attempt: { ...attempt, counted: along, held: ahead?.token() } };
        return carryOut(working, order, { rule: `role:${allowed.role}`, approvedBy: [] });
      },
    },
  );
  if (placed.kind !== 'needed') return placed;
  await ahead?.letGo();
  const { rule, others } = placed;
  return askOthers(context, others === 0 ? order : { ...order, countedWith: others }, rule);
}

/**
 * The rule by which others have to agree to an order of this person, who has asked for so many others alone lately;
 * `undefined` where nobody else is asked.
 */
export function approvalRuleFor(
  { policy }: Services,
  authority: Authority,
  { order, others }: { readonly order: ChangeOrder; readonly others: number },
): ApprovalRule | undefined {
  return approvalFor(policy, {
    verb: order.verb,
    profiles: profilesOf(order),
    count: order.tokens.length + others,
    requesterRoles: authority.roles,
  });
}

/** The role that allows an order on every profile it touches, or the first refusal. */
export function rightTo(order: Order, authority: Authority): Allowed | Denied {
  const answers = profilesOf(order).map((profile) => authority.may(order.verb, profile));
  return answers.find(isDenied) ?? answers.at(-1) ?? authority.may(order.verb);
}
