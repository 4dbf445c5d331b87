import type { ProviderName } from '#shared/core/vocabulary.ts';
import type { Policy } from './policy.ts';

/** Addresses to which a leaked secret may be shown, by provider; a provider that no profile names an issuer for has none. */
export type Issuers = Readonly<Partial<Record<ProviderName, readonly string[]>>>;

/**
 * Lists the issuers of the policy's own profiles; none where the policy switches the validity check off. `instead` gives the
 * address of a provider's server where that is not the public one (as `AWS_ENDPOINT_URL_…` does for AWS): it takes the place
 * of those that the policy names, and adds none.
 */
export function issuersOf(
  policy: {
    readonly profiles: Readonly<Record<string, Pick<Policy['profiles'][string], 'provider' | 'issuer'>>>;
    readonly alerts: Pick<Policy['alerts'], 'validityCheck'>;
  },
  instead: Readonly<Record<string, string>> = {},
): Issuers {
  if (!policy.alerts.validityCheck) return {};
  const issuers: Partial<Record<ProviderName, string[]>> = {};
  for (const { provider, issuer } of Object.values(policy.profiles)) {
    if (issuer === undefined) continue;
    issuers[provider] = [...new Set([...(issuers[provider] ?? []), instead[provider] ?? issuer])];
  }
  return issuers;
}

/** The issuer of one profile's tokens, as `issuersOf` lists it; `undefined` where the policy names none. */
export function issuerOf(
  {
    profiles,
  }: { readonly profiles: Readonly<Record<string, Pick<Policy['profiles'][string], 'provider' | 'issuer'>>> },
  profile: string,
  instead: Readonly<Record<string, string>> = {},
): string | undefined {
  const { provider, issuer } = (Object.hasOwn(profiles, profile) ? profiles[profile] : undefined) ?? {};
  if (provider === undefined || issuer === undefined) return undefined;
  return instead[provider] ?? issuer;
}
