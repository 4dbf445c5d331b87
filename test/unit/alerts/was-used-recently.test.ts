import { describe, expect, it } from 'vitest';
import { wasUsedRecently } from '#shared/alerts/was-used-recently.ts';

const now = new Date('2026-07-01T12:00:00Z');
const before = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString();
const check = { by: 'issuer', checkedAt: before(60) } as const;

describe('wasUsedRecently', () => {
  it.each([
    ['never, as far as the provider tells', undefined, check, false],
    ['a minute ago, and nobody was asked', before(60), undefined, true],
    ['half an hour before our check', before(1800), check, true],
    ['ten seconds after our check', before(50), check, true],
    ['by our check alone', before(59), check, false],
    ['by our check, by a clock behind ours', before(64), check, false],
    [
      'when a scanner says that it tried the secret, which is no use by us',
      before(60),
      { ...check, by: 'scanner' },
      true,
    ],
    ['more than an hour ago', before(3601), undefined, false],
  ] as const)('used %s', (_, lastUsedAt, checked, expected) => {
    expect(wasUsedRecently(lastUsedAt === undefined ? {} : { lastUsedAt }, now, checked)).toBe(expected);
  });
});
