import type { Verb } from '#shared/core/vocabulary.ts';
import type { Authority } from './authorise.ts';
import type { Services } from './services.ts';

/** The policy's profiles on which somebody may not do this; what the policy no longer names is hidden from nobody. */
export function hiddenProfiles({ policy }: Services, authority: Authority, verb: Verb): ReadonlySet<string> {
  const open = new Set(authority.profilesFor(verb));
  return new Set(Object.keys(policy.profiles).filter((profile) => !open.has(profile)));
}
