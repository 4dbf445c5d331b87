import { describe, expect, it } from 'vitest';
import { Fault } from '#shared/core/fault.ts';
import { ACTION } from '#shared/slack/blocks/press.ts';
import { callOff, findCallOff } from '#shared/slack/waiting-request.ts';
import { addToken, createRoom, NOW, PEOPLE } from '#test/support/room.ts';
import { startApp } from '#test/support/start-app.ts';

/** A request that is tried again: its provider was away when it came, before (`list`) or while (`act`) the token was changed. */
async function waiting(how: 'list' | 'act' = 'list') {
  const app = startApp();
  const { room, type } = app;
  addToken(room, 'laptop');
  const world = { isDown: true, acts: 0 };
  const { open } = room.services.providers;
  Object.assign(room.services.providers, {
    open: async (profile: string) => {
      const provider = await open(profile);
      const down = () => Promise.reject(new Fault('provider_unavailable', 'down', { status: 503 }));
      if (!world.isDown) return provider;
      const deactivate = (id: string) => {
        world.acts += 1;
        return how === 'act' ? provider.deactivate(id).then(down) : down();
      };
      return how === 'list'
        ? { ...provider, list: down, get: down }
        : { ...provider, deactivate, get: world.acts > 0 ? down : provider.get };
    },
  });
  const again = () => type('operator', 'deactivate laptop left in cab', 'waits');
  await expect(again()).rejects.toThrow();
  const press = (who: keyof typeof PEOPLE, action: string) => app.press(who, action, 'waits');
  return { ...app, world, again, press, stateOf: () => room.tokens.get('laptop')?.state };
}

const whats = (entries: readonly { readonly what: string; readonly actor: unknown }[]) =>
  entries.map(({ what, actor }) => [what, (actor as { userId: string }).userId]);

describe('Try now', () => {
  it('makes another delivery of the same request at once: one kill, in its own message, in the name of whoever asked', async () => {
    const { room, world, press, again, stateOf } = await waiting();
    world.isDown = false;
    expect(await press('admin', ACTION.tryNow)).toMatchObject([
      { how: 'edit', to: '1.1', text: expect.stringMatching(/^Deactivated: /) },
    ]);
    expect(stateOf()).toBe('inactive');
    expect(whats(room.store.entries)).toEqual([
      ['try_now', PEOPLE.admin.userId],
      ['deactivate', PEOPLE.operator.userId],
    ]);
    room.tokens.set('laptop', { ...room.tokens.get('laptop')!, state: 'active' });
    // The queue comes with it once more, and finds it done.
    expect(await again()).toEqual([]);
    expect(stateOf()).toBe('active');
  });

  it('that fails leaves the message to the queue, and is told to whoever pressed', async () => {
    const { press, stateOf } = await waiting();
    const said = await press('operator', ACTION.tryNow);
    expect(said).toMatchObject([{ how: 'whisper', to: PEOPLE.operator.userId }]);
    expect(said[0]?.text).toMatch(/^Tried again just now, and it did not come about\. \w+ does not answer\./);
    expect(stateOf()).toBe('active');
  });
});

describe('Give up', () => {
  it('ends a request of which nothing had begun: it says by whom, at once, and nothing is tried any more', async () => {
    const { room, world, press, again, stateOf } = await waiting();
    const said = await press('admin', ACTION.giveUp);
    expect(said).toMatchObject([{ how: 'edit', to: '1.1' }]);
    expect(said[0]?.text).toMatch(
      /^NOT deactivated: `laptop`\. .* does not answer, HTTP 503\. <@U0ADMIN0001> gave it up .*nothing more happens by itself\. Nothing was changed by this request\./,
    );
    world.isDown = false;
    expect(await again()).toEqual([]);
    expect(stateOf()).toBe('active');
    expect(room.store.entries).toMatchObject([
      {
        what: 'give_up',
        verb: 'deactivate',
        result: 'done',
        tokenName: 'laptop',
        actor: { userId: PEOPLE.admin.userId },
      },
    ]);
  });

  it('counts from when it is noted, which a try may have come before: not from when it was pressed', async () => {
    const { room, press } = await waiting();
    const at = new Date(NOW.getTime() + 720_000);
    Object.assign(room.services, { now: () => at });
    const [said] = await press('operator', ACTION.giveUp);
    expect(said?.text).toContain(`gave it up <!date^${at.getTime() / 1000}^`);
    expect(room.store.entries).toMatchObject([{ what: 'give_up', at: at.toISOString() }]);
  });

  it('reads what had begun, and tells it as done where it was', async () => {
    const { room, world, press } = await waiting('act');
    world.isDown = false;
    const said = await press('operator', ACTION.giveUp);
    expect(said).toMatchObject([{ how: 'edit', text: expect.stringMatching(/^Deactivated: /) }]);
    expect(room.store.entries).toMatchObject([{ what: 'deactivate', result: 'done', receipt: {} }]);
  });

  it('reads what had begun, and tells that it was not done where that is so', async () => {
    const { room, world, press, stateOf } = await waiting('act');
    room.tokens.set('laptop', { ...room.tokens.get('laptop')!, state: 'active' });
    world.isDown = false;
    const said = await press('operator', ACTION.giveUp);
    expect(said[0]?.text).toMatch(
      /^NOT deactivated by this request: .*laptop.*<@U0OPERATOR1> gave it up\. A fresh read shows it active/,
    );
    expect(stateOf()).toBe('active');
    expect(whats(room.store.entries).map(([what]) => what)).toContain('give_up');
  });

  it('claims no more than is known of what had begun, where it cannot be read, and reads it until it is known', async () => {
    const { room, press, again, world } = await waiting('act');
    const said = await press('admin', ACTION.giveUp);
    expect(said).toMatchObject([{ how: 'edit', to: '1.1' }]);
    expect(said[0]?.text).toMatch(/^NOT deactivated as far as can be proved: .*laptop/);
    expect(said[0]?.text).toMatch(/No fresh read shows it dead: treat it as still working/);
    expect(said[0]?.text).toMatch(/<@U0ADMIN0001> gave it up .*: nothing more is begun\. A try had begun before that:/);
    expect(said[0]?.text).toMatch(/Patrol tries again by itself to read what came of it/);
    expect(said[0]?.text).not.toMatch(/Nothing was changed/);
    await expect(again()).rejects.toThrow();
    world.isDown = false;
    expect(await again()).toMatchObject([{ how: 'edit', text: expect.stringMatching(/^Deactivated: /) }]);
    expect(world.acts).toBe(1);
    expect(whats(room.store.entries)).toEqual([
      ['give_up', PEOPLE.admin.userId],
      ['deactivate', PEOPLE.operator.userId],
    ]);
  });

  it('leaves what had begun as not known, where its last delivery could not read it either', async () => {
    const { press, again, queue, said } = await waiting('act');
    await press('operator', ACTION.giveUp);
    queue.isLast = true;
    await expect(again()).rejects.toThrow();
    expect(said.at(-1)).toMatchObject({ how: 'edit', to: '1.1' });
    expect(said.at(-1)?.text).toMatch(/^NOT deactivated as far as can be proved: .*laptop/);
    expect(said.at(-1)?.text).toMatch(/nothing more happens by itself\. A try had begun, and whether .* is not known/);
  });

  it.each([
    ['operator', 'withdrawn', /^Taken back by the requester: deactivate `name of laptop`\. NOT deactivated\./],
    ['admin', 'refused', /^Refused: deactivate `name of laptop`\. NOT deactivated\./],
  ] as const)('of %s ends the request for others that a delivery had opened: %s', async (who, state, words) => {
    const { room, world, press, again } = await waiting();
    const approvals = room.services.policy.approvals.map((rule) => ({ ...rule, fromTokens: 1 }));
    Object.assign(room.services.policy, { approvals });
    world.isDown = false;
    const { append } = room.store.audit;
    Object.assign(room.store.audit, { append: () => Promise.reject(new Fault('store_unavailable', 'throttled')) });
    await expect(again()).rejects.toThrow();
    Object.assign(room.store.audit, { append });
    const open = await room.store.approvals.list({ open: true, limit: 10 });
    expect(open).toMatchObject([{ order: { verb: 'deactivate' } }]);
    expect(await press(who, ACTION.giveUp)).toMatchObject([{ how: 'edit', text: expect.stringMatching(words) }]);
    const { userId } = PEOPLE[who];
    expect(await room.store.approvals.get(open[0]!.id)).toMatchObject({ state, refusedBy: { actor: { userId } } });
    expect(whats(room.store.entries)).toEqual([
      ['request', PEOPLE.operator.userId],
      ['give_up', userId],
    ]);
    expect(room.store.entries.at(-1)).toMatchObject({
      verb: 'deactivate',
      tokenName: 'name of laptop',
      result: 'done',
    });
    await again();
    expect(whats(room.store.entries)).toHaveLength(2);
  });

  it('comes too late for what is done: the message says how it ended', async () => {
    const { room, world, press, again, said } = await waiting();
    world.isDown = false;
    await again();
    expect(said.at(-1)).toMatchObject({ how: 'edit', text: expect.stringMatching(/^Deact/) });
    expect(await press('operator', ACTION.giveUp)).toEqual([]);
    expect(whats(room.store.entries).map(([what]) => what)).toEqual(['deactivate']);
  });
});

it.each([ACTION.tryNow, ACTION.giveUp])('%s is for whoever asked, or may make the same change', async (action) => {
  const { room, world, press, again, stateOf } = await waiting();
  world.isDown = false;
  for (const who of ['viewer', 'approver', 'stranger'] as const)
    expect(await press(who, action)).toMatchObject([{ how: 'whisper', to: PEOPLE[who].userId }]);
  expect(stateOf()).toBe('active');
  expect(new Set(whats(room.store.entries).map(([what]) => what))).toEqual(new Set(['denied']));
  await again();
  expect(stateOf()).toBe('inactive');
});

it('was given up by one person, whoever gives it up at the same moment', async () => {
  const { services } = createRoom();
  const { store } = services;
  let goOn = () => {};
  const quickerIsDone = new Promise<void>((resolve) => (goOn = resolve));
  const get: typeof store.notes.get = async (key) => {
    const known = await store.notes.get<never>(key);
    await quickerIsDone;
    return known;
  };
  const slow = { store: { ...store, notes: { ...store.notes, get } } };
  const at = NOW.toISOString();
  const slower = callOff(slow, 'waits', { by: PEOPLE.admin, at });
  await callOff(services, 'waits', { by: PEOPLE.operator, at });
  const first = await findCallOff(services, 'waits');
  goOn();
  await slower;
  expect(first).toMatchObject({ at });
  expect(await findCallOff(services, 'waits')).toEqual(first);
});
