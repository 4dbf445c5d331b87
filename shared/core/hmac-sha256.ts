import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Fault } from './fault.ts';

/** The shortest key, in bytes, that a shared secret may have. Node itself accepts an empty one. */
export const MINIMUM_KEY_BYTES = 16;

/** Returns HMAC-SHA256 of the parts, joined without a separator. Throws `config_invalid` for a key under 16 bytes. */
export function hmacSha256(key: string | Buffer, ...parts: readonly (string | Buffer)[]): Buffer {
  if (Buffer.byteLength(key) < MINIMUM_KEY_BYTES) throw new Fault('config_invalid', 'signing key is under 16 bytes');
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** Returns the SHA-256 of `content` in lower-case hex. */
export function sha256Hex(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Compares two strings or buffers of any length in constant time by comparing their SHA-256. */
export function isEqualConstantTime(left: string | Buffer, right: string | Buffer): boolean {
  return timingSafeEqual(createHash('sha256').update(left).digest(), createHash('sha256').update(right).digest());
}
