import { expect, it } from 'vitest';
import { isOpenApproval, isOpenCase } from '#shared/store/is-open-case.ts';

it('calls a case open until the token is dead, or the policy or a person has said that nothing is wanted', () => {
  const open = ['received', 'unsearched', 'unmatched', 'asking', 'acting', 'not_revoked', 'waiting'] as const;
  const closed = ['noted', 'shadowed', 'dead', 'restored', 'dismissed'] as const;
  expect(open.filter((state) => !isOpenCase({ state }))).toEqual([]);
  expect(closed.filter((state) => isOpenCase({ state }))).toEqual([]);
  const deferred = { key: 'r', troubles: [] };
  expect(closed.filter((state) => !isOpenCase({ state, deferred }))).toEqual([]);
});

it('calls an approval open while it waits for a word', () => {
  expect(isOpenApproval({ state: 'open' })).toBe(true);
  for (const state of ['approved', 'refused', 'lapsed', 'withdrawn', 'done'] as const)
    expect(isOpenApproval({ state })).toBe(false);
});
