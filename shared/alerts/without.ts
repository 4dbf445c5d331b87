/** Returns a copy of a record without the named members. */
export function without<T extends object, K extends keyof T>(record: T, ...names: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name as K))) as Omit<T, K>;
}

/** Returns what was thrown as an error, so that it can be thrown on. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new TypeError('something that is no error was thrown');
}
