import { describe, expect, it } from 'vitest';
import { createEndWait } from '#shared/alerts/end-wait.ts';
import type { CasePress, OwnersAct } from '#shared/cases/case-press.ts';
import { changeCase } from '#shared/cases/keep-case.ts';
import { pressCase } from '#shared/cases/press-case.ts';
import { createSearchAgain, isSearchPlanned } from '#shared/cases/search-again.ts';
import { settle } from '#shared/cases/settle.ts';
import { createWake } from '#shared/cases/wake.ts';
import { defined } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Actor, Token } from '#shared/core/vocabulary.ts';
import { type LeakJob, leakJobSchema } from '#shared/jobs/job.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { Case } from '#shared/store/store.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import type { Services } from '#shared/tokens/services.ts';
import { takeOrder } from '#shared/tokens/take-order.ts';
import { isRetrying } from '#shared/tokens/trouble-of.ts';
import { addToken, createRoom, NOW, openCase, PEOPLE } from '#test/support/room.ts';

const OWNER: Actor = { teamId: 'T0SANDBOX01', userId: 'U0OWNER0001' };
const ID = 'C-AAAAAAAA';
const MINUTE = 60_000;
type Owner = Policy['alerts']['owner'];

interface Delivered {
  readonly ms: number;
  readonly dies?: boolean;
  readonly key?: string;
}

const DIED = new Fault('store_unavailable', 'the process died');

/** A case that asks about a token whose owner Slack knows by their e-mail address, and a clock that the test moves. */
async function start(owner: Partial<Owner> = {}, more: { kase?: Partial<Case>; token?: Partial<Token> } = {}) {
  const room = createRoom((policy) => Object.assign(policy.alerts.owner, owner));
  const clock = { ms: NOW.getTime() };
  const provider = {
    trouble: undefined as Fault | undefined,
    closed: undefined as Fault | undefined,
    kills: 0,
    waits: false,
    unread: undefined as Fault | undefined,
  };
  const services: Services = {
    ...room.services,
    now: () => new Date(clock.ms),
    people: {
      byEmail: async (email) => (email === 'owner@example.com' ? OWNER.userId : undefined),
      nameOf: async () => 'Olga',
      emailOf: async () => undefined,
    },
    providers: {
      ...room.services.providers,
      open: async (profile) => {
        if (provider.closed !== undefined) throw provider.closed;
        const opened = await room.services.providers.open(profile);
        return {
          ...opened,
          get: async (id, known) => {
            if (provider.unread !== undefined) throw provider.unread;
            return opened.get(id, known);
          },
          deactivate: async (id) => {
            if (provider.trouble !== undefined) throw provider.trouble;
            provider.kills += 1;
            if (provider.waits) return { kind: 'pending', answer: { status: 202 } };
            return opened.deactivate(id);
          },
        };
      },
    },
  };
  const token = addToken(room, 'leaked', { owner: { id: 'o-1', name: 'owner@example.com' }, ...more.token });
  await openCase(room, token, { id: ID, grade: 'exact', ...more.kase });
  const sent: LeakJob[] = [];
  const queue = { trouble: undefined as Fault | undefined, delaySeconds: 0 };
  const sendLeaks = async (jobs: readonly LeakJob[], delaySeconds = 0) => {
    if (queue.trouble !== undefined) throw queue.trouble;
    queue.delaySeconds = delaySeconds;
    sent.push(...jobs);
  };
  /** A press that was made at that time, and is delivered now; one that `dies` ends before it is remembered or entered. */
  const deliver = async (who: Actor, wanted: Omit<CasePress, 'case'>, { ms, dies, key }: Delivered) => {
    const { act } = wanted;
    const requestedAt = new Date(ms).toISOString();
    const { value } = await room.store.remember(`press:${key ?? `${act}-${ms}-${who.userId}`}`, async (journal) => {
      const attempt = { journal, requestedAt, progress: async () => {} };
      const context = { services, attempt, authority: await authorise(services, who) };
      const outcome = await pressCase(context, sendLeaks, { case: ID, ...wanted });
      if (dies === true) throw DIED;
      await settle(services, outcome, { from: ID, by: who });
      if (isRetrying(outcome)) throw new Fault(outcome.trouble.fault, 'to be tried again');
      return outcome;
    });
    return value;
  };
  const press = (who: Actor, act: OwnersAct, key?: string) =>
    deliver(who, { act }, { ms: clock.ms, ...defined({ key }) });
  const shown: string[] = [];
  const endWait = createEndWait({
    services,
    sendLater: async (jobs, delaySeconds) => {
      expect(delaySeconds).toBeLessThanOrEqual(900);
      sent.push(...jobs);
    },
    show: async (id) => void shown.push(id),
    answerBack: async () => {},
    planLook: async () => {},
    planSearch: createSearchAgain({
      store: room.store,
      now: services.now,
      send: async (jobs) => void sent.push(...jobs),
    }).plan,
  });
  const stored = async () => (await room.store.cases.get(ID)) as Case;
  const waitJob = () => {
    const job = sent.findLast(({ kind }) => kind === 'wait-over');
    if (job?.kind !== 'wait-over') throw new Error('no end of a wait was sent');
    expect(leakJobSchema.parse(job)).toEqual(job);
    return job;
  };
  const end = (attempt = 1, isLast = false) => endWait(waitJob(), { attempt, isLast });
  const alive = () => room.tokens.get('leaked')?.state === 'active';
  return { ...{ room, services, clock, provider, queue, sent, press, deliver, end, stored, alive, shown, waitJob } };
}

describe('who may speak for a token', () => {
  it.each(['mine', 'not_mine', 'wait'] as const)('%s: nobody but its owner and who may deactivate it', async (act) => {
    const { press, stored, room, sent } = await start({ replaced: 'deactivate' });
    const before = await stored();
    for (const who of [PEOPLE.viewer, PEOPLE.approver]) {
      expect(await press(who, act)).toMatchObject({ kind: 'denied', why: 'not_the_owner' });
    }
    expect(await press(PEOPLE.stranger, act)).toMatchObject({ kind: 'denied', why: 'other_workspace' });
    // The owner's id in another workspace is another person.
    expect(await press({ ...OWNER, teamId: 'T0ELSEWHERE' }, act)).toMatchObject({ kind: 'denied' });
    expect([await stored(), sent, room.store.entries]).toEqual([before, [], []]);
  });

  it('waits for Slack where only that can tell who the owner is, and refuses nobody meanwhile', async () => {
    const { press, services, room } = await start();
    const { byEmail } = services.people;
    const silent = () => Promise.reject(new Fault('slack_unavailable', 'users.lookupByEmail: no answer'));
    Object.assign(services.people, { byEmail: silent });
    await expect(press(OWNER, 'mine', 'once')).rejects.toMatchObject({ code: 'slack_unavailable' });
    expect(room.store.entries).toEqual([]);
    Object.assign(services.people, { byEmail });
    expect(await press(OWNER, 'mine', 'once')).not.toMatchObject({ kind: 'denied' });
  });

  it.each(['mine', 'not_mine', 'wait'] as const)('%s is on record and on the case, with who and when', async (act) => {
    const { press, stored, room } = await start();
    await press(OWNER, act, 'once');
    await press(OWNER, act, 'once');
    expect(room.store.entries).toMatchObject([
      { what: act, actor: OWNER, rule: 'owner', token: { id: 'leaked' }, caseId: ID, result: 'done' },
    ]);
    expect((await stored()).presses).toMatchObject([{ act, by: OWNER }]);
  });

  it('names a role where somebody with rights speaks, and says that it is not the owner', async () => {
    const { press, stored, room } = await start();
    await press(PEOPLE.operator, 'not_mine');
    expect((await stored()).ownerWord).toMatchObject({ said: 'not_mine', isOwner: false });
    expect(room.store.entries).toMatchObject([{ rule: 'role:operator' }]);
  });
});

describe('"It is mine, replaced"', () => {
  it('changes nothing by itself, and shows the word to whoever decides', async () => {
    const { press, stored, alive } = await start();
    expect(await press(OWNER, 'mine')).toMatchObject({ kind: 'case' });
    expect(alive()).toBe(true);
    expect(await stored()).toMatchObject({ state: 'asking', ownerWord: { said: 'mine', by: OWNER, isOwner: true } });
  });

  it('stops the token where the policy lets its owner, by their name, once', async () => {
    const { press, stored, provider, room } = await start({ replaced: 'deactivate' });
    expect(await press(OWNER, 'mine', 'once')).toMatchObject({ kind: 'changed', verb: 'deactivate', already: false });
    await press(OWNER, 'mine', 'once');
    await press(OWNER, 'mine', 'again');
    expect(provider.kills).toBe(1);
    expect(await stored()).toMatchObject({ state: 'dead', changedBy: OWNER });
    expect(room.store.entries.filter(({ what }) => what === 'deactivate')).toMatchObject([
      { actor: OWNER, rule: 'owner', caseId: ID, result: 'done' },
    ]);
  });

  it.each([
    ['a protected one', { name: 'break-glass-a', owner: { id: 'anna@example.com', name: 'owner@example.com' } }, {}],
    ["Patrol's own", { own: true }, {}],
    ['a service key', { kind: 'service-key' }, {}],
    ['a guess', {}, { grade: 'weak' }],
  ] as const)('never stops %s, whatever the policy says', async (_what, token, kase) => {
    const { press, alive, end, clock, stored } = await start(
      { replaced: 'deactivate', afterWait: 'deactivate' },
      { token, kase },
    );
    await press(OWNER, 'wait');
    expect((await stored()).wait).toMatchObject({ then: 'ask' });
    clock.ms += 30 * MINUTE;
    expect(await end()).toBe('asked');
    await press(OWNER, 'mine');
    expect(alive()).toBe(true);
  });

  it('stops nothing by a press of before somebody closed the case, though the question is asked again by then', async () => {
    const { room, services, press, stored, alive, clock } = await start({ replaced: 'deactivate' });
    const later = new Date(clock.ms + 60_000).toISOString();
    await changeCase(room.store, { id: ID, now: services.now() }, (kase) => ({
      ...kase,
      presses: [{ act: 'dismiss', by: PEOPLE.admin, at: later }],
    }));
    expect(await press(OWNER, 'mine')).toMatchObject({ kind: 'case', case: { ownerWord: { said: 'mine' } } });
    expect([alive(), (await stored()).state]).toEqual([true, 'asking']);
    clock.ms += 120_000;
    await press(OWNER, 'mine');
    expect(alive()).toBe(false);
  });

  it('of somebody who may deactivate it deactivates it', async () => {
    const { press, alive } = await start();
    expect(await press(PEOPLE.operator, 'mine')).toMatchObject({ kind: 'changed', verb: 'deactivate' });
    expect(alive()).toBe(false);
  });
});

describe('"Mine", delivered again after a person has decided otherwise', () => {
  /** Somebody says "Mine", and their first delivery comes to nothing; five minutes later somebody decides. */
  const begin = async (who: Actor, how: 'dies' | 'fails' | 'is refused') => {
    const started = await start({ replaced: 'deactivate' });
    const { clock, deliver, provider } = started;
    const mine = { ms: clock.ms };
    const dies = how === 'dies';
    const down = dies ? undefined : new Fault('provider_unavailable', 'HTTP 503', { status: 503 });
    Object.assign(provider, { unread: how === 'fails' ? down : undefined, trouble: down });
    await expect(deliver(who, { act: 'mine' }, { ...mine, dies })).rejects.toBeInstanceOf(Fault);
    Object.assign(provider, { unread: undefined, trouble: undefined });
    clock.ms += 5 * MINUTE;
    const decide = (act: CasePress['act']) => deliver(PEOPLE.admin, { act, reason: 'a test key' }, { ms: clock.ms });
    const again = () => {
      clock.ms += 7 * MINUTE;
      return deliver(who, { act: 'mine' }, mine);
    };
    return { ...started, decide, again };
  };
  const BOTH = [
    ['its owner', OWNER],
    ['somebody who may deactivate it', PEOPLE.operator],
  ] as const;

  it.each(BOTH)('stops nothing after "Not ours" where %s had only tried', async (_who, who) => {
    const { decide, again, alive, stored } = await begin(who, 'fails');
    expect(await stored()).toMatchObject({ state: 'not_revoked', troubles: [{ next: 'retrying' }] });
    await decide('dismiss');
    expect(await again()).toMatchObject({ kind: 'case', case: { ownerWord: { said: 'mine' } } });
    expect([alive(), (await stored()).state]).toEqual([true, 'dismissed']);
  });

  it.each(BOTH)('stops nothing where the case was opened again besides, and %s had only tried', async (_who, who) => {
    const { clock, decide, again, alive, stored } = await begin(who, 'fails');
    await decide('dismiss');
    clock.ms += 1000;
    await decide('reopen');
    expect(await again()).toMatchObject({ kind: 'case' });
    expect([alive(), (await stored()).state]).toEqual([true, 'asking']);
  });

  it.each(BOTH)('stops nothing that was brought back meanwhile, where %s had only tried', async (_who, who) => {
    const { services, again, alive } = await begin(who, 'fails');
    await changeCase(services.store, { id: ID, now: services.now() }, (kase) => ({
      ...kase,
      ...{ state: 'restored', generation: kase.generation + 1 },
    }));
    expect(await again()).toMatchObject({ kind: 'case' });
    expect(alive()).toBe(true);
  });

  it.each(BOTH)('tells the kill that had been made for %s, and makes no other', async (_who, who) => {
    const { decide, again, provider, stored } = await begin(who, 'dies');
    await decide('dismiss');
    expect(await again()).toMatchObject({ kind: 'changed', already: false });
    expect([provider.kills, await stored()]).toMatchObject([1, { state: 'dead', changedBy: who }]);
  });

  it.each(BOTH)('leaves the case closed where the kill that had begun for %s came to nothing', async (_who, who) => {
    const { decide, again, provider, room, stored } = await begin(who, 'is refused');
    await decide('dismiss');
    expect(await again()).toMatchObject({ kind: 'case' });
    expect([provider.kills, (await stored()).state]).toEqual([0, 'dismissed']);
    const tried = { what: 'deactivate', actor: who, result: 'failed' };
    expect(room.store.entries).toContainEqual(expect.objectContaining(tried));
  });

  it('reads what had begun until it is known', async () => {
    const { decide, again, provider, stored } = await begin(OWNER, 'dies');
    await decide('dismiss');
    provider.unread = new Fault('provider_unavailable', 'HTTP 503', { status: 503 });
    await expect(again()).rejects.toMatchObject({ code: 'provider_unavailable' });
    provider.unread = undefined;
    expect(await again()).toMatchObject({ kind: 'changed' });
    expect([provider.kills, (await stored()).state]).toEqual([1, 'dead']);
  });

  it('goes on where nobody has decided otherwise', async () => {
    const { again, alive } = await begin(OWNER, 'fails');
    expect(await again()).toMatchObject({ kind: 'changed' });
    expect(alive()).toBe(false);
  });
});

describe('what was said before a wait was asked for, and is delivered after it', () => {
  it.each([
    ['mine', OWNER],
    ['mine', PEOPLE.operator],
    ['not_mine', OWNER],
  ] as const)('"%s" is noted, and neither ends that wait nor stops the token', async (act, who) => {
    const { clock, press, deliver, stored, alive } = await start({ replaced: 'deactivate' });
    const said = clock.ms;
    clock.ms += 5 * MINUTE;
    await press(OWNER, 'wait');
    const { wait } = await stored();
    clock.ms += 7 * MINUTE;
    expect(await deliver(who, { act }, { ms: said })).toMatchObject({ kind: 'case' });
    expect(await stored()).toMatchObject({ state: 'asking', ownerWord: { said: act }, wait });
    expect([alive(), wait?.isOver]).toEqual([true, undefined]);
  });
});

describe('what was said of the end of a token before somebody brought it back, and first comes after that', () => {
  /** A token is stopped, and brought back some seconds after that was said. */
  const bringBack = async (how: 'undo' | 'a command') => {
    const started = await start({ replaced: 'deactivate' });
    const { clock, deliver, services, stored } = started;
    const said = clock.ms;
    await deliver(PEOPLE.admin, { act: 'deactivate' }, { ms: (clock.ms += 1000) });
    clock.ms += 9000;
    if (how === 'undo') await deliver(PEOPLE.admin, { act: how }, { ms: clock.ms });
    else {
      const context = await started.room.context(PEOPLE.admin);
      const attempt = { ...context.attempt, requestedAt: services.now().toISOString() };
      const order = { verb: 'activate', tokens: ['leaked'], keepGoing: false, ask: 'never' } as const;
      await settle(services, await takeOrder({ ...context, services, attempt }, order), { from: ID, by: PEOPLE.admin });
    }
    expect(await stored()).toMatchObject({ state: 'restored', changedBy: PEOPLE.admin });
    clock.ms += 10_000;
    return { ...started, late: (who: Actor, act: CasePress['act']) => deliver(who, { act }, { ms: said }) };
  };

  it.each([
    ['undo', OWNER],
    ['undo', PEOPLE.operator],
    ['a command', OWNER],
  ] as const)('"Mine" is noted, and stops nothing that came back by %s', async (how, who) => {
    const { late, stored, alive } = await bringBack(how);
    expect(await late(who, 'mine')).toMatchObject({ kind: 'case', case: { ownerWord: { said: 'mine' } } });
    expect([alive(), (await stored()).state]).toEqual([true, 'restored']);
  });

  it.each(['deactivate', 'delete'] as const)('"%s" stops nothing, and tells who has decided', async (act) => {
    for (const how of ['undo', 'a command'] as const) {
      const { late, stored, alive } = await bringBack(how);
      const settled = { how: 'changed', by: { userId: PEOPLE.admin.userId } };
      expect(await late(PEOPLE.operator, act)).toMatchObject({ kind: 'denied', why: 'settled', settled });
      expect([alive(), (await stored()).state]).toEqual([true, 'restored']);
    }
  });

  it('stops it where it is said again', async () => {
    const { press, alive } = await bringBack('undo');
    expect(await press(OWNER, 'mine')).toMatchObject({ kind: 'changed', already: false });
    expect(alive()).toBe(false);
  });
});

describe('"Not me"', () => {
  it('calls the security group once, also when somebody has taken the case', async () => {
    const { press, services, sent } = await start({}, { kase: { takenBy: PEOPLE.admin } });
    await press(OWNER, 'not_mine');
    const calls: object[] = [];
    const wake = createWake({
      ...{ store: services.store, now: services.now, minutes: 15 },
      send: async () => {},
      say: async (kase, call) => void calls.push({ id: kase.id, ...call }),
    });
    const [job] = sent;
    if (job?.kind !== 'wake') throw new Error('nobody is called');
    expect(leakJobSchema.parse(job)).toEqual(job);
    expect(await wake.due(job)).toBe(true);
    expect(calls).toMatchObject([{ id: ID, step: 'disowned', key: job.deliveryKey }]);
    await press(OWNER, 'mine', 'a second thought');
  });
});

describe('the kill after "I need 30 minutes", against what somebody decides', () => {
  const BY_ADMIN = { changedBy: PEOPLE.admin };
  const waited = async () => {
    const started = await start({ afterWait: 'deactivate' });
    await started.press(OWNER, 'wait');
    started.clock.ms += 30 * MINUTE;
    const decide = (act: CasePress['act']) =>
      started.deliver(PEOPLE.admin, { act, reason: 'a test key' }, { ms: started.clock.ms });
    return { ...started, decide };
  };
  const DOWN = new Fault('provider_unavailable', 'HTTP 503', { status: 503 });

  it('leaves who has stopped the token between two tries on the case', async () => {
    const { provider, decide, end, stored, room } = await waited();
    provider.unread = DOWN;
    await expect(end()).rejects.toBe(DOWN);
    provider.unread = undefined;
    await decide('retry');
    const before = await stored();
    expect(before).toMatchObject({ state: 'dead', ...BY_ADMIN });
    expect(await end(2)).toBeUndefined();
    expect([await stored(), provider.kills]).toEqual([before, 1]);
    expect(room.store.entries.filter(({ rule }) => rule === 'owner-wait')).toEqual([]);
  });

  it('leaves that there too where its own try may have been the kill', async () => {
    const { provider, decide, end, stored } = await waited();
    provider.trouble = DOWN;
    await expect(end()).rejects.toBe(DOWN);
    provider.trouble = undefined;
    await decide('retry');
    const before = await stored();
    expect(await end(2)).toBe('stopped');
    expect([await stored(), provider.kills]).toEqual([before, 1]);
  });

  it.each([
    ['"Not ours"', (kase: Case): Case => ({ ...kase, state: 'dismissed', generation: kase.generation + 1 })],
    [
      'a word of its owner',
      (kase: Case): Case => ({ ...kase, ...(kase.wait && { wait: { ...kase.wait, isOver: true } }) }),
    ],
  ])(
    'does not begin where %s comes between its look at the case and its note that it begins',
    async (_what, decide) => {
      const { services, end, stored, alive } = await waited();
      const { open } = services.providers;
      const opening = async (...asked: Parameters<typeof open>) => {
        await changeCase(services.store, { id: ID, now: services.now() }, decide);
        return open(...asked);
      };
      Object.assign(services.providers, { open: opening });
      expect([await end(), alive()]).toEqual([undefined, true]);
      expect(await stored()).not.toHaveProperty('decision');
    },
  );

  it('says of no case that its kill has failed where its owner has spoken meanwhile', async () => {
    const { services, provider, end, stored } = await waited();
    const { open } = services.providers;
    const opening = async (...asked: Parameters<typeof open>) => {
      await changeCase(services.store, { id: ID, now: services.now() }, (kase) => ({
        ...kase,
        ...(kase.wait && { wait: { ...kase.wait, isOver: true } }),
      }));
      return open(...asked);
    };
    Object.assign(services.providers, { open: opening });
    provider.closed = new Fault('config_invalid', 'profile dfns-demo: "authToken" missing or malformed');
    await expect(end()).rejects.toMatchObject({ code: 'config_invalid' });
    expect((await stored()).state).toBe('asking');
  });

  it('makes no other after "Not ours", and puts on record that one was tried', async () => {
    const { provider, decide, end, stored, alive, room } = await waited();
    provider.trouble = DOWN;
    await expect(end()).rejects.toBe(DOWN);
    provider.trouble = undefined;
    await decide('dismiss');
    expect([await end(2), alive(), (await stored()).state]).toEqual(['stopped', true, 'dismissed']);
    const tried = { rule: 'owner-wait', result: 'failed' };
    expect(room.store.entries).toContainEqual(expect.objectContaining(tried));
  });

  it('tells after "Not ours" that it had been made', async () => {
    const { provider, room, decide, end, stored } = await waited();
    provider.trouble = DOWN;
    await expect(end()).rejects.toBe(DOWN);
    provider.trouble = undefined;
    await decide('dismiss');
    // Its answer was lost.
    Object.assign(room.tokens.get('leaked') ?? expect.fail('gone'), { state: 'inactive' });
    expect([await end(2), await stored()]).toMatchObject(['stopped', { state: 'dead' }]);
    expect(room.store.entries.filter(({ rule }) => rule === 'owner-wait')).toMatchObject([{ result: 'done' }]);
  });

  it.each([
    ['dead', false],
    ['waiting', true],
  ] as const)('is told again as %s where its process died before that was remembered', async (state, waits) => {
    const { services, end, stored, provider, shown } = await waited();
    provider.waits = waits;
    const { remember } = services.store;
    const forgets: typeof remember = (key, work) =>
      remember(key, async (journal) => {
        await work(journal);
        throw DIED;
      });
    Object.assign(services.store, { remember: forgets });
    await expect(end()).rejects.toBe(DIED);
    Object.assign(services.store, { remember });
    shown.length = 0;
    expect([await end(2), shown, provider.kills]).toEqual(['stopped', [ID], 1]);
    expect(await stored()).toMatchObject({ state, decision: { rule: 'owner-wait' } });
  });
});

describe('"I need 30 minutes"', () => {
  it('holds the question until a time, and asks again when that is over', async () => {
    const { press, stored, clock, end, alive, sent, shown } = await start();
    await press(OWNER, 'wait');
    const until = new Date(NOW.getTime() + 30 * MINUTE).toISOString();
    expect((await stored()).wait).toEqual({ by: OWNER, until, then: 'ask' });
    // A queue keeps a job back for a quarter of an hour at most.
    const before = sent.length;
    expect(await end()).toBeUndefined();
    expect(sent.length).toBe(before + 1);
    clock.ms += 30 * MINUTE;
    expect(await end()).toBe('asked');
    expect(await stored()).toMatchObject({ state: 'asking', wait: { isOver: true } });
    expect([alive(), shown]).toEqual([true, [ID]]);
  });

  it('is given to nobody whom no job would ask again', async () => {
    const { press, queue, stored } = await start();
    const before = await stored();
    queue.trouble = new Fault('store_unavailable', 'the queue');
    await expect(press(OWNER, 'wait')).rejects.toBe(queue.trouble);
    expect(await stored()).toEqual(before);
  });

  it.each([
    [1, 900],
    [31, 60],
  ])('ends also where its first try died before it was given, and came back %d minutes later', async (late, left) => {
    const { services, deliver, queue, clock, end, stored, waitJob } = await start();
    const { change } = services.store.cases;
    const pressed = { ms: clock.ms };
    Object.assign(services.store.cases, { change: () => Promise.reject(DIED) });
    await expect(deliver(OWNER, { act: 'wait' }, pressed)).rejects.toBe(DIED);
    Object.assign(services.store.cases, { change });
    clock.ms += late * MINUTE;
    // The job of what was never given comes, and must not stand for the one of what is given later.
    expect(await end()).toBeUndefined();
    expect(await deliver(OWNER, { act: 'wait' }, pressed)).toMatchObject({ kind: 'case' });
    // It comes after the case says so.
    expect([queue.delaySeconds, waitJob().at]).toEqual([left, (await stored()).wait?.until]);
    clock.ms += 30 * MINUTE;
    expect(await end()).toBe('asked');
  });

  it('is shown as over also where the attempt that ended it died before it could remember that', async () => {
    const { press, services, stored, clock, end, shown } = await start();
    await press(OWNER, 'wait');
    clock.ms += 30 * MINUTE;
    await changeCase(services.store, { id: ID, now: services.now() }, (kase) => ({
      ...kase,
      ...(kase.wait && { wait: { ...kase.wait, isOver: true } }),
    }));
    expect(await end(2)).toBe('asked');
    expect([(await stored()).state, shown]).toEqual(['asking', [ID]]);
  });

  it('is shown as over also where the clock was set back after the attempt that ended it', async () => {
    const { press, services, clock, end, sent, shown } = await start();
    await press(OWNER, 'wait');
    clock.ms += 29 * MINUTE;
    await changeCase(services.store, { id: ID, now: services.now() }, (kase) => ({
      ...kase,
      ...(kase.wait && { wait: { ...kase.wait, isOver: true } }),
    }));
    const before = sent.length;
    expect(await end(2)).toBeUndefined();
    expect(sent.length).toBe(before + 1);
    clock.ms += MINUTE;
    expect(await end()).toBe('asked');
    expect(shown).toEqual([ID]);
  });

  it('ends in a kill where the policy says so: one, on record by the name of whoever asked', async () => {
    const { press, clock, end, stored, provider, room } = await start({ afterWait: 'deactivate' });
    await press(OWNER, 'wait');
    clock.ms += 30 * MINUTE;
    expect(await end()).toBe('stopped');
    expect(await end(2)).toBe('stopped');
    expect(provider.kills).toBe(1);
    expect(await stored()).toMatchObject({ state: 'dead', decision: { rule: 'owner-wait' } });
    expect(await stored()).not.toHaveProperty('wait');
    expect(room.store.entries.filter(({ what }) => what === 'deactivate')).toMatchObject([
      { actor: OWNER, rule: 'owner-wait', result: 'done' },
    ]);
  });

  it.each([
    ['the same clock', 0],
    ['one that is behind', -5000],
  ])('says so while the provider refuses, and goes on with the next delivery, by %s', async (_, ms) => {
    const { press, clock, end, stored, provider, alive } = await start({ afterWait: 'deactivate' });
    await press(OWNER, 'wait');
    clock.ms += 30 * MINUTE;
    provider.trouble = new Fault('provider_unavailable', 'down');
    await expect(end()).rejects.toMatchObject({ code: 'provider_unavailable' });
    expect(await stored()).toMatchObject({ state: 'not_revoked', troubles: [{ kind: 'failed', next: 'retrying' }] });
    clock.ms += ms;
    provider.trouble = undefined;
    expect(await end(2)).toBe('stopped');
    expect([alive(), (await stored()).state]).toEqual([false, 'dead']);
  });

  it.each([
    ['provider_unauthorized', 'final', false],
    ['provider_unexpected', 'final', false],
    ['config_invalid', 'final', false],
    ['provider_unreached', 'given_up', true],
    ['secret_unavailable', 'given_up', true],
  ] as const)('is no last word where its kill ends by %s: another try is planned', async (code, next, isLast) => {
    const { press, clock, end, stored, provider, sent } = await start({ afterWait: 'deactivate' });
    await press(OWNER, 'wait');
    clock.ms += 30 * MINUTE;
    provider.trouble = new Fault(code, 'test');
    await expect(end(1, isLast)).rejects.toBeInstanceOf(Fault);
    const kase = await stored();
    expect(kase).toMatchObject({ state: 'not_revoked', troubles: [{ kind: 'failed', fault: code, next }] });
    expect(isSearchPlanned(kase)).toBe(true);
    expect(sent.at(-1)).toMatchObject({ kind: 'search-again', caseId: ID, at: kase.search?.at });
  });

  it('goes on when a page stood before its provider', async () => {
    const { press, clock, end, stored, provider, alive } = await start({ afterWait: 'deactivate' });
    await press(OWNER, 'wait');
    clock.ms += 30 * MINUTE;
    provider.trouble = new Fault('provider_unreached', 'HTTP 200, not JSON', { status: 200 });
    await expect(end()).rejects.toMatchObject({ isRetryable: true });
    expect((await stored()).troubles).toMatchObject([{ fault: 'provider_unreached', next: 'retrying' }]);
    provider.trouble = undefined;
    expect([await end(2), alive()]).toEqual(['stopped', false]);
  });

  it('is a kill to be made where nobody can ask its profile any more', async () => {
    const { press, clock, end, stored, provider } = await start({ afterWait: 'deactivate' });
    await press(OWNER, 'wait');
    clock.ms += 30 * MINUTE;
    provider.closed = new Fault('config_invalid', 'profile dfns-demo: "authToken" missing or malformed');
    await expect(end()).rejects.toMatchObject({ code: 'config_invalid' });
    const kase = await stored();
    expect(kase).toMatchObject({ state: 'not_revoked', decision: { action: 'deactivate', rule: 'owner-wait' } });
    expect([isSearchPlanned(kase), kase.wait]).toEqual([true, undefined]);
  });

  it.each([
    ['Not ours', (kase: Case): Case => ({ ...kase, state: 'dismissed', dismissedBy: PEOPLE.admin })],
    ['another end', (kase: Case): Case => ({ ...kase, state: 'noted' })],
  ])('is over with any decision (%s), and stays over when the case is opened again', async (_what, decide) => {
    const { press, clock, end, services, alive } = await start({ afterWait: 'deactivate' });
    await press(OWNER, 'wait');
    const at = { id: ID, now: services.now() };
    await changeCase(services.store, at, (kase) => decide(kase));
    await changeCase(services.store, at, (kase) => ({ ...kase, state: 'asking' }));
    clock.ms += 30 * MINUTE;
    expect([await end(), alive()]).toEqual([undefined, true]);
  });

  it('is over when its owner has said anything', async () => {
    const { press, clock, end, alive, stored } = await start({ afterWait: 'deactivate' });
    await press(OWNER, 'wait');
    clock.ms += 1000;
    await press(OWNER, 'not_mine');
    expect((await stored()).wait).toMatchObject({ isOver: true, until: new Date(clock.ms).toISOString() });
    clock.ms += 30 * MINUTE;
    expect([await end(), alive()]).toEqual([undefined, true]);
  });

  it('is given once, and never for what is decided', async () => {
    const { press, clock, end, services } = await start();
    await press(OWNER, 'wait');
    clock.ms += 1000;
    expect(await press(OWNER, 'wait')).toMatchObject({ kind: 'denied', why: 'held_before' });
    clock.ms += 30 * MINUTE;
    await end();
    expect(await press(OWNER, 'wait')).toMatchObject({ kind: 'denied', why: 'held_before' });
    await services.store.cases.change(ID, (kase) => ({ ...kase, state: 'dead' }));
    expect(await press(OWNER, 'wait', 'later')).toMatchObject({ kind: 'denied', why: 'settled' });
  });

  it.each(['dismiss', 'mine', 'not_mine'] as const)(
    'is not given by a press of before "%s", though the question is asked again by then',
    async (later) => {
      const { room, services, press, stored, sent, clock } = await start({ afterWait: 'deactivate' });
      const pressedAt = clock.ms;
      clock.ms += 60_000;
      const now = new Date(clock.ms).toISOString();
      await changeCase(room.store, { id: ID, now: services.now() }, (kase) => ({
        ...kase,
        presses: [{ act: later, by: PEOPLE.admin, at: now }],
      }));
      clock.ms = pressedAt;
      expect(await press(OWNER, 'wait')).toMatchObject({ kind: 'denied', why: 'settled' });
      expect([(await stored()).wait, sent]).toEqual([undefined, []]);
      clock.ms += 120_000;
      expect(await press(OWNER, 'wait')).toMatchObject({ kind: 'case', case: { wait: { by: OWNER } } });
    },
  );

  it('kills nothing when the policy has changed its mind meanwhile', async () => {
    const { press, clock, end, services, alive } = await start({ afterWait: 'deactivate' });
    await press(OWNER, 'wait');
    Object.assign(services.policy.alerts.owner, { afterWait: 'ask' });
    clock.ms += 30 * MINUTE;
    expect([await end(), alive()]).toEqual(['asked', true]);
  });
});
