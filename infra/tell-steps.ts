/** Nobody waits longer than this without a word. */
const QUIET_MS = 10_000;

/**
 * Returns what prints each step of something long with the seconds since the first, and says again what is at work whenever
 * it was quiet for ten seconds. It keeps no process alive.
 */
export function tellSteps(write: (line: string) => void = console.log): (step: string) => void {
  const startedAt = performance.now();
  let last: { readonly step: string; readonly at: number } | undefined;
  const say = (step: string, mark: string): void => {
    const now = performance.now();
    write(`${((now - startedAt) / 1000).toFixed(1).padStart(5)} s  ${mark}${step} …`);
    last = { step, at: now };
  };
  setInterval(() => {
    if (last !== undefined && performance.now() - last.at >= QUIET_MS) say(last.step, 'still ');
  }, 1000).unref();
  return (step) => say(step, '');
}
