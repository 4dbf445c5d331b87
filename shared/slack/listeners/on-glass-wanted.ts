import { mayBreakGlass } from '#shared/policy/approval-rule.ts';
import type { Approval } from '#shared/store/store.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import type { Services } from '#shared/tokens/services.ts';
import { breakGlassModal } from '../blocks/modals.ts';
import { render } from '../blocks/render.ts';
import { fillWindow, showInWindow } from './fill-window.ts';
import type { ModalDeps, ModalPress } from './modal-press.ts';
import type { Request } from './request.ts';

/** Asks for the reason for breaking the glass. A request that is settled is said to be so; nothing is done by this press. */
export async function onGlassWanted(deps: ModalDeps, press: ModalPress): Promise<void> {
  const { services, request } = deps;
  const { actor } = request;
  const approval = await services.store.approvals.get(press.value ?? '');
  const refusal = approval === undefined ? undefined : await refuseGlass(services, request, approval);
  if (refusal === undefined && approval?.state === 'open') {
    await fillWindow(deps, press, breakGlassModal(approval, actor.channelId));
    return;
  }
  const why = approval === undefined ? 'lapsed' : 'settled';
  const outcome: Outcome = refusal ?? { kind: 'denied', verb: approval?.order.verb ?? 'delete', why, roles: [] };
  const message = render(outcome, { actor, now: services.now() });
  await showInWindow(deps, press, { title: 'Break the glass', message });
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
