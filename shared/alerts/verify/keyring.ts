import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import { createFresh } from '#shared/core/fresh.ts';
import { Secret } from '#shared/core/secret.ts';
import { parseStoredJson, unquoted } from '#shared/core/parse-stored-json.ts';
import { recentPrevious } from '#shared/secrets/recent-previous.ts';
import type { StoredSecret } from '#shared/secrets/secret-reader.ts';
import type { SourceKeys } from '../source.ts';
import { checkKeys } from './check-keys.ts';

interface KeyringDeps {
  /** Sources that need a secret and are switched on. */
  readonly names: readonly string[];
  /** Reads one source's secret, cached. Throws `secret_unavailable`. */
  readonly read: (name: string) => Promise<StoredSecret>;
  /** Reads it afresh, at most once per cool-down. */
  readonly refresh: (name: string) => Promise<StoredSecret>;
  readonly now: () => Date;
  readonly keepMs?: number;
}

/** How long a sender may go on signing with the secret from before a rotation. */
export const SOURCE_PREVIOUS_KEEP_MS = 24 * 60 * 60_000;

/** Gives a source its keys. Both throw `secret_unavailable`, or `config_invalid` for keys that must not be used. */
export interface Keyring {
  /** The current key as known. */
  keys(name: string): Promise<SourceKeys>;
  /** The keys read afresh, with the one before a rotation: for a signature that does not fit the current one as known. */
  freshKeys(name: string): Promise<SourceKeys>;
}

type ReadKeys = (name: string) => Promise<SourceKeys>;

/** A source's secret is a plain text, or JSON with a field "secret". */
function unwrap(stored: Secret): Secret {
  const text = stored.expose().trim();
  if (!/^[{"']/.test(text)) return new Secret(text);
  const parsed: unknown = parseStoredJson(text) ?? unquoted(text);
  if (typeof parsed === 'string') return new Secret(unquoted(parsed));
  const inner: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'secret') : undefined;
  // Without the field the whole text would be taken for a key; empty, it is refused with a reason.
  return new Secret(typeof inner === 'string' ? unquoted(inner) : '');
}

/**
 * Holds the secrets of all sources side by side, so that two with the same one are noticed. The asked source's failure is
 * thrown and never kept; another's failure is looked at again after `keepMs` and hinders nobody.
 */
export function createKeyring({ names, read, refresh, now, keepMs = 5 * 60_000 }: KeyringDeps): Keyring {
  const current: ReadKeys = async (name) => ({ current: unwrap((await read(name)).current) });
  const whole: ReadKeys = async (name) => {
    const stored = await refresh(name);
    const previous = recentPrevious(stored, now(), SOURCE_PREVIOUS_KEEP_MS);
    return { current: unwrap(stored.current), ...defined({ previous: previous && unwrap(previous) }) };
  };
  return { keys: checkedWith(current), freshKeys: checkedWith(whole) };

  /** A key is compared with those of the others that are accepted in the same breath: the ones from before count as well. */
  function checkedWith(readOne: ReadKeys): ReadKeys {
    const readAll = async (): Promise<ReadonlyMap<string, SourceKeys>> => {
      const settled = await Promise.allSettled(names.map(async (name) => [name, await readOne(name)] as const));
      return new Map(settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
    };
    const everyOne = createFresh({ load: readAll, now });
    return async (name) => {
      const [asked, all] = await allEnded([readOne(name), everyOne('all', keepMs)]);
      const fault = checkKeys(new Map([...all, [name, asked]])).get(name);
      if (fault !== undefined) throw fault;
      return asked;
    };
  }
}
