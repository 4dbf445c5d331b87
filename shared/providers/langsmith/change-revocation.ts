import type { HttpReply } from '#shared/core/http.ts';
import { readLost } from '../kit/read-lost.ts';
import { refusalOf } from '../kit/refusal-of.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { isReached } from '../is-reached.ts';
import type { Effect, Listing, ProviderDeps } from '../provider.ts';
import { PATHS } from './paths.ts';
import { isProblemReply, isRevoked } from './read-key.ts';
import { TOKEN_ID } from './token-id.ts';
import { hasLostAnswer, type Wire } from './wire.ts';

interface KeyAccess {
  readonly wire: Wire;
  readonly deps: ProviderDeps;
  readonly scope: 'own' | 'organization';
  readonly get: (id: string) => Promise<Token | undefined>;
  /** What can be seen; a part of it may not have been readable. */
  readonly list: () => Promise<Listing>;
}

/** What an accepting reply means; `undefined` for any other. */
function readAcceptance(reply: HttpReply): Effect | undefined {
  const { status } = reply;
  if (status >= 300 || reply.body === 'other') return undefined;
  if (status === 202) return { kind: 'pending', answer: { status, fact: 'waits' } };
  return { kind: 'done', answer: { status, ...(isRevoked(reply.json) && { fact: 'revoked' }) } };
}

const isUnknown = (reply: HttpReply): boolean =>
  reply.body !== 'other' && (reply.status === 404 || reply.status === 405);

/**
 * Revokes or reinstates a token. Servers without these routes answer as for any unknown route, so that a look at the list
 * tells "cannot" from "not there"; neither is ever turned into a delete.
 */
export async function changeRevocation(
  access: KeyAccess,
  verb: 'deactivate' | 'activate',
  id: string,
): Promise<Effect> {
  if (!TOKEN_ID.test(id)) return { kind: 'not_found' };
  const what = `${verb} a token`;
  const method = verb === 'deactivate' ? 'POST' : 'DELETE';
  const reply = await access.wire.call({ method, path: `${PATHS.own}/${id.toLowerCase()}/revocation`, what });
  const accepted = readAcceptance(reply);
  if (accepted) return accepted;
  const label = `${access.deps.profile}: ${what}`;
  const isMade = async () => isReached(verb, await access.get(id));
  if (hasLostAnswer(reply) && (await readLost(isMade, label))) return { kind: 'done', answer: { fact: 'lost' } };
  const refusal = refusalOf(reply, label);
  if (isUnknown(reply)) {
    const token = await access.get(id);
    if (token === undefined) return { kind: 'not_found' };
    if (token.kind === 'service-key') return { kind: 'unsupported', answer: { fact: 'delete_only' } };
    if (isProblemReply(reply.json)) throw refusal;
    return { kind: 'unsupported', answer: { status: reply.status, fact: 'no_revocation' } };
  }
  // "Already so" has no documented status of its own.
  if ([400, 409, 422].includes(reply.status) && (await isMade())) {
    return { kind: 'done', answer: { status: reply.status, fact: 'so_already' } };
  }
  throw refusal;
}

/** Deletes a token, or a service key where the credential sees those. */
export async function deleteKey(access: KeyAccess, id: string): Promise<Effect> {
  if (!TOKEN_ID.test(id)) return { kind: 'not_found' };
  const remove = async (collection: string): Promise<Effect & { readonly mayHaveActed?: boolean }> => {
    const what = 'delete a token';
    const reply = await access.wire.call({ method: 'DELETE', path: `${collection}/${id.toLowerCase()}`, what });
    if (reply.status === 404 && reply.body !== 'other') return { kind: 'not_found', mayHaveActed: reply.mayHaveActed };
    const accepted = readAcceptance(reply);
    if (accepted) return accepted;
    const label = `${access.deps.profile}: ${what}`;
    const isGone = async () => (await access.get(id)) === undefined;
    if (hasLostAnswer(reply) && (await readLost(isGone, label))) return { kind: 'done', answer: { fact: 'lost' } };
    throw refusalOf(reply, label);
  };
  let effect = await remove(PATHS.own);
  if (effect.kind === 'not_found' && access.scope === 'organization') {
    const { tokens } = await access.list();
    const token = tokens.find((one) => one.id === id.toLowerCase());
    if (token?.kind === 'service-key') effect = await remove(PATHS.serviceKeys);
  }
  if (effect.kind !== 'not_found') return effect;
  return effect.mayHaveActed === true
    ? { kind: 'done', answer: { status: 404, fact: 'own_attempt' } }
    : { kind: 'not_found' };
}
