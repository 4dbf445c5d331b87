import { accessory, actionElement, contextElement, imageWith, inputElement } from './block-elements.ts';
import { cell, richText } from './rich-text.ts';
import {
  anyText,
  boolean,
  both,
  byType,
  integer,
  isObject,
  list,
  oneOf,
  plainText,
  type Report,
  type Rule,
  required,
  shape,
  string,
} from './block-rules.ts';

type Json = Readonly<Record<string, unknown>>;

const base = { type: required(string(50)), block_id: string(255, { min: 1 }) } as const;
const url = string(3_000, { min: 1 });

const textOrFields: Rule = (value, place, report) => {
  if (isObject(value) && value['text'] === undefined && value['fields'] === undefined)
    report('needs text or fields', place);
};
/** The blocks that may stand in a container, too. */
const CHILDREN: Readonly<Record<string, Rule>> = {
  section: both(
    shape({ ...base, text: anyText(3_000), fields: list(10, anyText(2_000)), accessory, expand: boolean }),
    textOrFields,
  ),
  header: shape({ ...base, text: required(plainText(150)) }),
  divider: shape(base),
  context: shape({ ...base, elements: required(list(10, contextElement)) }),
  actions: shape({ ...base, elements: required(list(25, actionElement)) }),
  input: shape({
    ...base,
    label: required(plainText(2_000)),
    element: required(inputElement),
    hint: plainText(2_000),
    optional: boolean,
    dispatch_action: boolean,
  }),
  image: imageWith({ block_id: base.block_id, title: plainText(2_000) }),
  rich_text: richText,
  table: shape({
    ...base,
    rows: required(list(100, list(20, cell))),
    column_settings: list(20, shape({ align: oneOf('left', 'center', 'right'), is_wrapped: boolean }), 0),
  }),
  file: shape({ ...base, source: required(oneOf('remote')), external_id: required(string(255)) }),
  video: shape({
    ...base,
    video_url: required(url),
    thumbnail_url: required(url),
    alt_text: required(string(2_000, { min: 1 })),
    title: required(plainText(200)),
    title_url: url,
    author_name: string(50),
    provider_name: string(50),
    provider_icon_url: url,
    description: plainText(200),
  }),
};

const TASK = {
  type: required(oneOf('task_card')),
  task_id: required(string(255, { min: 1 })),
  title: required(string(150, { min: 1 })),
  details: richText,
  output: richText,
  status: required(oneOf('pending', 'in_progress', 'complete', 'error')),
} as const;

/** A head in which nothing is rich, and rows as wide as it. */
const evenRows: Rule = (value, place, report) => {
  const [head, ...rows] = isObject(value) && Array.isArray(value['rows']) ? (value['rows'] as unknown[]) : [];
  if (!Array.isArray(head)) return;
  if (head.some((one) => isObject(one) && one['type'] === 'rich_text'))
    report('header cells must not be rich_text', `${place}/rows/0`);
  for (const [index, row] of rows.entries()) {
    if (Array.isArray(row) && row.length !== head.length)
      report('must have as many cells as the header', `${place}/rows/${index + 1}`);
  }
};

const TABLE_CHARACTERS = 10_000;
const fewCharacters: Rule = (value, place, report) => {
  const length = gather(value, 'text', place).reduce((sum, [text]) => sum + String(text).length, 0);
  if (length > TABLE_CHARACTERS) report(`must be at most ${TABLE_CHARACTERS} characters, has ${length}`, place);
};

const needsTitle: Rule = (value, place, report) => {
  if (!isObject(value)) return;
  if (value['title'] === undefined && value['rich_text_title'] === undefined)
    report('needs title or rich_text_title', place);
  if (value['default_collapsed'] === true && value['is_collapsible'] !== true)
    report('default_collapsed requires is_collapsible', place);
};

/** The blocks whose limits are known here; another type is reported, not waved through. */
const BLOCKS: Readonly<Record<string, Rule>> = {
  ...CHILDREN,
  markdown: shape({ ...base, text: required(string(12_000, { min: 1 })) }),
  data_table: both(
    shape({
      ...base,
      rows: required(list(100, list(20, cell))),
      caption: required(string(150, { min: 1 })),
      page_size: integer(1, 100),
      row_header_column_index: integer(0, 19),
    }),
    evenRows,
    fewCharacters,
  ),
  container: both(
    shape({
      ...base,
      title: plainText(150),
      rich_text_title: richText,
      subtitle: anyText(150),
      child_blocks: required(list(10, byType(CHILDREN))),
      width: oneOf('narrow', 'standard', 'wide', 'full'),
      icon: imageWith({}),
      is_collapsible: boolean,
      default_collapsed: boolean,
      has_header_divider: boolean,
    }),
    needsTitle,
  ),
  alert: shape({
    ...base,
    text: required(anyText(3_000)),
    level: oneOf('default', 'info', 'warning', 'error', 'success'),
  }),
  plan: shape({ ...base, title: required(string(150, { min: 1 })), tasks: list(50, shape(TASK), 0) }),
  task_card: shape({ ...base, ...TASK }),
};
const block = byType(BLOCKS);

const VIEW = {
  type: required(string(20)),
  blocks: required(list(100, block, 0)),
  callback_id: string(255),
  private_metadata: string(3_000),
  external_id: string(255),
} as const;
const view = byType({
  home: shape(VIEW),
  modal: shape({
    ...VIEW,
    title: required(plainText(24)),
    submit: plainText(24),
    close: plainText(24),
    clear_on_close: boolean,
    notify_on_close: boolean,
    submit_disabled: boolean,
  }),
});

const MESSAGE_ONLY = ['markdown', 'table', 'data_table', 'container', 'plan', 'task_card', 'file'];
const MODAL_ONLY = ['alert'];
const VIEW_BYTES = 250_000;
const MARKDOWN_TOTAL = 12_000;

/** Collects every value under `key`, with its place. */
function gather(value: unknown, key: string, place: string): (readonly [unknown, string])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(name === key ? [[inner, `${place}/${name}`] as const] : []),
    ...gather(inner, key, `${place}/${name}`),
  ]);
}

/**
 * Returns every breach of Slack's Block Kit limits in a message's blocks (an array) or in a view (an object), each with a
 * JSON pointer, in the style of Slack's own `response_metadata.messages`; empty when Slack would take it.
 */
export function checkBlocks(input: unknown): string[] {
  const errors: string[] = [];
  const report = (problem: string, place: string): void => {
    errors.push(`${problem} [json-pointer:${place}]`);
  };
  const isMessage = Array.isArray(input);
  if (isMessage) list(50, block, 0)(input, '/blocks', report);
  else view(input, '/view', report);
  const blocks = isMessage
    ? (input as unknown[])
    : isObject(input) && Array.isArray(input['blocks'])
      ? input['blocks']
      : [];
  const place = isMessage ? '/blocks' : '/view/blocks';
  const surface = isMessage ? 'message' : isObject(input) && input['type'] === 'home' ? 'home' : 'modal';
  checkTogether(blocks.filter(isObject), { surface, place, report });
  if (!isMessage && isObject(input)) checkView(input, report);
  return errors;
}

/** What no block shows by itself: ids that repeat, and limits over the whole. */
function checkTogether(
  blocks: readonly Json[],
  {
    surface,
    place,
    report,
  }: { readonly surface: 'message' | 'modal' | 'home'; readonly place: string; readonly report: Report },
) {
  const unique = (found: readonly (readonly [unknown, string])[], what: string): void => {
    const seen = new Set<unknown>();
    for (const [id, at] of found) {
      if (seen.has(id)) report(`${what} must be unique`, at);
      seen.add(id);
    }
  };
  unique(
    blocks.map((one, index) => [one['block_id'] ?? Symbol(), `${place}/${index}/block_id`] as const),
    'block_id',
  );
  for (const [index, one] of blocks.entries()) {
    unique(gather(one, 'action_id', `${place}/${index}`), 'action_id within a block');
    if (surface !== 'message' && MESSAGE_ONLY.includes(String(one['type'])))
      report(`${String(one['type'])} is for messages only`, `${place}/${index}`);
    if (surface !== 'modal' && MODAL_ONLY.includes(String(one['type'])))
      report(`${String(one['type'])} is for modals only`, `${place}/${index}`);
  }
  if (gather(blocks, 'focus_on_load', place).filter(([value]) => value === true).length > 1) {
    report('only one element may have focus_on_load', place);
  }
  const of = (type: string) => blocks.filter((one) => one['type'] === type);
  const tables = [...blocks, ...of('container').flatMap(childrenOf)].filter(({ type }) => /table$/.test(String(type)));
  if (tables.length > 1) report('only one table is allowed', place);
  const markdown = of('markdown').reduce((sum, one) => sum + String(one['text']).length, 0);
  if (markdown > MARKDOWN_TOTAL) report(`markdown blocks must be at most ${MARKDOWN_TOTAL} characters together`, place);
}

const childrenOf = ({ child_blocks: children }: Json): readonly Json[] =>
  Array.isArray(children) ? children.filter(isObject) : [];

function checkView(input: Json, report: (problem: string, place: string) => void): void {
  const blocks = Array.isArray(input['blocks']) ? (input['blocks'] as unknown[]) : [];
  const hasInput = blocks.some((one) => isObject(one) && one['type'] === 'input');
  if (input['type'] === 'modal' && hasInput && input['submit'] === undefined) {
    report('submit is required when there are input blocks', '/view');
  }
  const bytes = Buffer.byteLength(JSON.stringify(input));
  if (bytes > VIEW_BYTES) report(`view_too_large: at most ${VIEW_BYTES} bytes, has ${bytes}`, '/view');
}
