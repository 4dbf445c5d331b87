import { expect, it } from 'vitest';
import { readClaims } from '#shared/providers/dfns/claims.ts';
import { dfnsToken } from '#test/support/leaks.ts';

const IAT = 1_780_000_000;
const HOUR = 3600;

it.each<[string, { kind?: string; iat?: number; exp?: number }, true | undefined]>([
  ['a personal access token', { kind: 'Pat', iat: IAT, exp: IAT + HOUR }, undefined],
  ['a service account', { kind: 'ServiceAccount', iat: IAT, exp: IAT + HOUR }, undefined],
  ['a login that says so', { kind: 'Login', iat: IAT, exp: IAT + 700 * 24 * HOUR }, true],
  ['nothing, and lasts for hours', { iat: IAT, exp: IAT + 6 * HOUR }, true],
  ['nothing, nor since when', { exp: IAT + 700 * 24 * HOUR }, true],
  ['nothing, and lasts for a day', { iat: IAT, exp: IAT + 24 * HOUR }, undefined],
  ['nothing, and has no end', { iat: IAT }, undefined],
])('a token that says that it is %s', (_, { kind: tokenKind, iat, exp }, isOtherKind) => {
  const claims = { iat, exp, 'https://custom/app_metadata': { userId: 'us-1', tokenKind } };
  expect(readClaims(dfnsToken({ claims }))?.isOtherKind).toBe(isOtherKind);
});
