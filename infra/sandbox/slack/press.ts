import { defined } from '#shared/core/defined.ts';
import { randomBytes } from 'node:crypto';
import { BOT_ID, TEAM_ID } from './workspace.ts';

type Json = Readonly<Record<string, unknown>>;

/** A message whose button is pressed. */
export interface PressedMessage {
  readonly ts: string;
  readonly threadTs?: string | undefined;
  readonly isEphemeral?: boolean;
  readonly text?: string;
  readonly blocks?: readonly unknown[];
  /** Who posted it. */
  readonly user?: string;
}

/** One press: a button's value, or an option of a menu. */
export interface Press {
  readonly actionId: string;
  readonly blockId?: string;
  readonly type?: string;
  readonly value?: string;
  readonly selectedOption?: { readonly value: string; readonly text?: string };
  readonly selected?: Readonly<Record<string, unknown>>;
}

/** The entry of `actions` that a press makes. */
export const actionPayload = (press: Press, actionTs: string): Json => {
  const { actionId, blockId = 'block', value, selectedOption } = press;
  const option =
    selectedOption === undefined
      ? {}
      : {
          selected_option: {
            text: { type: 'plain_text', text: selectedOption.text ?? selectedOption.value, emoji: true },
            value: selectedOption.value,
          },
        };
  return {
    type: press.type ?? (selectedOption === undefined ? 'button' : 'static_select'),
    action_id: actionId,
    block_id: blockId,
    ...defined({ value }),
    ...option,
    ...press.selected,
    action_ts: actionTs,
  };
};

/** A time stamp as Slack writes it, with a random rest. */
export const stampOf = (at: Date = new Date()) =>
  `${Math.floor(at.getTime() / 1_000)}.${String(randomBytes(4).readUInt32BE() % 1_000_000).padStart(6, '0')}`;

/** The `block_actions` payload of a press in a message; an ephemeral message is not shown in it. */
export function pressPayload(
  channel: { readonly id: string; readonly name: string },
  message: PressedMessage,
  action: Json,
): Json {
  const thread = message.threadTs === undefined ? {} : { thread_ts: message.threadTs };
  const isEphemeral = message.isEphemeral ?? false;
  const author = message.user === undefined ? {} : { user: message.user, bot_id: BOT_ID, team: TEAM_ID };
  const { ts, text = '', blocks = [] } = message;
  const shown = { type: 'message', ts, text, blocks, ...author, ...thread };
  return {
    type: 'block_actions',
    container: { type: 'message', message_ts: ts, channel_id: channel.id, is_ephemeral: isEphemeral, ...thread },
    channel,
    ...(isEphemeral ? {} : { message: shown }),
    actions: [action],
  };
}
