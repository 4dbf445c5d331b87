import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Fault, isFault } from '#shared/core/fault.ts';
import { every } from '#functions/runtime/every.ts';
import { createDynamoStore } from '#shared/store/dynamo/dynamo-store.ts';
import { LEASE, type LeaseTimes } from '#shared/store/dynamo/lease.ts';
import type { Store } from '#shared/store/store.ts';
import { connect, type RunningTable, startTable } from '#test/support/dynalite.ts';
import { aCase, anApproval, auditEntry, describeKept } from './kept-suite.ts';
import { describeStore, gate } from './store-suite.ts';

/** Waits until the table has answered every call that is under way. */
function idling(client: DynamoDBDocumentClient) {
  let underWay = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      underWay += 1;
      return next(args).finally(() => (underWay -= 1));
    },
    { step: 'initialize' },
  );
  return async (): Promise<void> => {
    do await new Promise(setImmediate);
    while (underWay > 0);
  };
}

/** A clock that stands still until it is moved; sleeping moves it, for all who sleep at once, when nobody asks the table. */
function clock(idle: () => Promise<void>, start = Date.parse('2026-03-01T10:00:00.000Z')) {
  let time = start;
  return {
    now: () => new Date(time),
    advance: (milliseconds: number) => {
      time += milliseconds;
    },
    sleep: async (milliseconds: number) => {
      const until = time + milliseconds;
      await idle();
      time = Math.max(time, until);
    },
  };
}

function storeOn({ client, table }: Pick<RunningTable, 'client' | 'table'>, lease?: LeaseTimes): Store {
  const rim = {
    now: () => new Date(),
    sleep: (ms: number) => pause(ms, undefined),
    newId: randomUUID,
    every,
    onRecorded: () => {},
  };
  return createDynamoStore({ client, table, ...rim, ...(lease && { lease }) });
}

const start = async () => {
  const running = await startTable();
  const { now, advance, sleep } = clock(idling(running.client));
  const rim = { ...running, now, sleep, newId: randomUUID, every };
  const store = createDynamoStore(rim);
  const stalled = createDynamoStore({ ...rim, lease: { ...LEASE, renewEveryMs: 3_600_000 } });
  return { store, stalled, now, advance, close: running.close };
};

describeStore('DynamoDB', start);
describeKept('DynamoDB', start);

/**
 * The rim of a store whose clock moves only when it is told to, or when somebody sleeps. What is due on the way is done,
 * and has been answered by the table, before the clock moves on.
 */
function steps(client: DynamoDBDocumentClient) {
  const idle = idling(client);
  const { now, advance: move } = clock(idle);
  const beats = new Set<{ readonly everyMs: number; readonly run: () => void; at: number }>();
  const advance = async (milliseconds: number): Promise<void> => {
    const end = now().getTime() + milliseconds;
    for (;;) {
      const [due] = [...beats].filter(({ at }) => at <= end).toSorted((left, right) => left.at - right.at);
      if (due === undefined) break;
      move(due.at - now().getTime());
      due.at += due.everyMs;
      due.run();
      await idle();
    }
    move(end - now().getTime());
  };
  const beat = (everyMs: number, run: () => void) => {
    const one = { everyMs, run, at: now().getTime() + everyMs };
    beats.add(one);
    return () => void beats.delete(one);
  };
  return { rim: { now, sleep: advance, newId: randomUUID, every: beat }, advance };
}

describe('a DynamoDB store while work goes on', () => {
  const busy = { code: 'delivery_in_progress' };
  const LONG = 5 * LEASE.lastsMs;
  let running: RunningTable;
  let client: DynamoDBDocumentClient;
  let lost = false;
  beforeAll(async () => {
    running = await startTable();
  });
  beforeEach(() => {
    lost = false;
    client = DynamoDBDocumentClient.from(connect(running.endpoint));
    client.middlewareStack.add((next) => (args) => (lost ? Promise.reject(new Error('lost')) : next(args)), {
      step: 'finalizeRequest',
    });
  });
  afterEach(() => client.destroy());
  afterAll(() => running.close());

  it('names the request on record, and tells of each entry once, however often it is written', async () => {
    const told: unknown[] = [];
    let requestId: string | undefined = 'request-1';
    const { rim } = steps(client);
    const recorded = (entry: unknown, isNew: boolean) => isNew && told.push(entry);
    const store = createDynamoStore({ client, table: running.table, ...rim, requestId: () => requestId, recorded });
    const entry = auditEntry({ id: 'traced', caseId: 'C-TRACED' });
    await store.audit.append(entry);
    requestId = 'request-2';
    await store.audit.append(entry);
    requestId = undefined;
    await store.audit.append(auditEntry({ id: 'untraced', caseId: 'C-TRACED', at: '2026-03-01T09:00:00.000Z' }));
    const found = await store.audit.query({ caseId: 'C-TRACED', limit: 10 });
    expect(found).toEqual(told);
    expect(found.map((each) => each.requestId)).toEqual(['request-1', undefined]);
  });

  it('renews the lease for as long as the work takes', async () => {
    const { rim, advance } = steps(client);
    const store = createDynamoStore({ client, table: running.table, ...rim });
    const [begun, end] = [gate(), gate<string>()];
    const long = store.remember('long', () => (begun.open(), end.opened));
    await begun.opened;
    await advance(LONG);
    await expect(store.remember('long', async () => 'second')).rejects.toMatchObject(busy);
    end.open('done');
    expect(await long).toEqual({ value: 'done', replayed: false });
  });

  it('renews a held key for as long as the work takes', async () => {
    const { rim, advance } = steps(client);
    const store = createDynamoStore({ client, table: running.table, ...rim });
    const [begun, end] = [gate(), gate()];
    const first = store.hold('long', () => (begun.open(), end.opened));
    await begun.opened;
    await advance(LONG);
    await expect(store.hold('long', async () => 'second', LONG)).rejects.toMatchObject(busy);
    end.open();
    await first;
    expect(await store.hold('long', async () => 'third', 0)).toBe('third');
  });

  it('lets nobody in whose clock says that a lease has lapsed while its holder, whose own is far behind, renews it', async () => {
    const { rim, advance } = steps(client);
    const on = (behindMs: number) =>
      createDynamoStore({
        ...{ client, table: running.table, ...rim },
        now: () => new Date(rim.now().getTime() - behindMs),
      });
    const [begun, end] = [gate(), gate()];
    const first = on(90_000).hold('behind', () => (begun.open(), end.opened));
    await begun.opened;
    await advance(LONG);
    await expect(on(0).hold('behind', async () => 'second')).rejects.toMatchObject(busy);
    end.open();
    await first;
    expect(await on(0).hold('behind', async () => 'third', 0)).toBe('third');
  });

  it('lets nobody begin a job again by a clock alone, while its run, whose clock is far behind, renews it', async () => {
    const { rim, advance } = steps(client);
    const on = (behindMs: number) =>
      createDynamoStore({
        ...{ client, table: running.table, ...rim },
        now: () => new Date(rim.now().getTime() - behindMs),
      });
    const [begun, end] = [gate(), gate<string>()];
    const first = on(90_000).remember('behind', () => (begun.open(), end.opened));
    await begun.opened;
    // At once, before it is renewed for the first time, and later.
    await expect(on(0).remember('behind', async () => 'second')).rejects.toMatchObject(busy);
    await advance(LONG);
    await expect(on(0).remember('behind', async () => 'third')).rejects.toMatchObject(busy);
    end.open('done');
    expect(await first).toEqual({ value: 'done', replayed: false });
    expect(await on(0).remember('behind', async () => 'fourth')).toEqual({ value: 'done', replayed: true });
  });

  it('outlives renewals that fail, as long as one comes through before the lease lapses', async () => {
    const { rim, advance } = steps(client);
    const store = createDynamoStore({ client, table: running.table, ...rim });
    const [begun, end] = [gate(), gate<string>()];
    const long = store.remember('flaky', () => (begun.open(), end.opened));
    await begun.opened;
    lost = true;
    await advance(LEASE.lastsMs - 1);
    lost = false;
    await advance(LONG);
    await expect(store.remember('flaky', async () => 'second')).rejects.toMatchObject(busy);
    end.open('done');
    expect(await long).toEqual({ value: 'done', replayed: false });
  });

  it('lets waiters in one after the other, each alone', async () => {
    const store = storeOn(running);
    let inside = 0;
    let most = 0;
    const alone = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await pause(5);
      inside -= 1;
      return 'was in';
    };
    const answers = await Promise.all(Array.from({ length: 10 }, () => store.hold('queue', alone)));
    expect(answers).toEqual(Array.from({ length: 10 }, () => 'was in'));
    expect(most).toBe(1);
  });
});

describe('a DynamoDB store whose answers get lost on the way', () => {
  let running: RunningTable;
  let store: Store;
  beforeAll(async () => {
    running = await startTable();
    const client = DynamoDBDocumentClient.from(connect(running.endpoint));
    // Every write arrives, its answer is lost, and the client sends it once more, as the SDK does after a broken connection.
    client.middlewareStack.add(
      (next, context) => async (args) => {
        if (/^(Put|Update|Delete)Item|^TransactWriteItems/.test(context.commandName ?? '')) await next(args);
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    store = storeOn({ client, table: running.table });
  });
  afterAll(() => running.close());

  it('still knows that it won the job, and stores the result', async () => {
    const first = await store.remember('job', async (journal) => (await journal.put('a', 1), journal.get('a')));
    expect(first).toEqual({ value: 1, replayed: false });
    expect(await store.remember('job', async () => 2)).toEqual({ value: 1, replayed: true });
  });

  it('still knows that it holds the key', async () => {
    expect(await store.hold('key', async () => 'held', 0)).toBe('held');
    expect(await store.hold('key', async () => 'again', 0)).toBe('again');
  });

  it('still knows that the record is new and that the change is its own', async () => {
    expect(await store.cases.open(aCase('C-LOST'))).toMatchObject({ isNew: true });
    expect(await store.cases.open(aCase('C-LOST'))).toMatchObject({ isNew: false });
    let calls = 0;
    const changed = await store.cases.change('C-LOST', (record) => ({ ...record, count: ++calls }));
    expect(changed).toMatchObject({ changed: true, record: { count: 1, version: 2 } });
  });

  it('still knows that it won the claim, and stores an audit entry once', async () => {
    expect(await store.notes.claim('claim', 60)).toBe(true);
    expect(await store.notes.claim('claim', 60)).toBe(false);
    await store.audit.append(auditEntry({ id: 'lost', caseId: 'C-LOST' }));
    expect(await store.audit.query({ caseId: 'C-LOST', limit: 9 })).toHaveLength(1);
  });
});

describe('a DynamoDB store whose table is down', () => {
  const client = DynamoDBDocumentClient.from(connect('http://127.0.0.1:1'));
  const store = storeOn({ client, table: 'patrol-test' });
  const work = async () => expect.unreachable();

  it.each([
    ['remember', () => store.remember('k', work)],
    ['hold', () => store.hold('k', work)],
    ['audit.append', () => store.audit.append(auditEntry({ id: 'x' }))],
    ['audit.query', () => store.audit.query({ limit: 1 })],
    ['cases.open', () => store.cases.open(aCase('C-X'))],
    ['cases.get', () => store.cases.get('C-X')],
    ['cases.change', () => store.cases.change('C-X', (record) => record)],
    ['approvals.open', () => store.approvals.open(anApproval('A-X'))],
    ['approvals.list', () => store.approvals.list({ limit: 1 })],
    ['notes.put', () => store.notes.put('k', 1, 1)],
    ['notes.get', () => store.notes.get('k')],
    ['notes.claim', () => store.notes.claim('k', 1)],
    ['notes.claimOneOf', () => store.notes.claimOneOf(['k'], 1, { by: 'me' })],
  ])('throws store_unavailable from %s, with the cause kept', async (_name, call) => {
    const error: unknown = await call().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(isFault(error, 'store_unavailable')).toBe(true);
    expect((error as Fault).cause).toBeInstanceOf(Error);
    expect((error as Fault).isRetryable).toBe(true);
  });

  it('throws store_unavailable for a table that does not exist, and names no more than the kind of error', async () => {
    const running = await startTable();
    const missing = storeOn({ client: running.client, table: 'patrol-missing' });
    await expect(missing.notes.get('k')).rejects.toMatchObject({
      code: 'store_unavailable',
      detail: 'table get: ResourceNotFoundException',
    });
    await running.close();
  });

  it('leaves the work’s own error alone when the lease cannot be given back', async () => {
    const running = await startTable();
    const broken = DynamoDBDocumentClient.from(connect(running.endpoint));
    let down = false;
    broken.middlewareStack.add((next) => (args) => (down ? Promise.reject(new Error('lost')) : next(args)), {
      step: 'finalizeRequest',
    });
    const flaky = storeOn({ client: broken, table: running.table });
    const fail = async () => {
      down = true;
      throw new Fault('provider_unavailable', 'dfns: HTTP 503');
    };
    await expect(flaky.remember('k', fail)).rejects.toMatchObject({ code: 'provider_unavailable' });
    down = false;
    await expect(flaky.hold('k', fail)).rejects.toMatchObject({ code: 'provider_unavailable' });
    await running.close();
  });
});

describe('what does not fit into an item', () => {
  let running: RunningTable;
  let store: Store;
  beforeAll(async () => {
    running = await startTable();
    store = storeOn(running);
  });
  afterAll(() => running.close());
  const long = () => randomBytes(30_000).toString('base64');

  it('keeps a case of which too much was told, shorter, and the case says so', async () => {
    const note = () => ({ source: 'generic', key: randomUUID(), at: '2026-03-01T10:00:00.000Z', note: long() });
    const { record, isNew } = await store.cases.open(aCase('C-LARGE', { reports: [note()] }));
    expect(isNew).toBe(true);
    expect(record.isShortened).toBeUndefined();
    const changed = await store.cases.change('C-LARGE', (kase) => ({
      ...kase,
      state: 'asking',
      reports: Array.from({ length: 20 }, note),
    }));
    const kept = await store.cases.get('C-LARGE');
    expect(changed?.record).toEqual(kept);
    expect(kept).toMatchObject({ id: 'C-LARGE', key: 'clue:C-LARGE', state: 'asking', isShortened: true });
    expect(kept?.reports[0]?.note).toMatch(/…$/);
  });

  it('gives the result of work that was done, with its long texts cut, instead of a failure', async () => {
    const done = Array.from({ length: 20 }, () => ({ kind: 'changed', name: long() }));
    await store.remember('large', async () => done);
    const { value, replayed } = await store.remember('large', async () => []);
    expect(replayed).toBe(true);
    expect(value).toHaveLength(20);
  });

  it('ends a case that wants nothing more, and none that does', async () => {
    const endOf = async (id: string) => {
      const key = { pk: `case#${id}`, sk: 'case' };
      return (await running.client.send(new GetCommand({ TableName: running.table, Key: key }))).Item?.[
        'ttl'
      ] as unknown;
    };
    await store.cases.open(aCase('C-OPEN', { state: 'asking' }));
    expect(await endOf('C-OPEN')).toBeUndefined();
    await store.cases.change('C-OPEN', (kase) => ({ ...kase, state: 'dead' }));
    expect(await endOf('C-OPEN')).toBeGreaterThan(Date.now() / 1000 + 399 * 86_400);
    await store.cases.change('C-OPEN', (kase) => ({ ...kase, state: 'not_revoked' }));
    expect(await endOf('C-OPEN')).toBeUndefined();
  });
});
