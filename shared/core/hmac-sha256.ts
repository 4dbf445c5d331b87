import { createHash, createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import { Fault } from './fault.ts';

/** The shortest key, in bytes, that a shared secret may have. Node itself accepts an empty one. */
export const MINIMUM_KEY_BYTES = 16;

/** Returns HMAC-SHA256 of the parts, joined without a separator. Throws `config_invalid` for a key under 16 bytes. */
export function hmacSha256(key: string | Buffer | KeyObject, ...parts: readonly (string | Buffer)[]): Buffer {
  // Given a Buffer, Node 24 finds out by two exceptions that it is no key of its own, which costs more than the MAC.
  const own = Buffer.isBuffer(key) ? createSecretKey(key) : key;
  const bytes = typeof own === 'string' ? Buffer.byteLength(own) : (own.symmetricKeySize ?? 0);
  if (bytes < MINIMUM_KEY_BYTES) throw new Fault('config_invalid', 'signing key is under 16 bytes');
  const mac = createHmac('sha256', own);
  for (const part of parts) mac.update(part);
  // As text first: a Buffer of its own from OpenSSL costs more than the copy into Node's pool.
  return Buffer.from(mac.digest('binary'), 'binary');
}

/** Returns the SHA-256 of `content` in lower-case hex. */
export function sha256Hex(content: string | Buffer): string {
  return hash('sha256', content, 'hex');
}

/** Compares two strings or buffers of any length in constant time by comparing their SHA-256. */
export function isEqualConstantTime(left: string | Buffer, right: string | Buffer): boolean {
  return timingSafeEqual(createHash('sha256').update(left).digest(), createHash('sha256').update(right).digest());
}
