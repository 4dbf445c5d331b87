import { createTimeouts } from './network.ts';
import type { World } from './world.ts';

/** Lends the world's time and chance to whatever libraries take from the runtime; gives the way back. */
export function holdGlobals(world: World): () => void {
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  const { random } = Math;
  const { timeout } = AbortSignal;
  let timers = 0;
  const callOffs = new Map<number, () => void>();
  const start = (go: () => void, milliseconds = 0) => {
    const id = (timers += 1);
    callOffs.set(id, world.later(milliseconds, go));
    // As much of a timer as anybody uses: a number by which it is called off.
    return Object.assign(Object(id) as object, { unref: () => undefined, ref: () => undefined, valueOf: () => id });
  };
  const stop = (timer: unknown) => callOffs.get(Number(timer))?.();
  Object.assign(globalThis, {
    setTimeout: (go: (...given: unknown[]) => void, milliseconds?: number, ...given: unknown[]) =>
      start(() => go(...given), milliseconds),
    clearTimeout: stop,
    setInterval: () => {
      throw new Error('nothing may set an interval by itself');
    },
    clearInterval: stop,
  });
  Math.random = () => world.chance.draw('Math.random');
  AbortSignal.timeout = createTimeouts(world);
  return () => {
    Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
    Math.random = random;
    AbortSignal.timeout = timeout;
  };
}
