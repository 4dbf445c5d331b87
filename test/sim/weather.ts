import type { Chance } from './chance.ts';

/** What becomes of one call to a neighbour, and how long both ways take, milliseconds. */
export interface Fate {
  readonly kind: 'answered' | 'fails' | 'lost' | 'dies-before' | 'dies-after';
  readonly thereMs: number;
  readonly backMs: number;
}

/** How likely each misfortune is, for one call. */
export interface Chaos {
  readonly fails: number;
  readonly lost: number;
  readonly dies: number;
  /** A call that takes seconds instead of milliseconds. */
  readonly slow: number;
}

/** How a neighbour behaves for a while. */
export interface Outage {
  readonly neighbour: string;
  readonly mode: 'down' | 'hang' | '401' | '429' | '500' | '202' | 'html';
  readonly from: number;
  readonly to: number;
}

export interface Weather {
  fateOf(call: { readonly neighbour: string; readonly name: string }, at: number): Fate;
  outageOf(neighbour: string, at: number): Outage['mode'] | undefined;
  add(outage: Outage): void;
  /** When the last outage so far is over. */
  clearFrom(): number;
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

interface WeatherDeps {
  readonly chance: Chance;
  readonly chaos: Chaos;
  /** After this nothing goes wrong by chance any more, so that every history comes to an end. */
  readonly calmFrom: number;
}

/** Makes the weather of one history: what goes wrong, and when. */
export function createWeather({ chance, chaos, calmFrom }: WeatherDeps): Weather {
  const outages: Outage[] = [];
  const kindOf = (roll: number): Fate['kind'] => {
    const steps = [
      ['fails', chaos.fails],
      ['lost', chaos.lost],
      ['dies-before', chaos.dies / 2],
      ['dies-after', chaos.dies / 2],
    ] as const;
    let sum = 0;
    for (const [kind, share] of steps) {
      sum += share;
      if (roll < sum) return kind;
    }
    return 'answered';
  };
  const outageOf: Weather['outageOf'] = (neighbour, at) =>
    outages.findLast((outage) => outage.neighbour === neighbour && outage.from <= at && at < outage.to)?.mode;
  return {
    fateOf: ({ neighbour, name }, at) => {
      const key = `${neighbour} ${name}`;
      const [there, back] = USUAL_MS[neighbour] ?? [20, 20];
      const isStormy = at < calmFrom;
      const isDown = outageOf(neighbour, at) === 'down';
      const isSlow = isStormy && chance.draw(`slow ${key}`) < chaos.slow;
      const factor = isSlow ? 40 : 1;
      return {
        kind: isDown ? 'fails' : isStormy ? kindOf(chance.draw(`fate ${key}`)) : 'answered',
        thereMs: Math.ceil(there * factor * (0.3 + 1.4 * chance.draw(`there ${key}`))),
        backMs: Math.ceil(back * factor * (0.3 + 1.4 * chance.draw(`back ${key}`))),
      };
    },
    outageOf,
    clearFrom: () => Math.max(calmFrom, ...outages.map(({ to }) => to)),
    add: (outage) => {
      outages.push(outage);
    },
  };
}
