/** The first pause before a job is delivered again, and the longest, in seconds; it doubles in between. */
const PAUSE = { first: 2, longest: 300 } as const;
/** How often a job is delivered in all; infra/queues.yml says the same. */
const MOST_ATTEMPTS = 100;
/** The pause is drawn from the upper half, so that many jobs of one outage do not come back together. */
const USUAL = 0.75;

/** The longest pause behind an attempt that failed, in seconds. */
export function longestPause(attempt: number): number {
  return Math.min(PAUSE.longest, PAUSE.first * 2 ** Math.min(attempt - 1, 12));
}

/** About how long the pause behind an attempt is, in whole seconds. */
export function pauseSeconds(attempt: number): number {
  return Math.max(1, Math.round(longestPause(attempt) * USUAL));
}

/** About how many seconds it takes from the beginning until a job that goes on failing is given up. */
export function attemptsLast(attempt: number): number {
  let seconds = 0;
  for (let each = 1; each < Math.max(MOST_ATTEMPTS, attempt); each += 1) seconds += longestPause(each) * USUAL;
  return seconds;
}
