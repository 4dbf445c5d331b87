import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { createSight } from '../kit/sight.ts';
import type { KnownToken, Listing, ProviderDeps } from '../provider.ts';
import type { Credential } from './credential.ts';
import { NO_ROWS, readPats, readServiceKeys, type Rows } from './rows.ts';
import type { Wire } from './wire.ts';

export interface Lister {
  /** All that the credential sees. Service keys that it may not see are told, and fail nothing. */
  list(wire: Wire): Promise<Listing>;
  /** Its personal access tokens alone. */
  listPats(wire: Wire): Promise<readonly Token[]>;
  /**
   * One token, read by listing: LangSmith has no call for it. Absent only where all that could hold it was read whole, and it
   * would be seen.
   */
  get(wire: Wire, id: string, known?: KnownToken): Promise<Token | undefined>;
}

/** Makes the listing of one credential's scope. */
export function createLister(credential: Credential, deps: ProviderDeps): Lister {
  const { scope } = credential;
  const from = { credential, deps };
  const sight = createSight(deps.profile, credential.organizationId);
  const readShown = async (wire: Wire): Promise<Rows> => {
    const pats = await readPats(from, wire);
    sight.show(pats.tokens);
    return pats;
  };
  return {
    list: async (wire) => {
      const [pats, keys] = await allEnded([readShown(wire), readServiceKeys(from, wire)]);
      const unreadable = pats.unreadable + keys.unreadable;
      const why = keys.fault?.status === undefined ? 'no answer' : `HTTP ${keys.fault.status}`;
      return {
        tokens: [...pats.tokens, ...keys.tokens],
        ...(unreadable > 0 && { unreadable }),
        unseen: [
          ...(scope === 'own' ? ["Only the tokens of this key's own user, and no service keys."] : []),
          ...(scope === 'organization' ? ['No service keys of single workspaces.'] : []),
          ...(keys.fault ? [`The organisation's service keys could not be read (${why}).`] : []),
          ...(unreadable > 0 ? [`Left out: ${unreadable} that could not be read.`] : []),
        ],
      };
    },
    listPats: async (wire) => (await readShown(wire)).tokens,
    get: async (wire, id, known) => {
      const kind = known?.kind;
      // With such a credential none is ever listed, so that its absence says nothing.
      if (kind === 'service-key' && scope === 'own') {
        throw new Fault('provider_unexpected', `${deps.profile}: this credential sees no service keys`);
      }
      const among = ({ tokens }: Rows) => tokens.find((token) => token.id === id.toLowerCase());
      const pats = await readShown(wire);
      const pat = among(pats);
      if (pat !== undefined) return pat;
      const keys = kind === 'pat' ? NO_ROWS : await readServiceKeys(from, wire);
      const key = among(keys);
      if (key !== undefined) return key;
      requireWhole(deps.profile, [pats, keys]);
      // Of these every one is its own user's, so that another's may be there all the same.
      const users = [credential.userId, ...pats.tokens.map(({ owner }) => owner?.id)];
      sight.require(id.toLowerCase(), known, scope === 'own' ? users : undefined);
      return undefined;
    },
  };
}

/** Throws unless all of these were read whole: "was refused" and "could not be read" must never pass for "deleted". */
function requireWhole(profile: string, read: readonly Rows[]): void {
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
