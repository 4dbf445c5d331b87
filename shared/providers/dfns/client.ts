import { inTurn } from '#shared/core/in-turn.ts';
import { lazily } from '#shared/core/lazily.ts';
import { Fault } from '#shared/core/fault.ts';
import { refusalOf } from '../kit/refusal-of.ts';
import type { Mutation, Token } from '#shared/core/vocabulary.ts';
import type { Clue } from '../clue.ts';
import type { Client } from '../client.ts';
import { isReached } from '../is-reached.ts';
import { endOfMethod } from '../kit/end-of-method.ts';
import { findNamed } from '../kit/find-named.ts';
import { gradeAmong } from '../kit/grade-among.ts';
import { createSight, type Sight } from '../kit/sight.ts';
import type { Candidate, Effect, KnownToken, Listing, Provider, ProviderDeps } from '../provider.ts';
import { recognise } from '../recognise.ts';
import { makeChange } from './make-change.ts';
import { checkCredential } from './check-credential.ts';
import type { Clue as DfnsClue } from './clue.ts';
import { type Credential, parseDfnsCredential } from './credential.ts';
import { facts } from './facts.ts';
import { gradeTokens, isAnother } from './grade-tokens.ts';
import { isLeverPulled, nameLevers, pullLever } from './pull-lever.ts';
import { type ClaimPat, createClaimPat, readListing } from './read-listing.ts';
import { PATH_SEGMENT, readPat } from './pat.ts';
import type { UserActionRequest } from './sign-challenge.ts';
import { createPrepared, type Prepared } from './prepared.ts';
import { openWire, type Wire } from './wire.ts';

const REQUESTS = {
  deactivate: { method: 'PUT', suffix: '/deactivate' },
  activate: { method: 'PUT', suffix: '/activate' },
  delete: { method: 'DELETE', suffix: '' },
} as const;

/** What the methods of one opened profile stand on. */
interface Access {
  readonly credential: Credential;
  readonly deps: ProviderDeps;
  /** Opens the wire for one method: its calls share one deadline. */
  readonly open: () => Wire;
  readonly claim: ClaimPat;
  readonly list: () => Promise<Listing>;
  readonly prepared: Prepared;
  readonly sight: Sight;
  /** What our own token says of itself. */
  readonly self: () => Clue | undefined;
}

/** Opens Dfns through one credential. The endpoints are those of "your" tokens: the credential's own user's. */
function openDfns(credential: Credential, deps: ProviderDeps): Provider {
  const open = () => openWire(credential, deps, endOfMethod(deps));
  const claim = createClaimPat(deps, credential);
  const sight = createSight(deps.profile, credential.organizationId);
  const list = inTurn(async () => {
    const listing = readListing(await open().read('/auth/pats', 'listing'), deps, claim);
    sight.show(listing.tokens);
    return listing;
  });
  const prepared = createPrepared(deps, (request) => open().challenge(request));
  const self = lazily(() => recognise(credential.authToken, deps.fingerprint));
  const access = { credential, deps, open, claim, list, prepared, sight, self };
  return {
    name: 'dfns',
    profile: deps.profile,
    knows: facts.knows,
    list,
    get: (id, known) => readOne(access, open(), { id, known }),
    prepare: (verb, id) => {
      if (PATH_SEGMENT.test(id)) prepared.ask(requestOf(verb, id));
    },
    deactivate: (id) => change(access, 'deactivate', id),
    activate: (id) => change(access, 'activate', id),
    delete: (id) => change(access, 'delete', id),
    find: (clue, among) => find(access, clue, among),
    worksWith: (token) => {
      const own = self();
      return own?.form === 'dfns' && (own.tokenId === token.id || gradeTokens([token], own)[0]?.grade === 'strong');
    },
    check: () => checkCredential({ wire: open(), deps, credential, claim }),
    levers: (token) => nameLevers(token, credential.userId),
    pull: (leverId) => pullLever(open(), deps, leverId),
    isPulled: (leverId) => isLeverPulled(open(), leverId),
  };
}

async function readOne(
  { deps, credential, claim, sight }: Access,
  wire: Wire,
  { id, known }: { readonly id: string; readonly known?: KnownToken | undefined },
): Promise<Token | undefined> {
  if (!PATH_SEGMENT.test(id)) return undefined;
  const reply = await wire.read(`/auth/pats/${id}`, 'reading a token');
  if (reply.status === 404) {
    // Another user's are never shown.
    sight.require(id, known, [credential.userId]);
    return undefined;
  }
  const pat = readPat(reply.json);
  if (pat?.id !== id) throw refusalOf(reply, `${deps.profile}: reading a token`);
  const token = claim(pat);
  // It is there, so that its absence among ours must never pass for "deleted".
  if (token === undefined) throw new Fault('provider_unexpected', `${deps.profile}: a token of another organisation`);
  sight.show([token]);
  return token;
}

function requestOf(verb: Mutation, id: string): UserActionRequest {
  const { method, suffix } = REQUESTS[verb];
  // The body is `{}` although there is nothing to say: these bytes are what the official SDK signs and sends.
  return { method, path: `/auth/pats/${id}${suffix}`, body: '{}' };
}

async function change(access: Access, verb: Mutation, id: string): Promise<Effect> {
  if (!PATH_SEGMENT.test(id)) return { kind: 'not_found' };
  const wire = access.open();
  const request = requestOf(verb, id);
  return makeChange(wire, access.deps, {
    what: `${verb} a token`,
    request,
    ahead: await access.prepared.take(request),
    says: (json) => {
      const pat = verb === 'delete' ? undefined : readPat(json);
      return pat && (pat.isActive ? 'active' : 'inactive');
    },
    isReached: async () => isReached(verb, await readOne(access, wire, { id })),
    isGone: verb === 'delete',
  });
}

async function find(access: Access, clue: Clue, among?: ReadonlySet<string>): Promise<readonly Candidate[]> {
  const { credential, deps, open, list } = access;
  if (clue.form === 'named') {
    const get = (id: string) => readOne(access, open(), { id });
    return findNamed(clue, { provider: 'dfns', profile: deps.profile, get });
  }
  if (clue.form !== 'dfns') return [];
  const { organizationId } = credential;
  const isForeign = organizationId !== undefined && (clue.organizationId ?? organizationId) !== organizationId;
  // What names nobody can match nothing, and is not worth a call.
  const isBlank = clue.organizationId === undefined && clue.userId === undefined && among === undefined;
  if (isForeign || (isBlank && !isSelf(access, clue))) return [];
  const { tokens } = await list();
  const self = findSelf(access, tokens, clue);
  if (self.length > 0) return self;
  const grade = (possible: readonly Token[]) => gradeTokens(possible, clue);
  // Whoever shows a login is told its user's tokens too, and none of them is the login, were there only one.
  return clue.isOtherKind
    ? grade(tokens.filter(({ id }) => among?.has(id) !== false))
    : gradeAmong(tokens, among, { grade, isAnother: (token) => isAnother(token, clue) });
}

function isSelf({ self }: Access, { fingerprint }: DfnsClue): boolean {
  const own = self();
  return own?.form === 'dfns' && own.fingerprint === fingerprint;
}

/** The very token that we work with has leaked: no claim has to be believed for that. */
function findSelf(access: Access, tokens: readonly Token[], clue: DfnsClue): Candidate[] {
  const own = tokens.filter((token) => token.own);
  if (own[0] === undefined || own.length > 1 || !isSelf(access, clue)) return [];
  return [{ token: own[0], grade: 'exact', because: [{ kind: 'own_credential' }] }];
}

/** How Dfns is opened. */
export const client: Client<Credential> = { readCredential: parseDfnsCredential, open: openDfns };
