import type { Approval } from '#shared/store/store.ts';
import { type Authority, authorise } from '#shared/tokens/authorise.ts';
import { executeCommand } from '#shared/tokens/execute-command.ts';
import { listTokens } from '#shared/tokens/list-tokens.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { answerConfirmation, type Ask, requestChange } from '#shared/tokens/request-change.ts';
import { type ApprovalPress, resolveApproval } from '#shared/tokens/resolve-approval.ts';
import type { Run } from '#shared/tokens/run.ts';
import type { Services } from '#shared/tokens/services.ts';
import { decodePage, decodeTokens } from '../blocks/press.ts';
import { type CaseActs, pullLever, settleCase } from './on-case.ts';
import type { Request, Said } from './request.ts';

/** What was pressed: Slack's action id, and the value of the button or of the chosen option. */
export interface Press {
  readonly actionId: string;
  readonly value: string | undefined;
}

/** Answers a press on a confirmation. The message that asked becomes the one that answers. */
export async function onConfirmation(
  services: Services,
  request: Request,
  run: Run,
  press: Press,
): Promise<readonly Said[]> {
  const authority = await authorise(services, request.actor, true);
  const yes = press.actionId.startsWith('patrol:confirm');
  const answer = await answerConfirmation(services, authority, run, { pending: press.value ?? '', yes });
  return [{ ...answer, to: answer.outcome.kind === 'denied' ? 'me' : 'here' }];
}

/** Answers an approver's press: the card is edited, the result of the approved change is a message of its own. */
export async function onApproval(
  services: Services,
  acts: CaseActs,
  request: Request,
  run: Run,
  press: ApprovalPress,
): Promise<readonly Said[]> {
  const authority = await authorise(services, request.actor, true);
  const stored = await services.store.approvals.get(press.approvalId);
  const { card, result } = await resolveApproval(services, authority, run, press, (approval, by) =>
    pullLever(services, approval, by),
  );
  const at = stored?.message;
  return [
    ...(card === undefined ? [] : [{ outcome: card, to: 'here', ...(at === undefined ? {} : { at }) } as const]),
    ...(result === undefined ? [] : await resultSaid(services, acts, result, card?.approval ?? stored)),
    ...(press.answer === 'break-glass' && result !== undefined && result.kind !== 'denied' && card !== undefined
      ? [{ outcome: card, to: 'security' } as const]
      : []),
  ];
}

async function resultSaid(
  services: Services,
  acts: CaseActs,
  result: Outcome,
  approval: Approval | undefined,
): Promise<readonly Said[]> {
  if (result.kind === 'denied' || approval === undefined) return [{ outcome: result, to: 'me' }];
  if (approval.caseId !== undefined) await settleCase(services, acts, approval.caseId, result);
  return [
    {
      outcome: result,
      to: 'channel',
      actor: approval.requester,
      approvedBy: approval.approvedBy.map(({ actor }) => actor),
      ...(approval.reason === undefined ? {} : { reason: approval.reason }),
    },
  ];
}

/** Turns a page of a list, in place. */
export async function onPage(services: Services, request: Request, press: Press): Promise<readonly Said[]> {
  const page = decodePage(press.value);
  if (page === undefined) return [stale()];
  const authority = await authorise(services, request.actor);
  const outcome = await listTokens(services, authority, page);
  return [{ outcome, to: outcome.kind === 'denied' ? 'me' : 'here' }];
}

/** Does what a row menu, Undo, Retry or a clean-up button asks for; a kill from a menu is asked once more. */
export async function onTokens(
  services: Services,
  request: Request,
  run: Run,
  press: Press,
  ask: Ask,
): Promise<readonly Said[]> {
  const wanted = decodeTokens(press.value);
  if (wanted === undefined) return [stale()];
  const authority = await authorise(services, request.actor, wanted.verb !== 'show');
  const outcome = await changeOrShow(services, authority, run, wanted, ask);
  return [{ outcome, to: outcome.kind === 'denied' ? 'me' : 'channel' }];
}

async function changeOrShow(
  services: Services,
  authority: Authority,
  run: Run,
  { verb, tokens }: NonNullable<ReturnType<typeof decodeTokens>>,
  ask: Ask,
): Promise<Outcome> {
  const [token = ''] = tokens;
  if (verb === 'show') {
    return executeCommand(services, authority, run, { verb, token }, () => Promise.resolve({ missingScopes: [] }));
  }
  return requestChange(services, authority, run, { verb, tokens, keepGoing: false, ask });
}

/** A button that this release does not understand any more. */
function stale(): Said {
  return { outcome: { kind: 'denied', verb: 'list', why: 'lapsed', roles: [] }, to: 'me' };
}
