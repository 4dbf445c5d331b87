import { leversFor } from '#shared/cases/levers-for.ts';
import { readCase } from '#shared/cases/read-cases.ts';
import { offeredChanges } from '#shared/policy/offered-changes.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import type { Offers } from '../blocks/case-buttons.ts';
import { detailsModal } from '../blocks/modals.ts';
import { decodeCase } from '../blocks/press.ts';
import { render } from '../blocks/render.ts';
import type { ModalDeps, ModalPress } from './modal-press.ts';

/** Shows a case in the modal; without one, by direct message. */
export async function onCaseDetails({ services, request, reply }: ModalDeps, press: ModalPress): Promise<void> {
  const wanted = decodeCase(press.value);
  if (wanted === undefined) return;
  const authority = await authorise(services, request.actor);
  const outcome = await readCase(services, authority, wanted.case);
  const levers = outcome.kind === 'case' ? await leversFor(services, outcome.case) : [];
  const { showWhere } = services.policy.alerts;
  const offers: Offers = (token, isProved) => offeredChanges(services.policy, token, isProved);
  const message = render(outcome, { actor: request.actor, now: services.now(), showWhere, levers, offers });
  if (press.viewId === undefined) await reply.tell(request.actor.userId, message);
  else await reply.updateView(press.viewId, detailsModal(wanted.case, message));
}
