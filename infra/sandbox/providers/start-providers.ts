import { PROVIDER_NAMES, type ProviderName } from '#shared/core/vocabulary.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { ProviderStandIn } from '../kit/stand-in.ts';
import { STAND_INS } from './stand-ins.ts';

/** The running stand-in of every provider. */
export type ProviderStandIns = Readonly<Record<ProviderName, ProviderStandIn>>;

/** Makes a value of every provider. */
export function ofEachProvider<T>(make: (name: ProviderName) => T): Readonly<Record<ProviderName, T>> {
  return Object.fromEntries(PROVIDER_NAMES.map((name) => [name, make(name)])) as Record<ProviderName, T>;
}

/** Starts a stand-in for every provider, with the policy's profiles. */
export async function startProviders(policy: Policy, rtt: number): Promise<ProviderStandIns> {
  const profilesOf = (provider: ProviderName) =>
    Object.keys(policy.profiles).filter((name) => policy.profiles[name]?.provider === provider);
  const started = new Map<ProviderName, ProviderStandIn>();
  await Promise.all(
    PROVIDER_NAMES.map(async (name) =>
      started.set(name, await STAND_INS[name].start({ rtt, profiles: profilesOf(name) })),
    ),
  );
  return ofEachProvider((name) => started.get(name)!);
}
