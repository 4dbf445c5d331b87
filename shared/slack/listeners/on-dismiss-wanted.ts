import { needsReason } from '#shared/cases/case-press.ts';
import { readCase } from '#shared/cases/read-cases.ts';
import { authorise, isDenied } from '#shared/tokens/authorise.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { dismissModal } from '../blocks/modals.ts';
import { decodeCase } from '../blocks/press.ts';
import { render } from '../blocks/render.ts';
import { fillWindow, showInWindow } from './fill-window.ts';
import type { ModalDeps, ModalPress } from './modal-press.ts';

/** Asks for the reason for closing a case whose token matches for sure. Nothing is closed by this press. */
export async function onDismissWanted(deps: ModalDeps, press: ModalPress): Promise<void> {
  const { services, request } = deps;
  const { actor } = request;
  const authority = await authorise(services, actor);
  const outcome = await readCase(services, authority, decodeCase(press.value)?.case ?? '');
  const may = outcome.kind === 'case' ? authority.may('leak', outcome.case.token?.profile) : outcome;
  const isAsked = outcome.kind === 'case' && !isDenied(may) && needsReason(outcome.case);
  const refusal: Outcome = isDenied(may) ? may : { kind: 'denied', verb: 'leak', why: 'lapsed', roles: [] };
  if (isAsked) await fillWindow(deps, press, dismissModal(outcome.case));
  else
    await showInWindow(deps, press, { title: 'Not ours?', message: render(refusal, { actor, now: services.now() }) });
}
