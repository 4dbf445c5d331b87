import { pullLever } from '#shared/cases/levers.ts';
import type { Approval } from '#shared/store/store.ts';
import { listTokens } from '#shared/tokens/commands/list-tokens.ts';
import { showToken } from '#shared/tokens/commands/show-token.ts';
import type { Context } from '#shared/tokens/context.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { answerConfirmation, type Ask, requestChange } from '#shared/tokens/request-change.ts';
import { type ApprovalPress, resolveApproval } from '#shared/tokens/resolve-approval.ts';
import { decodePage, decodeTokens } from '../blocks/press.ts';
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
  const { services } = slack;
  const context = await contextOf(slack, true);
  const stored = await services.store.approvals.get(press.approvalId);
  const { card, result } = await resolveApproval(context, press, (approval, by) => pullLever(services, approval, by));
  const at = stored?.message;
  return [
    ...(card === undefined ? [] : [{ outcome: card, to: 'here', ...(at === undefined ? {} : { at }) } as const]),
    ...(result === undefined ? [] : resultAnswers(result, card?.approval ?? stored)),
    ...(press.answer === 'break-glass' && result !== undefined && result.kind !== 'denied' && card !== undefined
      ? [{ outcome: card, to: 'security' } as const]
      : []),
  ];
}

function resultAnswers(result: Outcome, approval: Approval | undefined): readonly Answer[] {
  const isForPresser = result.kind === 'denied' && result.whose === undefined;
  if (isForPresser || approval === undefined) return [{ outcome: result, to: 'me' }];
  return [
    {
      outcome: result,
      to: 'channel',
      actor: approval.requester,
      approvedBy: approval.approvedBy.map(({ actor }) => actor),
      // From App Home and from a modal the result still goes to where the request was made.
      ...(approval.message === undefined ? {} : { where: approval.message.channel }),
      ...(approval.reason === undefined ? {} : { reason: approval.reason }),
      ...(approval.caseId === undefined ? {} : { caseId: approval.caseId }),
    },
  ];
}

/** Turns a page of a list, in place. */
export async function onPage(slack: SlackContext, press: Press): Promise<readonly Answer[]> {
  const page = decodePage(press.value);
  if (page === undefined) return [stale()];
  const { services, authority } = await contextOf(slack, false);
  const outcome = await listTokens(services, authority, page);
  return [{ outcome, to: outcome.kind === 'denied' ? 'me' : 'here' }];
}

/** Does what a row menu, Undo, Retry or a clean-up button asks for; a kill from a menu is asked once more. */
export async function onTokens(slack: SlackContext, press: Press, ask: Ask): Promise<readonly Answer[]> {
  const wanted = decodeTokens(press.value);
  if (wanted === undefined) return [stale()];
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
  return requestChange(context, { verb, tokens, keepGoing: false, ask });
}

/** A button that this release does not understand any more. */
function stale(): Answer {
  return { outcome: { kind: 'denied', verb: 'list', why: 'lapsed', roles: [] }, to: 'me' };
}
