import { defined } from '#shared/core/defined.ts';
import { Fault, isFault } from '#shared/core/fault.ts';
import { refusedBy } from '#shared/core/http.ts';
import type { Token, TokenKind } from '#shared/core/vocabulary.ts';
import type { Listing, ProviderDeps } from '../provider.ts';
import type { Credential } from './credential.ts';
import { markOwn } from './mark-own.ts';
import { readKey } from './read-key.ts';
import type { Wire } from './wire.ts';

/** Where LangSmith keeps what; everything is below `/api/v1/orgs/current`. */
export const PATHS = {
  own: '/personal-access-tokens',
  organization: '/members/personal-access-tokens',
  serviceKeys: '/service-keys',
} as const;

interface Rows {
  readonly tokens: readonly Token[];
  readonly unreadable: number;
}

const NO_ROWS: Rows & { readonly fault?: Fault } = { tokens: [], unreadable: 0 };

export interface Lister {
  /** All that the credential sees. Service keys that it may not see are told, and fail nothing. */
  list(wire: Wire): Promise<Listing>;
  /** One token, read by listing: LangSmith has no call for it. Absent only where all that could hold it was read whole. */
  get(wire: Wire, id: string, kind?: TokenKind): Promise<Token | undefined>;
}

/** Makes the listing of one credential's scope. */
export function createLister(credential: Credential, deps: ProviderDeps): Lister {
  const { organizationId, scope, userId } = credential;

  const readRows = async (wire: Wire, kind: TokenKind): Promise<Rows> => {
    const what = kind === 'pat' ? 'listing' : 'listing service keys';
    const reply = await wire.read(kind === 'pat' ? PATHS[scope] : PATHS.serviceKeys, what);
    if (!Array.isArray(reply.json)) throw refusedBy(reply, `${deps.profile}: ${what}`);
    const place = {
      profile: deps.profile,
      kind,
      now: deps.now(),
      ...defined({ organizationId }),
    };
    const tokens = reply.json.map((row) => readKey(row, place)).filter((token) => token !== undefined);
    return { tokens: markOwn(tokens, credential.apiKey.expose()), unreadable: reply.json.length - tokens.length };
  };

  const readPats = async (wire: Wire): Promise<Rows> => {
    const rows = await readRows(wire, 'pat');
    const [own, ...others] = rows.tokens.filter((token) => token.own);
    // Only a single row is known for sure to be ours.
    if (userId !== undefined && others.length === 0 && own?.owner !== undefined && own.owner.id !== userId) {
      throw new Fault('config_invalid', `profile ${deps.profile}: apiKey belongs to another user than userId`);
    }
    return rows;
  };

  const readServiceKeys = async (wire: Wire): Promise<Rows & { readonly fault?: Fault }> => {
    if (scope === 'own') return NO_ROWS;
    try {
      return await readRows(wire, 'service-key');
    } catch (fault) {
      if (!isFault(fault)) throw fault;
      return { ...NO_ROWS, fault };
    }
  };

  return {
    list: async (wire) => {
      const [pats, keys] = await Promise.all([readPats(wire), readServiceKeys(wire)]);
      const unreadable = pats.unreadable + keys.unreadable;
      const why = keys.fault?.status === undefined ? 'no answer' : `HTTP ${keys.fault.status}`;
      return {
        tokens: [...pats.tokens, ...keys.tokens],
        unseen: [
          ...(scope === 'own' ? ["Only the tokens of this key's own user, and no service keys."] : []),
          ...(scope === 'organization' ? ['No service keys of single workspaces.'] : []),
          ...(keys.fault ? [`The organisation's service keys could not be read (${why}).`] : []),
          ...(unreadable > 0 ? [`Left out: ${unreadable} that could not be read.`] : []),
        ],
      };
    },
    get: async (wire, id, kind) => {
      const among = ({ tokens }: Rows) => tokens.find((token) => token.id === id.toLowerCase());
      const pats = await readPats(wire);
      const pat = among(pats);
      if (pat !== undefined) return pat;
      const keys = kind === 'pat' ? NO_ROWS : await readServiceKeys(wire);
      const key = among(keys);
      if (key !== undefined) return key;
      requireWhole(deps.profile, [pats, keys]);
      return undefined;
    },
  };
}

/** Throws unless all of these were read whole: "was refused" and "could not be read" must never pass for "deleted". */
function requireWhole(profile: string, read: readonly (Rows & { readonly fault?: Fault })[]): void {
  const fault = read.find((rows) => rows.fault !== undefined)?.fault;
  if (fault?.isRetryable) throw fault;
  if (fault !== undefined) {
    throw new Fault('provider_unexpected', `${profile}: a part could not be listed`, defined({ status: fault.status }));
  }
  const unreadable = read.reduce((sum, rows) => sum + rows.unreadable, 0);
  if (unreadable > 0) {
    throw new Fault(
      'provider_unexpected',
      `${profile}: ${unreadable} rows could not be read, and it may be one of them`,
    );
  }
}
