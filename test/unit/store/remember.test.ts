import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Items } from '#shared/store/dynamo/items.ts';
import { unpack } from '#shared/store/dynamo/packed.ts';
import { createProgressOf, createRemember } from '#shared/store/dynamo/remember.ts';

type Item = Readonly<Record<string, any>>;
const NOW = Date.parse('2026-03-01T10:00:00.000Z');
const NOW_SECONDS = NOW / 1000;

/** A table that answers as it is told to, and tells what it was asked. */
function bench({ attempt = 1, notes = [] as readonly Item[], renews = true } = {}) {
  const puts: Item[] = [];
  const updates: Item[] = [];
  let queries = 0;
  const items = {
    put: async (item: Item) => puts.push(item),
    update: async (_: Item, { set, increment }: Item) => {
      updates.push(set as Item);
      if (increment === 'attempt') return { isMet: true, item: { attempt } };
      return { isMet: set.state !== undefined || renews, item: {} };
    },
    get: async () => undefined,
    // The renewal comes first.
    all: async (writes: readonly Item[]) => {
      if (!renews) return [{ place: 0, item: undefined }];
      puts.push(...writes.flatMap((write) => (write.put === undefined ? [] : [write.put])));
      return 'done';
    },
    async *query() {
      queries += 1;
      yield* notes;
    },
  } as unknown as Items;
  const remember = createRemember({
    items,
    now: () => new Date(NOW),
    sleep: async () => {},
    newId: () => 'run-1',
    every: () => () => undefined,
  });
  return { remember, puts, updates, queries: () => queries };
}

const note = (name: string, ttl: number): Item => ({ sk: `journal#${name}`, name, body: `"${name}"`, ttl });

describe('a run of a job', () => {
  it('reads no notes on the first attempt, and those of earlier ones on the next, as long as they count', async () => {
    const first = bench({ notes: [note('old', NOW_SECONDS + 60)] });
    await first.remember('job', async (journal) => {
      expect(journal.get('old')).toBeUndefined();
    });
    expect(first.queries()).toBe(0);
    const notes = [
      note('kept', NOW_SECONDS + 1),
      note('over', NOW_SECONDS),
      { sk: 'job', name: 'other', ttl: NOW_SECONDS * 2 },
    ];
    await bench({ attempt: 2, notes }).remember('job', async (journal) => {
      expect(journal.get('kept')).toBe('kept');
      expect(journal.get('over')).toBeUndefined();
      expect(journal.get('other')).toBeUndefined();
    });
  });

  it('knows at once what it has noted, and keeps that for thirty days', async () => {
    const { remember, puts } = bench();
    await remember('job', async (journal) => {
      await journal.put('order', { id: 1 });
      expect(journal.get('order')).toEqual({ id: 1 });
    });
    expect(puts).toMatchObject([{ name: 'order', body: '{"id":1}', ttl: NOW_SECONDS + 30 * 86_400 }]);
  });

  it('notes along with another what is written so', async () => {
    const { remember, puts } = bench();
    await remember('job', async (journal) => {
      await journal.put('order', 1, [journal.writing('opened', true)]);
      expect(journal.get('opened')).toBe(true);
    });
    const ttl = NOW_SECONDS + 30 * 86_400;
    expect(puts).toMatchObject([
      { name: 'order', body: '1', ttl },
      { name: 'opened', body: 'true', ttl },
    ]);
  });

  it('writes a note along with another one, for as long', async () => {
    const { remember, puts } = bench();
    await remember('job', async (journal) => {
      await journal.put('order', 1, [journal.writing('beside', { id: 2 })]);
      expect(journal.get('beside')).toEqual({ id: 2 });
    });
    const ttl = NOW_SECONDS + 30 * 86_400;
    expect(puts.map(({ name, body, ttl: until }) => [name, body, until])).toEqual([
      ['order', '1', ttl],
      ['beside', '{"id":2}', ttl],
    ]);
  });

  it('notes nothing once another run has taken over, and says so', async () => {
    const { remember, puts } = bench({ renews: false });
    await expect(remember('job', (journal) => journal.put('order', 1))).rejects.toMatchObject({
      code: 'delivery_in_progress',
      detail: 'job is held by another run',
      retryAfterSeconds: 8,
    });
    expect(puts).toEqual([]);
  });

  it('cuts long texts of a result that does not fit, and drops nothing else of it', async () => {
    const { remember, updates } = bench();
    const texts = Array.from({ length: 2000 }, () => randomBytes(300).toString('base64'));
    const { value } = await remember('job', async () => texts);
    expect(value).toBe(texts);
    const { state, body } = updates.at(-1)!;
    expect(state).toBe('done');
    expect(unpack(body)).toEqual(texts.map((text) => `${text.slice(0, 199)}…`));
  });
});

it.each([
  [undefined, undefined],
  [{ state: 'running', ttl: NOW_SECONDS + 1 }, 'begun'],
  [{ state: 'released', ttl: NOW_SECONDS + 1 }, 'begun'],
  [{ state: 'done', ttl: NOW_SECONDS + 1 }, 'done'],
  [{ state: 'done', ttl: NOW_SECONDS }, undefined],
  [{ state: 'running' }, undefined],
  [{ ttl: NOW_SECONDS + 1 }, undefined],
] as const)('a job that is kept as %j has come to %s', async (item, progress) => {
  const items = { get: async () => item } as unknown as Items;
  expect(await createProgressOf({ items, now: () => new Date(NOW) })('job')).toBe(progress);
});
