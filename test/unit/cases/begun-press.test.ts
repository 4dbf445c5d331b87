import { describe, expect, it } from 'vitest';
import type { CasePress } from '#shared/cases/case-press.ts';
import type { HeldCases } from '#shared/cases/held-cases.ts';
import { pressCase } from '#shared/cases/press-case.ts';
import { pressHeld } from '#shared/cases/press-held.ts';
import { settle } from '#shared/cases/settle.ts';
import { defined } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Actor, Token } from '#shared/core/vocabulary.ts';
import { without } from '#shared/core/without.ts';
import type { LeakJob } from '#shared/jobs/job.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { Case } from '#shared/store/store.ts';
import { caseId } from '#shared/store/case-id.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import type { Context } from '#shared/tokens/context.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { addToken, createRoom, NOW, openCase, PEOPLE, type Room } from '#test/support/room.ts';

const ID = 'C-AAAAAAAA';

/** A case about a proved leak, and presses that are delivered more than once: a delivery may end before it is remembered. */
async function start(kase: Partial<Case> = {}, change: (policy: Policy) => unknown = () => undefined) {
  const room = createRoom(change);
  const { services } = room;
  const open = (more: Partial<Token> = {}) =>
    openCase(room, addToken(room, 'leaked', more), { id: ID, grade: 'proved', ...kase });
  const sent: LeakJob[] = [];
  const deliver = async (
    who: Actor,
    work: (context: Context) => Promise<Outcome>,
    { dies = false, job = 'the press' } = {},
  ) => {
    const { value } = await room.store.remember(job, async (journal) => {
      const attempt = { journal, requestedAt: NOW.toISOString(), progress: async () => {} };
      const outcome = await work({ services, attempt, authority: await authorise(services, who) });
      if (dies) throw new Fault('store_unavailable', 'before it was remembered');
      return outcome;
    });
    return value;
  };
  const press = (who: Actor, wanted: Omit<CasePress, 'case'>, job = 'the press') => {
    const work = (context: Context) =>
      pressCase(context, async (jobs) => void sent.push(...jobs), { case: ID, ...wanted });
    return {
      dies: () => expect(deliver(who, work, { dies: true, job })).rejects.toMatchObject({ code: 'store_unavailable' }),
      again: () => deliver(who, work, { job }),
    };
  };
  const becomes = (more: Partial<Case>) => room.store.cases.change(ID, (known) => ({ ...known, ...more }));
  const requests = () => room.store.approvals.list({ open: true, limit: 10 });
  return { room, services, sent, open, deliver, press, becomes, requests };
}

/** Takes the operator's role away. */
function takeRole({ roles }: Policy): void {
  Object.assign(roles['operator'] ?? expect.fail('no such role'), { users: [], groups: [] });
}

describe('"Mine" of somebody who may deactivate the token, delivered again', () => {
  it.each(['dismissed', 'dead'] as const)(
    'tells the request for others that its first delivery had opened, also of a case that is %s by now',
    async (state) => {
      const { open, press, becomes, requests } = await start();
      await open({ profile: 'dfns-demo', provider: 'dfns', name: 'break-glass-a' });
      const { dies, again } = press(PEOPLE.operator, { act: 'mine' });
      await dies();
      const [request] = await requests();
      await becomes({ state });
      expect(await again()).toMatchObject({ kind: 'approval', approval: { id: request?.id, state: 'open' } });
    },
  );

  it.each([
    ['the case was closed meanwhile', async ({ becomes }: Started) => void (await becomes({ state: 'dismissed' }))],
    ['their role was taken meanwhile', async ({ services }: Started) => takeRole(services.policy)],
  ])('tells the kill that its first delivery had made, where %s', async (_what, happens) => {
    const started = await start();
    await started.open();
    const { dies, again } = started.press(PEOPLE.operator, { act: 'mine' });
    await dies();
    await happens(started);
    expect(await again()).toMatchObject({ kind: 'changed', verb: 'deactivate' });
    expect(started.room.store.entries.map(({ what }) => what)).toContain('mine');
  });

  it('begins nothing in a case that was closed before its first delivery came to that', async () => {
    const { room, open, press, becomes } = await start();
    await open();
    await becomes({ state: 'dismissed' });
    expect(await press(PEOPLE.operator, { act: 'mine' }).again()).toMatchObject({ kind: 'case' });
    expect(room.tokens.get('leaked')?.state).toBe('active');
  });
});

function asksOthersFrom(fromTokens: number) {
  return (policy: Policy): void => {
    const approvals = policy.approvals.map((rule) => (rule.name === 'bulk' ? { ...rule, fromTokens } : rule));
    Object.assign(policy, { approvals });
  };
}

type Started = Awaited<ReturnType<typeof start>>;

it('"Wait", delivered again without its right, has the end of the time come that its first delivery gave', async () => {
  const { services, sent, open, press } = await start();
  await open();
  const { dies, again } = press(PEOPLE.operator, { act: 'wait' });
  await dies();
  sent.length = 0;
  takeRole(services.policy);
  expect(await again()).toMatchObject({ kind: 'case', case: { wait: { by: PEOPLE.operator } } });
  expect(sent).toMatchObject([{ kind: 'wait-over', caseId: ID }]);
});

describe('a word about a leak whose process died once it was in its case', () => {
  const died = new TypeError('the process dies');
  const dyingOn = ({ store }: Room, on: 'the case' | 'the record') => {
    const { cases, audit } = store;
    const change: typeof cases.change = async (...how) => {
      const changed = await cases.change(...how);
      if (on === 'the case' && changed?.changed === true) throw died;
      return changed;
    };
    const append: typeof audit.append = (entry) => audit.append(entry).then(() => Promise.reject(died));
    Object.assign(store, { cases: { ...cases, change }, ...(on === 'the record' && { audit: { ...audit, append } }) });
    return () => Object.assign(store, { cases, audit });
  };

  it.each(['the case', 'the record'] as const)(
    '"Wait" is told as made though the case waits no more (it died after a write of %s)',
    async (on) => {
      const { room, open, press } = await start();
      await open();
      const { again } = press(PEOPLE.operator, { act: 'wait' });
      const goOn = dyingOn(room, on);
      await again().catch(() => undefined);
      goOn();
      expect(await room.store.cases.get(ID)).toMatchObject({ wait: { by: PEOPLE.operator } });
      await room.store.cases.change(ID, (kase) => ({ ...without(kase, 'wait'), state: 'dead' }));
      expect(await again()).toMatchObject({ kind: 'case' });
      expect(room.store.entries).toMatchObject([{ what: 'wait', result: 'done', rule: 'role:operator' }]);
    },
  );

  it.each(['mine', 'not_mine'] as const)(
    '"%s" is on record, though whoever said it has lost the right since',
    async (act) => {
      const { room, services, open, press } = await start();
      await open();
      const { again } = press(PEOPLE.operator, { act });
      const goOn = dyingOn(room, 'the case');
      await expect(again()).rejects.toBe(died);
      goOn();
      takeRole(services.policy);
      await again();
      expect(await room.store.cases.get(ID)).toMatchObject({ ownerWord: { said: act, by: PEOPLE.operator } });
      expect(room.store.entries.filter(({ what }) => what === act)).toMatchObject([
        { result: 'done', rule: 'role:operator' },
      ]);
      expect(room.tokens.get('leaked')?.state).toBe('active');
    },
  );
});

describe('"Search again" and "Check again", delivered again', () => {
  const CLUE = { form: 'hashed', fingerprint: 'f' } as const;
  const REPORTS = [{ source: 'github', key: 'r-1', at: NOW.toISOString() }] as const;

  it('searches, and stops nothing, also where the search has found the token meanwhile', async () => {
    const { room, sent, open, press, becomes } = await start();
    const { token } = await open();
    await room.store.cases.change(ID, (kase) => ({
      ...without(kase, 'token'),
      ...{ state: 'unmatched', clue: CLUE, reports: [...REPORTS] },
    }));
    const { dies, again } = press(PEOPLE.operator, { act: 'retry' });
    await dies();
    await becomes({ state: 'asking', ...defined({ token }) });
    expect(await again()).toMatchObject({ kind: 'case', case: { state: 'asking' } });
    expect(room.tokens.get('leaked')?.state).toBe('active');
    expect(sent).toHaveLength(1);
    expect(room.store.entries.map(({ what }) => what)).toEqual(['search']);
  });

  it('looks, and asks for nothing anew, also where its case waits no more', async () => {
    const { room, open, press, becomes } = await start({ state: 'waiting' });
    await open();
    const asked: unknown[] = [];
    const { open: opening } = room.services.providers;
    Object.assign(room.services.providers, {
      open: async (profile: string) => {
        const provider = await opening(profile);
        // Its provider takes the change, and waits for an approval.
        const deactivate = async (id: string) => {
          asked.push(id);
          return { kind: 'pending', answer: { status: 202 } };
        };
        return { ...provider, deactivate };
      },
    });
    await press(PEOPLE.operator, { act: 'deactivate' }, 'an earlier one').again();
    const { dies, again } = press(PEOPLE.operator, { act: 'retry' });
    await dies();
    await becomes({ state: 'not_revoked' });
    await again();
    expect(asked).toEqual(['leaked']);
  });
});

describe('what the brake holds back, pressed and delivered again', () => {
  const PROFILE = 'langsmith-demo';
  const OTHER = caseId(`token:${PROFILE}:other`);
  const HELD: HeldCases = {
    held: [
      { number: 1, caseId: ID, name: 'leaked' },
      { number: 2, caseId: OTHER, name: 'other' },
    ],
    decided: 0,
    last: 2,
  };
  const BRAKED = { action: 'ask', rule: 'floor:brake' } as const;
  const work = (context: Context) => pressHeld(context, { profile: PROFILE, upTo: 2 }, undefined);
  const begin = async (fromTokens = 25, token: Partial<Token> = {}) => {
    const started = await start({ decision: BRAKED }, asksOthersFrom(fromTokens));
    await started.open(token);
    await started.room.store.notes.put(`held:${PROFILE}`, HELD, 60);
    const again = () => started.deliver(PEOPLE.operator, work);
    const dies = () =>
      expect(started.deliver(PEOPLE.operator, work, { dies: true })).rejects.toMatchObject({
        code: 'store_unavailable',
      });
    return { ...started, again, dies };
  };

  it.each([
    ['a role was taken', takeRole],
    ['the policy asks nobody else any more', asksOthersFrom(25)],
  ])('tells the request for others that was opened, and begins nothing beside it, where %s', async (_what, change) => {
    const { room, services, requests, again, dies } = await begin(1);
    await dies();
    const [request] = await requests();
    change(services.policy);
    expect(await again()).toMatchObject({ kind: 'approval', approval: { id: request?.id, state: 'open' } });
    expect(room.tokens.get('leaked')?.state).toBe('active');
  });

  it('tells the kill that was made, where a role was taken', async () => {
    const { services, again, dies } = await begin();
    await dies();
    takeRole(services.policy);
    expect(await again()).toMatchObject({ kind: 'changed', verb: 'deactivate' });
  });

  it.each([
    ['its case says so by now', async ({ becomes }: Started) => void (await becomes({ state: 'dead' }))],
    ['a role was taken', async ({ services }: Started) => takeRole(services.policy)],
  ])('tells on its card of a token that was found dead, and by nobody there, where %s', async (_what, happens) => {
    const started = await begin(25, { state: 'inactive' });
    await started.dies();
    await happens(started);
    expect(await started.again()).toMatchObject({ kind: 'changed', already: true });
  });

  const later = new Date(NOW.getTime() + 60_000).toISOString();
  const earlier = new Date(NOW.getTime() - 60_000).toISOString();
  const by = PEOPLE.admin;
  it.each<readonly [string, Partial<Case>, boolean]>([
    ['"Not ours"', { state: 'dismissed', presses: [{ act: 'dismiss', by, at: later }] }, true],
    ['its return', { state: 'restored', returned: { by, at: later } }, true],
    ['"Not ours" of before', { state: 'dismissed', presses: [{ act: 'dismiss', by, at: earlier }] }, false],
  ])('goes on after its first delivery has ended some, and goes by %s of what is left', async (_, made, lives) => {
    const started = await begin();
    const { room, again, becomes } = started;
    await openCase(room, addToken(room, 'other'), { id: OTHER, grade: 'proved', decision: BRAKED });
    const { hold } = room.store;
    const isHeldBack = new Fault('delivery_in_progress', 'another holds this token');
    const unlessOther: typeof hold = (key, ...rest) =>
      key.endsWith(':other') ? Promise.reject(isHeldBack) : hold(key, ...rest);
    Object.assign(room.store, { hold: unlessOther });
    await expect(again()).rejects.toMatchObject({ code: 'delivery_in_progress' });
    Object.assign(room.store, { hold });
    await becomes({ state: 'dead' });
    await room.store.cases.change(OTHER, (known) => ({ ...known, ...made }));
    const outcome = await again();
    expect(outcome).toMatchObject({ kind: 'bulk', changes: [{ kind: 'changed', token: { id: 'leaked' } }, {}] });
    const left = outcome.kind === 'bulk' ? outcome.changes[1] : undefined;
    expect(left).toMatchObject(lives ? { kind: 'refused', why: 'overruled' } : { kind: 'changed' });
    expect(room.tokens.get('other')?.state).toBe(lives ? 'active' : 'inactive');
    await settle(started.services, outcome);
    expect((await room.store.cases.get(OTHER))?.state).toBe(made.state);
  });

  describe('where its first delivery has waited for the order of another request, and has begun nothing', () => {
    const wait = async (more?: (room: Room) => Promise<unknown>) => {
      const started = await begin();
      const { room, again } = started;
      await more?.(room);
      const { hold } = room.store;
      const inProgress = new Fault('delivery_in_progress', 'another request of this person is counted');
      Object.assign(room.store, { hold: () => Promise.reject(inProgress) });
      await expect(again()).rejects.toBe(inProgress);
      Object.assign(room.store, { hold });
      return started;
    };

    it('leaves alone what somebody has closed meanwhile, and stops the rest', async () => {
      const { room, again, becomes } = await wait((one) =>
        openCase(one, addToken(one, 'other'), { id: OTHER, grade: 'proved', decision: BRAKED }),
      );
      await becomes({ state: 'dismissed' });
      expect(await again()).toMatchObject({ kind: 'changed', token: { id: 'other' } });
      expect(room.tokens.get('leaked')?.state).toBe('active');
    });

    it('says so where nothing is left', async () => {
      const { room, again, becomes } = await wait();
      await becomes({ state: 'dismissed' });
      expect(await again()).toMatchObject({ kind: 'denied', why: 'settled' });
      expect(room.tokens.get('leaked')?.state).toBe('active');
    });
  });
});

describe.each(['deactivate', 'delete'] as const)(
  '"%s" on a card that somebody has closed since it was pressed',
  (act) => {
    const later = new Date(NOW.getTime() + 60_000).toISOString();
    const closed = { state: 'dismissed', presses: [{ act: 'dismiss', by: PEOPLE.admin, at: later }] } as const;

    it('begins nothing, and tells who has decided', async () => {
      const { room, open, press, becomes } = await start();
      await open();
      await becomes(closed);
      const told = await press(PEOPLE.admin, { act }).again();
      expect(told).toMatchObject({ kind: 'denied', why: 'settled', settled: { by: PEOPLE.admin, at: later } });
      expect(room.tokens.get('leaked')?.state).toBe('active');
      expect(room.store.entries).toEqual([]);
    });

    it('leaves it closed where nothing came of what its first delivery had begun', async () => {
      const { room, open, press, becomes } = await start({}, (policy) => Object.assign(policy, { approvals: [] }));
      await open();
      const { dies, again } = press(PEOPLE.admin, { act });
      await dies();
      // Its provider has it as it was.
      addToken(room, 'leaked');
      await becomes(closed);
      expect(await again()).toMatchObject({ kind: 'denied', why: 'settled' });
      expect(room.tokens.get('leaked')?.state).toBe('active');
      expect((await room.store.cases.get(ID))?.state).toBe('dismissed');
    });

    it('tells what its first delivery had done', async () => {
      const { room, open, press, becomes } = await start({}, (policy) => Object.assign(policy, { approvals: [] }));
      await open();
      const { dies, again } = press(PEOPLE.admin, { act });
      await dies();
      await becomes(closed);
      expect(await again()).toMatchObject({ kind: 'changed', verb: act, already: false });
      expect(room.store.entries.map(({ what, result }) => [what, result])).toEqual([[act, 'done']]);
    });
  },
);
