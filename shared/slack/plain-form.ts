import type { types } from '@slack/bolt';
import { isFault } from '#shared/core/fault.ts';
import { type Message, paragraphs, surplusNote, wordLength } from './blocks/bricks.ts';
import { LIMITS } from './blocks/limits.ts';
import { code, mention } from './blocks/text.ts';
import { sentence } from './blocks/words.ts';
import { slackErrorCode } from './to-slack-fault.ts';

/** What Slack says of a message whose words it would take, in another form. */
const FORM_REFUSED = new Set(['invalid_blocks', 'invalid_blocks_format', 'msg_blocks_too_long']);

/** From each form to a simpler one of the same message. */
const SIMPLER: readonly ((message: Message) => Message)[] = [
  plainForm,
  wordsForm,
  ({ text }) => ({ text, blocks: [] }),
];

/**
 * Says a message in the form that Slack takes: as it is; else in the blocks that every Slack knows; else its words as
 * paragraphs with its buttons; else its fallback sentence alone. A form that is refused has said nothing, so nothing is said twice.
 * Throws the last form's fault.
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

/** What Slack says of the blocks of a window or Home tab. */
const VIEW_REFUSED = new Set([...FORM_REFUSED, 'invalid_arguments', 'view_too_large']);

/**
 * Shows a window or Home tab in the form that Slack takes, as a message is said: as it is; else in the blocks that every Slack
 * knows; else its words as paragraphs with its buttons and fields; else, where nothing is to be filled in, its words alone.
 * Throws the last form's fault.
 */
export async function viewInSomeForm<V extends types.View, T>(view: V, show: (view: V) => Promise<T>): Promise<T> {
  const blocks = view.blocks as types.KnownBlock[];
  const plainer = plainBlocks(blocks);
  const forms = [plainer, wordBlocks(plainer), ...(blocks.some(isField) ? [] : [paragraphs(plainer.flatMap(linesOf))])];
  const inForm = async (form: V, [next, ...others]: readonly (readonly types.KnownBlock[])[]): Promise<T> => {
    try {
      return await show(form);
    } catch (error) {
      const isForm = isFault(error, 'slack_rejected') && VIEW_REFUSED.has(slackErrorCode(error) ?? '');
      if (next === undefined || !isForm) throw error;
      return inForm({ ...view, blocks: asFew(next, LIMITS.homeBlocks) }, others);
    }
  };
  return inForm(view, forms);
}

/** Blocks of 2026, which a Slack may not know, nor every place in it take. */
const NEW_BLOCKS: ReadonlySet<string> = new Set(['data_table', 'container', 'plan', 'task_card', 'alert']);

/** The same answer in blocks that every Slack takes everywhere: each new block becomes its words and its buttons, the others stay. */
export function plainForm({ text, blocks }: Message): Message {
  return { text, blocks: withinLimits(plainBlocks(blocks)) };
}

/** The plain blocks of a window, a Home tab or a message, as many as they become. */
export function plainBlocks(blocks: readonly types.KnownBlock[]): types.KnownBlock[] {
  return blocks.flatMap((block) => {
    if (block.type === 'container') return [...paragraphs(titleOf(block)), ...plainBlocks(block.child_blocks)];
    return NEW_BLOCKS.has(block.type) ? paragraphs(linesOf(block)) : [block];
  });
}

/** The same words, buttons and menus, the words as paragraphs: what holds and reads is only text, never a new right. */
function wordsForm({ text, blocks }: Message): Message {
  const parts = wordBlocks(plainBlocks(blocks));
  const words = parts.some((block) => block.type === 'section') ? parts : [...paragraphs([text]), ...parts];
  return { text, blocks: withinLimits(words) };
}

/** Plain blocks as paragraphs; what is pressed or filled in stays. */
function wordBlocks(blocks: readonly types.KnownBlock[]): types.KnownBlock[] {
  return blocks.flatMap((block) => (isPressable(block) || isField(block) ? [block] : paragraphs(linesOf(block))));
}

/** Within the limits of a message: what is only to be read gives way from its end, with a note in its place. */
function withinLimits(blocks: readonly types.KnownBlock[]): types.KnownBlock[] {
  const few = asFew(blocks, LIMITS.blocks);
  const note = surplusNote();
  let room = LIMITS.words - wordLength(few);
  if (room >= 0) return few;
  room -= wordLength(note);
  const kept = [...few];
  let cutAt = kept.length;
  for (let index = kept.length - 1; index > 0 && room < 0; index -= 1) {
    const block = kept[index];
    if (block === undefined || isPressable(block)) continue;
    room += wordLength(block);
    kept.splice(index, 1);
    cutAt = index;
  }
  return [...kept.slice(0, cutAt), note, ...kept.slice(cutAt)];
}

function isPressable(block: types.KnownBlock): boolean {
  return block.type === 'actions' || (block.type === 'section' && block.accessory !== undefined);
}

function isField(block: types.KnownBlock): boolean {
  return block.type === 'input';
}

/** As few blocks as say all of it: paragraphs in a row become one, and menus beside rows go where there are too many. */
function asFew(blocks: readonly types.KnownBlock[], max: number): types.KnownBlock[] {
  if (blocks.length <= max) return [...blocks];
  const joined: types.KnownBlock[] = [];
  let lines: string[] = [];
  for (const block of [...blocks, undefined]) {
    if (block !== undefined && block.type !== 'actions' && !isField(block)) lines.push(...linesOf(block));
    else {
      joined.push(...paragraphs(lines), ...(block === undefined ? [] : [block]));
      lines = [];
    }
  }
  return joined.slice(0, max);
}

function titleOf({ title, rich_text_title: rich, subtitle }: types.ContainerBlock): string[] {
  const words = title === undefined ? textsIn(rich).join(' ') : sentence(title.text);
  return [`*${words}*`, ...(subtitle === undefined ? [] : [textOf(subtitle)])];
}

/** What a block says, line by line, escaped as mrkdwn. */
function linesOf(block: types.KnownBlock): readonly string[] {
  switch (block.type) {
    case 'actions':
      return [];
    case 'divider':
      return ['———'];
    case 'header':
      return [`*${sentence(block.text.text)}*`];
    case 'alert':
      return [`*${textOf(block.text)}*`];
    case 'section':
      return [block.text, ...(block.fields ?? [])].flatMap((part) => (part === undefined ? [] : [textOf(part)]));
    case 'context':
      return block.elements.flatMap((part) => (part.type === 'image' ? [sentence(part.alt_text)] : [textOf(part)]));
    case 'container':
      return [...titleOf(block), ...block.child_blocks.flatMap(linesOf)];
    case 'data_table':
      return [`*${sentence(block.caption)}*`, ...tableLines(block)];
    case 'table':
      return block.rows.map((row) => row.map((cell) => textsIn(cell).join(' ')).join(' · '));
    case 'plan':
      return [`*${sentence(block.title)}*`, ...(block.tasks ?? []).map(taskLine)];
    case 'task_card':
      return [taskLine(block)];
    default:
      return textsIn(block);
  }
}

const textOf = ({ type, text }: types.TextObject): string => (type === 'mrkdwn' ? text : sentence(text));

const STATUS: Readonly<Record<types.TaskCardBlock['status'], { readonly sign: string; readonly word: string }>> = {
  pending: { sign: '○', word: 'waits' },
  in_progress: { sign: '◔', word: 'at work' },
  complete: { sign: '✓', word: 'done' },
  error: { sign: '✗', word: 'NOT done' },
};

function taskLine(task: types.TaskCardBlock | Record<string, unknown>): string {
  const { title, status, details, output } = task as types.TaskCardBlock;
  const more = textsIn([details, output]);
  const { sign, word } = STATUS[status];
  return `${sign} ${code(title)} · ${more.length === 0 ? word : more.join(' · ')}`;
}

/** Of more rows, the heads are said once, so that all of them fit into a message. */
const LABELLED_ROWS = 30;

/** A line for each row, its name first. */
function tableLines({ rows, row_header_column_index: nameColumn = 0 }: types.DataTableBlock): string[] {
  const [head = [], ...others] = rows;
  const heads = head.map((cell) => textsIn(cell).join(' '));
  const nameFirst = (cells: readonly string[]) => [cells[nameColumn], ...cells.toSpliced(nameColumn, 1)].join(' · ');
  const isShort = others.length <= LABELLED_ROWS;
  const lines = others.map((row) =>
    nameFirst(
      row.map((cell, column) => {
        if (column === nameColumn && cell.type === 'raw_text') return code(cell.text);
        return isShort && column > 0 ? labelled(cell, heads[column] ?? '') : textsIn(cell).join(' ');
      }),
    ),
  );
  return isShort ? lines : [nameFirst(heads), ...lines];
}

/** "Age, days" above 412 is "age 412 days". */
function labelled(cell: types.DataTableBlock['rows'][number][number], head: string): string {
  const [what = '', unit] = head.split(', ');
  const words = `${what.toLowerCase()} ${textsIn(cell).join(' ')}`;
  return cell.type === 'raw_number' && unit !== undefined ? `${words} ${unit}` : words;
}

/** Every text within a value whose form we do not know better, in order; a person as a mention. */
function textsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  const { text, user_id: user, value: number, ...rest } = value as Readonly<Record<string, unknown>>;
  if (typeof text === 'string') return [sentence(text)];
  if (typeof user === 'string') return [mention(user)];
  if (typeof number === 'number') return [String(number)];
  return Object.values({ text, ...rest }).flatMap(textsIn);
}
