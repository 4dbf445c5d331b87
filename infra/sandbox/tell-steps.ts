/** Returns what prints each step of a long start with the seconds since the first. */
export function tellSteps(write: (line: string) => void = console.log): (step: string) => void {
  const startedAt = performance.now();
  return (step) => write(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)} s  ${step} …`);
}
