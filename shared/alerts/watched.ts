import { allEnded } from '#shared/core/all-ended.ts';
import type { Fingerprint } from '#shared/core/fingerprint.ts';
import { createHash, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { defined } from '#shared/core/defined.ts';
import { createFresh } from '#shared/core/fresh.ts';
import type { Secret } from '#shared/core/secret.ts';
import { tryParseJson } from '#shared/core/try-parse-json.ts';
import type { Clue } from '#shared/providers/clue.ts';
import { findSecrets, toClue } from '#shared/providers/recognise.ts';

const SALT = createHash('sha256').update('GitGuardian').digest();
const derive = promisify<string, Buffer, number, { N: number; r: number; p: number }, Buffer>(scrypt);

/**
 * Returns GitGuardian's "has my secret leaked" hash of a secret, in hex: scrypt with a fixed salt, about 3 ms.
 * https://github.com/GitGuardian/ggshield, ggshield/verticals/hmsl/crypto.py
 */
export async function hmslHash(text: string): Promise<string> {
  return (await derive(text, SALT, 32, { N: 2048, r: 8, p: 1 })).toString('hex');
}

/** The secrets that are tagged for watching, and why others of them could not be read. */
export interface WatchedSecrets {
  readonly secrets: readonly Secret[];
  readonly failures: readonly Error[];
}

interface WatchedDeps {
  readonly list: () => Promise<WatchedSecrets>;
  readonly fingerprint: Fingerprint;
  readonly now: () => Date;
  readonly keepMs?: number;
  /** How often a hash that is not known may make us read all of them again; a token's own text never does. */
  readonly coolDownMs?: number;
}

interface Index {
  readonly clues: ReadonlyMap<string, Clue>;
  /** Why it is not whole; absent where it is. */
  readonly failure?: Error;
}

/** The texts a stored secret may mean: itself and, where it is JSON, each text in it. */
function textsIn(stored: string): readonly string[] {
  const texts = [stored.trim()];
  const collect = (value: unknown): void => {
    if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  };
  collect(tryParseJson(stored));
  return texts;
}

async function indexSecret(stored: string, fingerprint: Fingerprint): Promise<(readonly [string, Clue])[]> {
  const entries: (readonly [string, Clue])[] = [];
  for (const text of new Set(textsIn(stored))) {
    for (const found of findSecrets(text)) {
      const clue = toClue(found, fingerprint);
      if (clue === undefined || clue.form === 'named' || clue.fingerprint === undefined) continue;
      entries.push([clue.fingerprint, clue], [fingerprint(await hmslHash(found.secret.expose())), clue]);
      // A scanner hashes what it takes for the secret, which may be the whole text around the token.
      if (text !== found.secret.expose()) entries.push([fingerprint(await hmslHash(text)), clue]);
    }
  }
  return entries;
}

/**
 * Tells which token a hash or fingerprint means, among the secrets that their owner keeps in Secrets Manager and has
 * tagged. Only keyed hashes are kept, for minutes; a hash that is not found makes us read again, once per cool-down. Throws
 * `secret_unavailable` when the list cannot be read, and for a hash that fits none while not all of them could be: one that was
 * read counts. What was not read whole is not kept.
 */
export function createWatched(deps: WatchedDeps): (clue: Clue) => Promise<Clue | undefined> {
  const { list, fingerprint, now, keepMs = 5 * 60_000, coolDownMs = 5000 } = deps;
  const build = async (): Promise<Index> => {
    const { secrets, failures } = await list();
    const entries = await allEnded(secrets.map((secret) => indexSecret(secret.expose(), fingerprint)));
    return { clues: new Map(entries.flat()), ...defined({ failure: failures[0] }) };
  };
  const indexes = createFresh({ load: build, now, isKept: ({ failure }) => failure === undefined });
  const indexNotOlderThan = (ms: number) => indexes('all', ms);
  return async (clue) => {
    const names = [
      clue.form === 'named' ? undefined : clue.fingerprint,
      clue.form === 'hashed' ? clue.hmsl : undefined,
    ];
    const wanted = names.filter((name) => name !== undefined);
    const look = ({ clues, failure }: Index) => {
      const found = wanted.map((name) => clues.get(name)).find((one) => one !== undefined);
      // A token's own text is found without them, and only a match made surer by them.
      if (found === undefined && failure !== undefined && clue.form === 'hashed') throw failure;
      return found;
    };
    if (wanted.length === 0) return undefined;
    const found = look(await indexNotOlderThan(keepMs));
    return found !== undefined || clue.form !== 'hashed' ? found : look(await indexNotOlderThan(coolDownMs));
  };
}
