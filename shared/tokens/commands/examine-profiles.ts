import { defined } from '#shared/core/defined.ts';
import { isFault } from '#shared/core/fault.ts';
import { type Authority, isDenied } from '../authorise.ts';
import type { Outcome, OutcomeOf } from '../outcome.ts';
import type { Services } from '../services.ts';

/** Checks every profile that the actor may ask about, in parallel; changes nothing and says what to do. */
export async function examineProfiles(services: Services, authority: Authority): Promise<Outcome> {
  const allowed = authority.may('profiles');
  if (isDenied(allowed)) return allowed;
  const [profiles, slack] = await Promise.all([
    Promise.all(authority.profilesFor('profiles').map((profile) => examine(services, profile))),
    services.slackCheck(),
  ]);
  return { kind: 'profiles', profiles, slack };
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
