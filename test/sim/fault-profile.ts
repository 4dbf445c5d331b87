import type { Chance } from './chance.ts';

/** What becomes of one call to a neighbour, and how long both ways take, milliseconds. */
export interface Fate {
  readonly kind: 'answered' | 'fails' | 'lost' | 'dies-before' | 'dies-after';
  readonly thereMs: number;
  readonly backMs: number;
}

/** How likely each misfortune is, for one call. */
export interface FaultRates {
  readonly fails: number;
  readonly lost: number;
  readonly dies: number;
  /** A call that takes seconds instead of milliseconds. */
  readonly slow: number;
}

/** How a neighbour behaves for a while. */
export interface Outage {
  readonly neighbour: string;
  /** `denied`: it refuses our own credentials, and nobody else's. */
  readonly mode: 'down' | 'hang' | '401' | 'denied' | '429' | '500' | '202' | 'html';
  readonly from: number;
  readonly to: number;
}

export interface FaultProfile {
  fateOf(call: { readonly neighbour: string; readonly name: string }, at: number): Fate;
  outageOf(neighbour: string, at: number): Outage['mode'] | undefined;
  /** True in an outage of half an hour or more. */
  isLong(neighbour: string, at: number): boolean;
  add(outage: Outage): void;
  /** When the last outage so far is over. */
  clearFrom(): number;
  /** Notes a misfortune of this name; false where the story is told without it. */
  strikes(name: string): boolean;
  /** The misfortunes so far, each with its number among those of its name. */
  readonly met: readonly string[];
}

const USUAL_MS: Readonly<Record<string, readonly [there: number, back: number]>> = {
  table: [4, 4],
  queue: [6, 6],
  secrets: [10, 10],
  slack: [90, 60],
  github: [80, 60],
  dfns: [70, 60],
  langsmith: [90, 80],
};

interface FaultProfileDeps {
  readonly chance: Chance;
  readonly rates: FaultRates;
  /** After this nothing goes wrong by chance any more, so that every history comes to an end. */
  readonly calmFrom: number;
  /** The only misfortunes that may happen; all, where there are none. */
  readonly only?: ReadonlySet<string> | undefined;
}

/** Makes the faults of one history: what goes wrong, and when. */
export function createFaultProfile({ chance, rates, calmFrom, only }: FaultProfileDeps): FaultProfile {
  const counts = new Map<string, number>();
  const met: string[] = [];
  const strikes: FaultProfile['strikes'] = (name) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const one = `${name} #${count}`;
    if (only?.has(one) === false) return false;
    met.push(one);
    return true;
  };
  const outages: Outage[] = [];
  const kindOf = (roll: number): Fate['kind'] => {
    const steps = [
      ['fails', rates.fails],
      ['lost', rates.lost],
      ['dies-before', rates.dies / 2],
      ['dies-after', rates.dies / 2],
    ] as const;
    let sum = 0;
    for (const [kind, share] of steps) {
      sum += share;
      if (roll < sum) return kind;
    }
    return 'answered';
  };
  const befalls = (key: string): Fate['kind'] => {
    const kind = kindOf(chance.draw(`fate ${key}`));
    return kind === 'answered' || strikes(`${key} ${kind}`) ? kind : 'answered';
  };
  const find = (neighbour: string, at: number) =>
    outages.findLast((outage) => outage.neighbour === neighbour && outage.from <= at && at < outage.to);
  const outageOf: FaultProfile['outageOf'] = (neighbour, at) => find(neighbour, at)?.mode;
  return {
    fateOf: ({ neighbour, name }, at) => {
      const key = `${neighbour} ${name}`;
      const [there, back] = USUAL_MS[neighbour] ?? [20, 20];
      const isStormy = at < calmFrom;
      const isDown = outageOf(neighbour, at) === 'down';
      const isSlow = isStormy && chance.draw(`slow ${key}`) < rates.slow && strikes(`${key} is slow`);
      const factor = isSlow ? 40 : 1;
      return {
        kind: isDown ? 'fails' : isStormy ? befalls(key) : 'answered',
        thereMs: Math.ceil(there * factor * (0.3 + 1.4 * chance.draw(`there ${key}`))),
        backMs: Math.ceil(back * factor * (0.3 + 1.4 * chance.draw(`back ${key}`))),
      };
    },
    outageOf,
    isLong: (neighbour, at) => {
      const { from, to } = find(neighbour, at) ?? { from: 0, to: 0 };
      return to - from >= 30 * 60_000;
    },
    clearFrom: () => Math.max(calmFrom, ...outages.map(({ to }) => to)),
    add: (outage) => {
      outages.push(outage);
    },
    strikes,
    met,
  };
}
