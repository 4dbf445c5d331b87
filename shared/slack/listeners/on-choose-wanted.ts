import { authorise } from '#shared/tokens/authorise.ts';
import { listTokens } from '#shared/tokens/commands/list-tokens.ts';
import { chooseModal } from '../blocks/choose-modal.ts';
import { detailsModal, noWindow } from '../blocks/modals.ts';
import { decodePage } from '../blocks/press.ts';
import { render } from '../blocks/render.ts';
import type { ModalDeps, ModalPress } from './modal-press.ts';
import { lapsed } from './lapsed.ts';

/** Fills the window in which several tokens of a list are ticked, as they are now, those of the shown page first. */
export async function onChooseWanted({ services, request, reply }: ModalDeps, press: ModalPress): Promise<void> {
  const { actor } = request;
  if (press.viewId === undefined) {
    await reply.tell(actor.userId, noWindow());
    return;
  }
  const page = decodePage(press.value);
  const now = services.now();
  const outcome =
    page === undefined
      ? lapsed('list').outcome
      : await listTokens(services, await authorise(services, actor), { ...page, offset: 0, file: 'jsonl' });
  if (outcome.kind !== 'listed') {
    await reply.updateView(press.viewId, detailsModal('Choose several', render(outcome, { actor, now })));
    return;
  }
  const { tokens } = outcome;
  const start = page?.offset ?? 0;
  const inOrder = [...tokens.slice(start), ...tokens.slice(0, start)];
  const most = services.policy.limits.bulkMax;
  await reply.updateView(press.viewId, chooseModal(inOrder, { now, most, channel: actor.channelId }));
}
