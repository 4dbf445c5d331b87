import type { SandboxProvider } from '../sandbox-provider.ts';
import { startLangSmith } from './langsmith.ts';

/** LangSmith in the sandbox: every profile has the key of an Organization Admin. */
export const langsmithInSandbox: SandboxProvider = {
  start: ({ rtt, profiles }) =>
    startLangSmith({
      rtt,
      profiles: Object.fromEntries(profiles.map((name) => [name, { admin: true }])),
      seeded: profiles.slice(0, 1),
    }),
  faultModes: ['202', 'no-revocation'],
  scannerWords: {
    github: (kind) => (kind === 'service' ? 'langchain_api_server_key' : 'langchain_api_personal_key'),
    gitguardian: { name: 'generic_high_entropy_secret', displayName: 'Generic High Entropy Secret' },
    gitlab: 'langsmith',
    gitleaks: 'generic-api-key',
    trufflehog: { type: 1_028, name: 'LangSmith', verified: true },
  },
};
