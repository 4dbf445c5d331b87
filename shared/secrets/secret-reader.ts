import { Fault } from '#shared/core/fault.ts';
import { createFresh } from '#shared/core/fresh.ts';
import { isWithin } from '#shared/core/is-within.ts';
import type { Secret } from '#shared/core/secret.ts';

/** A stored secret: its current version and, while it is being rotated, the one before. */
export interface StoredSecret {
  readonly current: Secret;
  /** When the current version was made, and with it the one before was replaced. */
  readonly madeAt?: Date;
  readonly previous?: Secret;
}

/**
 * Reads one secret afresh from Secrets Manager. Throws `secret_unavailable` when it cannot be read; the fault names the
 * secret and AWS's error, never a value. A missing previous version is no fault.
 */
export type FetchSecret = (name: string) => Promise<StoredSecret>;

export interface SecretReader {
  /**
   * Gives the secret, from memory when it was read within `keepMs`. Concurrent callers share one call. The version before may
   * be missing until `refresh` has asked for it.
   */
  read(name: string): Promise<StoredSecret>;
  /** Reads it afresh with the version before (after a rotation), at most once per `refreshCoolDownMs`; in between gives what it read last. */
  refresh(name: string): Promise<StoredSecret>;
}

interface SecretReaderDeps {
  readonly fetchSecret: FetchSecret;
  /** Reads the current version alone, where that is cheaper: for `read`. */
  readonly fetchCurrent?: FetchSecret;
  readonly now: () => Date;
  readonly keepMs?: number;
  readonly refreshCoolDownMs?: number;
}

/** Keeps secrets in memory for minutes. A failure is never kept: the next caller tries again. */
export function createSecretReader({
  fetchSecret,
  fetchCurrent = fetchSecret,
  now,
  keepMs = 5 * 60_000,
  refreshCoolDownMs = 5000,
}: SecretReaderDeps): SecretReader {
  const whole = createFresh({ load: fetchSecret, now });
  if (fetchCurrent === fetchSecret) {
    return { read: (name) => whole(name, keepMs), refresh: (name) => whole(name, refreshCoolDownMs) };
  }
  const current = createFresh({ load: fetchCurrent, now });
  const refreshedAt = new Map<string, number>();
  return {
    read: (name) => {
      const isKnownWhole = isWithin(refreshedAt.get(name) ?? -Infinity, now(), keepMs);
      return (isKnownWhole ? whole : current)(name, keepMs);
    },
    refresh: async (name) => {
      const askedAt = now();
      const secret = await whole(name, refreshCoolDownMs);
      // A cool-down that is asked in again and again does not make what was read any younger.
      if (!isWithin(refreshedAt.get(name) ?? -Infinity, askedAt, refreshCoolDownMs))
        refreshedAt.set(name, askedAt.getTime());
      return secret;
    },
  };
}

/** The fault for a secret that could not be read: names it and AWS's reason only. */
export function unreadableSecret(name: string, reason: string, cause?: unknown): Fault {
  return new Fault('secret_unavailable', `secret ${name}: ${reason}`, { cause });
}
