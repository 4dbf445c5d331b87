import { Fault } from '#shared/core/fault.ts';
import { tryParseJson } from '#shared/core/try-parse-json.ts';

/** The largest body that is parsed, in bytes: about what an HTTP API hands to a function. */
export const MAX_BODY_BYTES = 5 * 1024 * 1024;

/** How deep objects and arrays may nest; real alerts need about eight levels. */
const MAX_DEPTH = 64;

/** Windows PowerShell writes UTF-16 where its output is redirected, most often with its mark at the start. */
function encodingOf(body: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second] = body;
  if (first === undefined || second === undefined) return 'utf-8';
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le';
  return (first === 0xfe && second === 0xff) || (first === 0 && second !== 0) ? 'utf-16be' : 'utf-8';
}

/** What a terminal is asked when a program runs in one. It never stands in JSON, which escapes its first byte. */
const TERMINAL = /\u001b(?:\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\[[0-9;?]*[ -/]*[@-~]?|[@-Z\\^_])/g;

/** Walks over the text once and tells whether it nests deeper than allowed; brackets inside strings do not count. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === 0x5c) at += 1;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x5b || char === 0x7b) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (char === 0x5d || char === 0x7d) depth -= 1;
  }
  return false;
}

/**
 * Parses JSON text from a verified sender. Throws `payload_invalid` for too much, too deep or no JSON; the error quotes
 * nothing. `__proto__` stays an ordinary own key and of duplicate keys the last one counts, so that readers which pick
 * named fields by schema are touched by neither.
 */
export function parseJsonText(text: string): unknown {
  if (text.length > MAX_BODY_BYTES) throw new Fault('payload_invalid', 'body is over 5 MiB');
  if (isTooDeep(text)) throw new Fault('payload_invalid', `body nests deeper than ${MAX_DEPTH} levels`);
  const value = tryParseJson(text);
  if (value === undefined) throw new Fault('payload_invalid', 'body is not JSON');
  return value;
}

/**
 * Decodes verified bytes as UTF-8, or as UTF-16 where they are that; a malformed sequence becomes U+FFFD, so that one bad
 * byte does not hide a leak. Leaves out what was meant for a terminal.
 */
export function decodeText(body: Buffer): string {
  if (body.length > MAX_BODY_BYTES) throw new Fault('payload_invalid', 'body is over 5 MiB');
  return new TextDecoder(encodingOf(body)).decode(body).replaceAll(TERMINAL, '');
}

/** Parses verified bytes as one JSON text. Throws `payload_invalid` as `parseJsonText` does. */
export function parseJson(body: Buffer): unknown {
  return parseJsonText(decodeText(body));
}

/** Where the JSON text that begins at `from` ends; `undefined` where it does not within `most` characters. */
function endOfJson(text: string, from: number, most: number): number | undefined {
  let [depth, inString] = [0, false];
  const last = Math.min(text.length, from + most);
  for (let at = from; at < last; at += 1) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === 0x5c) at += 1;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x5b || char === 0x7b) depth += 1;
    else if (char === 0x5d || char === 0x7d) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return undefined;
}

/** The JSON texts of a body. */
export interface JsonTexts {
  readonly values: readonly unknown[];
  /** What begins like one and is none. */
  readonly unread: readonly string[];
  /** Words of other programs. */
  readonly aside: readonly string[];
}

/** Reads the value at `from`, or gives up the line that it stands on. */
function readJsonAt(text: string, from: number, most: number): { readonly value?: unknown; readonly end: number } {
  const end = endOfJson(text, from, most);
  const value = end === undefined || isTooDeep(text.slice(from, end)) ? undefined : tryParseJson(text.slice(from, end));
  if (value !== undefined && end !== undefined) return { value, end };
  const newline = text.indexOf('\n', from);
  return { end: newline < 0 ? text.length : newline };
}

/**
 * Reads all JSON texts of a body, one after the other: a list, lines, or objects over several lines, with words of other
 * programs between them. What is none is given as it stands. Linear: what is looked at in vain is limited.
 */
export function readJsonTexts(text: string): JsonTexts {
  const values: unknown[] = [];
  const [unread, aside]: [string[], string[]] = [[], []];
  const add = (to: string[], piece: string) => {
    const plain = piece.replace(/^[\s,]+|[\s,]+$/g, '');
    if (plain !== '') to.push(plain);
  };
  let [at, patience] = [0, 4 * text.length];
  while (at < text.length) {
    const start = text.slice(at).search(/[[{]/);
    if (start < 0) break;
    add(aside, text.slice(at, at + start));
    const { value, end } = readJsonAt(text, at + start, patience);
    if (value === undefined) {
      add(unread, text.slice(at + start, end));
      patience -= Math.min(patience, text.length - at);
    } else values.push(value);
    at = end;
  }
  add(aside, text.slice(at));
  return { values, unread, aside };
}
