import { describe, expect, it } from 'vitest';
import { carryOutLever, leversFor } from '#shared/cases/levers-for.ts';
import { pressCase } from '#shared/cases/press-case.ts';
import { ACTION, encodeCase } from '#shared/slack/blocks/press.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { Provider } from '#shared/providers/provider.ts';
import { resolveApproval } from '#shared/tokens/resolve-approval.ts';
import { addToken, NOW, openCase, PEOPLE, type Room } from '#test/support/room.ts';
import { startApp } from '#test/support/start-app.ts';

const KASE = 'C-ABCD2345';
const LEVER = encodeCase({ case: KASE, act: 'lever', lever: 'stop-all' });
const OWNER = { id: 'us-1', name: 'anna@example.com' };

/** The app with a case about the token `laptop`, whose owner has another one. */
async function withCase(change: (policy: Policy) => unknown = () => undefined) {
  const started = startApp((policy) => {
    policy.roles['approver']?.users.push('U0APPROVER2');
    change(policy);
  });
  const { room } = started;
  const token = addToken(room, 'laptop', { owner: OWNER });
  addToken(room, 'desktop', { owner: OWNER });
  addToken(room, 'somebody-else', { owner: { id: 'us-2', name: 'ben@example.com' } });
  const record = await openCase(room, token, { id: KASE, grade: 'proved' });
  const requests = () => room.store.approvals.list({ limit: 9 });
  const entries = () => room.store.entries.filter(({ what }) => what === 'lever');
  return { ...started, kase: record, requests, entries };
}

const STOP_ALL = { id: 'stop-all', kind: 'langsmith.stop-new-pats', stops: 'owner' } as const;

/** Changes what every provider does, one that is seen through another profile too. */
function provide({ services: { providers } }: Pick<Room, 'services'>, change: (profile: string) => Partial<Provider>) {
  const { open } = providers;
  Object.assign(providers, {
    names: () => ['langsmith-demo', 'other'],
    kindOf: () => 'langsmith',
    open: async (profile: string) => ({ ...(await open('langsmith-demo')), ...change(profile) }),
  });
}

describe('a bigger lever', () => {
  it('waits for somebody else whoever asks, names what stops with it, and is pulled once they agree', async () => {
    const { press, requests, entries } = await withCase();
    expect(await press('admin', ACTION.case, LEVER)).toMatchObject([
      { how: 'post', text: expect.stringMatching(/^Approval needed/) },
    ]);
    const [request] = await requests();
    expect(request).toMatchObject({
      needed: 1,
      order: { verb: 'lever', lever: { id: 'stop-all' }, dies: [], caseId: KASE },
    });
    expect((request?.order as { stops?: readonly { id: string }[] }).stops?.map(({ id }) => id).toSorted()).toEqual([
      'desktop',
      'laptop',
    ]);
    expect(entries()).toEqual([]);
    await press('admin', ACTION.approve, request?.id);
    expect(entries()).toEqual([]);
    const said = await press('approver', ACTION.approve, request?.id);
    expect(said.map(({ how }) => how)).toContain('post');
    expect(entries()).toMatchObject([
      {
        result: 'done',
        detail: { kind: 'lever', id: 'stop-all' },
        caseId: KASE,
        actor: { userId: PEOPLE.admin.userId },
        approvedBy: [{ userId: PEOPLE.approver.userId }],
        answer: { status: 200, fact: 'stopped' },
      },
    ]);
  });

  it('that one person asks for twice in the same millisecond is pulled and on record twice', async () => {
    const { press, requests, entries } = await withCase();
    for (const time of [1, 2]) {
      await press('admin', ACTION.case, LEVER);
      const open = (await requests()).find(({ state }) => state === 'open');
      await press('approver', ACTION.approve, open?.id);
      expect(entries()).toHaveLength(time);
    }
  });

  it('whose request was opened by a process that died is told by the replay, though its profile cannot be opened now', async () => {
    const { room, requests } = await withCase();
    const context = await room.context(PEOPLE.admin);
    const press = { case: KASE, act: 'lever', lever: 'stop-all' } as const;
    const audit = { ...room.store.audit, append: () => Promise.reject(new TypeError('the process dies')) };
    const dying = { ...room.services, store: { ...room.store, audit } };
    await expect(pressCase({ ...context, services: dying }, async () => {}, press)).rejects.toThrow('dies');
    const [request] = await requests();

    const open = () => Promise.reject(new Fault('secret_unavailable', 'away'));
    const away = { ...room.services, providers: { ...room.services.providers, open } };
    const attempt = { ...context.attempt, journal: { ...context.attempt.journal, attempt: 2 } };
    const told = await pressCase({ ...context, services: away, attempt }, async () => {}, press);
    expect(told).toMatchObject({ kind: 'approval', approval: { id: request?.id, state: 'open' } });
    expect(room.store.entries).toMatchObject([{ what: 'request', result: 'pending', verb: 'lever' }]);
    expect(await requests()).toHaveLength(1);
  });

  it.each([
    ['Patrol works with', { own: true }, () => undefined],
    [
      'the policy protects',
      {},
      (policy: Policy) => void (policy.protected = [{ profile: 'langsmith-demo', id: 'desktop', reason: 'emergency' }]),
    ],
  ])('under which a token dies that %s waits for two', async (_, more, change) => {
    const { room, press, requests } = await withCase(change);
    addToken(room, 'desktop', { owner: OWNER, ...more });
    await press('admin', ACTION.case, LEVER);
    expect(await requests()).toMatchObject([{ needed: 2, order: { dies: [{ id: 'desktop' }] } }]);
  });

  it.each([
    [
      'is worked with through another profile',
      (room: Room) =>
        provide(room, (profile) => ({
          profile,
          worksWith: ({ id }: Token) => profile === 'other' && id === 'desktop',
        })),
    ],
    [
      'is of the very user that Patrol works as, though no list shows its own',
      (room: Room) => provide(room, () => ({ levers: () => [{ ...STOP_ALL, stopsUs: true }] })),
    ],
    ['no list shows, as of another user', ({ tokens }: Room) => void tokens.delete('laptop')],
    [
      'may be a row that could not be read',
      ({ tokens, ...room }: Room) =>
        provide(room, () => ({ list: async () => ({ tokens: [...tokens.values()], unseen: [], unreadable: 1 }) })),
    ],
  ])('under which a token may die that %s waits for two, and for a second one at the pull', async (_, happen) => {
    const before = await withCase();
    happen(before.room);
    await before.press('admin', ACTION.case, LEVER);
    expect(await before.requests()).toMatchObject([{ needed: 2 }]);

    const since = await withCase();
    await since.press('admin', ACTION.case, LEVER);
    const [request] = await since.requests();
    expect(request).toMatchObject({ needed: 1 });
    happen(since.room);
    await since.press('approver', ACTION.approve, request?.id);
    expect(since.entries()).toEqual([]);
  });

  it('is not pulled by one yes when more dies than was asked for', async () => {
    const { room, press, requests, entries } = await withCase();
    await press('admin', ACTION.case, LEVER);
    const [request] = await requests();
    expect(request).toMatchObject({ needed: 1 });
    addToken(room, 'desktop', { owner: OWNER, own: true });
    const said = await press('approver', ACTION.approve, request?.id);
    expect(said.map(({ how }) => how)).not.toContain('whisper');
    expect(said.find(({ how }) => how === 'post')?.text).toMatch(
      /^Nothing more is done: this lever is not offered any more/,
    );
    expect(entries()).toEqual([]);
  });

  const away = new Fault('secret_unavailable', 'away');
  it.each([
    ['is opened', { open: () => Promise.reject(away) }],
    ['lists its tokens', { list: () => Promise.reject(away) }],
  ])('is pulled by a later try where its profile cannot be read at the last yes (%s)', async (_, broken) => {
    const { room, press, requests, entries } = await withCase();
    await press('admin', ACTION.case, LEVER);
    const [request] = await requests();
    const { providers } = room.services;
    const { open } = providers;
    const more = 'open' in broken ? broken : { open: async (name: string) => ({ ...(await open(name)), ...broken }) };
    const agree = async (attempt: number, job = 'the last yes') =>
      room.store.remember(job, async (journal) => {
        const { attempt: first, ...context } = await room.context(PEOPLE.approver);
        const yes = { approvalId: request?.id ?? '', answer: 'approve' } as const;
        const again = { ...context, attempt: { ...first, journal, requestedAt: NOW.toISOString() } };
        expect(journal.attempt).toBe(attempt);
        return resolveApproval(again, yes, (order, warrant) => carryOutLever(again, order, warrant));
      });
    Object.assign(providers, more);
    await expect(agree(1)).rejects.toBe(away);
    Object.assign(providers, { open });
    expect((await agree(2)).value).toMatchObject({ result: { kind: 'lever', result: 'done' } });
    expect(entries()).toMatchObject([{ result: 'done' }]);
  });

  it('is asked for again by a later try where its profile cannot be opened when it is asked for', async () => {
    const { room } = await withCase();
    const open = () => Promise.reject(away);
    const services = { ...room.services, providers: { ...room.services.providers, open } };
    const press = { case: KASE, act: 'lever', lever: 'stop-all' } as const;
    const asked = pressCase({ ...(await room.context(PEOPLE.admin)), services }, async () => {}, press);
    await expect(asked).rejects.toBe(away);
  });

  it('that is offered no more by then is not pulled, which whoever asked is told', async () => {
    const { room, press, requests, entries } = await withCase();
    await press('admin', ACTION.case, LEVER);
    const [request] = await requests();
    expect(request).toMatchObject({ state: 'open' });
    await room.store.cases.change(KASE, ({ token: _, ...kase }) => kase);
    const said = await press('approver', ACTION.approve, request?.id);
    expect(said.map(({ how }) => how)).toContain('post');
    expect(entries()).toEqual([]);
  });

  it('is refused to whoever may not ask for it, and where the policy does not offer it', async () => {
    const allowed = await withCase();
    expect(await allowed.press('viewer', ACTION.case, LEVER)).toMatchObject([{ how: 'whisper' }]);
    const unknown = encodeCase({ case: KASE, act: 'lever', lever: 'another' });
    expect(await allowed.press('admin', ACTION.case, unknown)).toMatchObject([
      { how: 'whisper', text: expect.stringContaining('lapsed') },
    ]);
    expect(await allowed.requests()).toEqual([]);
    const none = await withCase((policy) => void (policy.alerts.levers = []));
    expect(await none.press('admin', ACTION.case, LEVER)).toMatchObject([{ how: 'whisper' }]);
    expect(await none.requests()).toEqual([]);
  });

  it('is no offer where nobody could approve it, nor where the profile cannot be opened', async () => {
    const { room, kase } = await withCase();
    expect(await leversFor(room.services, kase)).toMatchObject([{ id: 'stop-all' }]);
    const unruled = await withCase((policy) => {
      policy.approvals = policy.approvals.filter(({ verbs }) => !verbs.includes('lever'));
    });
    expect(await leversFor(unruled.room.services, kase)).toEqual([]);
    const open = () => Promise.reject(new Error('no credential'));
    const providers = { ...room.services.providers, open };
    expect(await leversFor({ ...room.services, providers }, kase)).toEqual([]);
  });
});
