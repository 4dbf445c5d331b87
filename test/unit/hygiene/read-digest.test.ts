import { expect, it } from 'vitest';
import { casesOf } from '#shared/cases/settle.ts';
import { readDigest } from '#shared/hygiene/read-digest.ts';
import type { Actor } from '#shared/core/vocabulary.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import { addToken, createRoom, openCase, NOW, PEOPLE } from '#test/support/room.ts';

const OLD = '2020-01-01T00:00:00.000Z';

function start() {
  const room = createRoom((policy) => {
    policy.roles['ops'] = {
      ...policy.roles['viewer']!,
      users: ['U0DFNSONLY1'],
      may: [{ verbs: ['list'], profiles: ['dfns-demo'] }],
    };
  });
  addToken(room, 'old-a', { profile: 'dfns-demo', provider: 'dfns', createdAt: OLD });
  addToken(room, 'old-b', { createdAt: OLD });
  const read = async (who: Actor, ...profiles: string[]) => {
    const { services, authority } = await room.context(who);
    return readDigest(services, authority, profiles);
  };
  return { room, read };
}

it('tells what wants a clean-up in the profiles that whoever asks may list, or of those that they name', async () => {
  const { read } = start();
  const found = async (who: Actor, ...profiles: string[]) => {
    const outcome = await read(who, ...profiles);
    if (outcome.kind !== 'hygiene') return outcome.kind;
    return [...new Set(outcome.digest.groups.flatMap(({ tokens }) => tokens.map(({ id }) => id)))].toSorted();
  };
  expect(await found(PEOPLE.viewer)).toEqual(['old-a', 'old-b']);
  expect(await found(PEOPLE.viewer, 'langsmith-demo')).toEqual(['old-b']);
  const dfnsOnly = { ...PEOPLE.viewer, userId: 'U0DFNSONLY1' };
  expect(await found(dfnsOnly)).toEqual(['old-a']);
  expect(await found(dfnsOnly, 'langsmith-demo')).toBe('denied');
  expect(await found(PEOPLE.stranger)).toBe('denied');
});

it('reopens the case of a token that works although its end was proved, and has its card follow', async () => {
  const { room, read } = start();
  const token = room.tokens.get('old-b')!;
  const id = caseId(tokenKey(token));
  const at = NOW.toISOString();
  const receipt = { verb: 'deactivate', requestedAt: at, actedAt: at, confirmedAt: at, read: 'inactive' } as const;
  await openCase(room, token, { id, state: 'dead', verb: 'deactivate', receipt });
  const outcome = await read(PEOPLE.viewer);
  expect(outcome).toMatchObject({ digest: { revived: [{ caseId: id }] } });
  expect(await room.store.cases.get(id)).toMatchObject({ state: 'not_revoked' });
  expect(casesOf(outcome)).toEqual([id]);
});

it('keeps as much of thousands as it tells, and counts all', async () => {
  const { room, read } = start();
  for (let number = 0; number < 3000; number += 1) addToken(room, `n-${number}`, { createdAt: OLD });
  const outcome = await read(PEOPLE.viewer);
  if (outcome.kind !== 'hygiene') throw new Error(outcome.kind);
  expect(outcome.digest.groups.find(({ kind }) => kind === 'unused')).toMatchObject({ count: 3001 });
  expect(JSON.stringify(outcome).length).toBeLessThan(200_000);
});
