import { accessory, actionElement, contextElement, imageWith, inputElement } from './block-elements.ts';
import { cell, richText } from './rich-text-rules.ts';
import {
  anyText,
  boolean,
  both,
  byType,
  isObject,
  list,
  oneOf,
  plainText,
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
/** The blocks whose limits are known here; another type is reported, not waved through. */
const BLOCKS: Readonly<Record<string, Rule>> = {
  section: both(
    shape({ ...base, text: anyText(3_000), fields: list(10, anyText(2_000)), accessory, expand: boolean }),
    textOrFields,
  ),
  header: shape({ ...base, text: required(plainText(150)) }),
  divider: shape(base),
  markdown: shape({ ...base, text: required(string(12_000, { min: 1 })) }),
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

const MESSAGE_ONLY = ['markdown', 'table', 'file'];
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
  checkTogether(blocks.filter(isObject), isMessage, place, report);
  if (!isMessage && isObject(input)) checkView(input, report);
  return errors;
}

/** What no block shows by itself: ids that repeat, and limits over the whole. */
function checkTogether(
  blocks: readonly Json[],
  isMessage: boolean,
  place: string,
  report: (problem: string, place: string) => void,
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
    if (!isMessage && MESSAGE_ONLY.includes(String(one['type'])))
      report(`${String(one['type'])} is for messages only`, `${place}/${index}`);
  }
  if (gather(blocks, 'focus_on_load', place).filter(([value]) => value === true).length > 1) {
    report('only one element may have focus_on_load', place);
  }
  const of = (type: string) => blocks.filter((one) => one['type'] === type);
  if (of('table').length > 1) report('only one table is allowed', place);
  const markdown = of('markdown').reduce((sum, one) => sum + String(one['text']).length, 0);
  if (markdown > MARKDOWN_TOTAL) report(`markdown blocks must be at most ${MARKDOWN_TOTAL} characters together`, place);
}

function checkView(input: Json, report: (problem: string, place: string) => void): void {
  const blocks = Array.isArray(input['blocks']) ? (input['blocks'] as unknown[]) : [];
  const hasInput = blocks.some((one) => isObject(one) && one['type'] === 'input');
  if (input['type'] === 'modal' && hasInput && input['submit'] === undefined) {
    report('submit is required when there are input blocks', '/view');
  }
  const bytes = Buffer.byteLength(JSON.stringify(input));
  if (bytes > VIEW_BYTES) report(`view_too_large: at most ${VIEW_BYTES} bytes, has ${bytes}`, '/view');
}
