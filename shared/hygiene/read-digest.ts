import { findRevived } from '#shared/cases/find-revived.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { protectedBy } from '#shared/policy/protected-by.ts';
import { type Authority, isDenied } from '#shared/tokens/authorise.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import type { Services } from '#shared/tokens/services.ts';
import { digest } from './assess.ts';
import { withOwners } from './with-owners.ts';
import { readInventories } from './read-inventories.ts';

/**
 * Reads the hygiene report of the profiles that somebody may list, now. A token that works although its case says that it is
 * dead reopens that case, as in the weekly report. What the policy muted, and what it newly protects, the weekly one tells.
 */
export async function readDigest(
  services: Services,
  authority: Authority,
  wanted: readonly string[],
): Promise<Outcome> {
  const denied = wanted.map((profile) => authority.may('list', profile)).find(isDenied);
  if (denied !== undefined) return denied;
  const profiles = wanted.length > 0 ? wanted : authority.profilesFor('list');
  const allowed = authority.may('list');
  if (isDenied(allowed)) return allowed;
  const { inventories, unread } = await readInventories(services, profiles);
  const tokens = inventories.flatMap((inventory) => inventory.tokens);
  const { policy } = services;
  return {
    kind: 'hygiene',
    digest: await withOwners(
      services,
      digest({
        ...{ inventories, unread, thresholds: policy.hygiene },
        isProtected: (token: Token) => protectedBy(policy, token) !== undefined,
        ...(await findRevived(services, tokens)),
        now: services.now(),
      }),
    ),
  };
}
