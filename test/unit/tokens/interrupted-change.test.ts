import { describe, expect, it } from 'vitest';
import { Fault, type FaultCode } from '#shared/core/fault.ts';
import { renderChange } from '#shared/slack/blocks/render-change.ts';
import { answerConfirmation } from '#shared/tokens/ask-confirmation.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import type { Attempt } from '#shared/tokens/attempt.ts';
import { changeToken } from '#shared/tokens/change-token.ts';
import type { Context } from '#shared/tokens/context.ts';
import type { Change, Outcome } from '#shared/tokens/outcome.ts';
import type { Services } from '#shared/tokens/services.ts';
import { resumeOrder } from '#shared/tokens/resume-order.ts';
import { stopRun } from '#shared/tokens/stop-run.ts';
import { type NamedOrder, takeOrder } from '#shared/tokens/take-order.ts';
import { withoutRecord } from '#test/support/memory-store.ts';
import { addToken, createRoom, NOW, PEOPLE, type Room } from '#test/support/room.ts';
import { readAloud } from '#test/support/slack-text.ts';

type Verb = NamedOrder['verb'];
const order = (verb: Verb, ...tokens: string[]): NamedOrder => ({ verb, tokens, keepGoing: false, ask: 'never' });

/** The first delivery: the provider has done it, and the process dies before it is on record. */
async function dies(room: Room, context: Context, asked: NamedOrder): Promise<void> {
  const services = { ...room.services, store: withoutRecord(room.store) };
  await expect(takeOrder({ ...context, services }, asked)).rejects.toThrow('dies');
}

const warrant = { rule: 'proved', approvedBy: [] };
const recorded = ({ store: { entries } }: Room) => entries.map(({ what, result, token }) => [what, result, token?.id]);
const aloud = (outcome: Outcome) => readAloud(renderChange(outcome as Change, { actor: PEOPLE.operator, now: NOW }));

/** Services under which no token can be read alone. */
function unread({ services: { providers } }: Room, code: FaultCode): Pick<Services, 'providers'> {
  const get = () => Promise.reject(new Fault(code, 'as asked'));
  return { providers: { ...providers, open: async (profile) => ({ ...(await providers.open(profile)), get }) } };
}

/** What keeps a provider from being read and may be mended, or pass, by whoever. */
const PASSING = [
  'provider_unavailable',
  'provider_unreached',
  'provider_unauthorized',
  'provider_unexpected',
  'secret_unavailable',
  'config_invalid',
] as const satisfies readonly FaultCode[];

describe('a change whose process died before it was told', () => {
  it.each(['deactivate', 'delete'] as const)(
    'is told and on record by the replay, which finds nothing by the name (%s)',
    async (verb) => {
      const room = createRoom();
      addToken(room, 'a', { name: 'laptop' });
      const context = await room.context(PEOPLE.admin);
      await dies(room, context, order(verb, 'laptop'));
      expect(await takeOrder(context, order(verb, 'laptop'))).toMatchObject({ kind: 'changed', verb, already: false });
      expect(recorded(room)).toEqual([[verb, 'done', 'a']]);
    },
  );

  it('is told and on record although whoever asked has lost the right; nothing more is done', async () => {
    const room = createRoom();
    for (const id of ['a', 'b']) addToken(room, id, { name: `name-${id}` });
    const context = await room.context(PEOPLE.operator);
    await dies(room, context, order('deactivate', 'name-a'));
    const lost = { ...context, authority: await authorise(room.services, PEOPLE.viewer) };
    const authority = { ...lost.authority, actor: PEOPLE.operator };
    expect(await takeOrder({ ...lost, authority }, order('deactivate', 'name-a'))).toMatchObject({ kind: 'changed' });

    const other = await room.context(PEOPLE.operator);
    await dies(room, other, order('deactivate', 'name-b'));
    addToken(room, 'b', { name: 'name-b' });
    const refused = await takeOrder({ ...other, authority }, order('deactivate', 'name-b'));
    expect(refused).toMatchObject({ kind: 'refused', why: 'no_right' });
    expect(room.tokens.get('b')?.state).toBe('active');
    // Nobody can tell any more what came of the first try: it may have been done, and undone elsewhere.
    expect(recorded(room)).toEqual([
      ['deactivate', 'done', 'a'],
      ['deactivate', 'failed', 'b'],
      ['deactivate', 'refused', 'b'],
    ]);
    expect(room.store.entries[1]).toMatchObject({ read: 'active' });
    await takeOrder({ ...other, authority }, order('deactivate', 'name-b'));
    expect(recorded(room)).toHaveLength(3);
    expect(aloud(refused)).toContain('whoever had asked had no right to it any more. It did nothing more.');
  });

  it('is not done again when somebody has undone it meanwhile, and both are on record', async () => {
    const room = createRoom();
    addToken(room, 'a', { name: 'laptop' });
    const first = await room.context(PEOPLE.operator);
    await dies(room, first, order('deactivate', 'laptop'));
    await takeOrder(await room.context(PEOPLE.admin), order('activate', 'laptop'));
    const again = await takeOrder(first, order('deactivate', 'laptop'));
    expect(again).toMatchObject({ kind: 'refused', why: 'overtaken' });
    expect(room.tokens.get('a')?.state).toBe('active');
    expect(aloud(again)).toContain('the opposite had been asked for meanwhile. It did nothing more.');
    expect(recorded(room)).toEqual([
      ['deactivate', 'done', 'a'],
      ['activate', 'done', 'a'],
      ['deactivate', 'refused', 'a'],
    ]);
  });

  it('is not done again when its case was decided otherwise meanwhile, and nobody is said to have asked for the opposite', async () => {
    const room = createRoom();
    addToken(room, 'a', { name: 'laptop' });
    const context = await room.context(PEOPLE.operator);
    await dies(room, context, order('deactivate', 'laptop'));
    addToken(room, 'a', { name: 'laptop' });
    const told = (await resumeOrder(context, { isOverruled: true }))?.outcome;
    expect(told).toMatchObject({ kind: 'refused', why: 'overruled' });
    expect(told && aloud(told)).toContain('it had been decided otherwise meanwhile. It did nothing more.');
  });

  it('is on record as tried where somebody has undone it elsewhere, and another asks for it', async () => {
    const room = createRoom();
    addToken(room, 'a', { name: 'laptop' });
    await dies(room, await room.context(PEOPLE.operator), order('deactivate', 'laptop'));
    addToken(room, 'a', { name: 'laptop' });
    const told = await takeOrder(await room.context(PEOPLE.admin), order('deactivate', 'laptop'));
    expect(told).toMatchObject({ kind: 'changed', already: false });
    expect(room.store.entries).toMatchObject([
      { what: 'deactivate', result: 'failed', read: 'active', actor: PEOPLE.operator },
      { what: 'deactivate', result: 'done', actor: PEOPLE.admin },
    ]);
  });

  it('is not done by a report while the case has not heard yet that a person has brought the token back', async () => {
    const room = createRoom();
    const token = addToken(room, 'a', { name: 'laptop' });
    const report = async (at: Date) => {
      const services = { ...room.services, now: () => at };
      const ref = { profile: token.profile, id: token.id, name: token.name };
      const requestedAt = at.toISOString();
      const asked = { verb: 'deactivate', tokens: [ref], requester: { source: 'github' }, requestedAt } as const;
      const change = { order: { ...asked, request: requestedAt, keepGoing: false }, warrant, ref };
      return (await room.store.remember(requestedAt, (journal) => changeToken(services, { journal }, change))).value;
    };
    const after = (seconds: number) => new Date(NOW.getTime() + seconds * 1_000);
    expect(await report(after(0))).toMatchObject({ kind: 'changed' });
    await takeOrder(await room.context(PEOPLE.admin), order('activate', 'laptop'));
    const refused = await report(after(1));
    expect(refused).toMatchObject({ kind: 'refused', why: 'brought_back', by: PEOPLE.admin });
    expect(aloud(refused)).toContain(
      'Patrol did nothing: a person had brought it back less than a minute before, and no report undoes that by itself.',
    );
    expect(aloud(refused)).toContain(PEOPLE.admin.userId);
    expect(room.tokens.get('a')?.state).toBe('active');
    expect(await takeOrder(await room.context(PEOPLE.operator), order('deactivate', 'laptop'))).toMatchObject({
      kind: 'changed',
    });
    await takeOrder(await room.context(PEOPLE.admin), order('activate', 'laptop'));
    expect(await report(after(90))).toMatchObject({ kind: 'changed' });
  });

  it('is done again when it never took effect, also after others have asked for the same', async () => {
    const room = createRoom();
    addToken(room, 'a', { name: 'laptop' });
    const first = await room.context(PEOPLE.operator);
    await dies(room, first, order('deactivate', 'laptop'));
    addToken(room, 'a', { name: 'laptop' });
    const second = await room.context(PEOPLE.admin);
    await dies(room, second, order('deactivate', 'laptop'));
    addToken(room, 'a', { name: 'laptop' });
    expect(await takeOrder(first, order('deactivate', 'laptop'))).toMatchObject({ kind: 'changed', already: false });
  });

  it.each(['deactivate', 'delete', 'activate'] as const)(
    'is told as it ended and on record, though its provider could not be read at first (%s)',
    async (verb) => {
      for (const code of PASSING) {
        const room = createRoom();
        addToken(room, 'a', { name: 'laptop', state: verb === 'activate' ? 'inactive' : 'active' });
        const context = await room.context(PEOPLE.admin);
        await dies(room, context, order(verb, 'laptop'));
        const services = { ...room.services, ...unread(room, code) };
        for (const _ of [1, 2]) {
          const told = await takeOrder({ ...context, services }, order(verb, 'laptop'));
          expect(told).toMatchObject({ kind: 'failed', trouble: { fault: code, next: 'retrying', begun: true } });
        }
        expect(recorded(room)).toEqual([]);
        expect(await takeOrder(context, order(verb, 'laptop'))).toMatchObject({ kind: 'changed', already: false });
        expect(recorded(room)).toEqual([[verb, 'done', 'a']]);
      }
    },
  );

  describe('of a bulk', () => {
    const begun = async () => {
      const room = createRoom((policy) => {
        (policy as { approvals: unknown[] }).approvals = [];
      });
      for (const id of ['a', 'b', 'c']) addToken(room, id, { name: `name-${id}` });
      const context = await room.context(PEOPLE.admin);
      const asked = await takeOrder(context, order('delete', 'name-a', 'name-b', 'name-c'));
      if (asked.kind !== 'confirm') throw new Error('not asked');
      const press = await room.context(PEOPLE.admin);
      const services = { ...room.services, store: withoutRecord(room.store) };
      const pressed = { pending: asked.pending, yes: true };
      await expect(answerConfirmation({ ...press, services }, pressed)).rejects.toThrow('dies');
      expect(room.tokens.has('a')).toBe(false);
      const run = press.attempt.journal.get<string>('run') ?? expect.fail('no run');
      return {
        room,
        run,
        again: (over: Partial<Services> = {}, more: Partial<Attempt> = {}) => {
          const attempt = { ...press.attempt, ...more };
          return answerConfirmation({ ...press, attempt, services: { ...room.services, ...over } }, pressed);
        },
      };
    };
    const all = ['a', 'b', 'c'].map((id) => ['delete', 'done', id]);

    it('goes on with all tokens as they were named, those that are gone included', async () => {
      const { room, again } = await begun();
      expect((await again()).outcome).toMatchObject({ kind: 'bulk', state: 'done', left: [] });
      expect(recorded(room)).toEqual(all);
    });

    it.each(PASSING)(
      'is told as it ended and on record, though its provider could not be read at first (%s)',
      async (code) => {
        const { room, again } = await begun();
        for (const _ of [1, 2]) {
          await expect(again(unread(room, code))).rejects.toThrow('delivery_in_progress');
        }
        expect(recorded(room)).toEqual([]);
        expect((await again()).outcome).toMatchObject({ kind: 'bulk', state: 'done', left: [] });
        expect(recorded(room)).toEqual(all);
      },
    );

    it('is not told as untouched where the run was stopped meanwhile', async () => {
      const { room, run, again } = await begun();
      const context = await room.context(PEOPLE.admin);
      expect(await stopRun(context, run)).toBeUndefined();
      await expect(again(unread(room, 'provider_unavailable'))).rejects.toThrow('delivery_in_progress');
      const { outcome } = await again();
      expect(outcome).toMatchObject({ kind: 'bulk', state: 'stopped', changes: [{ kind: 'changed' }] });
      expect(recorded(room)).toEqual([['delete', 'done', 'a']]);
    });

    it('is read until it is known, also where somebody has given it up', async () => {
      const { room, again } = await begun();
      const calledOff = { calledOffBy: PEOPLE.admin };
      await expect(again(unread(room, 'provider_unauthorized'), calledOff)).rejects.toThrow('delivery_in_progress');
      const { outcome } = await again({}, calledOff);
      expect(
        outcome.kind === 'bulk' && outcome.changes.map((change) => ('why' in change ? change.why : change.kind)),
      ).toEqual(['changed', 'called_off', 'called_off']);
      expect(recorded(room)[0]).toEqual(['delete', 'done', 'a']);
    });

    it('is not tried again where it is read as undone, and its provider refuses it', async () => {
      const { room, again } = await begun();
      addToken(room, 'a', { name: 'name-a' });
      const { providers } = room.services;
      const refused = () => Promise.reject(new Fault('provider_unauthorized', 'as asked'));
      const open: typeof providers.open = async (profile) => ({ ...(await providers.open(profile)), delete: refused });
      const { outcome } = await again({ providers: { ...providers, open } });
      expect(outcome).toMatchObject({ kind: 'bulk', state: 'stopped', changes: [{ trouble: { next: 'final' } }] });
    });
  });
});

it('tells a request for others that an attempt has opened and told nobody of, also where the right to ask is lost since', async () => {
  const room = createRoom();
  addToken(room, 'old');
  const first = await room.context(PEOPLE.operator);
  const named = { verb: 'delete', tokens: ['langsmith-demo:old'], keepGoing: false, ask: 'never' } as const;
  const opened = await takeOrder(first, named);
  if (opened.kind !== 'approval') throw new Error(opened.kind);
  const { authority } = await room.context(PEOPLE.viewer);
  const journal = { ...first.attempt.journal, attempt: 2 };
  const again = await takeOrder({ ...first, authority, attempt: { ...first.attempt, journal } }, named);
  expect(again).toMatchObject({ kind: 'approval', approval: { id: opened.approval.id, state: 'open' } });
  expect(room.store.entries.filter(({ what }) => what === 'request')).toHaveLength(1);
});
