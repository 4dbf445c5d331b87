import { mayBreakGlass } from '#shared/policy/approval-rule.ts';
import type { Approval } from '#shared/store/store.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import type { Services } from '#shared/tokens/services.ts';
import { breakGlassModal, detailsModal, noWindow } from '../blocks/modals.ts';
import { render } from '../blocks/render.ts';
import type { ModalDeps, ModalPress } from './modal-press.ts';
import type { Request } from './request.ts';

/** Asks for the reason for breaking the glass. A request that is settled is said to be so; nothing is done by this press. */
export async function onGlassWanted({ services, request, reply }: ModalDeps, press: ModalPress): Promise<void> {
  const { actor } = request;
  const approval = await services.store.approvals.get(press.value ?? '');
  const refusal = approval === undefined ? undefined : await refuseGlass(services, request, approval);
  if (refusal !== undefined) {
    const message = render(refusal, { actor, now: services.now() });
    if (press.viewId === undefined) await reply.tell(actor.userId, message);
    else await reply.updateView(press.viewId, detailsModal('Break the glass', message));
    return;
  }
  if (press.viewId === undefined) {
    await reply.tell(actor.userId, noWindow());
    return;
  }
  if (approval?.state === 'open') {
    await reply.updateView(press.viewId, breakGlassModal(approval, actor.channelId));
    return;
  }
  const why = approval === undefined ? 'lapsed' : 'settled';
  const outcome: Outcome = { kind: 'denied', verb: approval?.order.verb ?? 'delete', why, roles: [] };
  const message = render(outcome, { actor, now: services.now() });
  await reply.updateView(press.viewId, detailsModal('Break the glass', message));
}

/** Why somebody is not even asked for a reason: the window shows token, requester and rule. */
async function refuseGlass(
  services: Services,
  { actor }: Request,
  { rule, order: { verb } }: Approval,
): Promise<Outcome | undefined> {
  const { policy } = services;
  const { groups } = await authorise(services, actor);
  const consent = mayBreakGlass({ policy, rule, actor, groups });
  return consent.allowed ? undefined : { kind: 'denied', verb, why: consent.why, roles: consent.roles };
}
