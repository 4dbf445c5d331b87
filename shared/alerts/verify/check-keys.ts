import { Fault } from '#shared/core/fault.ts';
import { MINIMUM_KEY_BYTES, sha256Hex } from '#shared/core/hmac-sha256.ts';
import type { Secret } from '#shared/core/secret.ts';
import type { SourceKeys } from '../source.ts';
import { acceptedKeys } from './accepted-keys.ts';
import { STANDARD_WEBHOOKS_PREFIX } from './verify-standard-webhook.ts';

/** What somebody forgot to fill in: `${VAR}`, `$VAR`, `{{var}}`, `<secret>`, "changeme" and its kind. */
const PLACEHOLDER =
  /\$\{|^\$[A-Z_]+$|\{\{|^<.*>$|^(?:whsec_)?(?:(?:change[-_ ]?me|replace[-_ ]?me|todo|placeholder|example|secret|password|undefined|null|x|\*)[-_ ]?)+[\d!.]*$/i;

function problemOf(secret: Secret): string | undefined {
  const text = secret.expose();
  if (PLACEHOLDER.test(text.trim())) return 'its secret is a placeholder';
  if (text !== text.trim()) return 'its secret begins or ends with a blank';
  if (Buffer.byteLength(text) < MINIMUM_KEY_BYTES) return `its secret is under ${MINIMUM_KEY_BYTES} bytes`;
  return undefined;
}

/** One hash for one key: a `whsec_` key has several spellings, whose last bits or padding say nothing. */
function keyHash(secret: Secret): string {
  const text = secret.expose();
  if (!text.startsWith(STANDARD_WEBHOOKS_PREFIX)) return sha256Hex(text);
  return sha256Hex(Buffer.from(text.slice(STANDARD_WEBHOOKS_PREFIX.length), 'base64'));
}

/**
 * Looks at the secrets of all sources together and returns the fault of each that must not be served: a placeholder, a
 * secret under 16 bytes, or one that another source has too (several senders sign the same way, so that with one secret a
 * delivery for one would verify as another's). Versions before a rotation count as well.
 */
export function checkKeys(all: ReadonlyMap<string, SourceKeys>): ReadonlyMap<string, Fault> {
  const users = new Map<string, Set<string>>();
  for (const [source, keys] of all) {
    for (const secret of acceptedKeys(keys)) {
      const hash = keyHash(secret);
      users.set(hash, (users.get(hash) ?? new Set()).add(source));
    }
  }
  const faults = new Map<string, Fault>();
  for (const [source, keys] of all) {
    const others = acceptedKeys(keys).flatMap((secret) =>
      [...(users.get(keyHash(secret)) ?? [])].filter((other) => other !== source),
    );
    // The previous version may be an old, weaker one; what counts from now on is the current one.
    const problem = others[0] === undefined ? problemOf(keys.current) : `${others[0]} has the same secret`;
    if (problem !== undefined) faults.set(source, new Fault('config_invalid', `source ${source}: ${problem}`));
  }
  return faults;
}
