import { describe, expect, it } from 'vitest';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import { createReadAgain } from '#shared/cases/read-again.ts';
import { findRevived } from '#shared/cases/find-revived.ts';
import type { Case } from '#shared/store/store.ts';
import { defined } from '#shared/core/defined.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { takeOrder } from '#shared/tokens/take-order.ts';
import { addToken, createRoom, NOW, PEOPLE } from '#test/support/room.ts';

const receipt = {
  verb: 'deactivate',
  requestedAt: '2026-11-20T10:00:00.000Z',
  actedAt: '2026-11-20T10:00:01.000Z',
  confirmedAt: '2026-11-20T10:00:02.000Z',
  answer: { status: 200 },
  read: 'inactive',
} as const;

type Looked = Pick<Case, 'look'>;
/** The look that whoever tells a case as restored has planned. */
const PLANNED = { after: 'restored:0', looks: 1, at: '2026-11-22T12:05:00.000Z' } as const;

describe('what is dead on the card and alive at the provider', () => {
  const setUp = async (state: Case['state'], { look }: Looked = {}) => {
    const room = createRoom();
    const token = addToken(room, 'a');
    const key = tokenKey(token);
    const at = receipt.confirmedAt;
    await room.store.cases.open({
      ...{ id: caseId(key), key, state, token, receipt, verb: 'deactivate' },
      ...{ openedAt: at, updatedAt: at, reports: [], count: 1, generation: 0 },
      ...defined({ look }),
    });
    return { room, token, id: caseId(key) };
  };

  it('is found, also the next time, and the case says so', async () => {
    const { room, token, id } = await setUp('dead');
    for (let week = 0; week < 2; week += 1) {
      expect(await findRevived(room.services, [token])).toEqual({ revived: [{ caseId: id, token }], returned: [] });
    }
    const kase = await room.store.cases.get(id);
    expect(kase).toMatchObject({
      state: 'not_revoked',
      troubles: [{ kind: 'alive_again', confirmedAt: receipt.confirmedAt }],
      updatedAt: NOW.toISOString(),
    });
  });

  it('is told as what Patrol brought back, where that could not be proved when it was asked for; once', async () => {
    const { room, token, id } = await setUp('dead');
    const context = await room.context(PEOPLE.operator);
    // Its provider takes it, and needs longer than anybody waits.
    room.tokens.set('a', { ...token, state: 'inactive' });
    const slowly = {
      ...room.services,
      providers: {
        ...room.services.providers,
        open: async (profile: string) => ({
          ...(await room.services.providers.open(profile)),
          activate: async () => ({ kind: 'done', answer: { status: 200 } }) as const,
        }),
      },
    };
    const order = { verb: 'activate', tokens: [token.id], keepGoing: false, ask: 'never' } as const;
    const outcome = await takeOrder({ ...context, services: slowly }, order);
    expect(outcome).toMatchObject({ kind: 'unconfirmed', verb: 'activate' });

    room.tokens.set('a', token);
    expect(await findRevived(room.services, [token])).toEqual({ revived: [], returned: [id] });
    expect(await room.store.cases.get(id)).toMatchObject({
      state: 'restored',
      changedBy: PEOPLE.operator,
      generation: 1,
    });
    expect(room.store.entries.map(({ what, result }) => [what, result])).toEqual([
      ['activate', 'failed'],
      ['activate', 'done'],
    ]);
    // Dead again, and brought back by somebody else: that is theirs.
    const later = new Date(NOW.getTime() + 60_000).toISOString();
    await room.store.cases.change(id, (kase) => ({
      ...kase,
      state: 'dead',
      receipt: { ...receipt, confirmedAt: later },
    }));
    expect(await findRevived(room.services, [token])).toEqual({ revived: [{ caseId: id, token }], returned: [] });
  });

  it('is told as what Patrol brought back, where its case has not heard of it yet, and is on record once', async () => {
    const { room, token, id } = await setUp('dead');
    room.tokens.set('a', { ...token, state: 'inactive' });
    const order = { verb: 'activate', tokens: [token.id], keepGoing: false, ask: 'never' } as const;
    expect(await takeOrder(await room.context(PEOPLE.operator), order)).toMatchObject({ kind: 'changed' });
    expect(await room.store.cases.get(id)).toMatchObject({ state: 'dead' });
    expect(await findRevived(room.services, [token])).toEqual({ revived: [], returned: [id] });
    expect(await room.store.cases.get(id)).toMatchObject({
      ...{ state: 'restored', changedBy: PEOPLE.operator, generation: 1 },
    });
    expect(room.store.entries.map(({ what, result }) => [what, result])).toEqual([['activate', 'done']]);
  });

  it('is told again as what Patrol brought back, for as long as nobody who told its card has planned a look', async () => {
    const { room, token, id } = await setUp('dead');
    room.tokens.set('a', { ...token, state: 'inactive' });
    const order = { verb: 'activate', tokens: [token.id], keepGoing: false, ask: 'never' } as const;
    await takeOrder(await room.context(PEOPLE.operator), order);
    for (const attempt of [1, 2])
      expect(await findRevived(room.services, [token]), `${attempt}`).toEqual({ revived: [], returned: [id] });
    const again = createReadAgain({
      ...{ services: room.services, send: async () => {}, show: async () => {}, answerBack: async () => {} },
    });
    await again.plan(id);
    expect(await findRevived(room.services, [token])).toEqual({ revived: [], returned: [] });
  });

  it.each<[string, Case['state'], Partial<Token> & Looked]>([
    ['a token that is inactive', 'dead', { state: 'inactive' }],
    ['a token that a person brought back through Patrol', 'restored', { look: PLANNED }],
    ['a token without a case', 'dead', { id: 'b' }],
  ])('is not %s', async (_, state, { look, ...more }) => {
    const { room, token, id } = await setUp(state, defined({ look }));
    expect(await findRevived(room.services, [{ ...token, ...more }])).toEqual({ revived: [], returned: [] });
    expect((await room.store.cases.get(id))?.state).toBe(state);
  });
});
