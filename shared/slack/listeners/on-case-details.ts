import { leversFor } from '#shared/cases/levers-for.ts';
import { readCase } from '#shared/cases/read-cases.ts';
import { offeredChanges } from '#shared/policy/offered-changes.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import type { Offers } from '../blocks/case-buttons.ts';
import { decodeCase } from '../blocks/press.ts';
import { render } from '../blocks/render.ts';
import { showInWindow } from './fill-window.ts';
import type { ModalDeps, ModalPress } from './modal-press.ts';

/** Shows a case in the modal; without one, by direct message. */
export async function onCaseDetails(deps: ModalDeps, press: ModalPress): Promise<void> {
  const { services, request } = deps;
  const wanted = decodeCase(press.value);
  if (wanted === undefined) return;
  const authority = await authorise(services, request.actor);
  const outcome = await readCase(services, authority, wanted.case);
  const levers = outcome.kind === 'case' ? await leversFor(services, outcome.case) : [];
  const { showWhere } = services.policy.alerts;
  const offers: Offers = (token, isProved) => offeredChanges(services.policy, token, isProved);
  const message = render(outcome, { actor: request.actor, now: services.now(), showWhere, levers, offers });
  await showInWindow(deps, press, { title: wanted.case, message });
}
