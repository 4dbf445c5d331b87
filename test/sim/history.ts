import type { Approval, AuditEntry, Case } from '#shared/store/store.ts';
import { unpack, type Packed } from '#shared/store/dynamo/packed.ts';
import type { DeadLetters } from '#shared/jobs/count-dead-letters.ts';
import { PENDING_MS } from '#shared/tokens/pending-until.ts';
import { runDeadLetters, type Wrap } from './bot.ts';
import { createChance } from './chance.ts';
import { holdGlobals } from './globals.ts';
import { play } from './play.ts';
import { type Ended, PROMISES, promisedOfDead } from './promises.ts';
import { isUnknownHere } from './releases.ts';
import { eventsOf } from './coverage.ts';
import { createStage, type Stage, START } from './stage.ts';
import type { Story } from './story.ts';
import { createProcess, type World } from './world.ts';

/** How a history ended. */
export interface Outcome {
  /** A sentence for each promise that was broken. */
  readonly broken: readonly { readonly promise: string; readonly how: string }[];
  /** Virtual time, milliseconds. */
  readonly lastedMs: number;
  readonly deaths: number;
  readonly changes: number;
  /** What happened in it, by the names of coverage.ts. */
  readonly events: readonly string[];
  /** What went wrong by chance. */
  readonly met: readonly string[];
}

/**
 * For so long the bot goes on by itself after a beginning, which what is brought back is too: a kill that its provider took and
 * does not do is waited for for a week and an hour, and the token that dies then is looked at for a day and an hour.
 */
const LONGEST_MS = PENDING_MS + 60 * 3_600_000;
/** What is begun beside a job (a word that may wait) has ended by then. */
const REST_MS = 5_000;

/** Plays a story from its beginning to its end, and asks whether every promise was kept. */
export async function live(story: Story, wrap: Wrap = {}, write?: (line: string) => void): Promise<Outcome> {
  const chance = createChance(story.seed);
  const broken: { promise: string; how: string }[] = [];
  const events: string[] = [];
  const stage = createStage({ story, chance, wrap, onSaid: () => {}, write });
  const { world, queues } = stage;
  const release = holdGlobals(world);
  try {
    const diary = play(stage, story.acts);
    const isQuiet = () => diary.busy === 0 && queues.commands.isQuiet() && queues.leaks.isQuiet();
    const toItsEnd = () => world.live(isQuiet, world.now() + LONGEST_MS);
    const promised = () => promisedOfDead({ stage, ...recordsOf(stage) });
    let isDone = await toItsEnd();
    // Somebody reads what is announced, and brings every dead letter back.
    for (let times = 0; isDone && times < 3; times += 1) {
      await rest(world, stage.faults.clearFrom() - world.now());
      const dead = { leaks: queues.leaks.dead.length, commands: queues.commands.dead.length };
      if (dead.leaks + dead.commands === 0) break;
      await announce(stage, dead);
      // The schedule asks every five minutes: what somebody may be at work on is left to them for ten.
      for (let more = 0; more < 3 && promised().length > 0; more += 1) {
        await rest(world, FIRING_MS);
        await announce(stage, dead);
      }
      broken.push(...promised().map((how) => ({ promise: 'no word promises another try of a dead letter', how })));
      // A release that was taken back comes again: only it knows what it has queued.
      const isOfNext = [...queues.commands.dead, ...queues.leaks.dead].some(({ body }) => isUnknownHere(body));
      if (isOfNext && !stage.isNext()) stage.deploy();
      queues.commands.redrive();
      queues.leaks.redrive();
      isDone = await toItsEnd();
    }
    await rest(world, REST_MS);
    await announce(stage, { leaks: queues.leaks.dead.length, commands: queues.commands.dead.length });
    if (!isDone) broken.push({ promise: 'every job ends', how: stillOpen(stage) });
    const ended = { stage, diary, ...recordsOf(stage) };
    events.push(...eventsOf(ended, story));
    for (const { name, check } of PROMISES) broken.push(...check(ended).map((how) => ({ promise: name, how })));
  } finally {
    release();
  }
  const changes = stage.ledger.changes.length;
  return { broken, events, lastedMs: world.now() - START, deaths: world.deaths(), changes, met: stage.faults.met };
}

const FIRING_MS = 5 * 60_000;

/** The schedule tells what was given up, and when it is back. */
async function announce({ world, rim, wrap }: Stage, dead: DeadLetters): Promise<void> {
  let isOver = false;
  const process = createProcess('hygiene');
  void world
    .run(process, () => runDeadLetters(world, rim, { wrap, dead }), 'dead-letters')
    .catch((error: unknown) => world.trace(`dead letters are not told: ${String(error)}`))
    .finally(() => {
      isOver = true;
    });
  await world.live(() => isOver, Number.POSITIVE_INFINITY);
}

async function rest(world: World, milliseconds: number): Promise<void> {
  const until = world.now() + milliseconds;
  void world.later(milliseconds, () => {});
  await world.live(() => world.now() >= until, Number.POSITIVE_INFINITY);
}

function stillOpen({ queues, world }: Ended['stage']): string {
  const jobs = [...queues.commands.jobs, ...queues.leaks.jobs].map(
    ({ key, receives }) => `${key.slice(0, 40)} (${receives} receives)`,
  );
  return `after ${Math.round((world.now() - START) / 60_000)} minutes there is still ${jobs.join(', ') || 'something under way'}`;
}

function recordsOf({ table }: Ended['stage']): Pick<Ended, 'cases' | 'approvals' | 'audit'> {
  const of = <T>(sk: string) =>
    table.rows().flatMap((row) => (row['sk'] === sk ? (unpack<T>(row['body'] as Packed) ?? []) : []) as T[]);
  return { cases: of<Case>('case'), approvals: of<Approval>('approval'), audit: of<AuditEntry>('audit') };
}
