import type { Fault } from '#shared/core/fault.ts';

/** Our clock minus the `Date` header, in seconds; `undefined` without a readable header. */
export function readSkew(headers: Headers, now: Date): number | undefined {
  const date = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(date) ? undefined : Math.round((now.getTime() - date) / 1000);
}

/** What to do when a provider failed its check-up; `hint` says what a refusal means at this provider. */
export function adviseOn(fault: Fault, hint: string): string {
  switch (fault.code) {
    case 'provider_unauthorized':
      return `The provider refused the credential (HTTP ${fault.status ?? '4xx'}): ${hint}`;
    case 'provider_rate_limited':
      return 'The provider is limiting our calls at the moment. Try again in a minute.';
    case 'provider_unreached':
      return `Something else than the provider answered (HTTP ${fault.status ?? '2xx'}, not JSON). Check the base URL, which is that of the API and of no page, and any proxy in between.`;
    case 'provider_unavailable':
      return 'The provider does not answer. Check the base URL and the network, or try again later.';
    default:
      return `${fault.detail}.`;
  }
}

const SOON_MS = 14 * 86_400_000;

/** Warns of a credential that has expired or will within two weeks; nothing where its expiry is unknown. */
export function adviseOnExpiry(expiresAt: Date | undefined, now: Date): readonly string[] {
  const left = expiresAt && expiresAt.getTime() - now.getTime();
  if (left === undefined || left > SOON_MS) return [];
  const day = expiresAt?.toISOString().slice(0, 10) ?? '';
  return [`The credential ${left < 0 ? 'expired' : 'expires'} on ${day}. Replace it.`];
}

/** Warns of a clock that is off by more than half a minute. */
export function adviseOnSkew(seconds: number | undefined): readonly string[] {
  if (seconds === undefined || Math.abs(seconds) <= 30) return [];
  return [`Our clock is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} the provider's.`];
}
