import { SLICE_MS } from '#shared/tokens/room-for.ts';

/** One situation: how much arrives, and what limits its handling. */
export interface Flood {
  /** Reports of different leaked tokens, spread evenly over one minute. */
  readonly reports: number;
  readonly workers: number;
  readonly batch: number;
  readonly maxReceives: number;
  readonly rttMs: number;
  readonly provider: { readonly callsPerMinute: number; readonly callsPerKill: number; readonly tellsWhen: boolean };
  readonly slack: {
    readonly postsPerMinute: number;
    readonly postsPerCase: number;
    /** How many new cases get a card each in ten minutes; further ones are told by one message, drawn every few seconds. */
    readonly cards: number;
  };
}

/** What became of it. Times in seconds after the report came in; `last…` after the flood began. */
export interface Ebb {
  readonly killP50: number;
  readonly killP95: number;
  readonly lastKill: number;
  readonly lastWord: number;
  readonly dead: number;
  /** Those of the dead that were not even killed. */
  readonly alive: number;
}

interface Job {
  readonly arrived: number;
  visibleAt: number;
  attempt: number;
  killedAt: number | undefined;
  /** Decided when it is first told. */
  hasCard?: boolean;
}

/** As shared/cases/roll-ups.ts tells together: by windows of the policy, drawn at the end of a beat. */
const WINDOW_SECONDS = 600;
const DRAWN_AFTER_SECONDS = 6.5;
/** Lambda's poller, a warm worker's own time and the table's, beside the calls to the outside. */
const OWN_SECONDS = 0.25;
/** As shared/jobs/postpone.ts postpones: doubling from 2 s to 300 s, the upper half drawn at random. */
const PAUSE = { first: 2, longest: 300 };

/** Plays a flood through queue, workers, provider and Slack, in simulated time. The same every time. */
export function play(flood: Flood): Ebb {
  const random = createRandom();
  const provider = createLimit(flood.provider.callsPerMinute, SLICE_MS / 1000);
  const slack = createLimit(flood.slack.postsPerMinute, 60);
  const rtt = flood.rttMs / 1000;
  const waiting: Job[] = Array.from({ length: flood.reports }, (_, index) => {
    const arrived = (index / flood.reports) * 60;
    return { arrived, visibleAt: arrived, attempt: 0, killedAt: undefined };
  });
  const freeAt = Array.from({ length: flood.workers }, () => 0);
  const kills: { readonly after: number; readonly at: number }[] = [];
  const cards = new Map<number, number>();
  let lastWord = 0;
  let dead = 0;

  const pause = (attempt: number, asked: number): number => {
    const ceiling = Math.min(PAUSE.longest, PAUSE.first * 2 ** Math.min(attempt - 1, 12));
    return Math.max(asked, ceiling * (0.5 + random() / 2));
  };
  /** Works on one job from `now`; gives the seconds it took, and puts it back where it must wait. */
  const work = (job: Job, now: number): number => {
    job.attempt += 1;
    const putBack = (seconds: number): void => {
      if (job.attempt >= flood.maxReceives) dead += 1;
      else {
        job.visibleAt = now + seconds;
        waiting.splice(firstAfter(waiting, job.visibleAt), 0, job);
      }
    };
    let took = OWN_SECONDS;
    if (job.killedAt === undefined) {
      if (!provider.take(now, flood.provider.callsPerKill)) {
        putBack(pause(job.attempt, flood.provider.tellsWhen ? provider.openAfter(now) : 0));
        return took + rtt;
      }
      took += flood.provider.callsPerKill * rtt;
      job.killedAt = now + took;
      kills.push({ after: job.killedAt - job.arrived, at: job.killedAt });
    }
    took += rtt;
    const window = Math.floor(now / WINDOW_SECONDS);
    if (job.hasCard === undefined) {
      const given = cards.get(window) ?? 0;
      job.hasCard = given < flood.slack.cards;
      if (job.hasCard) cards.set(window, given + 1);
    }
    if (!job.hasCard) {
      lastWord = Math.max(lastWord, now + took + DRAWN_AFTER_SECONDS);
      return took;
    }
    if (slack.take(now, flood.slack.postsPerCase)) lastWord = Math.max(lastWord, now + took);
    else putBack(pause(job.attempt, slack.openAfter(now)));
    return took;
  };

  while (waiting.length > 0) {
    const worker = freeAt.indexOf(Math.min(...freeAt));
    const now = Math.max(freeAt[worker] ?? 0, waiting[0]?.visibleAt ?? 0);
    const taken = waiting.splice(0, Math.min(flood.batch, firstAfter(waiting, now)));
    freeAt[worker] = now + Math.max(...taken.map((job) => work(job, now)));
  }
  const times = kills.map(({ after }) => after).toSorted((left, right) => left - right);
  const at = (part: number): number => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  return {
    killP50: at(0.5),
    killP95: at(0.95),
    lastKill: Math.max(0, ...kills.map((kill) => kill.at)),
    lastWord,
    dead,
    alive: flood.reports - kills.length,
  };
}

/** Index of the first job that becomes visible after `time`; the list is in that order. */
function firstAfter(jobs: readonly Job[], time: number): number {
  let low = 0;
  let high = jobs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((jobs[middle]?.visibleAt ?? 0) > time) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A limit of so many calls in each minute, counted in fixed windows of so many seconds. */
function createLimit(perMinute: number, seconds: number) {
  const most = (perMinute * seconds) / 60;
  const windows = new Map<number, number>();
  return {
    take: (now: number, calls: number): boolean => {
      const window = Math.floor(now / seconds);
      const used = windows.get(window) ?? 0;
      if (used + calls > most) return false;
      windows.set(window, used + calls);
      return true;
    },
    openAfter: (now: number): number => seconds - (now % seconds),
  };
}

/** mulberry32: the same numbers on every machine. */
function createRandom(): () => number {
  let state = 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
