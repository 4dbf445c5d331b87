import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Token } from '#shared/core/vocabulary.ts';
import { assess, digest, type Inventory } from '#shared/hygiene/assess.ts';
import { FINDING_KINDS } from '#shared/tokens/digest.ts';
import { overviewOf } from '#shared/hygiene/overview.ts';
import { NOW as now, laptop, patrols, pipeline } from '#test/fixtures/outcomes.ts';
import { token } from '#test/support/arbitraries/token.ts';

const thresholds = { staleDays: 180, unusedDays: 60, expiringDays: 14, manyPermissions: 3 };
const all = { lastUse: true, expiry: true, undo: true };
const none = { lastUse: false, expiry: false, undo: true };
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();
const young: Token = {
  ...pipeline,
  createdAt: daysAgo(1),
  lastUsedAt: daysAgo(0),
  expiresAt: daysAgo(-30),
  permissions: [],
};
const found = (change: Partial<Token>, knows = all) => assess({ ...young, ...change }, { knows, thresholds, now });
const missing = (name: keyof Token) =>
  Object.fromEntries(Object.entries(young).filter(([key]) => key !== name)) as unknown as Token;
const without = (name: keyof Token, knows = all) => assess(missing(name), { knows, thresholds, now });

describe('one token', () => {
  it('has no finding when it is young, used, ends, and is modest', () => {
    expect(found({})).toEqual([]);
  });

  it('is judged at the threshold, not a day earlier', () => {
    expect(found({ createdAt: daysAgo(179.9) })).toEqual([]);
    expect(found({ createdAt: daysAgo(180) })).toEqual(['stale']);
    expect(found({ lastUsedAt: daysAgo(59.9) })).toEqual([]);
    expect(found({ lastUsedAt: daysAgo(60) })).toEqual(['unused']);
    expect(found({ expiresAt: daysAgo(-14.1) })).toEqual([]);
    expect(found({ expiresAt: daysAgo(-14) })).toEqual(['expiring']);
    expect(found({ permissions: ['a', 'b'] })).toEqual([]);
    expect(found({ permissions: ['a', 'b', 'c'] })).toEqual(['many_permissions']);
    expect(without('owner')).toEqual(['owner_unknown']);
  });

  it('that was never used counts as unused from its creation on', () => {
    const unusedYet = missing('lastUsedAt');
    expect(assess({ ...unusedYet, createdAt: daysAgo(59) }, { knows: all, thresholds, now })).toEqual([]);
    expect(assess({ ...unusedYet, createdAt: daysAgo(61) }, { knows: all, thresholds, now })).toEqual(['unused']);
  });

  it('is never blamed for what its provider does not tell', () => {
    expect(without('expiresAt', none)).toEqual([]);
    expect(without('expiresAt')).toEqual(['no_expiry']);
    expect(found({ lastUsedAt: daysAgo(400) }, none)).toEqual([]);
    expect(without('createdAt')).toEqual([]);
  });

  it('is only told as expired once it is, and never when it is inactive', () => {
    expect(found({ expiresAt: daysAgo(1), permissions: ['a', 'b', 'c'] })).toEqual(['expired']);
    expect(found({ state: 'expired' })).toEqual(['expired']);
    expect(found({ state: 'inactive', createdAt: daysAgo(999) })).toEqual([]);
  });
});

describe('the digest', () => {
  const inventory = (tokens: readonly Token[], knows = all): Inventory => ({
    profile: 'langsmith-demo',
    provider: 'langsmith',
    knows,
    tokens,
    unseen: [],
  });

  it("sweeps the unused and the expired, never what is merely old, never Patrol's own", () => {
    const old = { ...young, id: 'old', createdAt: daysAgo(400) };
    const idle = { ...young, id: 'idle', lastUsedAt: daysAgo(100) };
    const ended = { ...young, id: 'ended', state: 'expired' as const };
    const own = { ...idle, id: 'own', own: true };
    const { groups, troubled, seen } = digest({
      inventories: [inventory([old, idle, ended, own])],
      unread: [],
      thresholds,
      now,
    });
    expect(groups.map(({ kind, tokens, cleanable }) => [kind, tokens.length, cleanable.map(({ id }) => id)])).toEqual([
      ['expired', 1, ['ended']],
      ['unused', 2, ['idle']],
      ['stale', 1, []],
    ]);
    expect([troubled, seen]).toEqual([4, 4]);
  });

  it('offers no press for what the policy protects, nor for service keys, which cannot be deactivated', () => {
    const idle = { ...young, id: 'idle', lastUsedAt: daysAgo(100) };
    const kept = { ...idle, id: 'kept' };
    const { groups } = digest({
      inventories: [inventory([idle, kept, { ...idle, id: 'key', kind: 'service-key' }])],
      unread: [],
      thresholds,
      isProtected: ({ id }) => id === 'kept',
      now,
    });
    expect(groups).toMatchObject([{ kind: 'unused', tokens: { length: 3 }, cleanable: [{ id: 'idle' }] }]);
  });

  it('sweeps the old where nobody can know whether they are used, and says that it cannot be seen', () => {
    const told = digest({
      inventories: [
        { profile: 'dfns-demo', provider: 'dfns', knows: none, tokens: [laptop, patrols], unseen: ['own tokens only'] },
      ],
      unread: [],
      thresholds: { ...thresholds, manyPermissions: 99 },
      now,
    });
    expect(told.groups.map(({ kind, tokens, cleanable }) => [kind, tokens.length, cleanable])).toEqual([
      ['stale', 2, [laptop]],
    ]);
    expect(told.unseen).toEqual([
      'dfns-demo: own tokens only',
      'dfns-demo: last use is not told by the provider',
      'dfns-demo: expiry is not told by the provider',
    ]);
  });

  it('counts every token once however many findings it has, and orders the worst first', () => {
    fc.assert(
      fc.property(fc.array(token, { maxLength: 30 }), (tokens) => {
        const { groups, troubled, seen } = digest({ inventories: [inventory(tokens)], unread: [], thresholds, now });
        const ranks = groups.map(({ kind }) => FINDING_KINDS.indexOf(kind));
        expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
        expect(troubled).toBeLessThanOrEqual(seen);
        for (const { tokens: hits, cleanable } of groups) {
          expect(cleanable.every((each) => !each.own && hits.includes(each))).toBe(true);
        }
      }),
    );
  });
});

describe('the overview of a profile', () => {
  it('counts states and findings, and names the oldest active token', () => {
    const tokens = [
      young,
      { ...young, id: 'old', createdAt: daysAgo(400) },
      { ...young, id: 'older', state: 'inactive' as const, createdAt: daysAgo(900) },
    ];
    const overview = overviewOf(
      { profile: 'langsmith-demo', provider: 'langsmith', knows: all, tokens, unseen: [] },
      thresholds,
      now,
    );
    expect(overview).toMatchObject({ active: 2, inactive: 1, expired: 0, found: { stale: 1 }, oldest: { id: 'old' } });
    expect(overview.found.expiring).toBeUndefined();
  });
});
