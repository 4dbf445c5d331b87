import { beforeEach, describe, expect, it } from 'vitest';
import { keepCase } from '#shared/cases/keep-case.ts';
import { resolveToken } from '#shared/tokens/resolve-token.ts';
import { addToken, createRoom, NOW, PEOPLE, type Room } from '#test/support/room.ts';

const ID = '3f0a1f0e-6a52-4f59-8c7e-0f6e0e5a9b10';
const NEAR = '3f0a1f0e-6a52-4f59-8c7e-0f6e0e5a9b99';

let room: Room;
const find = async (asked: string, verb: 'show' | 'deactivate' = 'show') => {
  const { services, authority } = await room.context(PEOPLE.admin);
  return resolveToken(services, authority, { verb, asked });
};

beforeEach(() => {
  room = createRoom();
  addToken(room, ID, { name: 'ci pipeline', shortKey: 'lsv2_pt_...9fa7b9' });
});

describe('a part of a token', () => {
  it.each(['3f0a1f0e', '3F0A1F0E-6a52', 'lsv2_pt_efb6…a7b9', 'lsv2_pt_****9fa7b9', 'lsv2_pt_...9fa7b9'])(
    '%s shows the one token that it means, and asks before a change',
    async (asked) => {
      expect(await find(asked)).toMatchObject({ kind: 'resolved', token: { id: ID } });
      expect(await find(asked, 'deactivate')).toMatchObject({ kind: 'ambiguous', candidates: [{ id: ID }] });
    },
  );

  it.each(['3f0a1', 'lsv2_pt_efb6…c7b9', 'lsv2_sk_...9fa7b9', '…', 'lsv2_pt_'])('%s means none', async (asked) => {
    expect(await find(asked)).toMatchObject({ kind: 'unknown_token' });
  });

  it('that several have is a choice', async () => {
    addToken(room, NEAR);
    expect(await find('3f0a1f0e')).toMatchObject({ kind: 'ambiguous' });
  });
});

it('an id with a slip in it gets a suggestion, and is never taken for the near one', async () => {
  expect(await find(`${ID.slice(0, -2)}11`, 'deactivate')).toMatchObject({ kind: 'unknown_token', suggestions: [ID] });
});

it('a case id means the token of the case, and none without one', async () => {
  const token = room.tokens.get(ID);
  if (token === undefined) throw new Error('no token');
  const report = { key: 'r' };
  const evidence = { source: 'generic', report, receivedAt: NOW.toISOString(), candidates: [] };
  const match = { token, grade: 'exact', because: [{ kind: 'named' }] } as const;
  const { kase } = await keepCase(
    room.store,
    { key: `token:${token.profile}:${token.id}`, now: NOW },
    { ...evidence, match, candidates: [match] },
  );
  expect(await find(kase.id.toLowerCase(), 'deactivate')).toMatchObject({ kind: 'resolved', token: { id: ID } });
  expect(await find('C-AAAAAAAA')).toMatchObject({ kind: 'unknown_token' });
});
