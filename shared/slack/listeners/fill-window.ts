import type { types } from '@slack/bolt';
import { defined } from '#shared/core/defined.ts';
import { isFault } from '#shared/core/fault.ts';
import type { Message } from '../blocks/bricks.ts';
import { detailsModal, noWindow } from '../blocks/modals.ts';
import type { ModalDeps, ModalPress } from './modal-press.ts';

/**
 * Fills the window that a press wants. Where Slack has opened none, or refuses what is to stand in it, the person is told so by
 * direct message, and where that is refused too, beside what was pressed.
 */
export async function fillWindow(deps: ModalDeps, { viewId }: ModalPress, view: types.View): Promise<void> {
  await fillOrTell(deps, viewId, { view, words: noWindow() });
}

/** The same for a window that only shows a message: without it, the message itself is told. */
export async function showInWindow(
  deps: ModalDeps,
  { viewId }: ModalPress,
  { title, message }: { readonly title: string; readonly message: Message },
): Promise<void> {
  await fillOrTell(deps, viewId, { view: detailsModal(title, message), words: message });
}

async function fillOrTell(
  { reply, request: { place } }: ModalDeps,
  viewId: string | undefined,
  { view, words }: { readonly view: types.View; readonly words: Message },
): Promise<void> {
  const { userId, channel, responseUrl } = place;
  const tell = async () => {
    await reply.tell(userId, words);
  };
  const beside =
    channel === undefined ? tell : () => reply.whisper({ channel, userId, ...defined({ responseUrl }) }, words);
  const fill = async () => {
    // Where it was closed meanwhile, nobody waits for it.
    if (viewId === undefined) await tell();
    else await reply.updateView(viewId, view);
  };
  await fill().catch(unlessRefused(tell)).catch(unlessRefused(beside));
}

function unlessRefused(next: () => Promise<void>): (error: unknown) => Promise<void> {
  return (error) => {
    if (!isFault(error, 'slack_rejected')) throw error;
    return next();
  };
}
