interface TextPart {
  readonly type: string;
  readonly text: string;
  readonly verbatim?: boolean;
}

/** What holds words in a message: text objects, cells of tables, pieces of rich text. */
const TEXTS: ReadonlySet<unknown> = new Set(['mrkdwn', 'plain_text', 'raw_text', 'raw_number', 'text']);

/** Every text of a message or view, wherever it is nested; a person in rich text as a mention. */
export function textsOf(part: unknown): TextPart[] {
  if (Array.isArray(part)) return part.flatMap(textsOf);
  if (typeof part !== 'object' || part === null) return [];
  const { type, text, user_id: user } = part as Readonly<Record<string, unknown>>;
  if (TEXTS.has(type) && typeof text === 'string') return [part as TextPart];
  if (type === 'user' && typeof user === 'string') return [{ type, text: `<@${user}>` }];
  return Object.entries(part).flatMap(([key, value]) => {
    const isHead = (key === 'title' || key === 'caption') && typeof value === 'string';
    return isHead ? [{ type: 'raw_text', text: value }] : textsOf(value);
  });
}

/** Every element of one kind (`button`, `overflow`) of a message or view. */
export function elementsOf(part: unknown, type: string): Record<string, unknown>[] {
  if (Array.isArray(part)) return part.flatMap((each) => elementsOf(each, type));
  if (typeof part !== 'object' || part === null) return [];
  const own = part as Record<string, unknown>;
  return [...(own['type'] === type ? [own] : []), ...Object.values(own).flatMap((each) => elementsOf(each, type))];
}

/** A message as a person reads it, one line per text; fallback first. */
export function readAloud(message: { readonly text: string; readonly blocks: readonly unknown[] }): string {
  return textsOf(message.blocks)
    .map(({ text }) => text)
    .join('\n');
}

/** The angle forms that our own words may make: a person, a channel, a group, a date. */
const OURS = [
  /<@[UW]0(?:ADMIN0001|OPERATOR1|APPROVER1)>/g,
  /<#C0(?:SECURITY1|GENERAL01|APPROVAL1)>/g,
  /<!subteam\^S0ONCALL001>/g,
  /<!date\^\d{1,12}\^\{date_short_pretty\} at \{time(?:_secs)?\}\|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC>/g,
  /<!date\^\d{1,12}\^\{time_secs\}\|\d\d:\d\d:\d\d UTC>/g,
  /<https:\/\/slack\.com\/archives\/[CDG][A-Z0-9]{2,20}\/p\d{2,18}\|The first request>/g,
  /<https:\/\/(?:github\.com|gitlab\.com|dashboard\.gitguardian\.com)\/[^\s<>|`]*\|open at [a-z.]+>/g,
];

/** What is left of a mrkdwn text that Slack would act on: unescaped angle brackets, bare ampersands, hidden characters. */
export function strayMarkup(mrkdwn: string): string[] {
  const rest = OURS.reduce((text, form) => text.replace(form, ''), mrkdwn);
  const stray = rest.match(/<[^>]{0,40}|>|&(?!(?:amp|lt|gt);)|[\p{Cc}\p{Cf}\p{Cs}](?<!\n)/gu);
  const codeOpen = mrkdwn.split('\n').some((line) => line.split('`').length % 2 === 0);
  return [...(stray ?? []), ...(codeOpen ? ['an open code span'] : [])];
}
