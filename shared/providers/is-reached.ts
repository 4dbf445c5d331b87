import type { Mutation, Token } from '#shared/core/vocabulary.ts';

/** True when the token is in the state that the verb asks for. An expired token is not "active again". */
export function isReached(verb: Mutation, token: Token | undefined): boolean {
  if (verb === 'delete') return token === undefined;
  return token?.state === (verb === 'deactivate' ? 'inactive' : 'active');
}
