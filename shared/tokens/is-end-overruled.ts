import type { Case } from '#shared/store/store.ts';

/** True where a person has decided after this time (ISO 8601) that a case's token is to live: by "Not ours", or by its return. */
export function isEndOverruled({ presses = [], returned }: Pick<Case, 'presses' | 'returned'>, at: string): boolean {
  return (returned !== undefined && returned.at > at) || presses.some((one) => one.act === 'dismiss' && one.at > at);
}
