import { type Dispatch, type StateUpdater, useLayoutEffect, useState } from 'preact/hooks';

/** State that outlives a reload of this tab; what was kept and does not pass `isGood` is replaced by the initial value. */
export function useKept<T>(
  key: string,
  initial: T,
  isGood: (kept: unknown) => boolean,
): [T, Dispatch<StateUpdater<T>>] {
  const [value, setValue] = useState<T>(() => {
    const kept = read(key);
    return isGood(kept) ? (kept as T) : initial;
  });
  // Before the browser paints: a reload may come right after a key.
  useLayoutEffect(() => sessionStorage.setItem(key, JSON.stringify(value)), [key, value]);
  return [value, setValue];
}

function read(key: string): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? 'null');
  } catch {
    return undefined;
  }
}
