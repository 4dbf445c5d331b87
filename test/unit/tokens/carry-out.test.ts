import { describe, expect, it } from 'vitest';
import { Fault, type FaultCode } from '#shared/core/fault.ts';
import type { Actor, ChangeOrder } from '#shared/core/vocabulary.ts';
import type { Provider } from '#shared/providers/provider.ts';
import type { Write } from '#shared/store/store.ts';
import type { Attempt } from '#shared/tokens/attempt.ts';
import { CARRYING, carryOut } from '#shared/tokens/carry-out.ts';
import { resumeOrder } from '#shared/tokens/resume-order.ts';
import { stopRun } from '#shared/tokens/stop-run.ts';
import { LAST_CALL_MS } from '#shared/tokens/patience.ts';
import { addToken, createRoom, PEOPLE, type Room } from '#test/support/room.ts';

const warrant = { rule: 'role:operator', approvedBy: [] };
const orderOf = (ids: readonly string[], more: Partial<ChangeOrder> = {}): ChangeOrder => ({
  verb: 'deactivate',
  tokens: ids.map((id) => ({ profile: 'langsmith-demo', id, name: id })),
  requester: PEOPLE.operator,
  requestedAt: '2026-11-22T12:00:00.000Z',
  keepGoing: false,
  ...more,
});

/** The provider refuses whatever is asked of these tokens. */
function refuse(room: Room, refused: Readonly<Record<string, FaultCode>>): void {
  const { open } = room.services.providers;
  const refusing =
    <T>(call: (id: string) => Promise<T>) =>
    async (id: string) => {
      const code = refused[id];
      if (code !== undefined) throw new Fault(code, 'as asked');
      return call(id);
    };
  Object.assign(room.services.providers, {
    open: async (profile: string) => {
      const provider = await open(profile);
      return {
        ...provider,
        get: refusing((id) => provider.get(id)),
        deactivate: refusing((id) => provider.deactivate(id)),
        list: async () => ({ tokens: [], unseen: [] }),
      };
    },
  });
}

/** An attempt whose notes are watched: what was put down alone, and how often the order was counted with it. */
async function attemptOf(room: Room, more: Partial<Attempt> = {}) {
  const { attempt } = await room.context(PEOPLE.operator);
  const { journal } = attempt;
  const put: string[] = [];
  const counted: string[] = [];
  const count: Write = { put: async () => undefined } as never;
  const watched: Attempt = {
    ...attempt,
    journal: {
      ...journal,
      put: async (name, value, along = []) => {
        put.push(name);
        if (along.includes(count)) counted.push(name);
        await journal.put(
          name,
          value,
          along.filter((write) => write !== count),
        );
      },
    },
    counted: () => [count],
    ...more,
  };
  return { attempt: watched, put, counted };
}

describe('what is begun is written down', () => {
  it('before the first of many, together with what counts them, and once for all attempts', async () => {
    const room = createRoom();
    for (const id of ['a', 'b']) addToken(room, id);
    const { attempt, put, counted } = await attemptOf(room);
    const order = orderOf(['a', 'b']);
    await carryOut({ services: room.services, attempt }, order, warrant);
    expect(put[0]).toBe(CARRYING);
    expect(counted).toEqual([CARRYING]);
    expect(attempt.journal.get(CARRYING)).toEqual({ order, warrant });
    put.length = 0;
    await carryOut({ services: room.services, attempt }, order, warrant);
    expect(put).not.toContain(CARRYING);
  });

  it.each<[FaultCode, 'retrying' | 'final', string[]]>([
    ['provider_unavailable', 'retrying', [CARRYING]],
    ['provider_unauthorized', 'final', []],
  ])('of one that meets %s at once: it ends as %s, and is noted where it comes back', async (code, next, noted) => {
    const room = createRoom();
    addToken(room, 'a');
    refuse(room, { a: code });
    const { attempt, put, counted } = await attemptOf(room);
    const change = await carryOut({ services: room.services, attempt }, orderOf(['a']), warrant);
    expect(change).toMatchObject({ kind: 'failed', trouble: { fault: code, next } });
    expect(put.filter((name) => name === CARRYING)).toEqual(noted);
    expect(counted).toEqual(noted);
    await carryOut({ services: room.services, attempt }, orderOf(['a']), warrant);
    expect(put.filter((name) => name === CARRYING)).toEqual(noted);
  });
});

describe('many', () => {
  const run = async (room: Room, order: ChangeOrder, more: Partial<Attempt> = {}) => {
    const { attempt } = await attemptOf(room, more);
    const outcome = await carryOut({ services: room.services, attempt }, order, warrant);
    return outcome.kind === 'bulk' ? outcome : expect.fail(outcome.kind);
  };

  it('stop at the first surprise, which is final, unless they are to go on', async () => {
    for (const keepGoing of [false, true]) {
      const room = createRoom();
      for (const id of ['a', 'b', 'c']) addToken(room, id);
      refuse(room, { a: 'provider_unavailable' });
      const outcome = await run(room, orderOf(['a', 'b', 'c'], { keepGoing }));
      expect(outcome.state).toBe(keepGoing ? 'done' : 'stopped');
      expect(outcome.changes[0]).toMatchObject({ kind: 'failed', trouble: { next: 'final' } });
      expect(outcome.left.map(({ id }) => id)).toEqual(keepGoing ? [] : ['b', 'c']);
      expect(room.tokens.get('b')?.state).toBe(keepGoing ? 'inactive' : 'active');
    }
  });

  it('are told with reason, requester and whoever broke the glass, where there are any', async () => {
    const room = createRoom();
    for (const id of ['a', 'b']) addToken(room, id);
    const plain = await run(room, orderOf(['a', 'b']));
    expect(plain).toMatchObject({ kind: 'bulk', verb: 'deactivate', state: 'done', total: 2, left: [] });
    expect(plain).toMatchObject({ requester: PEOPLE.operator, approvedBy: [] });
    for (const field of ['reason', 'brokenGlassBy', 'stoppedBy']) expect(plain).not.toHaveProperty(field);
    const other = createRoom();
    for (const id of ['a', 'b']) addToken(other, id);
    const { attempt } = await attemptOf(other);
    const glass = { ...warrant, brokenGlassBy: PEOPLE.admin };
    const told = await carryOut({ services: other.services, attempt }, orderOf(['a', 'b'], { reason: 'lost' }), glass);
    expect(told).toMatchObject({ reason: 'lost', brokenGlassBy: PEOPLE.admin, startedAt: attempt.requestedAt });
  });

  it('begin nothing with less time than one takes, and come back for the rest', async () => {
    const room = createRoom();
    for (const id of ['a', 'b', 'c']) addToken(room, id);
    const times = [LAST_CALL_MS, LAST_CALL_MS - 1];
    const timeLeftMs = () => times.shift() ?? 0;
    await expect(run(room, orderOf(['a', 'b', 'c']), { timeLeftMs })).rejects.toThrow(
      'delivery_in_progress: out of time: the rest goes on with the next delivery',
    );
    expect(['a', 'b', 'c'].map((id) => room.tokens.get(id)?.state)).toEqual(['inactive', 'active', 'active']);
  });

  it('come back for the rest where another run holds one of them', async () => {
    const room = createRoom();
    for (const id of ['a', 'b', 'c']) addToken(room, id);
    refuse(room, { a: 'delivery_in_progress' });
    await expect(run(room, orderOf(['a', 'b', 'c'], { keepGoing: true }))).rejects.toThrow(
      'delivery_in_progress: out of time',
    );
    expect(['b', 'c'].map((id) => room.tokens.get(id)?.state)).toEqual(['active', 'active']);
  });

  it('end as what they are when the record fails, or a defect shows', async () => {
    const room = createRoom();
    for (const id of ['a', 'b']) addToken(room, id);
    refuse(room, { a: 'store_unavailable' });
    await expect(run(room, orderOf(['a', 'b']))).rejects.toThrow('store_unavailable');
  });

  it('are not told as stopped by who comes after a surprise has stopped them', async () => {
    const room = createRoom();
    for (const id of ['a', 'b']) addToken(room, id);
    refuse(room, { a: 'provider_unavailable' });
    const answers: unknown[] = [];
    const outcome = await run(room, orderOf(['a', 'b']), {
      progress: async (shown) => {
        if (shown.kind === 'bulk') answers.push(await stopRun(await room.context(PEOPLE.admin), shown.run ?? ''));
      },
    });
    expect(answers).toEqual([undefined]);
    expect(outcome).toMatchObject({ state: 'stopped', left: [{ id: 'b' }] });
    expect(outcome).not.toHaveProperty('stoppedBy');
  });

  it('show how far they have come after each', async () => {
    const room = createRoom();
    for (const id of ['a', 'b']) addToken(room, id);
    const shown: unknown[] = [];
    await run(room, orderOf(['a', 'b']), {
      progress: async (outcome) =>
        void (outcome.kind === 'bulk' && shown.push([outcome.state, outcome.changes.length])),
    });
    expect(shown).toEqual([
      ['running', 1],
      ['running', 2],
    ]);
  });
});

/** The provider is watched, or refuses, in these of its calls. */
function withCalls(room: Room, calls: (provider: Provider) => Partial<Provider>): void {
  const { open } = room.services.providers;
  Object.assign(room.services.providers, {
    open: async (profile: string) => {
      const provider = await open(profile);
      return { ...provider, ...calls(provider) };
    },
  });
}

describe('a change that had begun when its provider failed', () => {
  const failing = async (code: FaultCode, ids: readonly string[]) => {
    const room = createRoom();
    for (const id of ids) addToken(room, id);
    withCalls(room, () => ({ deactivate: () => Promise.reject(new Fault(code, 'as asked')) }));
    const { attempt } = await attemptOf(room);
    return carryOut({ services: room.services, attempt }, orderOf(ids), warrant);
  };

  it('is told so where it is tried again: it may be done', async () => {
    const told = await failing('provider_unavailable', ['a']);
    expect(told).toMatchObject({ kind: 'failed', trouble: { next: 'retrying', begun: true } });
  });

  it('is not where nothing had begun, or nothing is tried again', async () => {
    const room = createRoom();
    addToken(room, 'a');
    refuse(room, { a: 'provider_unavailable' });
    const { attempt } = await attemptOf(room);
    const unread = await carryOut({ services: room.services, attempt }, orderOf(['a']), warrant);
    const refused = await failing('provider_unauthorized', ['a']);
    for (const [change, next] of [
      [unread, 'retrying'],
      [refused, 'final'],
    ] as const) {
      expect(change).toMatchObject({ kind: 'failed', trouble: { next } });
      expect(change).not.toHaveProperty('trouble.begun');
    }
  });
});

describe('one of many whose answer was lost', () => {
  /** The provider does it, and is away from then on. */
  const losing = async (lost: string, code: FaultCode, keepGoing: boolean) => {
    const room = createRoom();
    for (const id of ['a', 'b', 'c']) addToken(room, id);
    let time = Date.parse(orderOf([]).requestedAt);
    const clock = { now: () => new Date(time), sleep: async (milliseconds: number) => void (time += milliseconds) };
    Object.assign(room.services, clock);
    const away = { is: false, over: false };
    const unlessAway =
      <T>(call: (id: string) => Promise<T>) =>
      async (id: string) => {
        if (away.is && !away.over) throw new Fault(code, 'as asked');
        const answer = await call(id);
        away.is ||= room.tokens.get(lost)?.state === 'inactive';
        if (away.is && !away.over) throw new Fault(code, 'as asked');
        return answer;
      };
    withCalls(room, (provider) => ({
      get: unlessAway((id) => provider.get(id)),
      deactivate: unlessAway((id) => provider.deactivate(id)),
    }));
    const { attempt } = await attemptOf(room);
    const deliver = (more: Partial<Attempt> = {}) =>
      carryOut(
        { services: room.services, attempt: { ...attempt, ...more } },
        orderOf(['a', 'b', 'c'], { keepGoing }),
        warrant,
      );
    return { room, away, deliver, recorded: () => room.store.entries.map(({ token, result }) => [token?.id, result]) };
  };

  it.each<[string, FaultCode, boolean]>([
    ['a', 'provider_unavailable', false],
    ['a', 'provider_rate_limited', false],
    ['b', 'provider_unavailable', false],
    ['c', 'secret_unavailable', true],
  ])('(%s, %s) is neither told nor on record as failed, and the run comes back until it is read', async (...how) => {
    const { room, away, deliver, recorded } = await losing(...how);
    await expect(deliver()).rejects.toThrow('delivery_in_progress');
    await expect(deliver()).rejects.toThrow('delivery_in_progress');
    expect(recorded().map(([, result]) => result)).not.toContain('failed');
    away.over = true;
    const told = await deliver();
    expect(told).toMatchObject({ kind: 'bulk', state: 'done', left: [] });
    expect(recorded().toSorted()).toEqual(['a', 'b', 'c'].map((id) => [id, 'done']));
    expect(room.tokens.get(how[0])?.state).toBe('inactive');
  });

  it('is not left out where the run was stopped, and its next delivery has no time to read it', async () => {
    const { room, away, deliver } = await losing('b', 'provider_unavailable', false);
    let run = '';
    const progress: Attempt['progress'] = async (shown) => void (run = (shown.kind === 'bulk' && shown.run) || run);
    await expect(deliver({ progress })).rejects.toThrow('delivery_in_progress');
    expect(await stopRun(await room.context(PEOPLE.admin), run)).toBeUndefined();
    away.over = true;
    const times = [LAST_CALL_MS, LAST_CALL_MS - 1];
    await expect(deliver({ timeLeftMs: () => times.shift() ?? 0 })).rejects.toThrow('delivery_in_progress');
    expect(await deliver()).toMatchObject({ kind: 'bulk', left: [] });
  });
});

describe.each<FaultCode>(['provider_unauthorized', 'config_invalid', 'provider_unreached', 'provider_unexpected'])(
  'what a provider has accepted and shows no more afterwards (%s)',
  (code) => {
    const accepting = async (verb: 'deactivate' | 'activate' | 'delete', ids: readonly string[]) => {
      const room = createRoom();
      for (const id of ids) addToken(room, id, { state: verb === 'activate' ? 'inactive' : 'active' });
      const away = { is: true };
      const before = JSON.stringify(room.tokens.get('a'));
      withCalls(room, (provider) => ({
        get: async (id) => {
          if (away.is && JSON.stringify(room.tokens.get('a')) !== before) throw new Fault(code, 'as asked');
          return provider.get(id);
        },
      }));
      const { attempt } = await attemptOf(room);
      const deliver = (more: object = {}) =>
        carryOut({ services: room.services, attempt: { ...attempt, ...more } }, orderOf(ids, { verb }), warrant);
      const results = () => room.store.entries.map(({ token, result }) => [token?.id, result]);
      return { room, away, deliver, results };
    };

    it.each(['deactivate', 'activate', 'delete'] as const)('is read again until it is known (%s)', async (verb) => {
      const { away, deliver, results } = await accepting(verb, ['a']);
      for (const _ of [1, 2]) {
        expect(await deliver()).toMatchObject({
          kind: 'failed',
          trouble: { fault: code, next: 'retrying', begun: true },
        });
      }
      away.is = false;
      expect(await deliver()).toMatchObject({ kind: 'changed', verb, already: false });
      expect(results()).toEqual([
        ['a', 'failed'],
        ['a', 'done'],
      ]);
    });

    it('of many too: the run has no end before', async () => {
      const { away, deliver, results } = await accepting('deactivate', ['a', 'b']);
      for (const _ of [1, 2]) await expect(deliver()).rejects.toThrow('delivery_in_progress');
      away.is = false;
      expect(await deliver()).toMatchObject({ kind: 'bulk', state: 'done', left: [] });
      expect(results().filter(([, result]) => result === 'done')).toHaveLength(2);
    });
  },
);

describe('the next of many', () => {
  const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const preparedIn = async (refused: Readonly<Record<string, FaultCode>>) => {
    const room = createRoom();
    for (const id of IDS) addToken(room, id);
    const prepared: string[] = [];
    withCalls(room, (provider) => ({
      prepare: (_, id) => void prepared.push(id),
      deactivate: async (id) => {
        const code = refused[id];
        return code === undefined ? provider.deactivate(id) : Promise.reject(new Fault(code, 'as asked'));
      },
    }));
    const { attempt } = await attemptOf(room);
    await carryOut({ services: room.services, attempt }, orderOf(IDS), warrant).catch(() => undefined);
    return [...new Set(prepared)];
  };

  it('are looked up ahead, as long as the run goes on', async () => {
    expect(await preparedIn({})).toEqual(IDS);
  });

  it.each<[string, FaultCode]>([
    ['is stopped', 'provider_unauthorized'],
    ['is out of time', 'delivery_in_progress'],
  ])('are not looked up where the run %s', async (_, code) => {
    expect(await preparedIn({ a: code })).toEqual(IDS.slice(0, 5));
  });
});

it('waits longer each time that a provider limits the calls of a run', async () => {
  const room = createRoom();
  for (const id of ['a', 'b']) addToken(room, id);
  let refusals = 3;
  withCalls(room, (provider) => ({
    deactivate: async (id) => {
      if (refusals === 0) return provider.deactivate(id);
      refusals -= 1;
      throw new Fault('provider_rate_limited', 'slower');
    },
  }));
  const waited: number[] = [];
  Object.assign(room.services, { sleep: async (milliseconds: number) => void waited.push(milliseconds) });
  const { attempt } = await attemptOf(room);
  const outcome = await carryOut({ services: room.services, attempt }, orderOf(['a', 'b']), warrant);
  expect(outcome).toMatchObject({ kind: 'bulk', state: 'done' });
  expect(waited.filter((milliseconds) => milliseconds >= 1_000).slice(0, 3)).toEqual([2_000, 4_000, 8_000]);
});

it('begins nothing of what somebody has called off, and tells who', async () => {
  const room = createRoom();
  addToken(room, 'a');
  const { attempt } = await attemptOf(room, { calledOffBy: PEOPLE.admin });
  const change = await carryOut({ services: room.services, attempt }, orderOf(['a']), warrant);
  expect(change).toMatchObject({ kind: 'refused', why: 'called_off', by: PEOPLE.admin });
  expect(room.tokens.get('a')?.state).toBe('active');
});

describe('an order that goes on', () => {
  const goesOn = async (requester: Actor, who: Actor) => {
    const room = createRoom();
    addToken(room, 'a');
    const context = await room.context(who);
    await context.attempt.journal.put(CARRYING, { order: orderOf(['a'], { requester }), warrant });
    return (await resumeOrder(context))?.outcome;
  };
  const elsewhere = (actor: Actor): Actor => ({ ...actor, teamId: PEOPLE.stranger.teamId });

  it('asks for the right of whoever had asked, whoever goes on with it', async () => {
    expect(await goesOn(PEOPLE.operator, PEOPLE.viewer)).toMatchObject({ kind: 'changed' });
    expect(await goesOn(PEOPLE.viewer, PEOPLE.operator)).toMatchObject({ kind: 'refused', why: 'no_right' });
  });

  it('takes nobody of another workspace for who had asked, though the id is the same', async () => {
    expect(await goesOn(elsewhere(PEOPLE.operator), PEOPLE.operator)).toMatchObject({ why: 'no_right' });
    expect(await goesOn(PEOPLE.operator, elsewhere(PEOPLE.operator))).toMatchObject({ kind: 'changed' });
  });
});
