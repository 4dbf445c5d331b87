import { describe, expect, it } from 'vitest';
import type { Token } from '#shared/core/vocabulary.ts';
import type { ListQuery } from '#shared/tokens/command.ts';
import { filterTokens, unanswerable } from '#shared/tokens/filter-tokens.ts';

const NOW = new Date('2026-11-22T00:00:00Z');
const day = (days: number) => new Date(NOW.getTime() - days * 86_400_000).toISOString();

function token(id: string, more: Partial<Token> = {}): Token {
  return {
    provider: 'langsmith',
    profile: 'p',
    id,
    name: id,
    kind: 'pat',
    state: 'active',
    permissions: [],
    own: false,
    ...more,
  };
}

const all = [
  token('old', { createdAt: day(400), lastUsedAt: day(1), expiresAt: day(-3), owner: { id: 'u-1', name: 'Ada' } }),
  token('never-used', { createdAt: day(100), expiresAt: day(-300) }),
  token('Fresh', { createdAt: day(1), lastUsedAt: day(0), state: 'inactive', owner: { id: 'u-2' } }),
  token('to-dfns', { provider: 'dfns', createdAt: day(200) }),
];
const ids = (query: Partial<ListQuery>) =>
  filterTokens(all, { profiles: [], sort: 'age', ...query }, NOW).map(({ id }) => id);

describe('filterTokens', () => {
  it('gives everything, oldest first, without a filter', () => {
    expect(ids({})).toEqual(['old', 'to-dfns', 'never-used', 'Fresh']);
  });

  it.each([
    [{ state: 'active' }, ['old', 'to-dfns', 'never-used']],
    [{ state: 'inactive' }, ['Fresh']],
    [{ owner: 'ADA' }, ['old']],
    [{ owner: 'u-' }, ['old', 'Fresh']],
    [{ name: 'f*' }, ['Fresh']],
    [{ olderThanDays: 150 }, ['old', 'to-dfns']],
    [{ expiresWithinDays: 7 }, ['old']],
  ] satisfies [Partial<ListQuery>, string[]][])('keeps for %j exactly %j', (query, expected) => {
    expect(ids(query)).toEqual(expected);
  });

  it('counts a token that was never used as unused since it was made, and leaves out providers that do not know', () => {
    expect(ids({ unusedDays: 30 })).toEqual(['never-used']);
  });

  it('finds tokens without expiry only where the provider tells expiries', () => {
    expect(ids({ noExpiry: true })).toEqual(['Fresh']);
  });

  it.each([
    ['name', ['Fresh', 'never-used', 'old', 'to-dfns']],
    ['used', ['never-used', 'to-dfns', 'old', 'Fresh']],
    ['expiry', ['old', 'never-used', 'Fresh', 'to-dfns']],
  ] as const)('sorts by %s with what wants attention first', (sort, expected) => {
    expect(ids({ sort })).toEqual(expected);
  });
});

describe('unanswerable', () => {
  it('says which filter a provider cannot answer, and only when one of its tokens was there', () => {
    expect(unanswerable(all, { profiles: [], sort: 'age', unusedDays: 3 })[0]).toContain('Dfns does not tell');
    expect(unanswerable(all.slice(0, 2), { profiles: [], sort: 'age', unusedDays: 3 })).toEqual([]);
    expect(unanswerable(all, { profiles: [], sort: 'age' })).toEqual([]);
  });
});
