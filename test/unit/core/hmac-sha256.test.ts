import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hmacSha256, isEqualConstantTime, sha256Hex } from '#shared/core/hmac-sha256.ts';

describe('hmacSha256', () => {
  it('agrees with RFC 4231 test case 2 in form, with a key of the allowed length', () => {
    // RFC 4231 test case 1: key = 20 bytes of 0x0b, data = "Hi There".
    const mac = hmacSha256(Buffer.alloc(20, 0x0b), 'Hi There').toString('hex');
    expect(mac).toBe('b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7');
  });

  it('joins its parts without a separator', () => {
    const key = 'k'.repeat(16);
    expect(hmacSha256(key, 'ab', Buffer.from('c'))).toEqual(hmacSha256(key, 'abc'));
  });

  it.each(['', 'short', 'k'.repeat(15)])('refuses the key %j, which is under 16 bytes', (key) => {
    expect(() => hmacSha256(key, 'text')).toThrow(
      expect.objectContaining({ code: 'config_invalid', detail: 'signing key is under 16 bytes' }),
    );
  });

  it('accepts a key of exactly 16 bytes', () => {
    expect(hmacSha256('k'.repeat(16), '')).toHaveLength(32);
  });
});

it('compares texts of any length without throwing', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (left, right) => {
      expect(isEqualConstantTime(left, right)).toBe(left === right);
      expect(isEqualConstantTime(left, left)).toBe(true);
    }),
  );
});

it('hashes as FIPS 180 says', () => {
  expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
