import type { types } from '@slack/bolt';

/** A modal as `views.open` takes it. */
export type ModalView = types.ModalView;

/** Where the text of a leak is in the modal's state, and where the optional note about it. */
export const LEAK_INPUT = { block: 'leak', action: 'secrets' } as const;
export const LEAK_NOTE = { block: 'note', action: 'note' } as const;
export const LEAK_CALLBACK = 'patrol:leak';
export const BREAK_GLASS_CALLBACK = 'patrol:break-glass';
export const DISMISS_CALLBACK = 'patrol:dismiss';
export const CHOOSE_CALLBACK = 'patrol:choose';
/** Where the tokens that were ticked are, and what is to be done with them. */
export const CHOSEN_BLOCK = 'tokens';
export const VERB_BLOCK = 'verb';
/** The block that holds a typed reason, in every modal that asks for one. */
export const REASON_BLOCK = 'reason';

const plain = (text: string) => ({ type: 'plain_text', text, emoji: false }) as const;
const section = (text: string): types.SectionBlock => ({ type: 'section', text: plain(text) });
const notice = (title: string, ...lines: readonly string[]): ModalView => ({
  type: 'modal',
  callback_id: 'patrol:notice',
  title: plain(title),
  close: plain('Close'),
  blocks: lines.map(section),
});

/** The modal for pasting what leaked. It is complete: nothing has to be looked up to show it. */
export function leakModal(channelId: string | undefined): ModalView {
  return {
    type: 'modal',
    callback_id: LEAK_CALLBACK,
    private_metadata: JSON.stringify({ channel: channelId }),
    title: plain('Report a leak'),
    submit: plain('Report'),
    close: plain('Cancel'),
    blocks: [
      {
        type: 'input',
        block_id: LEAK_INPUT.block,
        label: plain('What leaked'),
        hint: plain(
          'One or many secrets, or the text of a file that holds them, up to 3000 characters at a time. Each secret is ' +
            'turned into a fingerprint on arrival. The text itself is not kept, posted or logged.',
        ),
        element: { type: 'plain_text_input', action_id: LEAK_INPUT.action, multiline: true, max_length: 3000 },
      },
      {
        type: 'input',
        block_id: LEAK_NOTE.block,
        optional: true,
        label: plain('Where was it found?'),
        element: { type: 'plain_text_input', action_id: LEAK_NOTE.action, max_length: 500 },
      },
    ],
  };
}

/** What a submitted leak modal turns into: how much was sealed and queued, and what was not kept. */
export function leakReceived(sealed: number, unrecognised: number): ModalView {
  const lines = [
    sealed === 0
      ? 'No token was recognised, so nothing can be revoked from this.'
      : `Received ${count(sealed, 'secret')}. What becomes of ${sealed === 1 ? 'it' : 'them'} follows in Slack.`,
  ];
  if (unrecognised > 0) {
    lines.push(
      unrecognised === 1
        ? '1 line or secret was not recognised and was not kept.'
        : `${unrecognised} lines or secrets were not recognised and were not kept.`,
    );
  }
  return notice(sealed === 0 ? 'Nothing recognised' : 'Leak reported', ...lines);
}

/** What a modal shows until the worker has filled it. */
export function skeletonModal(): ModalView {
  return notice('Patrol', 'One moment: reading what is known now.');
}

/** What a waiting modal turns into when its request could not be queued. */
export function notAcceptedModal(): ModalView {
  return notice('Not accepted', 'This request was NOT accepted, and nothing was done. Close this and try again.');
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
