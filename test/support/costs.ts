/** How long the processor works on it, in microseconds: the clock would count other work on the machine too. */
function cost(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** How many pieces the long text is cut into. */
const PIECES = 16;

/** How often it is measured at most. */
const ROUNDS = 4;

/**
 * Tells how many times as dear one long text is as the same length in 16 pieces: about 1 for what is linear, about 16 for
 * what is quadratic. Both sides take equally long for what is linear, so that a slow or busy machine slows both.
 */
export function dearness(read: (text: string) => unknown, unit: string, length: number): number {
  const short = unit.repeat(Math.ceil(length / PIECES / unit.length));
  const long = short.repeat(PIECES);
  let [whole, pieces, times] = [Infinity, Infinity, Infinity];
  // What is as cheap as that is linear: only where it looks otherwise may it have been the machine, and is asked again.
  for (let round = 0; round < ROUNDS && times > LINEAR / 2; round += 1) {
    whole = Math.min(
      whole,
      cost(() => read(long)),
    );
    pieces = Math.min(
      pieces,
      cost(() => {
        for (let piece = 0; piece < PIECES; piece += 1) read(short);
      }),
    );
    times = whole / Math.max(1, pieces);
  }
  return times;
}

/** Far above what is linear, far below what is quadratic. */
export const LINEAR = 5;
