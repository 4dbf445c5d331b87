import type { types } from '@slack/bolt';
import { isFault } from '#shared/core/fault.ts';
import { LIMITS, type Message, paragraphs } from './blocks/bricks.ts';
import { escape } from './blocks/text.ts';
import { slackErrorCode } from './to-slack-fault.ts';

/** What Slack says of a message whose words it would take, in another form. */
const FORM_REFUSED = new Set(['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long']);

/** From each form to a simpler one of the same message. */
const SIMPLER: readonly ((message: Message) => Message)[] = [plainForm, ({ text }) => ({ text, blocks: [] })];

/**
 * Says a message in the form that Slack takes: as it is; else its words as paragraphs with its buttons; else its fallback
 * sentence alone. A form that is refused has said nothing, so nothing is said twice. Throws the last form's fault.
 */
export async function inSomeForm<T>(
  message: Message,
  say: (message: Message) => Promise<T>,
  [simpler, ...others] = SIMPLER,
): Promise<T> {
  try {
    return await say(message);
  } catch (error) {
    const isForm = isFault(error, 'slack_rejected') && FORM_REFUSED.has(slackErrorCode(error) ?? '');
    if (simpler === undefined || message.blocks.length === 0 || !isForm) throw error;
    return inSomeForm(simpler(message), say, others);
  }
}

/** The same words and buttons in blocks that every Slack knows. What it holds and reads is only text, never a new right. */
export function plainForm({ text, blocks }: Message): Message {
  const lines = blocks.flatMap(linesOf);
  const buttons = blocks.filter((block) => block.type === 'actions').slice(0, LIMITS.blocks / 2);
  const words = paragraphs(lines.length === 0 ? [text] : lines).slice(0, LIMITS.blocks - buttons.length);
  return { text, blocks: [...words, ...buttons] };
}

/** What a block says, line by line, escaped as mrkdwn. */
function linesOf(block: types.KnownBlock): readonly string[] {
  switch (block.type) {
    case 'actions':
      return [];
    case 'divider':
      return ['———'];
    case 'header':
      return [`*${escape(block.text.text)}*`];
    case 'section':
      return [block.text, ...(block.fields ?? [])].flatMap((part) => (part === undefined ? [] : [textOf(part)]));
    case 'context':
      return block.elements.flatMap((part) => (part.type === 'image' ? [escape(part.alt_text)] : [textOf(part)]));
    case 'container':
      return [
        ...(block.title === undefined ? [] : [`*${escape(block.title.text)}*`]),
        ...(block.subtitle === undefined ? [] : [textOf(block.subtitle)]),
        ...block.child_blocks.flatMap(linesOf),
      ];
    case 'data_table':
      return [`*${escape(block.caption)}*`, ...block.rows.map(rowOf)];
    case 'table':
      return block.rows.map(rowOf);
    default:
      return textsIn(block);
  }
}

const textOf = ({ type, text }: types.TextObject): string => (type === 'mrkdwn' ? text : escape(text));

const rowOf = (row: readonly unknown[]): string => row.map((cell) => textsIn(cell).join(' ')).join(' · ');

/** Every text within a value whose form we do not know better, in order. */
function textsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  const { text, value: number, ...rest } = value as Readonly<Record<string, unknown>>;
  if (typeof text === 'string') return [escape(text)];
  if (typeof number === 'number') return [String(number)];
  return Object.values({ text, ...rest }).flatMap(textsIn);
}
