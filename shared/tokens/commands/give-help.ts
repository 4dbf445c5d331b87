import { defined } from '#shared/core/defined.ts';
import { rightsOf } from '#shared/policy/rights.ts';
import type { Authority } from '../authorise.ts';
import type { Outcome } from '../outcome.ts';
import type { Services } from '../services.ts';

/** Help with examples that can be pasted: a real profile, and never a real token, so that no example can act. */
export function giveHelp(services: Services, authority: Authority, topic: string | undefined): Outcome {
  const rights = rightsOf(services.policy, authority.actor, authority.groups);
  const [profile] = authority.profilesFor('list');
  return {
    kind: 'help',
    verbs: [...new Set(rights.map(({ verb }) => verb))],
    examples: { ...defined({ profile }) },
    ...defined({ topic }),
  };
}
