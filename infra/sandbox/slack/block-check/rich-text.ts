import { boolean, byType, integer, list, oneOf, required, shape, string } from './block-rules.ts';

const url = string(3_000, { min: 1 });
const styles = shape({ bold: boolean, code: boolean, italic: boolean, strike: boolean, underline: boolean });
const run = (fields: Parameters<typeof shape>[0]) => shape({ type: required(string(50)), style: styles, ...fields });
const richInline = byType({
  text: run({ text: required(string(3_000, { min: 1 })) }),
  link: run({ url: required(url), text: string(3_000), unsafe: boolean }),
  emoji: run({ name: required(string(100)), unicode: string(100), url }),
  user: run({ user_id: required(string(255)) }),
  usergroup: run({ usergroup_id: required(string(255)) }),
  channel: run({ channel_id: required(string(255)) }),
  team: run({ team_id: required(string(255)) }),
  broadcast: run({ range: required(oneOf('here', 'channel', 'everyone')) }),
  color: run({ value: required(string(20)) }),
  date: run({
    timestamp: required(integer(0, 99_999_999_999)),
    format: required(string(255)),
    url,
    fallback: string(3_000),
  }),
});
const inlines = { type: required(string(50)), elements: required(list(1_000, richInline, 0)) } as const;
const border = integer(0, 1);
const section = shape(inlines);
const richElement = byType({
  rich_text_section: section,
  rich_text_quote: shape({ ...inlines, border }),
  rich_text_preformatted: shape({ ...inlines, border, language: string(50) }),
  rich_text_list: shape({
    type: required(string(50)),
    elements: required(list(1_000, byType({ rich_text_section: section }), 0)),
    style: required(oneOf('bullet', 'ordered')),
    indent: integer(0, 8),
    offset: integer(0, 100_000),
    border,
  }),
});
/** A rich_text block. */
export const richText = shape({
  type: required(string(50)),
  block_id: string(255, { min: 1 }),
  elements: required(list(1_000, richElement)),
});

/** A cell of a table. */
export const cell = byType({
  rich_text: richText,
  raw_text: shape({ type: required(string(50)), text: required(string(3_000)) }),
  raw_number: shape({ type: required(string(50)), value: required(() => {}), text: required(string(3_000)) }),
});
