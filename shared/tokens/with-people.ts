import pLimit from 'p-limit';
import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { ownerOf } from './owner-of.ts';
import type { Services } from './services.ts';

/** Most owners that are looked for in Slack for one message; of the others the provider's words are shown. */
const MOST = 30;
const AT_ONCE = 8;

const keyOf = ({ owner }: Token): string => JSON.stringify([owner?.id, owner?.name]);

/**
 * Gives tokens with their owners as the people in Slack whom the policy, or the provider's e-mail address, names. An owner whom
 * nobody knows, and one of whom Slack tells nothing now, stays as the provider tells. Never throws.
 */
export async function withPeople(
  services: Pick<Services, 'policy' | 'people'>,
  tokens: readonly Token[],
): Promise<readonly Token[]> {
  const distinct = [...new Map(tokens.map((token) => [keyOf(token), token])).values()].slice(0, MOST);
  const limit = pLimit(AT_ONCE);
  const personOf = async (token: Token) => {
    const userId = await ownerOf(services, token).catch(() => undefined);
    if (userId === undefined) return [];
    const name = await services.people.nameOf(userId);
    return [[keyOf(token), { userId, ...defined({ name }) }] as const];
  };
  const found = new Map((await allEnded(distinct.map((token) => limit(() => personOf(token))))).flat());
  return tokens.map((token) => {
    const person = found.get(keyOf(token));
    return token.owner === undefined || person === undefined ? token : { ...token, owner: { ...token.owner, person } };
  });
}
