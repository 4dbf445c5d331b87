import type { ProviderFacts } from '../provider-facts.ts';
import { STOP_NEW_PATS } from './stop-new-pats.ts';
import { TOKEN_ID } from './token-id.ts';

/** What any room may ask about LangSmith. */
export const facts: ProviderFacts = {
  displayName: 'LangSmith',
  knows: { lastUse: true, expiry: true, undo: true },
  deactivates: ['pat'],
  console: { url: 'https://smith.langchain.com', path: 'Settings > API keys' },
  // For each key, at their load balancer
  callsPerMinute: 2000,
  limitedBy: 'credential',
  callsPerKill: 3,
  // docs.langchain.com, "revoke-org-personal-access-token"
  delay: 'LangSmith may need a moment until its cached sign-ins notice.',
  tokenId: TOKEN_ID,
  spellId: (typed) => typed.toLowerCase(),
  clueLines: (clue) => {
    if (clue.form !== 'langsmith') return [];
    const kind = clue.kind === 'pat' ? 'personal access token' : 'service key';
    return [{ text: `The secret: a LangSmith ${kind}.` }];
  },
  levers: {
    [STOP_NEW_PATS]: {
      words: () =>
        'Stops the creation of new personal access tokens in the whole LangSmith organisation. Existing tokens go on working.',
      wanted: () => 'stop the creation of new personal access tokens in the whole LangSmith organisation',
      button: 'Block new tokens…',
      undo: "To take it back, an admin allows new tokens again in LangSmith's own settings of the organisation.",
    },
  },
  credential: [
    { field: 'baseUrl', kind: 'address', ask: 'LangSmith API', initial: 'https://api.smith.langchain.com' },
    {
      field: 'scope',
      kind: 'choice',
      ask: 'Whose tokens',
      options: {
        organization: 'every member’s (the key of an Organization Admin)',
        own: 'only those of the key’s own user',
      },
    },
    { field: 'apiKey', kind: 'secret', ask: 'LangSmith API key' },
    { field: 'organizationId', kind: 'identifier', ask: 'Organisation id (Enter to let the key decide)' },
  ],
};
