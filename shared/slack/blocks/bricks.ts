import type { types } from '@slack/bolt';
import { defined } from '#shared/core/defined.ts';
import { LIMITS } from './limits.ts';
import { clip, plain } from './text.ts';

/** One Slack message. `text` is the fallback for notifications and screen readers: a sentence that carries the status. */
export interface Message {
  readonly text: string;
  readonly blocks: types.KnownBlock[];
}

export type ActionsElement = types.ActionsBlockElement;

/**
 * Returns a message within Slack's limits: a fallback that is too long is cut, and where there are too many blocks or words the
 * surplus is replaced by a note, never dropped without a word. The last block (the buttons) is kept.
 */
export function message(text: string, blocks: readonly (types.KnownBlock | undefined)[]): Message {
  return { text: clip(text, LIMITS.fallback), blocks: fit(blocks, LIMITS.blocks, LIMITS.words) };
}

/** Drops the empty places of a list of blocks and keeps it within `max` blocks and so many words. */
export function fit(
  blocks: readonly (types.KnownBlock | undefined)[],
  max: number,
  words = Number.POSITIVE_INFINITY,
): types.KnownBlock[] {
  const all = blocks.filter((block) => block !== undefined);
  const last = all.at(-1);
  if (last === undefined || (all.length <= max && wordLength(all) <= words)) return all;
  const note = surplusNote();
  const room = words - wordLength([note, last]);
  const kept: types.KnownBlock[] = [];
  let used = 0;
  for (const block of all.slice(0, Math.min(max - 2, all.length - 1))) {
    used += wordLength([block]);
    if (used > room) break;
    kept.push(block);
  }
  return [...kept, note, last];
}

/** What stands in the place of what does not fit. */
export function surplusNote(): types.KnownBlock {
  return context('Some of this message does not fit into Slack.');
}

/** How many characters are to be read in a part of a message; what stands in menus and dialogs does not count. */
export function wordLength(part: unknown): number {
  if (Array.isArray(part)) return part.reduce<number>((sum, each) => sum + wordLength(each), 0);
  if (typeof part !== 'object' || part === null) return 0;
  return Object.entries(part).reduce((sum, [key, value]) => {
    if (key === 'options' || key === 'confirm') return sum;
    return sum + (READ.has(key) && typeof value === 'string' ? value.length : wordLength(value));
  }, 0);
}

const READ: ReadonlySet<string> = new Set(['text', 'title', 'caption']);

/** A mrkdwn text in which Slack links nothing by itself. */
export function mrkdwn(text: string, max: number = LIMITS.section): types.MrkdwnElement {
  return { type: 'mrkdwn', text: clip(text, max), verbatim: true };
}

/** A text in which Slack interprets nothing. */
export function plainText(text: string, max: number): types.PlainTextElement {
  return { type: 'plain_text', text: plain(text, max), emoji: false };
}

/** A paragraph; `undefined` lines are left out, and so is a paragraph without lines. */
export function section(
  lines: string | readonly (string | undefined)[],
  accessory?: types.SectionBlockAccessory,
): types.SectionBlock | undefined {
  const text = typeof lines === 'string' ? lines : lines.filter((line) => line !== undefined).join('\n');
  if (text === '') return undefined;
  return { type: 'section', text: mrkdwn(text), ...defined({ accessory }) };
}

/** A line in small print. */
export function context(text: string): types.ContextBlock {
  return { type: 'context', elements: [mrkdwn(text, LIMITS.context)] };
}

/** A headline; foreign text in it is inert. */
export function header(text: string): types.HeaderBlock {
  return { type: 'header', text: plainText(text, LIMITS.header) };
}

export const divider: types.DividerBlock = { type: 'divider' };

interface ButtonParts {
  readonly text: string;
  readonly action: string;
  readonly value: string;
  readonly style?: 'primary' | 'danger';
  readonly confirm?: types.ConfirmationDialog;
}

/** True for a value that a button can carry when it is encrypted. */
export function fitsButton(value: string): boolean {
  return Buffer.byteLength(value) <= LIMITS.buttonValue;
}

/** A button. Returns `undefined` where its value does not fit, so that no button ever carries half an id. */
export function button({ text, action, value, style, confirm }: ButtonParts): types.Button | undefined {
  if (!fitsButton(value)) return undefined;
  return {
    type: 'button',
    text: plainText(text, LIMITS.buttonText),
    action_id: action,
    value,
    ...defined({ style, confirm }),
  };
}

/** A row of buttons and menus; `undefined` where none is left. */
export function actions(...elements: readonly (ActionsElement | undefined)[]): types.ActionsBlock | undefined {
  const present = elements.filter((element) => element !== undefined).slice(0, LIMITS.actions);
  return present.length === 0 ? undefined : { type: 'actions', elements: present };
}

/** Slack's own "are you sure" dialog. `yes` and `no` are verbs, so that the buttons can be read alone. */
export function sure(title: string, text: string, yes: string): types.ConfirmationDialog {
  return {
    title: plainText(title, 100),
    text: plainText(text, 300),
    confirm: plainText(yes, 30),
    deny: plainText('Leave it', 30),
    style: 'danger',
  };
}

/** Splits lines over as few paragraphs as hold them; each line that is too long alone is cut. */
export function paragraphs(lines: readonly string[], max: number = LIMITS.section): types.SectionBlock[] {
  const texts: string[] = [];
  for (const line of lines.map((each) => clip(each, max))) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + 1 + line.length <= max) texts[texts.length - 1] = `${last}\n${line}`;
    else texts.push(line);
  }
  return texts.flatMap((text) => section(text) ?? []);
}
