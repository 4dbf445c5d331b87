import { pullLever } from '#shared/cases/levers-for.ts';
import { defined } from '#shared/core/defined.ts';
import type { Approval } from '#shared/store/store.ts';
import { listTokens } from '#shared/tokens/commands/list-tokens.ts';
import { showToken } from '#shared/tokens/commands/show-token.ts';
import type { Context } from '#shared/tokens/context.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { answerConfirmation } from '#shared/tokens/ask-confirmation.ts';
import { type Ask, takeOrder } from '#shared/tokens/take-order.ts';
import { type ApprovalPress, resolveApproval, warrantOf } from '#shared/tokens/resolve-approval.ts';
import { ACTION, decodePage, decodeTokens } from '../blocks/press.ts';
import type { Answer } from './answer.ts';
import type { Press } from './press.ts';
import { contextOf, type SlackContext } from './slack-context.ts';

/** Answers a press on a confirmation. The message that asked becomes the one that answers. */
export async function onConfirmation(slack: SlackContext, press: Press): Promise<readonly Answer[]> {
  const context = await contextOf(slack, true);
  const yes = press.actionId.startsWith('patrol:confirm');
  const answer = await answerConfirmation(context, { pending: press.value ?? '', yes });
  return [{ ...answer, to: answer.outcome.kind === 'denied' ? 'me' : 'here' }];
}

/** Answers an approver's press: the card is edited, the result of the approved change is a message of its own. */
export async function onApproval(slack: SlackContext, press: ApprovalPress): Promise<readonly Answer[]> {
  const context = await contextOf(slack, true);
  const { card, result } = await resolveApproval(context, press, (order, warrant) =>
    pullLever(slack.services, order, warrant),
  );
  if (card === undefined) return result === undefined ? [] : [{ outcome: result, to: 'me' }];
  const broken = press.answer === 'break-glass' && result !== undefined && result.kind !== 'denied';
  return [
    { outcome: card, to: 'here', ...defined({ at: card.approval.message }) },
    ...(result === undefined ? [] : [resultAnswer(result, card.approval)]),
    ...(broken ? [{ outcome: card, to: 'security' } as const] : []),
  ];
}

function resultAnswer(result: Outcome, approval: Approval): Answer {
  const isForPresser = result.kind === 'already_voted' || (result.kind === 'denied' && result.whose === undefined);
  if (isForPresser) return { outcome: result, to: 'me' };
  const { requester, caseId, reason } = approval.order;
  const { approvedBy, brokenGlassBy } = warrantOf(approval);
  return {
    outcome: result,
    to: 'channel',
    actor: requester,
    approvedBy,
    // From App Home and from a modal the result still goes to where the request was made.
    ...defined({ where: approval.message?.channel, reason, caseId, brokenGlassBy }),
  };
}

/** Turns a page of a list, in place. */
export async function onPage(slack: SlackContext, press: Press): Promise<readonly Answer[]> {
  const page = decodePage(press.value);
  if (page === undefined) return [stale()];
  const { services, authority } = await contextOf(slack, false);
  const outcome = await listTokens(services, authority, page);
  return [{ outcome, to: outcome.kind === 'denied' ? 'me' : 'here' }];
}

/** Does what a row menu, Undo, Retry or a clean-up button asks for; a kill from a menu is asked once more. Undo only activates. */
export async function onTokens(slack: SlackContext, press: Press, ask: Ask): Promise<readonly Answer[]> {
  const wanted = decodeTokens(press.value);
  const isUndo = press.actionId.startsWith(ACTION.undo);
  if (wanted === undefined || (isUndo && wanted.verb !== 'activate')) return [stale()];
  const outcome = await changeOrShow(await contextOf(slack, wanted.verb !== 'show'), wanted, ask);
  return [{ outcome, to: outcome.kind === 'denied' ? 'me' : 'channel' }];
}

async function changeOrShow(
  context: Context,
  { verb, tokens }: NonNullable<ReturnType<typeof decodeTokens>>,
  ask: Ask,
): Promise<Outcome> {
  const [token = ''] = tokens;
  if (verb === 'show') {
    return showToken(context.services, context.authority, token);
  }
  return takeOrder(context, { verb, tokens, keepGoing: false, ask });
}

/** A button that Patrol did not make, or that this release does not understand any more. */
function stale(): Answer {
  return { outcome: { kind: 'denied', verb: 'list', why: 'lapsed', roles: [] }, to: 'me' };
}
