import { expect, it } from 'vitest';
import { readClaims } from '#shared/providers/dfns/claims.ts';
import { gradeTokens } from '#shared/providers/dfns/grade-tokens.ts';
import { readPat, toToken } from '#shared/providers/dfns/pat.ts';

const US = 'us-1aaaa-bbbbb-cccccccccccccccc';
const OR = 'or-1aaaa-bbbbb-cccccccccccccccc';
const TN = 'tn-1aaaa-bbbbb-cccccccccccccccc';
const MADE = '2026-06-01T10:00:00.000Z';

/** How the one token of a list is graded for the claims of a leaked one, issued in the second in which it was made. */
function gradeOf(sub: string | undefined, metadata: object, row: object): string | undefined {
  const iat = Date.parse(MADE) / 1000;
  const claims = { iss: 'auth.dfns.io', iat, sub, 'https://custom/app_metadata': metadata };
  const jwt = ['{"alg":"EdDSA"}', JSON.stringify(claims), 'signed'].map((part) =>
    Buffer.from(part).toString('base64url'),
  );
  const read = readClaims(jwt.join('.'));
  const pat = readPat({ tokenId: 'to-1', isActive: true, linkedUserId: US, dateCreated: MADE, ...row });
  if (read === undefined || pat === undefined) throw new Error('not read');
  const token = toToken(pat, { profile: 'p', own: false });
  return gradeTokens([token], { form: 'dfns', provider: 'dfns', fingerprint: 'f', ...read })[0]?.grade;
}

it.each([
  ['the claims name the tenant only', TN, { userId: US, tenantId: TN }, { orgId: OR }],
  ['the claims have an organisation that is null', TN, { userId: US, orgId: null, tenantId: TN }, { orgId: OR }],
  ['the claims have an empty organisation', undefined, { userId: US, orgId: '', tenantId: TN }, { orgId: OR }],
  ['the claims name the tenant as their organisation', TN, { userId: US, orgId: TN }, { orgId: OR }],
  ['the list names the tenant as the organisation', OR, { userId: US, orgId: OR, tenantId: TN }, { orgId: TN }],
  ['both name the tenant as the organisation', TN, { userId: US, orgId: TN }, { orgId: TN }],
  ['the list names a tenant besides', OR, { userId: US, orgId: OR }, { orgId: '', tenantId: TN }],
  ['the list has an organisation that is null', OR, { userId: US, orgId: OR }, { orgId: null }],
  ['the user is told as the subject', US, { tenantId: TN }, { orgId: OR }],
])('the token of a tenant’s user is found for sure in its own second where %s', (_, sub, metadata, row) => {
  expect(gradeOf(sub, metadata, row)).toBe('strong');
});

it.each([
  ['another organisation', OR, { userId: US, orgId: OR }, { orgId: `${OR}x` }, undefined],
  ['another user', TN, { userId: `${US}x`, tenantId: TN }, { orgId: TN }, undefined],
  ['no tenant and no organisation', undefined, { userId: US }, { orgId: OR }, 'weak'],
])('and never where the claims name %s', (_, sub, metadata, row, grade) => {
  expect(gradeOf(sub, metadata, row)).toBe(grade);
});
