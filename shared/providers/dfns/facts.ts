import type { ProviderFacts } from '../provider-facts.ts';
import { LEVER_KINDS } from './lever-kinds.ts';
import { TOKEN_ID } from './token-id.ts';

/** What any room may ask about Dfns. */
export const facts: ProviderFacts = {
  displayName: 'Dfns',
  knows: { lastUse: false, expiry: false, undo: true },
  deactivates: ['pat'],
  console: { url: 'https://app.dfns.io', path: 'Settings > Personal access tokens' },
  // docs.dfns.co/api-reference/rate-limits, for the whole organisation
  callsPerMinute: 1000,
  limitedBy: 'organisation',
  callsPerKill: 5,
  tokenId: TOKEN_ID,
  spellId: (typed) => `to-${typed.slice(3)}`,
  clueLines: (clue) => {
    if (clue.form !== 'dfns') return [];
    const { organizationId, userId } = clue;
    return [
      { text: 'The secret: a Dfns access token. What it says about itself is not verified:' },
      ...(organizationId === undefined ? [] : [{ text: 'Organisation:', code: organizationId }]),
      ...(userId === undefined ? [] : [{ text: 'User:', code: userId }]),
    ];
  },
  levers: {
    [LEVER_KINDS['deactivate-user']]: {
      words: ({ target }) => `Deactivates the Dfns user ${target}: every token and login of that user stops.`,
      wanted: ({ target }) => `deactivate the Dfns user ${target}`,
      button: 'Stop the whole user…',
      undo: "To take it back, somebody activates the user on Dfns' own page.",
    },
    [LEVER_KINDS['deactivate-service-account']]: {
      words: ({ target }) => `Deactivates the Dfns service account ${target}: everything that works with it stops.`,
      wanted: ({ target }) => `deactivate the Dfns service account ${target}`,
      button: 'Stop the whole account…',
      undo: "To take it back, somebody activates the service account on Dfns' own page.",
    },
  },
  credential: [
    { field: 'baseUrl', kind: 'address', ask: 'Dfns API', initial: 'https://api.dfns.io' },
    {
      field: 'privateKey',
      kind: 'private-key',
      ask: 'The private key that signs at Dfns',
      told: 'Give this public key to Dfns when you create the personal access token (or service account), then paste the token below.',
    },
    { field: 'authToken', kind: 'secret', ask: 'Access token (of the user whose tokens Patrol manages)' },
    {
      field: 'credentialId',
      kind: 'identifier',
      ask: 'Id of the key credential, "cr-…" (Enter when there is only one)',
    },
  ],
};
