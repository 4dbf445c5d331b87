import { expect, it } from 'vitest';
import { SOURCES_WITH_SECRET } from '#shared/alerts/routes.ts';
import { SENDER_SETUPS } from '#shared/alerts/sender-setups.ts';

it('tells of each source that verifies by a secret how that is set up, in their order, and of no other', () => {
  expect([...SENDER_SETUPS.keys()]).toEqual(SOURCES_WITH_SECRET.map(({ name }) => name));
  const wheres = [...SENDER_SETUPS.values()].map(({ where }) => where);
  expect(new Set(wheres).size).toBe(wheres.length);
});
