import type { types } from '@slack/bolt';
import { leverWords } from '#shared/providers/lever-words.ts';
import type { Approval, Case } from '#shared/store/store.ts';
import { BREAK_GLASS_CALLBACK, DISMISS_CALLBACK, REASON_BLOCK } from '../skeleton-modal.ts';
import { plainBlocks } from '../plain-form.ts';
import { wanted } from './render-approval.ts';
import { fit, type Message, message, plainText, section } from './bricks.ts';
import { LIMITS } from './limits.ts';
import { alert } from './alert.ts';
import { code, mention } from './text.ts';
import { when } from './time.ts';
import { short } from './token.ts';
import { stopped, undoWords } from './words.ts';

/** Asks for the typed reason without which no glass is broken; says what starts at once and who is told. */
export function breakGlassModal(approval: Approval, channel?: string): types.ModalView {
  const { id, order, expiresAt } = approval;
  const { requester } = order;
  const what = wanted(order);
  const blocks = [
    section([
      `*Break the glass: ${what}?*`,
      `Asked by ${mention(requester.userId)}; rule ${code(approval.rule)} wants somebody else to approve, until ${when(expiresAt)}.`,
      'It starts at once, without that approval. The security channel is told, with your name and this reason.',
    ]),
    order.verb === 'lever'
      ? alert(stopped(leverWords(order.lever)), 'error')
      : alert(undoWords(order.verb, order.verb === 'deactivate'), order.verb === 'delete' ? 'error' : 'warning'),
    reasonInput('Why can it not wait?'),
  ];
  return {
    type: 'modal',
    callback_id: BREAK_GLASS_CALLBACK,
    private_metadata: JSON.stringify({ approval: id, channel }),
    title: plainText('Break the glass', LIMITS.modalTitle),
    submit: plainText('Break the glass', LIMITS.modalTitle),
    close: plainText('Leave it', LIMITS.modalTitle),
    blocks: fit(blocks, LIMITS.homeBlocks),
  };
}

/** A reason that has to be typed. */
function reasonInput(label: string): types.InputBlock {
  return {
    type: 'input',
    block_id: REASON_BLOCK,
    label: plainText(label, 2000),
    element: { type: 'plain_text_input', action_id: 'reason', multiline: true, min_length: 3, max_length: 500 },
  };
}

/** Asks for the typed reason without which a case that matches for sure is not closed. */
export function dismissModal(kase: Case): types.ModalView {
  const what = kase.token === undefined ? 'The token' : short(kase.token);
  return {
    type: 'modal',
    callback_id: DISMISS_CALLBACK,
    private_metadata: JSON.stringify({ case: kase.id }),
    title: plainText('Not ours?', LIMITS.modalTitle),
    submit: plainText('Close the case', LIMITS.modalTitle),
    close: plainText('Leave it open', LIMITS.modalTitle),
    blocks: fit(
      [
        alert(`${what} goes on working.`, 'warning'),
        section([
          `Its secret matches (${kase.grade ?? 'unknown'}), so this is hardly somebody else's.`,
          'Closing revokes nothing. The card, the thread and the record name you and this reason; Reopen takes it back.',
        ]),
        reasonInput('How do you know that it is not ours?'),
      ],
      LIMITS.homeBlocks,
    ),
  };
}

/** Says that Slack opened no window for a press that wants one: a press must not end in silence. */
export function noWindow(): Message {
  const text = 'Nothing was done: Slack did not open the window for it. Press the button again.';
  return message(text, [section(text)]);
}

/** Shows a message as a modal, where there is no channel to post it in. */
export function detailsModal(title: string, { blocks }: Message): types.ModalView {
  return {
    type: 'modal',
    callback_id: 'patrol:notice',
    title: plainText(title, LIMITS.modalTitle),
    close: plainText('Close', LIMITS.modalTitle),
    // Some new blocks are for messages only.
    blocks: fit(plainBlocks(blocks), LIMITS.homeBlocks),
  };
}
