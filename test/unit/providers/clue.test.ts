import { describe, expect, it } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import { clueSchema } from '#shared/providers/clue.ts';
import { recognise } from '#shared/providers/recognise.ts';
import { dfnsToken, fingerprint, langsmithKey } from '#test/support/leaks.ts';

const clueOf = (text: string) => recognise(new Secret(text), fingerprint)!;
const takes = (clue: object) => clueSchema.safeParse(clue).success;
const hash = 'ab'.repeat(32);
const end = '0123456789abcdef';

describe('the clue of a LangSmith key, as it crosses a queue', () => {
  const clue = clueOf(langsmithKey());

  it('is what was recognised, with or without the fingerprint of a row', () => {
    expect(clueSchema.parse(clue)).toEqual(clue);
    const { rowIdFingerprint: _, ...rest } = clue as { rowIdFingerprint: string };
    expect(takes(rest)).toBe(true);
    for (const kind of ['pat', 'service-key']) expect(takes({ ...clue, kind })).toBe(true);
  });

  it.each<object>([
    { form: 'other' },
    { provider: 'dfns' },
    { kind: 'other' },
    { heads: [] },
    { heads: Array.from({ length: 4 }, () => end) },
    { tails: Array.from({ length: 6 }, () => end) },
    { heads: [end, end, end, end, `${end}0`] },
    { heads: [end, end, end, end, `g${end}`] },
    { tails: [end, end, end, end, end.slice(1)] },
    { tails: [end, end, end, end, end.toUpperCase()] },
    { tails: [end, end, end, end, 7] },
    { rowIdFingerprint: undefined },
    { rowIdFingerprint: `${hash}0` },
    { fingerprint: undefined },
    { fingerprint: hash.slice(1) },
    { fingerprint: `0${hash}` },
    { fingerprint: hash.toUpperCase() },
  ])('is not one with %j', (change) => {
    expect(takes({ ...clue, ...change })).toBe(false);
  });
});

describe('the clue of a Dfns token, as it crosses a queue', () => {
  const clue = { form: 'dfns', provider: 'dfns', fingerprint: hash };

  it('is what was recognised, whatever of its claims is there', () => {
    const recognised = clueOf(dfnsToken());
    expect(clueSchema.parse(recognised)).toEqual(recognised);
    const whole = {
      ...clue,
      organizationId: 'or-1',
      tenantId: 'te-1',
      userId: 'us-1',
      tokenId: 'x'.repeat(64),
      issuedAt: 1,
      expiresAt: 2,
      isOtherKind: true,
    };
    expect(clueSchema.parse(whole)).toEqual(whole);
    expect(clueSchema.parse(clue)).toEqual(clue);
  });

  it.each<object>([
    { provider: 'langsmith' },
    { organizationId: 7 },
    { tenantId: undefined },
    { userId: 'x'.repeat(65) },
    { tokenId: ['to-1'] },
    { issuedAt: '1' },
    { expiresAt: '2' },
    { isOtherKind: false },
    { fingerprint: 'short' },
  ])('is not one with %j', (change) => {
    expect(takes({ ...clue, ...change })).toBe(false);
  });
});
