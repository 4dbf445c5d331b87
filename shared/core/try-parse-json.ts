/** Parses a JSON text; `undefined` where it is none. The parser's error quotes the text, which may be a secret: it is dropped. */
export function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
