import type { Instance } from './instance.ts';

/** A function's processes: those that are free, and those at work, of which there are never more than `most`. */
export function createPool(most: number, start: () => Instance) {
  const free: Instance[] = [];
  const busy = new Set<Instance>();
  const waiting: (() => void)[] = [];
  /** At work still, and not to be used again. */
  const retired = new WeakSet<Instance>();
  /** Started ahead, and never given an event. */
  const fresh = new Set<Instance>();

  return {
    /** Those that are at work now. */
    busy: (): readonly Instance[] => [...busy],
    /** Waits its turn, then takes the process that was used last, as Lambda tends to, or a new one. */
    take: async (isClosed: () => boolean): Promise<Instance | undefined> => {
      while (busy.size >= most) await new Promise<void>((resolve) => waiting.push(resolve));
      if (isClosed()) return undefined;
      let instance = free.pop();
      while (instance !== undefined && !instance.alive) instance = free.pop();
      instance ??= start();
      fresh.delete(instance);
      busy.add(instance);
      return instance;
    },
    /** Frees a process, or ends it when it died or was retired. */
    release: (instance: Instance): void => {
      busy.delete(instance);
      if (instance.alive && !retired.has(instance)) free.push(instance);
      else instance.kill();
      waiting.shift()?.();
    },
    add: (instance: Instance): void => {
      free.push(instance);
      fresh.add(instance);
    },
    isEmpty: (): boolean => !free.some(({ alive }) => alive),
    /** Ends the free processes, but for fresh ones where those may stay, and lets each busy one do its event only. */
    retire: async (keepsFresh = false): Promise<void> => {
      for (const instance of busy) retired.add(instance);
      if (!keepsFresh) fresh.clear();
      const used = free.filter((instance) => !fresh.has(instance));
      free.splice(0, free.length, ...free.filter((instance) => fresh.has(instance)));
      await Promise.all(used.map((instance) => instance.close()));
    },
  };
}
