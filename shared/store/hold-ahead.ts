import type { Held, Store } from './store.ts';

/** A key that is taken before it is needed, beside something that takes longer. */
export interface HeldAhead {
  /** Does what `hold` does: with the key as it was taken, or else as whoever had it gives it back. */
  hold<T>(work: (held: Held) => Promise<T>): Promise<T>;
  /** Gives back what nobody has used, and does nothing where it is in use. Never throws. */
  letGo(): Promise<void>;
}

type Use = (held: Held) => Promise<unknown>;

/**
 * Begins to take a key that nobody has; one that somebody has is left to them, so that none is waited for with another one in
 * hand. It is held until it has been used or is let go: whoever takes it has to do one of both. `waiting` is done before
 * the key is waited for after all, to let go of what was taken beside it.
 */
export function holdAhead(
  { hold }: Pick<Store, 'hold'>,
  key: string,
  waiting: () => Promise<void> = async () => {},
): HeldAhead {
  const { promise: used, resolve: use } = Promise.withResolvers<Use>();
  const { promise: taken, resolve: isTaken } = Promise.withResolvers<boolean>();
  let isOver = false;
  const ended = hold(
    key,
    async (held) => {
      isTaken(true);
      return (await used)(held);
    },
    'unless_held',
  );
  // Where it was not taken, whoever needs it asks for it anew and is told what is wrong.
  ended.then(
    () => undefined,
    () => isTaken(false),
  );
  return {
    hold: async <T>(work: (held: Held) => Promise<T>) => {
      const isFirst = !isOver;
      isOver = true;
      if (isFirst && (await taken)) {
        use(work);
        return ended as Promise<T>;
      }
      await waiting();
      return hold(key, work);
    },
    letGo: async () => {
      if (isOver) return;
      isOver = true;
      use(async () => undefined);
      await ended.catch(() => undefined);
    },
  };
}
