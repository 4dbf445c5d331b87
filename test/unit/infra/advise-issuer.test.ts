import { expect, it } from 'vitest';
import { adviseIssuer } from '#infra/setup/profile-item.ts';

const advise = (issuer: string | undefined, validityCheck = true) =>
  adviseIssuer({ profile: 'dfns-prod', issuer, validityCheck }, new URL('https://api.dfns.io/'));

it('advises an issuer only where leaks are shown to another server than the one that the profile calls, or to none', () => {
  expect(advise('https://api.dfns.io')).toBeUndefined();
  expect(advise('https://api.dfns.io/')).toBeUndefined();
  expect(advise(undefined, false)).toBeUndefined();
  expect(advise(undefined)).toContain("write issuer: 'https://api.dfns.io' into the profile");
  expect(advise('https://api.uae.dfns.io')).toContain("is it issuer: 'https://api.dfns.io'?");
});
