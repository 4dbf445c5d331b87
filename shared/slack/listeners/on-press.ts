import type { Approval } from '#shared/store/store.ts';
import { executeCommand } from '#shared/tokens/execute-command.ts';
import { listTokens } from '#shared/tokens/list-tokens.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { answerConfirmation, type Ask, requestChange } from '#shared/tokens/request-change.ts';
import { type ApprovalPress, resolveApproval } from '#shared/tokens/resolve-approval.ts';
import type { Desk } from '#shared/tokens/run.ts';
import { decodePage, decodeTokens } from '../blocks/press.ts';
import { pullLever, settleCase } from './on-case.ts';
import { deskOf, type Said, type Scene } from './request.ts';

/** What was pressed: Slack's action id, and the value of the button or of the chosen option. */
export interface Press {
  readonly actionId: string;
  readonly value: string | undefined;
}

/** Answers a press on a confirmation. The message that asked becomes the one that answers. */
export async function onConfirmation(scene: Scene, press: Press): Promise<readonly Said[]> {
  const desk = await deskOf(scene, true);
  const yes = press.actionId.startsWith('patrol:confirm');
  const answer = await answerConfirmation(desk, { pending: press.value ?? '', yes });
  return [{ ...answer, to: answer.outcome.kind === 'denied' ? 'me' : 'here' }];
}

/** Answers an approver's press: the card is edited, the result of the approved change is a message of its own. */
export async function onApproval(scene: Scene, press: ApprovalPress): Promise<readonly Said[]> {
  const { services } = scene;
  const desk = await deskOf(scene, true);
  const stored = await services.store.approvals.get(press.approvalId);
  const { card, result } = await resolveApproval(desk, press, (approval, by) => pullLever(services, approval, by));
  const at = stored?.message;
  return [
    ...(card === undefined ? [] : [{ outcome: card, to: 'here', ...(at === undefined ? {} : { at }) } as const]),
    ...(result === undefined ? [] : await resultSaid(scene, result, card?.approval ?? stored)),
    ...(press.answer === 'break-glass' && result !== undefined && result.kind !== 'denied' && card !== undefined
      ? [{ outcome: card, to: 'security' } as const]
      : []),
  ];
}

async function resultSaid(scene: Scene, result: Outcome, approval: Approval | undefined): Promise<readonly Said[]> {
  const isForPresser = result.kind === 'denied' && result.whose === undefined;
  if (isForPresser || approval === undefined) return [{ outcome: result, to: 'me' }];
  if (approval.caseId !== undefined) await settleCase(scene, approval.caseId, result);
  return [
    {
      outcome: result,
      to: 'channel',
      actor: approval.requester,
      approvedBy: approval.approvedBy.map(({ actor }) => actor),
      // From App Home and from a modal the result still goes to where the request was made.
      ...(approval.message === undefined ? {} : { where: approval.message.channel }),
      ...(approval.reason === undefined ? {} : { reason: approval.reason }),
    },
  ];
}

/** Turns a page of a list, in place. */
export async function onPage(scene: Scene, press: Press): Promise<readonly Said[]> {
  const page = decodePage(press.value);
  if (page === undefined) return [stale()];
  const { services, authority } = await deskOf(scene, false);
  const outcome = await listTokens(services, authority, page);
  return [{ outcome, to: outcome.kind === 'denied' ? 'me' : 'here' }];
}

/** Does what a row menu, Undo, Retry or a clean-up button asks for; a kill from a menu is asked once more. */
export async function onTokens(scene: Scene, press: Press, ask: Ask): Promise<readonly Said[]> {
  const wanted = decodeTokens(press.value);
  if (wanted === undefined) return [stale()];
  const outcome = await changeOrShow(await deskOf(scene, wanted.verb !== 'show'), wanted, ask);
  return [{ outcome, to: outcome.kind === 'denied' ? 'me' : 'channel' }];
}

async function changeOrShow(
  desk: Desk,
  { verb, tokens }: NonNullable<ReturnType<typeof decodeTokens>>,
  ask: Ask,
): Promise<Outcome> {
  const [token = ''] = tokens;
  if (verb === 'show') {
    return executeCommand(desk, { verb, token }, () => Promise.resolve({ missingScopes: [] }));
  }
  return requestChange(desk, { verb, tokens, keepGoing: false, ask });
}

/** A button that this release does not understand any more. */
function stale(): Said {
  return { outcome: { kind: 'denied', verb: 'list', why: 'lapsed', roles: [] }, to: 'me' };
}
