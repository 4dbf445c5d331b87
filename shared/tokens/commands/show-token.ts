import type { Mutation, Token } from '#shared/core/vocabulary.ts';
import { offeredChanges } from '#shared/policy/offered-changes.ts';
import { type Authority, isDenied } from '../authorise.ts';
import type { Outcome } from '../outcome.ts';
import { isUnresolved, resolveToken } from '../resolve-token.ts';
import type { Services } from '../services.ts';
import { withPeople } from '../with-people.ts';

/** Shows everything known of one token, and which changes of it this person may ask for. */
export async function showToken(services: Services, authority: Authority, asked: string): Promise<Outcome> {
  const answer = await resolveToken(services, authority, { verb: 'show', asked });
  if (isUnresolved(answer)) return answer;
  const [token = answer.token] = await withPeople(services, [answer.token]);
  return { kind: 'shown', token, may: mutationsFor(services, authority, answer.token) };
}

/** The changes of a token that a person may ask for and that the policy does not refuse; they decide which buttons there are. */
function mutationsFor({ policy }: Services, authority: Authority, token: Token): readonly Mutation[] {
  const offered = offeredChanges(policy, token);
  return (['deactivate', 'activate', 'delete'] as const).filter(
    (verb) => offered[verb] && !isDenied(authority.may(verb, token.profile)),
  );
}
