import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { createChance } from './chance.ts';
import { live, type Outcome } from './history.ts';
import { drawStory, type Story } from './story.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    histories: { type: 'string', default: '1000' },
    trace: { type: 'boolean', default: false },
  },
});
const [first, count] = [Number(values.seed), Number(values.histories)];
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
const print = (line: string) => process.stdout.write(`${line}\n`);

const draw = (seed: number): Story => drawStory(seed, createChance(seed));
const failed: { readonly seed: number; readonly broken: Outcome['broken'] }[] = [];
const sums = { deaths: 0, deeds: 0, hours: 0 };
const begun = performance.now();
for (let seed = first; seed < first + count; seed += 1) {
  const { broken, deaths, deeds, lastedMs } = await live(draw(seed), {}, values.trace ? print : undefined);
  sums.deaths += deaths;
  sums.deeds += deeds;
  sums.hours += lastedMs / 3_600_000;
  if (broken.length > 0) failed.push({ seed, broken });
}
const seconds = (performance.now() - begun) / 1000;
const kinds = new Map<string, { seeds: number[]; how: string }>();
for (const { seed, broken } of failed) {
  for (const { promise, how } of broken) {
    const known = kinds.get(promise) ?? { seeds: [], how };
    if (!known.seeds.includes(seed)) known.seeds.push(seed);
    kinds.set(promise, known);
  }
}
for (const [promise, { seeds, how }] of kinds) {
  print(`BROKEN in ${seeds.length}: ${promise}. Seeds ${seeds.slice(0, 6).join(', ')}; e.g. ${how}`);
}
print(
  `${count} histories from seed ${first}, commit ${commit}: ${failed.length} broke a promise. ` +
    `${sums.hours.toFixed(0)} virtual hours, ${sums.deaths} deaths, ${sums.deeds} changes of tokens; ${seconds.toFixed(1)} s.`,
);
process.exitCode = failed.length > 0 ? 1 : 0;
