import { tryParseJson } from './try-parse-json.ts';

/**
 * Parses the JSON of a stored secret, whatever has stored it: without a mark of UTF-8 or blanks around it, and out of a second
 * encoding. `undefined` where it is none; the parser's words, which quote the secret, are dropped.
 */
export function parseStoredJson(text: string): unknown {
  // A mark of UTF-8 counts as a blank.
  const value = tryParseJson(text.trim());
  return typeof value === 'string' ? (tryParseJson(value.trim()) ?? value) : value;
}

/** A stored text without blanks, and without the quotes that a shell or a file of settings has left around it. */
export function unquoted(text: string): string {
  const bare = text.trim();
  return /^(["'])(.*)\1$/s.exec(bare)?.[2]?.trim() ?? bare;
}
