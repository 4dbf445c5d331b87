/** Returns what was thrown as an error, so that it can be thrown on. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new TypeError('something that is no error was thrown');
}
