import { defined } from '#shared/core/defined.ts';
import { rightsOf } from '#shared/policy/rights.ts';
import type { Authority } from '../authorise.ts';
import type { Outcome } from '../outcome.ts';
import type { Services } from '../services.ts';

/** Help with examples that work when pasted: a real profile, and a token of it where one can be read quickly. */
export async function giveHelp(services: Services, authority: Authority, topic: string | undefined): Promise<Outcome> {
  const rights = rightsOf(services.policy, authority.actor, authority.groups);
  const [profile] = authority.profilesFor('list');
  const token = profile === undefined ? undefined : await exampleToken(services, profile);
  return {
    kind: 'help',
    verbs: [...new Set(rights.map(({ verb }) => verb))],
    examples: { ...defined({ profile, token }) },
    ...defined({ topic }),
  };
}

async function exampleToken(services: Services, profile: string): Promise<string | undefined> {
  try {
    const { tokens } = await (await services.providers.open(profile)).list();
    const [example] = tokens.filter(({ own, state }) => !own && state === 'active');
    return example === undefined ? undefined : `${profile}:${example.id}`;
  } catch {
    // Help must work on the bad day too: then the examples show a made-up id.
    return undefined;
  }
}
