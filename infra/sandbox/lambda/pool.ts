import type { Instance } from './instance.ts';

/** A function's processes: those that are free, and those at work, of which there are never more than `most`. */
export function createPool(most: number, start: () => Instance) {
  const free: Instance[] = [];
  const busy = new Set<Instance>();
  const waiting: (() => void)[] = [];
  /** At work still, and not to be used again. */
  const retired = new WeakSet<Instance>();

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
    },
    /** Ends the free processes, and lets each busy one do its event only. */
    retire: async (): Promise<void> => {
      for (const instance of busy) retired.add(instance);
      await Promise.all(free.splice(0).map((instance) => instance.close()));
    },
  };
}
