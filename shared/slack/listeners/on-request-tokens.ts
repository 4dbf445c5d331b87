import { mayApprove } from '#shared/policy/approval-rule.ts';
import { isOurs } from '#shared/policy/roles.ts';
import type { Approval } from '#shared/store/store.ts';
import { authorise, isDenied } from '#shared/tokens/authorise.ts';
import { readOrder } from '#shared/tokens/read-order.ts';
import type { Services } from '#shared/tokens/services.ts';
import { profilesOf } from '#shared/tokens/warrant.ts';
import { allTokens } from '../blocks/approval-tokens.ts';
import { render } from '../blocks/render.ts';
import { showInWindow } from './fill-window.ts';
import type { ModalDeps, ModalPress } from './modal-press.ts';
import type { Request } from './request.ts';

/** Shows all tokens of a request, as they are read now, to whoever may agree to it, made it, or may list them. */
export async function onRequestTokens(deps: ModalDeps, press: ModalPress): Promise<void> {
  const { services, request } = deps;
  const { actor } = request;
  const approval = await services.store.approvals.get(press.value ?? '');
  const isSeen = approval !== undefined && (await maySeeTokens(services, request, approval));
  const message = isSeen
    ? allTokens(approval, await readOrder(services, approval.order), services.now())
    : render({ kind: 'denied', verb: 'list', why: 'lapsed', roles: [] }, { actor, now: services.now() });
  await showInWindow(deps, press, { title: 'Tokens', message });
}

async function maySeeTokens(services: Services, { actor }: Request, { rule, order }: Approval): Promise<boolean> {
  const authority = await authorise(services, actor);
  const { requester } = order;
  if (isOurs(services.policy, actor) && actor.userId === requester.userId) return true;
  const { policy } = services;
  if (mayApprove({ policy, rule, approver: actor, groups: authority.groups, requester }).allowed) return true;
  return profilesOf(order).every((profile) => !isDenied(authority.may('list', profile)));
}
