import type { SandboxProvider } from '../sandbox-provider.ts';
import { startDfns } from './dfns.ts';

/** Dfns in the sandbox. No scanner knows its tokens: they are found as JWTs, or by a pattern of one's own. */
export const dfnsInSandbox: SandboxProvider = {
  start: ({ rtt, profiles }) =>
    startDfns({ rtt, profiles: Object.fromEntries(profiles.map((name) => [name, {}])), seeded: profiles.slice(0, 1) }),
  faultModes: ['202'],
  scannerWords: {
    github: () => 'dfns_access_token',
    gitguardian: { name: 'jwt', displayName: 'JSON Web Token' },
    gitlab: 'dfns',
    gitleaks: 'jwt',
    trufflehog: { type: 1_039, name: 'JWT', verified: false },
  },
};
