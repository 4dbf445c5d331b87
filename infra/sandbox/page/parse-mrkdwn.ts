/** A piece of Slack's mrkdwn, as a tree of plain values: nothing in it is markup any more. */
export type Piece =
  | { readonly kind: 'text' | 'code' | 'pre'; readonly text: string }
  | { readonly kind: 'bold' | 'italic' | 'strike' | 'quote'; readonly children: readonly Piece[] }
  | { readonly kind: 'break' }
  | { readonly kind: 'link'; readonly url: string; readonly text: string }
  | { readonly kind: 'user' | 'channel' | 'broadcast'; readonly id: string; readonly label?: string }
  | { readonly kind: 'date'; readonly epochSeconds: number; readonly format: string; readonly fallback: string };

const STYLES = { '*': 'bold', _: 'italic', '~': 'strike' } as const;
const FENCE = '```';

/** Parses a text as Slack does: angle forms, code, styles at the edges of words, quotes, and the three entities. */
export function parseMrkdwn(text: string): Piece[] {
  return text.split(FENCE).flatMap((part, index, parts) => {
    const isCode = index % 2 === 1 && index < parts.length - 1;
    if (isCode) return [{ kind: 'pre', text: unescape(part.replace(/^\n/, '')) } as const];
    return parseLines(index % 2 === 1 ? FENCE + part : part);
  });
}

/** Returns a text with Slack's three entities as the characters that they stand for. */
export function unescape(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function parseLines(text: string): Piece[] {
  const pieces: Piece[] = [];
  let quoted: Piece[] | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const quote = /^(?:&gt;|>) ?(.*)$/.exec(line);
    if (quote === null) {
      if (index > 0 && quoted === undefined) pieces.push({ kind: 'break' });
      quoted = undefined;
      pieces.push(...parseInline(line));
    } else if (quoted === undefined) {
      quoted = parseInline(quote[1] ?? '');
      pieces.push({ kind: 'quote', children: quoted });
    } else {
      quoted.push({ kind: 'break' }, ...parseInline(quote[1] ?? ''));
    }
  }
  return pieces;
}

/** The next thing of meaning in a line: an angle form, a code span, or a style that opens and closes at edges of words. */
const NEXT = /<([^<>\n]*)>|`([^`\n]+)`|(?<![\p{L}\p{N}*_~])([*_~])(?=[^\s*_~])(.+?)(?<=[^\s])\3(?![\p{L}\p{N}])/u;

function parseInline(line: string): Piece[] {
  const pieces: Piece[] = [];
  let rest = line;
  while (rest !== '') {
    const match = NEXT.exec(rest);
    if (match === null) {
      pieces.push({ kind: 'text', text: unescape(rest) });
      break;
    }
    if (match.index > 0) pieces.push({ kind: 'text', text: unescape(rest.slice(0, match.index)) });
    const [whole, angle, code, style, inner] = match;
    if (angle !== undefined) pieces.push(parseAngle(angle));
    else if (code !== undefined) pieces.push({ kind: 'code', text: unescape(code) });
    else pieces.push({ kind: STYLES[style as keyof typeof STYLES], children: parseInline(inner ?? '') });
    rest = rest.slice(match.index + whole.length);
  }
  return pieces;
}

function parseAngle(content: string): Piece {
  const [target = '', ...labels] = content.split('|');
  const label = labels.length === 0 ? undefined : unescape(labels.join('|'));
  const labelled = label === undefined ? {} : { label };
  const [, epoch, format] = /^!date\^(\d+)\^([^^]*)/.exec(target) ?? [];
  if (epoch !== undefined && format !== undefined) {
    return { kind: 'date', epochSeconds: Number(epoch), format: unescape(format), fallback: label ?? '' };
  }
  if (/^@[UW]\w+$/.test(target)) return { kind: 'user', id: target.slice(1), ...labelled };
  if (/^#[CGD]\w+$/.test(target)) return { kind: 'channel', id: target.slice(1), ...labelled };
  if (target.startsWith('!')) return { kind: 'broadcast', id: target.slice(1).split('^').at(-1) ?? '', ...labelled };
  const url = unescape(target);
  if (/^(?:https?|mailto):/i.test(url)) return { kind: 'link', url, text: label ?? url };
  return { kind: 'text', text: label ?? url };
}
