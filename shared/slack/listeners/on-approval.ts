import { carryOutLever } from '#shared/cases/levers-for.ts';
import { defined } from '#shared/core/defined.ts';
import type { Approval } from '#shared/store/store.ts';
import type { Outcome, OutcomeOf } from '#shared/tokens/outcome.ts';
import { type ApprovalPress, resolveApproval, warrantOf } from '#shared/tokens/resolve-approval.ts';
import type { Answer } from './answer.ts';
import { contextOf, type SlackContext } from './slack-context.ts';

/** Answers an approver's press: the card is edited, the result of the approved change is a message of its own. */
export async function onApproval(slack: SlackContext, press: ApprovalPress): Promise<readonly Answer[]> {
  const context = await contextOf(slack, true);
  const { card, result } = await resolveApproval(context, press, (order, warrant) =>
    carryOutLever(context, order, warrant),
  );
  if (card === undefined) return result === undefined ? [] : [{ outcome: result, to: 'me' }];
  const broken = press.answer === 'break-glass' && result !== undefined && !isForPresser(result);
  return [
    { outcome: card, to: 'here', ...defined({ at: card.approval.message }) },
    ...(result === undefined ? [] : [resultAnswer(result, card.approval)]),
    ...(broken ? [{ outcome: card, to: 'security' } as const] : []),
  ];
}

/** True where the press counted, and what was approved is refused: whoever asked has to read that. */
function isOfRequest({ whose, why }: OutcomeOf<'denied'>): boolean {
  return whose !== undefined || why === 'overtaken' || why === 'outdated';
}

/** True for the end of a press that did not count. */
function isForPresser(result: Outcome): boolean {
  return result.kind === 'already_voted' || (result.kind === 'denied' && !isOfRequest(result));
}

function resultAnswer(result: Outcome, approval: Approval): Answer {
  if (isForPresser(result)) return { outcome: result, to: 'me' };
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
