import { expect, it } from 'vitest';
import { createChance } from '#test/sim/chance.ts';
import { live } from '#test/sim/history.ts';
import { drawStory } from '#test/sim/story.ts';

async function traceOf(seed: number): Promise<string> {
  const lines: string[] = [];
  await live(drawStory(seed, createChance(seed)), {}, (line) => lines.push(line));
  return lines.join('\n');
}

it('plays the same seed to the same byte, and another one otherwise', async () => {
  for (const seed of [3, 4, 5, 8]) {
    const first = await traceOf(seed);
    expect(first.length).toBeGreaterThan(1000);
    expect(await traceOf(seed)).toBe(first);
    expect(await traceOf(seed + 100)).not.toBe(first);
  }
}, 60_000);
