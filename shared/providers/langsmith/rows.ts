import { defined } from '#shared/core/defined.ts';
import { Fault, isFault } from '#shared/core/fault.ts';
import { readSkew } from '../kit/advise-on.ts';
import { refusalOf } from '../kit/refusal-of.ts';
import type { Token, TokenKind } from '#shared/core/vocabulary.ts';
import type { ProviderDeps } from '../provider.ts';
import type { Credential } from './credential.ts';
import { markOwn } from './mark-own.ts';
import { PATHS } from './paths.ts';
import { readKey } from './read-key.ts';
import type { Wire } from './wire.ts';

/** What one collection gave. */
export interface Rows {
  readonly tokens: readonly Token[];
  readonly unreadable: number;
  /** Why none could be read. */
  readonly fault?: Fault;
}

export const NO_ROWS: Rows = { tokens: [], unreadable: 0 };

/** Reads one collection whole. Throws the provider's faults. */
async function readRows({ credential, deps }: RowsDeps, wire: Wire, kind: TokenKind): Promise<Rows> {
  const { organizationId, scope, apiKey } = credential;
  const what = kind === 'pat' ? 'listing' : 'listing service keys';
  const reply = await wire.read(kind === 'pat' ? PATHS[scope] : PATHS.serviceKeys, what);
  if (!Array.isArray(reply.json)) throw refusalOf(reply, `${deps.profile}: ${what}`);
  const now = deps.now();
  const theirs = new Date(now.getTime() - 1000 * (readSkew(reply.headers, now) ?? 0));
  const place = { profile: deps.profile, kind, now, theirs, ...defined({ organizationId }) };
  const tokens = reply.json.map((row) => readKey(row, place)).filter((token) => token !== undefined);
  return { tokens: markOwn(tokens, apiKey.expose()), unreadable: reply.json.length - tokens.length };
}

interface RowsDeps {
  readonly credential: Credential;
  readonly deps: ProviderDeps;
}

/** Reads the personal access tokens that the credential sees. Throws `config_invalid` where its key is another user's. */
export async function readPats(from: RowsDeps, wire: Wire): Promise<Rows> {
  const rows = await readRows(from, wire, 'pat');
  const { userId } = from.credential;
  const [own, ...others] = rows.tokens.filter((token) => token.own);
  // Only a single row is known for sure to be ours.
  if (userId !== undefined && others.length === 0 && own?.owner !== undefined && own.owner.id !== userId) {
    throw new Fault('config_invalid', `profile ${from.deps.profile}: apiKey belongs to another user than userId`);
  }
  return rows;
}

/** Reads the service keys that the credential sees; a fault is told in the rows. */
export async function readServiceKeys(from: RowsDeps, wire: Wire): Promise<Rows> {
  if (from.credential.scope === 'own') return NO_ROWS;
  try {
    return await readRows(from, wire, 'service-key');
  } catch (fault) {
    if (!isFault(fault)) throw fault;
    return { ...NO_ROWS, fault };
  }
}
