import type { Mutation } from '#shared/core/vocabulary.ts';
import { type Authority, isDenied } from '../authorise.ts';
import type { Outcome } from '../outcome.ts';
import { isUnresolved, resolveToken } from '../resolve-token.ts';
import type { Services } from '../services.ts';

/** Shows everything known of one token, and which changes of it this person may ask for. */
export async function showToken(services: Services, authority: Authority, asked: string): Promise<Outcome> {
  const answer = await resolveToken(services, authority, { verb: 'show', asked });
  if (isUnresolved(answer)) return answer;
  return { kind: 'shown', token: answer.token, may: mutationsFor(authority, answer.token.profile) };
}

/** The changes that a person may ask for on a profile; they decide which buttons a message offers. */
function mutationsFor(authority: Authority, profile: string): readonly Mutation[] {
  return (['deactivate', 'activate', 'delete'] as const).filter((verb) => !isDenied(authority.may(verb, profile)));
}
