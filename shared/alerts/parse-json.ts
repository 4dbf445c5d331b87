import { Fault } from '#shared/core/fault.ts';
import { tryParseJson } from '#shared/core/try-parse-json.ts';

/** The largest body that is parsed, in bytes. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** How deep objects and arrays may nest; real alerts need about eight levels. */
const MAX_DEPTH = 64;

const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: false });

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
  if (text.length > MAX_BODY_BYTES) throw new Fault('payload_invalid', 'body is over 1 MiB');
  if (isTooDeep(text)) throw new Fault('payload_invalid', `body nests deeper than ${MAX_DEPTH} levels`);
  const value = tryParseJson(text);
  if (value === undefined) throw new Fault('payload_invalid', 'body is not JSON');
  return value;
}

/** Decodes verified bytes as UTF-8; a malformed sequence becomes U+FFFD, so that one bad byte does not hide a leak. */
export function decodeText(body: Buffer): string {
  if (body.length > MAX_BODY_BYTES) throw new Fault('payload_invalid', 'body is over 1 MiB');
  return decoder.decode(body);
}

/** Parses verified bytes as one JSON text. Throws `payload_invalid` as `parseJsonText` does. */
export function parseJson(body: Buffer): unknown {
  return parseJsonText(decodeText(body));
}

/** Parses verified bytes as one JSON value per line; a line that cannot be read is counted and hides no other. */
export function parseJsonLines(body: Buffer): { readonly values: readonly unknown[]; readonly skipped: number } {
  const values: unknown[] = [];
  let skipped = 0;
  for (const line of decodeText(body).split('\n')) {
    if (line.trim() === '') continue;
    try {
      values.push(parseJsonText(line));
    } catch {
      skipped += 1;
    }
  }
  return { values, skipped };
}
