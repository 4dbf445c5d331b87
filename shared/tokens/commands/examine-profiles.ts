import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import { isFault } from '#shared/core/fault.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { type Authority, isDenied } from '../authorise.ts';
import { newlyProtected, protectedAmong } from '../newly-protected.ts';
import type { Outcome, OutcomeOf } from '../outcome.ts';
import { listAll } from '../read-profiles.ts';
import type { Services } from '../services.ts';

/** Checks every profile that the actor may ask about, in parallel; changes nothing and says what to do. */
export async function examineProfiles(services: Services, authority: Authority): Promise<Outcome> {
  const allowed = authority.may('profiles');
  if (isDenied(allowed)) return allowed;
  const [profiles, slack, fresh] = await allEnded([
    allEnded(authority.profilesFor('profiles').map((profile) => examine(services, profile))),
    services.slackCheck(),
    findNewlyProtected(services, authority),
  ]);
  return { kind: 'profiles', profiles, slack, ...(fresh.length > 0 && { newlyProtected: fresh }) };
}

/** Among the tokens that the actor may see; a profile that cannot be read is told where it is examined. */
async function findNewlyProtected(services: Services, authority: Authority): Promise<readonly Token[]> {
  const { policy, store } = services;
  if (policy.protected.length === 0) return [];
  const { tokens } = await listAll(services, authority.profilesFor('list'));
  return newlyProtected(store, protectedAmong(policy, tokens));
}

async function examine(services: Services, profile: string): Promise<OutcomeOf<'profiles'>['profiles'][number]> {
  const entry = services.policy.profiles[profile];
  const kind = services.providers.kindOf(profile);
  const base = {
    profile,
    ...defined({ provider: kind }),
    ...defined({ note: entry?.note }),
  };
  try {
    const provider = await services.providers.open(profile);
    return { ...base, secret: { readable: true }, checkup: await provider.check() };
  } catch (error) {
    if (!isFault(error)) throw error;
    return { ...base, secret: { readable: false, problem: error.detail } };
  }
}
