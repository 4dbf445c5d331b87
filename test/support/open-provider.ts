import type { Provider, ProviderDeps } from '#shared/providers/provider.ts';
import { createProvider, parseCredential } from '#shared/providers/clients.ts';
import { fingerprint } from './leaks.ts';

/** Opens a provider from the fields of a profile's secret; pauses take no time, and attempts end soon. */
export function openProvider(fields: Readonly<Record<string, unknown>>, deps: Partial<ProviderDeps> = {}): Provider {
  const profile = deps.profile ?? `${String(fields['provider'])}-demo`;
  return createProvider(parseCredential(profile, JSON.stringify(fields)), {
    profile,
    fetch: globalThis.fetch,
    now: () => new Date(),
    sleep: async () => {},
    random: () => 0.5,
    fingerprint,
    limits: { attemptMs: 2_000 },
    ...deps,
  });
}
