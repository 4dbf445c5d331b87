import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Flood, play } from '#test/bench/flood.ts';
import { SITUATIONS } from '#test/bench/situations.ts';
import { toRow } from '#test/bench/table.ts';

const PROJECT = join(import.meta.dirname, '../..');
const page = readFileSync(join(PROJECT, 'docs/scale.md'), 'utf8');
const [SMALL, LARGE] = [SITUATIONS['Dfns 1×'], SITUATIONS['Dfns 1000×']];

describe('docs/scale.md', () => {
  it.each(Object.entries(SITUATIONS))('tells what the simulation of %s gives', (name, flood) => {
    expect(page).toContain(toRow(name, flood, play(flood)));
  });

  it('is right that every kill happens in each of its situations', () => {
    for (const flood of Object.values(SITUATIONS)) expect(play(flood).alive).toBe(0);
  });

  it('is right that a storm of 1000 made-up secrets is told within two minutes', () => {
    expect(play(SITUATIONS['1000 made-up secrets'] as Flood).lastWord).toBeLessThan(120);
  });

  it('takes the deployed sizes for its situations', () => {
    const functions = parse(readFileSync(join(PROJECT, 'infra/functions.yml'), 'utf8'), { logLevel: 'silent' });
    const { batchSize, maximumConcurrency } = functions['alert-worker'].events[0].sqs;
    const receives = Number(functions['alert-worker'].environment.MAX_RECEIVES);
    expect(SMALL).toMatchObject({ batch: batchSize, workers: maximumConcurrency, maxReceives: receives });
  });
});

describe('the simulation', () => {
  it('puts things in their order, and words never before the kill', () => {
    for (const flood of Object.values(SITUATIONS)) {
      const { killP50, killP95, lastKill, lastWord, dead } = play(flood);
      expect(killP50).toBeLessThanOrEqual(killP95);
      expect(dead).toBeLessThan(flood.reports);
      if (dead === 0) expect(lastWord).toBeGreaterThanOrEqual(lastKill);
    }
  });

  it('can do no more kills a minute than the provider allows', () => {
    for (const flood of [SMALL, LARGE] as Flood[]) {
      const perMinute = flood.provider.callsPerMinute / flood.provider.callsPerKill;
      expect(play(flood).lastKill).toBeGreaterThanOrEqual((flood.reports / perMinute - 1) * 60);
    }
  });

  it('takes one round trip for each call of an unhurried kill', () => {
    const { provider, rttMs } = SMALL as Flood;
    expect(play(SMALL as Flood).killP95).toBeCloseTo(0.25 + (provider.callsPerKill * rttMs) / 1000, 5);
  });
});
