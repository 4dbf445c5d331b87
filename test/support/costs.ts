/** How long the processor works on it, in microseconds: the clock would count other work on the machine too. */
function cost(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** How many pieces the long text is cut into. */
const PIECES = 16;

/**
 * Tells how many times as dear one long text is as the same length in 16 pieces: about 1 for what is linear, about 16 for
 * what is quadratic. Both sides take equally long for what is linear, so that a slow or busy machine slows both.
 */
export function dearness(read: (text: string) => unknown, unit: string, length: number): number {
  const short = unit.repeat(Math.ceil(length / PIECES / unit.length));
  const long = short.repeat(PIECES);
  const rounds = [0, 1, 2, 3].map(() => ({
    whole: cost(() => read(long)),
    pieces: cost(() => {
      for (let piece = 0; piece < PIECES; piece += 1) read(short);
    }),
  }));
  const least = (which: 'whole' | 'pieces') => Math.min(...rounds.map((round) => round[which]));
  return least('whole') / Math.max(1, least('pieces'));
}

/** Far above what is linear, far below what is quadratic. */
export const LINEAR = 5;
