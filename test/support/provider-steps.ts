import type { StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import type { LeakBench } from './leak-bench.ts';

/** One call to a provider in words that are the same each time: "GET pats :id". */
export function stepOf(method: string, path: string): string {
  const parts = path.split('/').filter((part) => !/^(?:api|v1|orgs|current|auth|members)?$/.test(part));
  return [method, ...parts.map((part) => (/^to-|^[0-9a-f-]{36}$/.test(part) ? ':id' : part))].join(' ');
}

/** Makes what mints tokens in minutes of their own, so that the match of none is a guess. */
export function mintApart(bench: () => LeakBench): (provider: 'dfns' | 'langsmith') => StandInToken {
  let minted = 0;
  return (provider) => {
    minted += 1;
    const createdAt = new Date(Date.UTC(2025, 0, 1, 0, 5 * minted)).toISOString();
    return bench()[provider].mint({ profile: `${provider}-demo`, name: `counted ${minted}`, createdAt });
  };
}
