import { describe, expect, it } from 'vitest';
import { chooseCredential, isSameCredential } from '#shared/providers/dfns/choose-credential.ts';
import { isOwnPat } from '#shared/providers/dfns/is-own-pat.ts';
import { readPat } from '#shared/providers/dfns/pat.ts';

const CR = 'cr-2bcd9-fghij-k1m2n3p4q5r6s7t8';
const ENCODED = Buffer.from(CR).toString('base64url');
const OTHER = 'cr-other-other-k1m2n3p4q5r6s7t8';
const ISSUED = Date.parse('2026-01-01T00:00:00Z') / 1000;

const pat = (more: object = {}) =>
  readPat({
    tokenId: 'to-a',
    isActive: true,
    credId: CR,
    linkedUserId: 'us-1',
    dateCreated: '2026-01-01T00:00:00.500Z',
    ...more,
  }) ?? expect.fail('not read');

describe('isOwnPat', () => {
  it('knows the token by its credential, in either spelling', () => {
    for (const credentialId of [CR, ENCODED]) {
      for (const credId of [CR, ENCODED]) expect(isOwnPat(pat({ credId }), { credentialId, claims: {} })).toBe(true);
      expect(isOwnPat(pat({ credId: OTHER }), { credentialId, claims: {} })).toBe(false);
    }
  });

  it('does not let the time of issue speak against the credential', () => {
    expect(isOwnPat(pat({ credId: OTHER }), { credentialId: CR, claims: { issuedAt: ISSUED } })).toBe(false);
    expect(isOwnPat(pat(), { credentialId: CR, claims: { issuedAt: ISSUED - 86_400 } })).toBe(true);
  });

  it('goes by the time of issue where the credential tells nothing', () => {
    for (const self of [{ claims: { issuedAt: ISSUED } }, { credentialId: 'opaque', claims: { issuedAt: ISSUED } }]) {
      expect(isOwnPat(pat(), self)).toBe(true);
      expect(isOwnPat(pat({ dateCreated: '2026-01-01T00:05:00Z' }), self)).toBe(false);
    }
    expect(isOwnPat(pat({ credId: '' }), { credentialId: CR, claims: { issuedAt: ISSUED } })).toBe(true);
  });

  it('knows it by its id in the claims', () => {
    expect(isOwnPat(pat({ credId: OTHER }), { credentialId: CR, claims: { tokenId: 'to-a' } })).toBe(true);
  });

  it('spares what could be ours where nothing can tell', () => {
    expect(isOwnPat(pat(), { claims: {} })).toBe(true);
    expect(isOwnPat(pat({ credId: '', dateCreated: '' }), { credentialId: CR, claims: { issuedAt: ISSUED } })).toBe(
      true,
    );
  });

  it('never spares another user’s token', () => {
    expect(isOwnPat(pat({ linkedUserId: 'us-2' }), { claims: { userId: 'us-1' } })).toBe(false);
  });
});

describe('isSameCredential', () => {
  it('tells nothing from ids of different kinds', () => {
    expect(isSameCredential(CR, 'c29tZXRoaW5nLWVsc2U')).toBeUndefined();
    expect(isSameCredential('one', 'other')).toBe(false);
  });
});

describe('chooseCredential', () => {
  it('takes the configured one in the spelling that Dfns allows', () => {
    expect(chooseCredential(CR, [OTHER, ENCODED])).toBe(ENCODED);
    expect(chooseCredential(ENCODED, [CR])).toBe(CR);
    expect(chooseCredential('opaque', ['opaque'])).toBe('opaque');
  });

  it('takes no other than the configured one', () => {
    expect(chooseCredential(CR, [OTHER])).toBeUndefined();
    expect(chooseCredential(CR, [])).toBeUndefined();
  });

  it('takes the only one allowed where none is configured', () => {
    expect(chooseCredential(undefined, [OTHER])).toBe(OTHER);
    expect(chooseCredential(undefined, [CR, OTHER])).toBeUndefined();
    expect(chooseCredential(undefined, [])).toBeUndefined();
  });
});
