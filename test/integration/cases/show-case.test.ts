import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changeCase, keepCase } from '#shared/cases/keep-case.ts';
import { createShowCase } from '#shared/cases/show-case.ts';
import { defined } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Case } from '#shared/store/store.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';
import { ALWAYS_A_CARD } from '#test/support/room.ts';

let bench: LeakBench;
beforeAll(async () => {
  bench = await startLeakBench();
});
afterAll(() => bench.close());

const said = {
  cards: [] as { kase: Case; isEdit: boolean }[],
  notes: [] as string[],
  owners: 0,
  reporters: [] as (string | undefined)[],
};
/** The state that others give a case for the moment in which a reporter is told. */
let moment: Case['state'] | undefined;
let posts = 0;
let trouble: Partial<Record<'announce' | 'note' | 'callOwner', Error>> = {};
beforeEach(() => {
  Object.assign(said, { cards: [], notes: [], owners: 0, reporters: [] });
  moment = undefined;
  trouble = {};
});

const at = () => new Date();
const show = (id: string) =>
  createShowCase({
    rollUps: ALWAYS_A_CARD,
    store: bench.services.store,
    now: at,
    plan: async () => {},
    announce: async (kase) => {
      if (trouble.announce) throw trouble.announce;
      said.cards.push({ kase, isEdit: kase.message !== undefined });
      return kase.message ?? { channel: 'C', ts: String((posts += 1)) };
    },
    note: async (kase, before) => {
      if (trouble.note) throw trouble.note;
      said.notes.push(`${before?.state ?? 'new'} → ${kase.state}`);
    },
    announceHeld: async () => undefined,
    findCard: async () => undefined,
    // A message that tells of many secrets reads how each stands.
    tellReporters: async ({ id: told }) => {
      const before = await bench.services.store.cases.get(told);
      if (moment !== undefined) await change(told, { state: moment });
      said.reporters.push((await bench.services.store.cases.get(told))?.state);
      if (moment !== undefined) await change(told, defined({ state: before?.state }));
    },
    callOwner: async () => {
      if (trouble.callOwner) throw trouble.callOwner;
      said.owners += 1;
      return { channel: 'D1', ts: '1.0' };
    },
    tellOwner: async ({ ownerMessage }) => ownerMessage,
  })(id);

let opened = 0;
const open = async (): Promise<Case> => {
  const report = { key: 'r', note: String((opened += 1)) };
  const evidence = { source: 'generic', report, candidates: [], receivedAt: at().toISOString() };
  const { kase } = await keepCase(bench.services.store, { key: `clue:${opened}`, now: at() }, evidence);
  return kase;
};
const change = (id: string, fields: Partial<Case>) =>
  changeCase(bench.services.store, { id, now: at() }, (kase) => ({ ...kase, ...fields }));
const down = () => new Fault('slack_unavailable', 'test');

describe('createShowCase', () => {
  it('posts a card once, edits it for each change, and does nothing without one', async () => {
    const { id } = await open();
    await show(id);
    await show(id);
    await change(id, { state: 'unmatched' });
    await show(id);
    await show(id);
    expect(said.cards.map(({ isEdit }) => isEdit)).toEqual([false, true]);
    expect(said.notes).toEqual(['new → received', 'received → unmatched']);
  });

  it('posts one card when asked many times at once, and the last edit is the latest state', async () => {
    const { id } = await open();
    const asked = Array.from({ length: 12 }, async (_, index) => {
      await change(id, { count: index + 2, state: index === 11 ? 'asking' : 'unmatched' });
      await show(id);
    });
    await Promise.all(asked);
    expect(said.cards.filter(({ isEdit }) => !isEdit)).toHaveLength(1);
    const stored = await bench.services.store.cases.get(id);
    expect(said.cards.at(-1)?.kase).toMatchObject({ count: stored?.count, state: stored?.state });
  });

  it('has a reporter told how it stands, also where it was otherwise for a moment while they were told', async () => {
    const { id } = await open();
    await change(id, { state: 'not_revoked' });
    moment = 'acting';
    await show(id);
    moment = undefined;
    // Whoever had it otherwise follows it.
    await show(id);
    expect(said.reporters).toEqual(['acting', 'not_revoked']);
    expect(said.cards.map(({ kase }) => kase.state)).toEqual(['not_revoked']);
  });

  it('goes on where Slack stopped it', async () => {
    const { id } = await open();
    trouble = { announce: down() };
    await expect(show(id)).rejects.toThrow('slack_unavailable');
    trouble = { note: down() };
    await expect(show(id)).rejects.toThrow('slack_unavailable');
    trouble = {};
    await show(id);
    expect(said.cards.map(({ isEdit }) => isEdit)).toEqual([false, true]);
    expect(said.notes).toEqual(['new → received']);
  });

  it('tells the owner once, and the card does not wait for that', async () => {
    const { id } = await open();
    const token = (await (await bench.services.providers.open('dfns-demo')).list()).tokens[0];
    if (token === undefined) throw new Error('no token');
    await change(id, { state: 'dead', token });
    trouble = { callOwner: down() };
    await expect(show(id)).rejects.toThrow('slack_unavailable');
    expect(said.cards.at(-1)?.kase.state).toBe('dead');
    trouble = {};
    await show(id);
    await show(id);
    expect(said.owners).toBe(1);
    expect((await bench.services.store.cases.get(id))?.ownerToldAt).toBeDefined();
  });

  it.each(['received', 'acting', 'not_revoked', 'shadowed', 'dismissed'] as const)(
    'does not tell the owner of a case that is %s',
    async (state) => {
      const { id } = await open();
      const token = (await (await bench.services.providers.open('dfns-demo')).list()).tokens[0];
      await change(id, { state, ...(token && { token }) });
      await show(id);
      expect(said.owners).toBe(0);
    },
  );

  it('shows nothing of a case that is not there', async () => {
    await show('C-NOTTHERE');
    expect(said.cards).toEqual([]);
  });
});
