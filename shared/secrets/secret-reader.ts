import { Fault } from '#shared/core/fault.ts';
import { createFresh } from '#shared/core/fresh.ts';
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
  /** Gives the secret, from memory when it was read within `keepMs`. Concurrent callers share one call. */
  read(name: string): Promise<StoredSecret>;
  /** Reads it afresh (after a rotation), at most once per `refreshCoolDownMs`; in between gives what is known. */
  refresh(name: string): Promise<StoredSecret>;
}

interface SecretReaderDeps {
  readonly fetchSecret: FetchSecret;
  readonly now: () => Date;
  readonly keepMs?: number;
  readonly refreshCoolDownMs?: number;
}

/** Keeps secrets in memory for minutes. A failure is never kept: the next caller tries again. */
export function createSecretReader({
  fetchSecret,
  now,
  keepMs = 5 * 60_000,
  refreshCoolDownMs = 5000,
}: SecretReaderDeps): SecretReader {
  const secrets = createFresh({ load: fetchSecret, now });
  return {
    read: (name) => secrets(name, keepMs),
    refresh: (name) => secrets(name, refreshCoolDownMs),
  };
}

/** The fault for a secret that could not be read: names it and AWS's reason only. */
export function unreadableSecret(name: string, reason: string, cause?: unknown): Fault {
  return new Fault('secret_unavailable', `secret ${name}: ${reason}`, { cause });
}
