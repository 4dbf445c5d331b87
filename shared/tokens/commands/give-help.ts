import { defined } from '#shared/core/defined.ts';
import { rightsOf } from '#shared/policy/rights.ts';
import { isOurs } from '#shared/policy/roles.ts';
import type { Authority } from '../authorise.ts';
import type { Outcome } from '../outcome.ts';
import type { Services } from '../services.ts';

/** Help with examples that can be pasted: a real profile, and never a real token, so that no example can act. */
export function giveHelp(services: Services, authority: Authority, topic: string | undefined): Outcome {
  const rights = rightsOf(services.policy, authority.actor, authority.groups);
  const [profile] = authority.profilesFor('list');
  // Whoever is in the workspace may report a leak, without any right.
  const anybody = isOurs(services.policy, authority.actor) ? (['leak'] as const) : [];
  return {
    kind: 'help',
    verbs: [...new Set([...rights.map(({ verb }) => verb), ...anybody])],
    examples: { ...defined({ profile }) },
    ...defined({ topic }),
  };
}
