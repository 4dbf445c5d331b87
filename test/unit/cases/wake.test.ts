import { beforeEach, describe, expect, it } from 'vitest';
import { changeCase, keepCase } from '#shared/cases/keep-case.ts';
import { needsPerson } from '#shared/cases/needs-person.ts';
import { without } from '#shared/core/without.ts';
import { createWake, type Wake, type WakeJob } from '#shared/cases/wake.ts';
import { Fault } from '#shared/core/fault.ts';
import type { LeakJob } from '#shared/jobs/job.ts';
import { leakJobSchema } from '#shared/jobs/job.ts';
import type { Case, CaseReport, CaseState } from '#shared/store/store.ts';
import { createMemoryStore, type MemoryStore } from '#test/support/memory-store.ts';

const START = Date.parse('2026-11-22T12:00:00.000Z');
const PERSON = { teamId: 'T0SANDBOX01', userId: 'U0OPERATOR1' };

let store: MemoryStore;
let time: number;
let queue: { readonly job: LeakJob; readonly due: number }[];
let said: string[];
let keys: Set<string>;
let others: number[];
let trouble: Error | undefined;

const now = () => new Date(time);
const die = (): Promise<never> => Promise.reject(new Fault('store_unavailable', 'test'));
const stored = async (id: string): Promise<Case> => {
  const kase = await store.cases.get(id);
  if (kase === undefined) throw new Error('no case');
  return kase;
};
const make = (minutes = 15, dies?: 'send' | 'cases.change'): Wake =>
  createWake({
    store: dies === 'cases.change' ? { ...store, cases: { ...store.cases, change: die } } : store,
    now,
    minutes,
    send: async (jobs, delaySeconds) => {
      if (dies === 'send') await die();
      expect(delaySeconds).toBeLessThanOrEqual(900);
      for (const job of jobs) queue.push({ job: leakJobSchema.parse(job), due: time + delaySeconds * 1000 });
    },
    say: async (kase, { step, key, others: number }) => {
      if (trouble) throw trouble;
      // As Slack's messages: said again under the same key it is said once.
      if (!keys.has(key)) others.push(number);
      if (!keys.has(key)) said.push(`${step} ${kase.state} ${(time - START) / 60_000}`);
      keys.add(key);
    },
  });

/** Lets the time go by: each job comes when it is due, and comes back after a minute where it fails. */
async function pass(minutes: number, wake = make()): Promise<void> {
  const end = time + minutes * 60_000;
  for (;;) {
    const next = queue.toSorted((left, right) => left.due - right.due)[0];
    if (next === undefined || next.due > end) break;
    queue = queue.filter((each) => each !== next);
    time = Math.max(time, next.due);
    await wake.due(next.job as WakeJob).catch(() => queue.push({ ...next, due: time + 60_000 }));
  }
  time = end;
}

async function open(state: CaseState, report: Partial<CaseReport> = {}, key = 'clue:1'): Promise<Case> {
  const intake = {
    source: 'generic',
    report: { key: 'r', ...report },
    candidates: [],
    receivedAt: now().toISOString(),
  };
  const { kase } = await keepCase(store, { key, now: now() }, intake);
  return set(kase.id, { state });
}
const set = (id: string, fields: Partial<Case>) =>
  changeCase(store, { id, now: now() }, (kase) => ({ ...kase, ...fields }));

beforeEach(() => {
  store = createMemoryStore();
  time = START;
  queue = [];
  said = [];
  keys = new Set();
  others = [];
  trouble = undefined;
});

describe('who needs a person', () => {
  it.each<[CaseState, Partial<CaseReport>, boolean]>([
    ['asking', {}, true],
    ['not_revoked', {}, true],
    ['unsearched', {}, true],
    ['waiting', {}, true],
    ['unmatched', {}, false],
    ['noted', {}, false],
    ['unmatched', { publiclyLeaked: true }, true],
    ['restored', { publiclyLeaked: true }, false],
    ['dead', { publiclyLeaked: true }, false],
    ['dismissed', { publiclyLeaked: true }, false],
    ['received', { publiclyLeaked: true }, false],
    ['asking', { test: true }, false],
  ])('%s %j: %s', async (state, report, person) => {
    const kase = await open(state, report);
    expect(needsPerson(kase)).toBe(person);
    expect(needsPerson({ ...kase, takenBy: PERSON })).toBe(false);
    expect(needsPerson({ ...kase, mergedInto: 'C-BBBBBBBB' })).toBe(false);
  });

  it.each(['noted', 'dead', 'restored', 'asking'] as const)(
    'is one of which a report could not be looked for, whatever it is besides (%s)',
    async (state) => {
      expect(needsPerson({ ...(await open(state)), deferred: { key: 'r', troubles: [] } })).toBe(true);
    },
  );
});

describe('the reminder', () => {
  it('comes after the policy’s minutes, and the escalation as long after, once each', async () => {
    const kase = await open('asking');
    await Promise.all([make().plan(kase), make().plan(kase)]);
    await make().plan(await stored(kase.id));
    await pass(14);
    expect(said).toEqual([]);
    await pass(300);
    expect(said).toEqual(['remind asking 15', 'escalate asking 30']);
  });

  it('waits longer than SQS keeps a message back', async () => {
    await make(120).plan(await open('asking'));
    await pass(600, make(120));
    expect(said).toEqual(['remind asking 120', 'escalate asking 240']);
  });

  it('is not said of what somebody took, ended, or brought back meanwhile', async () => {
    for (const fields of [{ takenBy: PERSON }, { state: 'dead' }, { state: 'dismissed', generation: 1 }] as const) {
      store = createMemoryStore();
      const { id } = await open('asking');
      await make().plan(await set(id, {}));
      await pass(10);
      await set(id, fields);
      await pass(60);
    }
    expect(said).toEqual([]);
  });

  it('that Slack does not take is said later, and a job delivered twice says it once', async () => {
    await make().plan(await open('asking'));
    trouble = new Fault('slack_unavailable', 'test');
    const [planned] = queue;
    await pass(20);
    trouble = undefined;
    if (planned !== undefined) queue.push(planned);
    await pass(10);
    expect(said).toEqual(['remind asking 20']);
  });

  it('is planned anew for a case that comes to need somebody again', async () => {
    const { id } = await open('asking');
    await make().plan(await stored(id));
    await pass(60);
    await make().plan(await set(id, { state: 'dead' }));
    expect((await stored(id)).need).toBeUndefined();
    await make().plan(await set(id, { state: 'not_revoked' }));
    await pass(60);
    expect(said).toEqual([
      'remind asking 15',
      'escalate asking 30',
      'remind not_revoked 75',
      'escalate not_revoked 90',
    ]);
  });

  it('of a hundred cases of one minute is said three times, and tells how many others wait', async () => {
    for (let number = 0; number < 100; number += 1) {
      const { id } = await open('asking', { key: String(number) }, `clue:${number}`);
      await make().plan(await stored(id));
    }
    await pass(300);
    expect(said.map((one) => one.split(' ')[0])).toEqual([
      ...Array<string>(3).fill('remind'),
      ...Array<string>(3).fill('escalate'),
    ]);
    expect(others).toEqual(Array<number>(6).fill(99));
  });

  it('of a case that was settled by somebody who then died begins anew when it is needed again', async () => {
    const { id } = await open('asking');
    await make().plan(await stored(id));
    await set(id, { state: 'dismissed' });
    await pass(20);
    await make().plan(await set(id, { state: 'asking' }));
    await pass(60);
    expect(said).toEqual(['remind asking 35', 'escalate asking 50']);
  });

  it.each(['asking', 'not_revoked'] as const)(
    'comes although its job came early, by a clock that was behind, while nobody was needed (%s)',
    async (state) => {
      const { id } = await open(state);
      await make().plan(await stored(id));
      await pass(14);
      await set(id, { takenBy: PERSON });
      const [planned] = queue;
      queue = [];
      await make().due(planned?.job as WakeJob);
      await changeCase(store, { id, now: now() }, (kase) => without(kase, 'takenBy'));
      await make().plan(await stored(id));
      await pass(60);
      expect(said).toEqual([`remind ${state} 15`, `escalate ${state} 30`]);
    },
  );

  it('comes although another try is under way just then, and each try begins no new count', async () => {
    const { id } = await open('not_revoked');
    await make().plan(await stored(id));
    for (let minute = 0; minute < 40; minute += 4) {
      await pass(2);
      await make().plan(await set(id, { state: 'acting' }));
      await pass(2);
      await make().plan(await set(id, { state: 'not_revoked' }));
    }
    expect(said).toEqual(['remind acting 15', 'escalate not_revoked 30']);
  });

  it('is not called off for a case that came to need somebody while it was read', async () => {
    const until = new Date(START).toISOString();
    const wait = { until, by: PERSON } as NonNullable<Case['wait']>;
    const asked = await open('asking');
    await make().plan(asked);
    const waiting = await set(asked.id, { wait });
    await set(asked.id, { wait: { ...wait, isOver: true } });
    await make().plan(waiting);
    await pass(60);
    expect(said).toEqual(['remind asking 15', 'escalate asking 30']);
  });

  it('of an earlier need says nothing in a later one', async () => {
    const { id } = await open('asking');
    await make().plan(await stored(id));
    await pass(10);
    await make().plan(await set(id, { state: 'dead' }));
    await make().plan(await set(id, { state: 'not_revoked' }));
    await pass(14);
    expect(said).toEqual([]);
    await pass(2);
    expect(said).toEqual(['remind not_revoked 25']);
  });

  it.each(['cases.change', 'send'] as const)('survives a process that dies at %s', async (where) => {
    const { id } = await open('asking');
    await make().plan(await stored(id));
    const dying = make(15, where);
    await pass(16, dying);
    await pass(60);
    expect(said).toHaveLength(2);
    expect(said[0]).toBe('remind asking 15');
  });

  it('whose plan could not be noted is planned by the next look', async () => {
    const kase = await open('asking');
    await expect(make(15, 'cases.change').plan(kase)).rejects.toMatchObject({ code: 'store_unavailable' });
    await make().plan(await stored(kase.id));
    await pass(60);
    expect(said).toEqual(['remind asking 15', 'escalate asking 30']);
  });

  it('never comes where the policy wants none, or nobody is needed', async () => {
    const kase = await open('asking');
    await make(0).plan(kase);
    await make().plan({ ...kase, state: 'dead' });
    await make(0).plan(kase);
    expect(queue).toEqual([]);
    expect((await stored(kase.id)).need).toEqual({ since: now().toISOString() });
  });
});
