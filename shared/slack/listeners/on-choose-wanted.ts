import { authorise } from '#shared/tokens/authorise.ts';
import { listTokens } from '#shared/tokens/commands/list-tokens.ts';
import { chooseModal } from '../blocks/choose-modal.ts';
import { decodePage } from '../blocks/press.ts';
import { render } from '../blocks/render.ts';
import { fillWindow, showInWindow } from './fill-window.ts';
import type { ModalDeps, ModalPress } from './modal-press.ts';
import { lapsed } from './lapsed.ts';

/** Fills the window in which several tokens of a list are ticked, as they are now, those of the shown page first. */
export async function onChooseWanted(deps: ModalDeps, press: ModalPress): Promise<void> {
  const { services, request } = deps;
  const { actor } = request;
  const page = decodePage(press.value);
  const now = services.now();
  const outcome =
    page === undefined
      ? lapsed('list').outcome
      : await listTokens(services, await authorise(services, actor), { ...page, offset: 0, file: 'jsonl' });
  if (outcome.kind !== 'listed') {
    await showInWindow(deps, press, { title: 'Choose several', message: render(outcome, { actor, now }) });
    return;
  }
  const { tokens } = outcome;
  const start = page?.offset ?? 0;
  const inOrder = [...tokens.slice(start), ...tokens.slice(0, start)];
  const most = services.policy.limits.bulkMax;
  await fillWindow(deps, press, chooseModal(inOrder, { now, most, channel: actor.channelId }));
}
