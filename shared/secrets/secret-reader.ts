import { Fault } from '#shared/core/fault.ts';
import type { Secret } from '#shared/core/secret.ts';

/** A stored secret: its current version and, while it is being rotated, the one before. */
export interface StoredSecret {
  readonly current: Secret;
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
  const kept = new Map<string, { readonly at: number; readonly value: Promise<StoredSecret> }>();

  const load = (name: string): Promise<StoredSecret> => {
    const value = fetchSecret(name);
    kept.set(name, { at: now().getTime(), value });
    value.catch(() => {
      if (kept.get(name)?.value === value) kept.delete(name);
    });
    return value;
  };
  const unlessOlder = (name: string, ms: number): Promise<StoredSecret> => {
    const known = kept.get(name);
    return known !== undefined && now().getTime() - known.at < ms ? known.value : load(name);
  };
  return {
    read: (name) => unlessOlder(name, keepMs),
    refresh: (name) => unlessOlder(name, refreshCoolDownMs),
  };
}

/** The fault for a secret that could not be read: names it and AWS's reason only. */
export function unreadableSecret(name: string, reason: string, cause?: unknown): Fault {
  return new Fault('secret_unavailable', `secret ${name}: ${reason}`, { cause });
}
