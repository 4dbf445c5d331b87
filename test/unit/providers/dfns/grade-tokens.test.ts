import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Token } from '#shared/core/vocabulary.ts';
import type { Clue } from '#shared/providers/clue.ts';
import { gradeTokens } from '#shared/providers/dfns/grade-tokens.ts';

type DfnsClue = Extract<Clue, { form: 'dfns' }>;
const ISSUED = 1_780_000_000;
const at = (seconds: number, milliseconds = 0) => new Date((ISSUED + seconds) * 1000 + milliseconds).toISOString();

const row = (id: string, more: Partial<Token> = {}): Token => ({
  provider: 'dfns',
  profile: 'p',
  id,
  name: id,
  kind: 'pat',
  state: 'active',
  owner: { id: 'us-1' },
  organizationId: 'or-1',
  permissions: [],
  createdAt: at(-1000),
  own: false,
  ...more,
});
const clue = (more: Partial<DfnsClue> = {}): DfnsClue => ({
  form: 'dfns',
  provider: 'dfns',
  organizationId: 'or-1',
  userId: 'us-1',
  issuedAt: ISSUED,
  fingerprint: 'f',
  ...more,
});
const without = (name: keyof DfnsClue): DfnsClue =>
  Object.fromEntries(Object.entries(clue()).filter(([key]) => key !== name)) as unknown as DfnsClue;
const grades = (tokens: readonly Token[], of = clue()) =>
  gradeTokens(tokens, of).map(({ token, grade }) => [token.id, grade]);

describe('gradeDfns', () => {
  it('is strong for the only token of that user made within a minute of the issue', () => {
    for (const seconds of [-60, -1, 0, 1, 60]) {
      const tokens = [row('to-a'), row('to-b', { createdAt: at(seconds) }), row('to-c', { createdAt: at(61 + 60) })];
      expect(grades(tokens)).toEqual([['to-b', 'strong']]);
    }
  });

  it('is weak for two within a minute, also where only one is of the very second', () => {
    const tokens = [row('to-a', { createdAt: at(0, 900) }), row('to-b', { createdAt: at(1, 100) })];
    expect(grades(tokens).map(([, grade]) => grade)).toEqual(['weak', 'weak']);
  });

  it('is strong for an inactive one as well, which is already dead', () => {
    expect(grades([row('to-a', { createdAt: at(0), state: 'inactive' }), row('to-b')])).toEqual([['to-a', 'strong']]);
  });

  it('is weak for two of the same second', () => {
    expect(grades([row('to-a', { createdAt: at(0) }), row('to-b', { createdAt: at(0, 500) })])).toEqual([
      ['to-a', 'weak'],
      ['to-b', 'weak'],
    ]);
  });

  it('lets the claimed id choose among those of the same second', () => {
    const tokens = [row('to-a', { createdAt: at(0) }), row('to-b', { createdAt: at(0) })];
    expect(grades(tokens, clue({ tokenId: 'to-b' }))).toEqual([['to-b', 'strong']]);
  });

  it('trusts no claimed id that the time of issue contradicts', () => {
    const tokens = [row('to-a', { createdAt: at(0) }), row('to-b')];
    expect(grades(tokens, clue({ tokenId: 'to-b' }))).toEqual([
      ['to-b', 'weak'],
      ['to-a', 'weak'],
    ]);
    expect(grades([row('to-a'), row('to-b')], clue({ tokenId: 'to-b' }))).toEqual([['to-b', 'weak']]);
  });

  it('is weak for the only active token where no time agrees', () => {
    expect(grades([row('to-a'), row('to-b', { state: 'inactive' })])).toEqual([['to-a', 'weak']]);
    expect(grades([row('to-a'), row('to-b', { state: 'inactive' })], without('issuedAt'))).toEqual([['to-a', 'weak']]);
  });

  it('is weak for all where several are active, or none', () => {
    expect(grades([row('to-a'), row('to-b')])).toHaveLength(2);
    expect(grades([row('to-a', { state: 'inactive' }), row('to-b', { state: 'inactive' })])).toHaveLength(2);
  });

  it('never offers a token of another organisation or user', () => {
    const stranger = row('to-a', { createdAt: at(0) });
    expect(grades([stranger], clue({ organizationId: 'or-2' }))).toEqual([]);
    expect(grades([stranger], clue({ userId: 'us-2' }))).toEqual([]);
    expect(grades([{ ...row('to-a'), organizationId: '' }])).toEqual([]);
  });

  it('is weak at best where the claims name only the organisation or only the user', () => {
    const tokens = [row('to-a', { createdAt: at(0) }), row('to-b')];
    expect(grades(tokens, without('userId'))).toEqual([['to-a', 'weak']]);
    expect(grades(tokens, without('organizationId'))).toEqual([['to-a', 'weak']]);
    expect(grades(tokens, { form: 'dfns', provider: 'dfns', issuedAt: ISSUED, fingerprint: 'f' })).toEqual([]);
  });

  it('is never exact, strong for one at most, and then for nothing else', () => {
    const token = fc
      .record({
        id: fc.constantFrom('to-a', 'to-b', 'to-c', 'to-d'),
        offset: fc.integer({ min: -2, max: 2 }),
        org: fc.constantFrom('or-1', 'or-2'),
        user: fc.constantFrom('us-1', 'us-2'),
        state: fc.constantFrom('active' as const, 'inactive' as const),
      })
      .map(({ id, offset, org, user, state }) =>
        row(id, { createdAt: at(offset), organizationId: org, owner: { id: user }, state }),
      );
    const anyClue = fc
      .record(
        {
          organizationId: fc.constantFrom('or-1', 'or-2'),
          userId: fc.constantFrom('us-1', 'us-2'),
          tokenId: fc.constantFrom('to-a', 'to-x'),
          issuedAt: fc.constant(ISSUED),
        },
        { requiredKeys: [] },
      )
      .map((claims): DfnsClue => ({ form: 'dfns', provider: 'dfns', fingerprint: 'f', ...claims }));
    fc.assert(
      fc.property(fc.uniqueArray(token, { selector: ({ id }) => id }), anyClue, (tokens, claims) => {
        const found = gradeTokens(tokens, claims);
        expect(found.some(({ grade }) => grade === 'exact')).toBe(false);
        if (found.some(({ grade }) => grade === 'strong')) expect(found).toHaveLength(1);
        for (const { token: one } of found) {
          expect(one.organizationId).toBe(claims.organizationId ?? one.organizationId);
          expect(one.owner?.id).toBe(claims.userId ?? one.owner?.id);
        }
      }),
    );
  });

  it('excludes no row of which Dfns does not tell the user, and takes none for sure', () => {
    const untold = (id: string, more: Partial<Token> = {}) => {
      const { owner: _, ...rest } = row(id, more);
      return rest;
    };
    const told = (tokens: readonly Token[], of = clue()) =>
      gradeTokens(tokens, of).map(({ token, grade, because }) => [token.id, grade, because[0]?.kind]);
    expect(told([untold('to-a', { createdAt: at(0) }), untold('to-b')])).toEqual([['to-a', 'weak', 'claims_untold']]);
    expect(told([untold('to-a'), row('to-b')], clue({ tokenId: 'to-a' }))).toEqual([['to-a', 'weak', 'claims_untold']]);
    // It may be the one: then no other is the only one of its minute.
    expect(told([row('to-b', { createdAt: at(0) }), untold('to-a', { createdAt: at(1) })])).toEqual([
      ['to-b', 'weak', 'claims_fit_several'],
      ['to-a', 'weak', 'claims_untold'],
    ]);
    expect(told([untold('to-a', { createdAt: at(0), organizationId: 'or-2' })])).toEqual([]);
  });

  it('says of no token that it is of the user that the claims name, where they name none', () => {
    const of = { ...without('userId'), isOtherKind: true as const };
    expect(gradeTokens([row('to-a'), row('to-b')], of)).toEqual([]);
  });
});
