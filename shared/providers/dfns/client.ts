import { inTurn } from '#shared/core/in-turn.ts';
import { refusedBy } from '#shared/core/http.ts';
import type { Mutation, Token } from '#shared/core/vocabulary.ts';
import type { Clue } from '../clue.ts';
import type { Client } from '../client.ts';
import { endOfMethod } from '../kit/end-of-method.ts';
import { findNamed } from '../kit/find-named.ts';
import { gradeAmong } from '../kit/grade-among.ts';
import type { Candidate, Effect, Provider, ProviderDeps } from '../provider.ts';
import { recognise } from '../recognise.ts';
import { makeChange } from './make-change.ts';
import { checkCredential } from './check-credential.ts';
import type { Clue as DfnsClue } from './clue.ts';
import { type Credential, parseDfnsCredential } from './credential.ts';
import { facts } from './facts.ts';
import { gradeTokens } from './grade-tokens.ts';
import { nameLevers, pullLever } from './pull-lever.ts';
import { claimPat, readListing } from './read-listing.ts';
import { PATH_SEGMENT, readPat } from './pat.ts';
import { type Wire, openWire } from './wire.ts';

const REQUESTS = {
  deactivate: { method: 'PUT', suffix: '/deactivate' },
  activate: { method: 'PUT', suffix: '/activate' },
  delete: { method: 'DELETE', suffix: '' },
} as const;

function isReached(verb: Mutation, token: Token | undefined): boolean {
  return verb === 'delete' ? token === undefined : token?.state === (verb === 'activate' ? 'active' : 'inactive');
}

/** Opens Dfns through one credential. The endpoints are those of "your" tokens: the credential's own user's. */
function openDfns(credential: Credential, deps: ProviderDeps): Provider {
  const open = (): Wire => openWire(credential, deps, endOfMethod(deps));

  const list = inTurn(async () => readListing(await open().read('/auth/pats', 'listing'), deps, credential));

  const get = async (id: string, wire = open()): Promise<Token | undefined> => {
    if (!PATH_SEGMENT.test(id)) return undefined;
    const reply = await wire.read(`/auth/pats/${id}`, 'reading a token');
    if (reply.status === 404) return undefined;
    const pat = readPat(reply.json);
    if (pat?.id !== id) throw refusedBy(reply, `${deps.profile}: reading a token`);
    return claimPat(pat, deps, credential);
  };

  const change = async (verb: Mutation, id: string): Promise<Effect> => {
    if (!PATH_SEGMENT.test(id)) return { kind: 'not_found' };
    const wire = open();
    const { method, suffix } = REQUESTS[verb];
    return makeChange(wire, deps, {
      what: `${verb} a token`,
      // The body is `{}` although there is nothing to say: these bytes are what the official SDK signs and sends.
      request: { method, path: `/auth/pats/${id}${suffix}`, body: '{}' },
      said: (json) => {
        const pat = readPat(json);
        return pat && verb !== 'delete' ? `HTTP 200, isActive: ${pat.isActive}` : undefined;
      },
      isReached: async () => isReached(verb, await get(id, wire)),
      isGone: verb === 'delete',
    });
  };

  const isSelf = ({ fingerprint }: DfnsClue): boolean => {
    const self = recognise(credential.authToken, deps.fingerprint);
    return self?.form === 'dfns' && self.fingerprint === fingerprint;
  };

  /** The very token that we work with has leaked: no claim has to be believed for that. */
  const findSelf = (tokens: readonly Token[], clue: DfnsClue): Candidate[] => {
    const own = tokens.filter((token) => token.own);
    if (own[0] === undefined || own.length > 1 || !isSelf(clue)) return [];
    return [{ token: own[0], grade: 'exact', because: 'It is the very token that Patrol works with.' }];
  };

  const find = async (clue: Clue, among?: ReadonlySet<string>): Promise<readonly Candidate[]> => {
    if (clue.form === 'named') return findNamed(clue, { provider: 'dfns', profile: deps.profile, get });
    if (clue.form !== 'dfns') return [];
    const { organizationId } = credential;
    const isForeign = organizationId !== undefined && (clue.organizationId ?? organizationId) !== organizationId;
    // What names nobody can match nothing, and is not worth a call.
    const isBlank = clue.organizationId === undefined && clue.userId === undefined && among === undefined;
    if (isForeign || (isBlank && !isSelf(clue))) return [];
    const { tokens } = await list();
    const self = findSelf(tokens, clue);
    return self.length > 0 ? self : gradeAmong(tokens, among, (possible) => gradeTokens(possible, clue));
  };

  return {
    name: 'dfns',
    profile: deps.profile,
    knows: facts.knows,
    list,
    get: (id) => get(id),
    deactivate: (id) => change('deactivate', id),
    activate: (id) => change('activate', id),
    delete: (id) => change('delete', id),
    find,
    worksWith: (token) => {
      const self = recognise(credential.authToken, deps.fingerprint);
      return self?.form === 'dfns' && (self.tokenId === token.id || gradeTokens([token], self)[0]?.grade === 'strong');
    },
    check: () => checkCredential(open(), deps, credential),
    levers: (token) => nameLevers(token, credential.userId),
    pull: (leverId) => pullLever(open(), deps, leverId),
  };
}

/** How Dfns is opened. */
export const client: Client<Credential> = { readCredential: parseDfnsCredential, open: openDfns };
