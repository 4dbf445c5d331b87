import { tellSteps } from '#infra/tell-steps.ts';
import { execFileSync } from 'node:child_process';
import { orExit, readCommandLine } from '../../infra/command-line.ts';
import type { Wrap } from './bot.ts';
import { createChance } from './chance.ts';
import { EVENTS } from './coverage.ts';
import { live, type Outcome } from './history.ts';
import { PLANTED_FAULTS } from './planted-faults.ts';
import { shrink } from './shrink.ts';
import { spread } from './spread.ts';
import { drawStory, type Story } from './story.ts';
import { tell } from './words.ts';

const HELP = `npm run sim -- [--seed N] [--histories N] [--plant NAME] [--trace [--short]]   plays histories, N = 1 and 1000 unless told
npm run sim -- --cover …                                             prints in how many of them each event happened; none may be missing
npm run sim -- --workers N …                                         plays them in N processes, each its own run of seeds
npm run sim -- --minutes N …                                         begins no history after so many minutes
npm run sim -- --heavy …                                             with many more misfortunes, and few deliveries
npm run sim -- --plants [--seed N] [--plant NAME]                    tries every planted fault, or this one, until it is caught

Planted faults: ${Object.keys(PLANTED_FAULTS).join(', ')}.`;

/** A planted fault has to be caught within as many histories. */
const ENOUGH = 2000;

const SEEDS_SHOWN = 20;
const TOLD_EVERY_MS = 5000;

const print = (line: string) => process.stdout.write(`${line}\n`);
const draw = (seed: number): Story => drawStory(seed, createChance(seed), { isHeavy: given.heavy });

function options() {
  const { values } = readCommandLine({
    usage: HELP,
    options: {
      seed: { type: 'string', default: '1' },
      histories: { type: 'string', default: '1000' },
      plant: { type: 'string' },
      plants: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      short: { type: 'boolean', default: false },
      cover: { type: 'boolean', default: false },
      workers: { type: 'string', default: '1' },
      minutes: { type: 'string' },
      heavy: { type: 'boolean', default: false },
    },
  });
  const { plant } = values;
  const isKnown = plant === undefined || Object.hasOwn(PLANTED_FAULTS, plant);
  const { seed, histories, workers, minutes = '' } = values;
  const isWhole = [seed, histories, workers, minutes || '1'].every((text) => /^\d{1,9}$/.test(text));
  const isSpread = Number(workers) > 1;
  // What all of them together had is counted by one process.
  const isUsable = isKnown && isWhole && Number(workers) > 0 && !(isSpread && (values.cover || values.plants));
  const untilMs = minutes === '' ? Number.POSITIVE_INFINITY : Number(minutes) * 60_000;
  return {
    ...values,
    ...{ seed: Number(seed), histories: Number(histories), workers: Number(workers) },
    ...{ isSpread, isUsable, untilMs },
  };
}

interface Explained {
  readonly wrap: Wrap;
  /** Prints the shortest story effect by effect too. */
  readonly trace: boolean;
}

/** Shortens a history that broke a promise, and tells what is left of it. */
async function explain(seed: number, broken: Outcome['broken'], { wrap, trace }: Explained): Promise<void> {
  const [first] = broken;
  if (first === undefined) return;
  const breaks = async (story: Story) => {
    const { broken: now, met } = await live(story, wrap);
    return now.some(({ promise }) => promise === first.promise) ? met : undefined;
  };
  const shortest = await shrink(draw(seed), breaks);
  const { broken: still } = await live(shortest, wrap, trace ? print : undefined);
  const how = still.find(({ promise }) => promise === first.promise)?.how ?? first.how;
  print(
    `\nSeed ${seed} broke "${first.promise}":\n  ${how}\nThe shortest story in which it still does:\n${tell(shortest)}\n`,
  );
}

async function many(
  { seed: first, histories: most, trace, short, cover, untilMs }: ReturnType<typeof options>,
  wrap: Wrap,
): Promise<boolean> {
  const sums = { deaths: 0, changes: 0, hours: 0, failed: 0 };
  const begun = performance.now();
  const step = tellSteps(console.error);
  let toldAt = Number.NEGATIVE_INFINITY;
  const seen = new Map<string, number>();
  const kinds = new Map<string, { seeds: readonly number[]; broken: Outcome['broken'] }>();
  let seed = first;
  for (; seed < first + most && performance.now() - begun < untilMs; seed += 1) {
    // Virtual time leaves no turn to a timer.
    if (performance.now() - toldAt > TOLD_EVERY_MS) {
      step(`Playing history ${seed - first + 1} of ${most}`);
      toldAt = performance.now();
    }
    const { broken, deaths, changes, lastedMs, events } = await live(
      draw(seed),
      wrap,
      trace && !short ? print : undefined,
    );
    for (const name of events) seen.set(name, (seen.get(name) ?? 0) + 1);
    sums.deaths += deaths;
    sums.changes += changes;
    sums.hours += lastedMs / 3_600_000;
    sums.failed += Number(broken.length > 0);
    // Of a long run nobody has to wait for the end to look at it.
    if (broken[0] !== undefined) console.error(`Seed ${seed} breaks "${broken[0].promise}"`);
    for (const promise of new Set(broken.map((one) => one.promise))) {
      const known = kinds.get(promise) ?? { seeds: [], broken: broken.filter((one) => one.promise === promise) };
      kinds.set(promise, { ...known, seeds: [...known.seeds, seed] });
    }
  }
  const histories = seed - first;
  const seconds = (performance.now() - begun) / 1000;
  for (const [promise, { seeds, broken }] of kinds) {
    print(`Broken in ${seeds.length} histories (${seeds.slice(0, SEEDS_SHOWN).join(', ')}): ${promise}`);
    if (short || !trace) await explain(seeds[0]!, broken, { wrap, trace });
  }
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  print(
    `${histories} histories from seed ${first} at commit ${commit}: ${sums.failed} broke a promise. ` +
      `${sums.hours.toFixed(0)} virtual hours, ${sums.deaths} deaths, ${sums.changes} changes of tokens, ${seconds.toFixed(1)} s.`,
  );
  const isCovered = !cover || printCoverage(seen, histories);
  return sums.failed === 0 && isCovered;
}

/** Prints in how many histories each event happened; false where one that belongs into the world never did. */
function printCoverage(seen: ReadonlyMap<string, number>, histories: number): boolean {
  print(`| of ${histories} histories | this happened |\n|--:|---|`);
  for (const [name] of EVENTS) print(`| ${seen.get(name) ?? 0} | ${name} |`);
  return EVENTS.every(([name]) => seen.has(name));
}

/** Tries each planted fault until a promise breaks that holds without it. */
async function tryPlantedFaults(first: number, only?: string): Promise<boolean> {
  let isCaught = true;
  const step = tellSteps(console.error);
  let toldAt = performance.now();
  print('| planted fault | what is wrong | caught after | by |\n|---|---|--:|---|');
  for (const [name, { words, wrap }] of Object.entries(PLANTED_FAULTS)) {
    if (only !== undefined && name !== only) continue;
    let caught: string | undefined;
    let count = 0;
    for (; caught === undefined && count < ENOUGH; count += 1) {
      if (performance.now() - toldAt > TOLD_EVERY_MS) {
        step(`Trying ${name}, history ${count + 1} of ${ENOUGH} at most`);
        toldAt = performance.now();
      }
      const story = draw(first + count);
      const [broken] = (await live(story, wrap)).broken;
      if (broken === undefined) continue;
      const sound = (await live(story)).broken.map(({ promise }) => promise);
      if (!sound.includes(broken.promise)) caught = broken.promise;
    }
    isCaught &&= caught !== undefined;
    print(`| \`${name}\` | ${words} | ${caught === undefined ? `not within ${ENOUGH}` : count} | ${caught ?? ''} |`);
  }
  return isCaught;
}

const given = orExit(options);
if (!given.isUsable) {
  print(HELP);
  process.exitCode = 1;
} else if (given.isSpread) {
  const { plant, trace, short, minutes, heavy } = given;
  const flags = Object.entries({ trace, short, heavy }).flatMap(([name, is]) => (is ? [`--${name}`] : []));
  const texts = Object.entries({ plant, minutes }).flatMap(([name, text]) =>
    text === undefined ? [] : [`--${name}`, text],
  );
  process.exitCode = (await spread(given, [...flags, ...texts])) ? 0 : 1;
} else if (given.plants) {
  process.exitCode = (await tryPlantedFaults(given.seed, given.plant)) ? 0 : 1;
} else {
  const wrap = given.plant === undefined ? {} : PLANTED_FAULTS[given.plant]!.wrap;
  process.exitCode = (await many(given, wrap)) ? 0 : 1;
}
