import { AsyncLocalStorage } from 'node:async_hooks';
import { createAgenda } from './agenda.ts';
import type { Chance } from './chance.ts';
import type { Fate, FaultProfile } from './fault-profile.ts';

/** One run of one function: a Lambda container, a person, a scanner. What it waits for is lost when it dies. */
export interface Process {
  readonly name: string;
  alive: boolean;
  /** How far its clock is off, milliseconds. */
  skewMs: number;
  /** Called at once when it dies. */
  readonly onDeath: Set<() => void>;
}

/** Makes a process that lives. */
export const createProcess = (name: string, skewMs = 0): Process => ({ name, alive: true, skewMs, onDeath: new Set() });

interface Here {
  readonly process: Process;
  /** The job that is being worked on. */
  readonly job: string | undefined;
  /** Which run of work it is. */
  readonly turn: number;
}

/** A call to a neighbour: `name` says which, for the trace and for chance. */
export interface Effect<T> {
  readonly neighbour: string;
  readonly name: string;
  /** Does it, at one instant. */
  readonly work: () => T;
  /** What the caller gets instead of an answer: `before` when nothing was done, `after` when it was done all the same. */
  readonly unanswered: (when: 'before' | 'after') => T;
}

/** Time, processes and effects: everything that happens, happens here, in one order that follows from the seed. */
export interface World {
  readonly chance: Chance;
  /** True time, milliseconds since the epoch. */
  now(): number;
  /** What the present process takes for the time. */
  clock(): Date;
  /** Waits, as the present process: never ends when that dies. */
  sleep(milliseconds: number): Promise<void>;
  /** Calls `go` after a while, unless the present process has died by then. Gives a way to call it off. */
  later(milliseconds: number, go: () => void): () => void;
  /** Runs work as a process; what it throws is the caller's to take. */
  run<T>(process: Process, work: () => Promise<T>, job?: string): Promise<T>;
  effect<T>(effect: Effect<T>): Promise<T>;
  /** Runs work as the world itself, whoever asks: it goes on when that process dies. */
  outside<T>(work: () => T): T;
  /** The job that the present process works on. */
  job(): string | undefined;
  /** Which run of work this is: one for each time that a job is taken up. */
  turn(): number | undefined;
  process(): Process | undefined;
  kill(process: Process, why: string): void;
  /** How many processes have died so far. */
  deaths(): number;
  trace(line: string): void;
  /** Notes that something of this name has happened, for the table of what a thousand histories had. */
  occur(name: string): void;
  readonly occurred: ReadonlyMap<string, number>;
  /** Lets things happen until `isDone`, or nothing more can, or `until` has come; tells whether it was done. */
  live(isDone: () => boolean, until: number): Promise<boolean>;
}

const settle = (() => {
  const { setImmediate } = globalThis;
  return () => new Promise<void>((resolve) => setImmediate(resolve));
})();
const never = <T>() => new Promise<T>(() => undefined);
const MOST_STEPS = 400_000;

interface WorldDeps {
  readonly chance: Chance;
  readonly faults: FaultProfile;
  readonly startAt: number;
  /** Takes each line of the trace, where somebody reads it. */
  readonly write?: ((line: string) => void) | undefined;
}

/** Makes a world in which nothing has happened yet. */
export function createWorld({ chance, faults, startAt, write }: WorldDeps): World {
  const here = new AsyncLocalStorage<Here | undefined>();
  const agenda = createAgenda();
  let time = startAt;
  let [deaths, turns] = [0, 0];
  const occurred = new Map<string, number>();
  const occur = (name: string) => void occurred.set(name, (occurred.get(name) ?? 0) + 1);
  const trace = (line: string) => {
    if (write === undefined) return;
    const { process, job } = here.getStore() ?? {};
    const who = process === undefined ? 'world' : process.name;
    write(`${new Date(time).toISOString().slice(11, 23)} ${who}${job === undefined ? '' : ` ${job}`}: ${line}`);
  };
  const later = (milliseconds: number, go: () => void) => {
    const asked = here.getStore();
    const owner = asked?.process;
    let isOff = false;
    agenda.add({
      at: time + Math.max(0, milliseconds),
      isWanted: () => !isOff && owner?.alive !== false,
      go: () => here.run(asked, go),
    });
    return () => {
      isOff = true;
    };
  };
  const sleep = (milliseconds: number) => new Promise<void>((resolve) => void later(milliseconds, resolve));
  const outside = <T>(work: () => T): T => here.run(undefined, work);
  const kill = (process: Process, why: string) => {
    if (!process.alive) return;
    process.alive = false;
    deaths += 1;
    trace(`${process.name} dies ${why}`);
    outside(() => process.onDeath.forEach((tell) => tell()));
  };
  const end = async <T>(effect: Effect<T>, fate: Fate): Promise<T> => {
    const { neighbour, name, work, unanswered } = effect;
    const { process } = here.getStore() ?? {};
    const at = `${neighbour} ${name}`;
    if (fate.kind === 'dies-before' && process !== undefined) {
      occur('a process dies before a call');
      kill(process, `before ${at}`);
      return never();
    }
    if (fate.kind === 'fails') {
      occur(`${neighbour}: a call is not answered, nothing was done`);
      trace(`${at} is not answered, nothing was done`);
      return unanswered('before');
    }
    const value = work();
    trace(at);
    if (fate.kind === 'dies-after' && process !== undefined) {
      occur('a process dies after a call was done');
      kill(process, `after ${at}`);
      return never();
    }
    await sleep(fate.backMs);
    if (fate.kind !== 'lost') return value;
    occur(`${neighbour}: a call was done, its answer is lost`);
    trace(`${at} was done, its answer is lost`);
    return unanswered('after');
  };
  return {
    chance,
    now: () => time,
    clock: () => new Date(time + (here.getStore()?.process.skewMs ?? 0)),
    sleep,
    later,
    run: (process, work, job) => here.run({ process, job, turn: (turns += 1) }, work),
    effect: async (effect) => {
      if (here.getStore()?.process.alive === false) return never();
      const fate = faults.fateOf(effect, time);
      await sleep(fate.thereMs);
      return end(effect, fate);
    },
    job: () => here.getStore()?.job,
    turn: () => here.getStore()?.turn,
    process: () => here.getStore()?.process,
    outside,
    kill,
    deaths: () => deaths,
    trace,
    occur,
    occurred,
    live: async (isDone, until) => {
      for (let step = 0; step < MOST_STEPS; step += 1) {
        await settle();
        if (isDone()) return true;
        let due = agenda.next();
        while (due !== undefined && !due.isWanted()) due = agenda.next();
        if (due === undefined || due.at > until) return false;
        time = Math.max(time, due.at);
        due.go();
      }
      return false;
    },
  };
}
