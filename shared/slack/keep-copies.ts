import pLimit from 'p-limit';
import type { Posted } from './reply.ts';

/** One person's copy of something that several are told alone. */
export interface Copy extends Posted {
  readonly userId: string;
}

interface KeptCopies<C extends Copy> {
  /** By whom they are for. */
  readonly copies: ReadonlyMap<string, C>;
  /** Keeps a change of one copy, or forgets it. Changes that come together are kept in turn, each with all before it. */
  readonly keep: (userId: string, copy: C | undefined) => Promise<void>;
}

/** What is known of copies, each of which is kept by itself: where another could not be told, this one is not told again. */
export function keepCopies<C extends Copy>(
  before: readonly C[],
  put: (copies: readonly C[]) => Promise<void>,
): KeptCopies<C> {
  const copies = new Map(before.map((copy) => [copy.userId, copy]));
  const inTurn = pLimit(1);
  const keep = (userId: string, copy: C | undefined): Promise<void> =>
    inTurn(() => {
      if (copy === undefined) copies.delete(userId);
      else copies.set(userId, copy);
      return put([...copies.values()]);
    });
  return { copies, keep };
}
