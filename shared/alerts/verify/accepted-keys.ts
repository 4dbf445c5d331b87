import { Fault } from '#shared/core/fault.ts';
import type { Secret } from '#shared/core/secret.ts';
import type { SourceKeys } from '../source.ts';

/** Returns the secrets a delivery may be signed with: the current one and, while it rotates, the one before. */
export function acceptedKeys(keys: SourceKeys | undefined): readonly Secret[] {
  if (keys === undefined) throw new Fault('keys_unavailable', 'the source has no secret');
  return keys.previous === undefined ? [keys.current] : [keys.current, keys.previous];
}
