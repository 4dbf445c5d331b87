import { Fault } from '#shared/core/fault.ts';
import type { Tally } from '#shared/store/store.ts';
import { otherOf, roomFor, roomForSearches, type Side, SLICE_MS } from './room-for.ts';
import type { Services } from './services.ts';

/** A provider's published limit, as one profile meets it. */
export interface CallLimit {
  /** What it is counted by: an organisation, or one credential. */
  readonly name: string;
  readonly profile: string;
  readonly callsPerMinute: number;
}

/** What is about to begin, with the calls that it will take. */
export interface Beginning {
  readonly what: 'search' | 'change';
  readonly calls: number;
}

/** One side's calls to the providers, beside those of the other. */
export interface CallBudget {
  /** Counts a call. Nobody waits for that, and a call that is under way is not stopped. */
  count(limit: CallLimit): void;
  /** The provider has refused a call for its limit: until the next slice alerts begin nothing there. */
  refused(limit: CallLimit): void;
  /**
   * Takes the calls of what begins out of the side's share, and waits some seconds for it. Throws `provider_rate_limited`, with
   * the seconds to wait, where it is used up.
   */
  begin(limit: CallLimit, beginning: Beginning): Promise<void>;
}

interface BudgetDeps extends Pick<Services, 'now' | 'sleep'> {
  /** Number from 0 up to 1. */
  readonly random: () => number;
  readonly notes: Pick<Services['store']['notes'], 'count'>;
  readonly side: Side;
}

/** So many calls of a process and slice cost no call of the table: a usual kill takes five. */
const UNTOLD = 5;
/** So long what the table has told is taken for what is so. */
const FRESH_MS = 1000;
const LOOK_MS = 500;
/** As long as a provider's own `Retry-After` is waited out; then the queue has the job, and the worker is free for others. */
const LONGEST_WAIT_MS = 3000;
/** Whoever has to wait for the next slice comes within so long of its beginning: else all would come together. */
const SPREAD_MS = 4000;
const KEPT_SECONDS = 120;

interface Spent {
  readonly slice: number;
  /** What the table has last told, and when. */
  told: Tally;
  toldAt: number | undefined;
  /** Calls of this process that the table does not know. */
  untold: number;
  /** Calls that were counted when what they belong to began, and are still to be made. */
  ahead: number;
  isRefused: boolean;
  telling: Promise<void> | undefined;
}

/** Makes the budget that all processes share by a tally in the table; where that cannot be reached each knows its own calls. */
export function createCallBudget(deps: BudgetDeps): CallBudget {
  const { now, sleep, random, side } = deps;
  const { of, tell, isShared } = createKnowledge(deps);
  const roomOf = (limit: CallLimit, mine: Spent, { what }: Beginning): number => {
    if (mine.isRefused) return 0;
    const slice = {
      callsPerMinute: limit.callsPerMinute,
      made: { ...mine.told, [side]: mine.told[side] + mine.untold },
      isShared: isShared(limit, mine),
      over: (now().getTime() % SLICE_MS) / SLICE_MS,
    };
    // However small a limit is, somebody goes first.
    if (slice.made[side] === 0) return Number.POSITIVE_INFINITY;
    return what === 'search' ? roomForSearches(slice) : roomFor(side, slice);
  };
  return {
    count: (limit) => {
      const mine = of(limit);
      if (mine.ahead > 0) mine.ahead -= 1;
      else mine.untold += 1;
      if (isBehind(mine, 0, now())) void tell(limit, mine);
    },
    refused: (limit) => {
      if (side === 'alerts') of(limit).isRefused = true;
    },
    begin: async (limit, beginning) => {
      const { calls } = beginning;
      for (let waited = 0; ; waited += LOOK_MS) {
        const mine = of(limit);
        if (isBehind(mine, calls, now())) await tell(limit, mine);
        if (roomOf(limit, mine, beginning) >= 1) {
          mine.untold += calls;
          mine.ahead += calls;
          // Where much is going on, all others know of it before they begin anything.
          if (mine.toldAt !== undefined) void tell(limit, mine);
          return;
        }
        if (mine.isRefused || waited >= LONGEST_WAIT_MS) throw usedUp(limit, now(), SPREAD_MS * random());
        await sleep(LOOK_MS);
      }
    },
  };
}

/** What one process knows of its own calls in each slice, and of all others'. */
function createKnowledge({ notes, now, side }: BudgetDeps) {
  const spent = new Map<string, Spent>();
  /** The slice in which the other side has last been seen. */
  const seen = new Map<string, number>();
  const of = ({ name }: CallLimit): Spent => {
    const slice = Math.floor(now().getTime() / SLICE_MS);
    const known = spent.get(name);
    if (known?.slice === slice) return known;
    const told = { people: 0, alerts: 0 };
    // Whoever was busy in the slice before asks at once what the others do in this one.
    const toldAt = known?.slice === slice - 1 ? known.toldAt : undefined;
    const fresh: Spent = { slice, told, toldAt, untold: 0, ahead: 0, isRefused: false, telling: undefined };
    spent.set(name, fresh);
    return fresh;
  };
  const tellNow = async ({ name }: CallLimit, mine: Spent): Promise<void> => {
    const more = mine.untold;
    const key = `calls:${name}:${mine.slice}`;
    const told = await notes.count(key, { of: side, by: more }, KEPT_SECONDS).catch(() => undefined);
    mine.telling = undefined;
    if (told === undefined) return;
    mine.untold -= more;
    mine.told = told;
    mine.toldAt = now().getTime();
    if (told[otherOf(side)] > 0) seen.set(name, mine.slice);
  };
  const tell = (limit: CallLimit, mine: Spent): Promise<void> => (mine.telling ??= tellNow(limit, mine));
  const isShared = ({ name }: CallLimit, { slice }: Spent): boolean =>
    (seen.get(name) ?? Number.NEGATIVE_INFINITY) >= slice - 1;
  return { of, tell, isShared };
}

/** Whether a process knows too little of what all others have done to begin so much more. */
function isBehind({ untold, toldAt }: Spent, calls: number, now: Date): boolean {
  if (toldAt === undefined) return untold > 0 && untold + calls > UNTOLD;
  return untold + calls > UNTOLD || now.getTime() - toldAt >= FRESH_MS;
}

function usedUp({ profile }: CallLimit, now: Date, laterMs: number): Fault {
  const retryAfterSeconds = Math.ceil((SLICE_MS - (now.getTime() % SLICE_MS) + laterMs) / 1000);
  const detail = `${profile}: this share of its limit is used up`;
  return new Fault('provider_rate_limited', detail, { retryAfterSeconds });
}
