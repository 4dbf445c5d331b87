import { expect, it } from 'vitest';
import { renderList } from '#shared/slack/blocks/render-list.ts';
import { listTokens } from '#shared/tokens/commands/list-tokens.ts';
import { addToken, createRoom, NOW, PEOPLE } from '#test/support/room.ts';
import { readAloud } from '#test/support/slack-text.ts';

it('tells how many of all that fit are in each state, on every page', async () => {
  const room = createRoom();
  for (let number = 0; number < 225; number += 1) addToken(room, `t-${number}`, { name: `ci-${number}` });
  for (const id of ['t-3', 't-4']) addToken(room, id, { name: `ci-${id}`, state: 'inactive' });
  addToken(room, 'other', { name: 'other', state: 'expired' });
  const { authority } = await room.context(PEOPLE.operator);
  const wordsOf = async (offset: number, name: string) => {
    const query = { profiles: [], sort: 'newest', name } as const;
    const outcome = await listTokens(room.services, authority, { query, offset, private: false });
    if (outcome.kind !== 'listed') throw new Error('no list');
    return readAloud(renderList(outcome, { now: NOW, discreet: false }));
  };
  for (const offset of [0, 99, 198]) expect(await wordsOf(offset, 'ci-*')).toContain('223 active, 2 inactive');
  expect(await wordsOf(0, '*')).toContain('223 active, 2 inactive, 1 expired');
  expect(await wordsOf(0, 'other')).not.toContain('1 expired');
});
