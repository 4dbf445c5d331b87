import { describe, expect, it } from 'vitest';
import { settle } from '#shared/cases/settle.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Actor } from '#shared/core/vocabulary.ts';
import { renderChange } from '#shared/slack/blocks/render-change.ts';
import { answerConfirmation } from '#shared/tokens/ask-confirmation.ts';
import { changeToken } from '#shared/tokens/change-token.ts';
import type { Context } from '#shared/tokens/context.ts';
import type { Change, Outcome } from '#shared/tokens/outcome.ts';
import { resolveApproval } from '#shared/tokens/resolve-approval.ts';
import { type NamedOrder, takeOrder } from '#shared/tokens/take-order.ts';
import { addToken, createRoom, NOW, openCase, PEOPLE, type Room } from '#test/support/room.ts';
import { readAloud } from '#test/support/slack-text.ts';

type Verb = NamedOrder['verb'];
/** In minutes: when a request was made, and when it is worked on; and the how manyth delivery does that. */
type Times = readonly [asked: number, worked?: number, attempt?: number];

const minute = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
const named = (verb: Verb, ask: NamedOrder['ask'] = 'never') =>
  ({ verb, tokens: ['ci-deploy'], keepGoing: false, ask }) as const;

async function delivery(room: Room, who: Actor, [asked, worked = asked, attempt = 1]: Times): Promise<Context> {
  const context = await room.context(who);
  const journal = { ...context.attempt.journal, attempt };
  const services = { ...room.services, now: () => minute(worked) };
  return { ...context, services, attempt: { ...context.attempt, journal, requestedAt: minute(asked).toISOString() } };
}

async function ask(room: Room, verb: Verb, times: Times, who: Actor = PEOPLE.admin): Promise<Outcome> {
  return takeOrder(await delivery(room, who, times), named(verb));
}

/** A token of which these were asked for, at these minutes. */
async function after(...asked: readonly (readonly [Verb, number])[]): Promise<Room> {
  const room = createRoom();
  addToken(room, 'a', { name: 'ci-deploy', state: asked[0]?.[0] === 'activate' ? 'inactive' : 'active' });
  for (const [verb, at] of asked)
    expect(await ask(room, verb, [at])).toMatchObject({ kind: 'changed', already: false });
  return room;
}

const endOf = (outcome: Outcome | undefined) => (outcome && 'why' in outcome ? outcome.why : outcome?.kind);
const stateOf = (room: Room) => room.tokens.get('a')?.state;

describe('what had not begun, and comes to it after somebody has asked for the opposite', () => {
  it.each([
    ['deactivate', 'by its next try', [0, 10, 2]],
    ['deactivate', 'by its next try, within the minute', [0, 0.9, 2]],
    ['deactivate', 'by a first delivery that comes late', [0, 10]],
    ['delete', 'as a dead letter, days later', [0, 4000, 6]],
  ] as const)('does not %s over a newer activate (%s)', async (verb, _, times) => {
    const room = await after(['deactivate', 0.7], ['activate', 0.8]);
    const refused = await ask(room, verb, times);
    expect(refused).toMatchObject({ kind: 'refused', why: 'overtaken' });
    expect(stateOf(room)).toBe('active');
    expect(room.store.entries.at(-1)).toMatchObject({ what: verb, result: 'refused' });
    const told = readAloud(renderChange(refused as Change, { actor: PEOPLE.admin, now: NOW }));
    expect(told).toContain(
      'Patrol could not end this at once, and when it came back to it, the opposite had been asked for meanwhile. It did nothing more.',
    );
  });

  it('does not activate over a newer deactivate', async () => {
    const room = await after(['activate', 7], ['deactivate', 8]);
    expect(endOf(await ask(room, 'activate', [0, 10, 2]))).toBe('overtaken');
    expect(stateOf(room)).toBe('inactive');
  });

  it('is carried out where it is the newer one, also by a later try', async () => {
    const room = await after(['deactivate', 7], ['activate', 8]);
    expect(await ask(room, 'deactivate', [9, 20, 2])).toMatchObject({ kind: 'changed', already: false });
  });

  it.each([
    ['behind', -1.5],
    ['ahead', 1.5],
  ])('is the newer one where it is carried out at once, also where the clock of the other was %s', async (_, offBy) => {
    const room = await after(['deactivate', 7]);
    expect(await ask(room, 'activate', [7.1 + offBy])).toMatchObject({ kind: 'changed' });
    expect(await ask(room, 'deactivate', [7.2])).toMatchObject({ kind: 'changed', already: false });
  });

  it('is the newer one too where whoever took it was ahead of the clock of whoever carries it out', async () => {
    const room = await after(['deactivate', 8]);
    expect(await ask(room, 'activate', [7.5, 7.4])).toMatchObject({ kind: 'changed' });
  });

  it('is the older one at once where both were pressed on one card, whose case has not heard of the newer one yet', async () => {
    for (const [undone, pressed, end] of [
      ['C-1', 'C-1', 'overtaken'],
      ['C-1', 'C-2', 'changed'],
    ]) {
      const room = await after(['deactivate', 7]);
      const press = async (verb: Verb, minutes: number, caseId = '') =>
        takeOrder(await delivery(room, PEOPLE.admin, [minutes, 7.3]), { ...named(verb), caseId });
      expect(await press('activate', 7.2, undone)).toMatchObject({ kind: 'changed' });
      expect(endOf(await press('deactivate', 7.1, pressed))).toBe(end);
    }
  });

  it('is carried out for a report, also by hand: whoever brought the token back knew nothing of its leak', async () => {
    const room = await after(['deactivate', 7], ['activate', 8]);
    const { services, attempt } = await delivery(room, PEOPLE.operator, [0, 10, 2]);
    const ref = { profile: 'langsmith-demo', id: 'a', name: 'ci-deploy' };
    const { requestedAt } = attempt;
    const reported = { verb: 'deactivate', tokens: [ref], requester: PEOPLE.operator, requestedAt } as const;
    const change = { order: { ...reported, keepGoing: false }, warrant: { rule: 'proved', approvedBy: [] }, ref };
    expect(await changeToken(services, attempt, change)).toMatchObject({ kind: 'changed' });
  });
});

describe('of two opposite requests the newer one is that which was agreed to later', () => {
  it('by its own requester', async () => {
    for (const [yes, end] of [
      [9, 'changed'],
      [6, 'overtaken'],
    ] as const) {
      const room = await after(['deactivate', 1], ['activate', 2]);
      const asked = await takeOrder(await delivery(room, PEOPLE.admin, [5]), named('delete', 'policy'));
      if (asked.kind !== 'confirm') throw new Error(asked.kind);
      await ask(room, 'deactivate', [7]);
      await ask(room, 'activate', [8]);
      const press = await delivery(room, PEOPLE.admin, [yes, 10, 2]);
      expect(endOf((await answerConfirmation(press, { pending: asked.pending, yes: true })).outcome)).toBe(end);
    }
  });

  it('by whoever else had to agree', async () => {
    for (const [yes, end] of [
      [9, 'changed'],
      [6, 'overtaken'],
    ] as const) {
      const room = await after(['deactivate', 1], ['activate', 2]);
      const asked = await ask(room, 'delete', [5], PEOPLE.operator);
      if (asked.kind !== 'approval') throw new Error(asked.kind);
      await ask(room, 'deactivate', [7]);
      await ask(room, 'activate', [8]);
      const press = await delivery(room, PEOPLE.admin, [yes, 10, 2]);
      const pressed = { approvalId: asked.approval.id, answer: 'approve' } as const;
      const { result } = await resolveApproval(press, pressed, () => expect.fail('a lever'));
      expect(endOf(result)).toBe(end);
    }
  });
});

describe('a newer request that has found nothing to do', () => {
  /** A token that is so already, and was asked to be at these minutes. */
  const asIs = async (verb: Verb, ...minutes: readonly number[]): Promise<Room> => {
    const room = createRoom();
    addToken(room, 'a', { name: 'ci-deploy', state: verb === 'activate' ? 'active' : 'inactive' });
    for (const at of minutes) expect(await ask(room, verb, [at])).toMatchObject({ kind: 'changed', already: true });
    return room;
  };

  it.each([
    ['activate', 'deactivate', 'active'],
    ['activate', 'delete', 'active'],
    ['deactivate', 'activate', 'inactive'],
  ] as const)('is the newer one all the same: "%s" over an older "%s"', async (newer, older, state) => {
    const room = await asIs(newer, 5);
    expect(endOf(await ask(room, older, [0, 10, 2]))).toBe('overtaken');
    expect(stateOf(room)).toBe(state);
  });

  it('stays the newer one where an older one that wants the same comes after it', async () => {
    const room = await asIs('activate', 5, 1);
    expect(endOf(await ask(room, 'deactivate', [3, 10, 2]))).toBe('overtaken');
  });

  it('does not keep back what was asked for after it', async () => {
    const room = await asIs('activate', 5);
    expect(await ask(room, 'deactivate', [6, 10, 2])).toMatchObject({ kind: 'changed', already: false });
  });

  it('ends a request that had begun and come to nothing, and puts on record that it was tried', async () => {
    const room = await asIs('activate');
    const { open } = room.services.providers;
    const down = new Fault('provider_unavailable', 'HTTP 503', { status: 503 });
    const deactivate = () => Promise.reject(down);
    Object.assign(room.services.providers, { open: async (name: string) => ({ ...(await open(name)), deactivate }) });
    const first = await delivery(room, PEOPLE.admin, [0]);
    expect(await takeOrder(first, named('deactivate'))).toMatchObject({
      kind: 'failed',
      trouble: { next: 'retrying' },
    });
    Object.assign(room.services.providers, { open });
    expect(await ask(room, 'activate', [5])).toMatchObject({ already: true });
    const journal = { ...first.attempt.journal, attempt: 2 };
    const again = { ...first, attempt: { ...first.attempt, journal } };
    expect(endOf(await takeOrder(again, named('deactivate')))).toBe('overtaken');
    expect(stateOf(room)).toBe('active');
    const lines = room.store.entries.filter(({ what }) => what === 'deactivate').map(({ result }) => result);
    expect(lines).toEqual(['failed', 'refused']);
  });
});

describe('what others have agreed to of a leak, and is tried again after somebody has closed its case', () => {
  it.each([
    [8, 'overruled', 'dismissed', 'C-1'],
    [4, 'changed', 'dead', 'C-1'],
    [8, 'overruled', 'dismissed', 'C-2'],
  ] as const)('(closed at minute %d): %s, and the case is %s, as %s', async (closed, end, state, id) => {
    const room = createRoom();
    const token = addToken(room, 'a', { name: 'ci-deploy' });
    const press = { act: 'dismiss', by: PEOPLE.admin, at: minute(closed).toISOString() } as const;
    await openCase(room, token, { id, state: 'dismissed', presses: [press] });
    // It was asked for on the card of a case that has become part of the token's since.
    if (id !== 'C-1') await openCase(room, token, { id: 'C-1', key: 'secret:1', state: 'dismissed', mergedInto: id });
    const deletion = { ...named('delete'), caseId: 'C-1' };
    const asked = await takeOrder(await delivery(room, PEOPLE.operator, [3]), deletion);
    if (asked.kind !== 'approval') throw new Error(asked.kind);
    const yes = { approvalId: asked.approval.id, answer: 'approve' } as const;
    const late = await delivery(room, PEOPLE.admin, [6, 10, 2]);
    const { result } = await resolveApproval(late, yes, () => expect.fail('a lever'));
    expect(endOf(result)).toBe(end);
    if (result === undefined) throw new Error('no result');
    await settle(room.services, result, { from: 'C-1' });
    expect(await room.store.cases.get(id)).toMatchObject({ state });
  });
});
