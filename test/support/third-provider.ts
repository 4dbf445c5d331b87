import type { ProviderName, Token } from '#shared/core/vocabulary.ts';
import { FACTS } from '#shared/providers/facts.ts';
import type { Client } from '#shared/providers/client.ts';
import { CLIENTS } from '#shared/providers/clients.ts';
import type { Clue } from '#shared/providers/clue.ts';
import type { ProviderFacts } from '#shared/providers/provider-facts.ts';
import type { Effect, Provider } from '#shared/providers/provider.ts';
import type { Recogniser } from '#shared/providers/recogniser.ts';
import { RECOGNISERS } from '#shared/providers/recognisers.ts';
import { matching } from '#shared/providers/text/shape.ts';

/** A provider that does not exist: it tells neither last use nor expiry, undoes nothing, and its ids are UUIDs. */
export const ACME = 'acme' as ProviderName;

const acmeFacts: ProviderFacts = {
  displayName: 'Acme',
  console: { url: 'https://acme.example', path: 'Tokens' },
  knows: { lastUse: false, expiry: false, undo: false },
  deactivates: [],
  tokenId: /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i,
  spellId: (typed) => typed.toLowerCase(),
  clueLines: () => [{ text: 'The secret: an Acme key.' }],
  callsPerMinute: 100,
  limitedBy: 'credential',
  callsPerKill: 3,
  levers: {},
  credential: [
    { field: 'baseUrl', kind: 'address', ask: 'Acme API', initial: 'https://api.acme.example' },
    { field: 'secret', kind: 'secret', ask: 'Acme secret' },
    { field: 'team', kind: 'identifier', ask: 'Team (Enter for the only one)' },
  ],
};

const KEY = /^acme_([0-9a-f]{32})$/;

/** An Acme key spells the id of its token; a clue is the id, as a form of Acme's own. */
const acmeRecogniser: Recogniser = {
  shapes: [{ name: 'acme', unwrapped: matching(/acme_[0-9a-f]{32}/g) }],
  read: ({ shape, text }, fingerprint) => {
    const digits = shape === 'acme' ? KEY.exec(text)?.[1] : undefined;
    if (digits === undefined) return undefined;
    const tokenId = digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    return { form: 'acme', provider: ACME, tokenId, fingerprint: fingerprint(text) } as unknown as Clue;
  },
  tokenId: acmeFacts.tokenId,
  scannersCallIt: [/acme/],
};

/** The key of a token with this id. */
export const acmeKey = (id: string): string => `acme_${id.replaceAll('-', '')}`;

/** Opens Acme over tokens that are kept in memory. */
function openAcme(profile: string, tokens: Map<string, Token>): Provider {
  const unsupported = async (): Promise<Effect> => ({ kind: 'unsupported', answer: { fact: 'delete_only' } });
  return {
    name: ACME,
    profile,
    knows: acmeFacts.knows,
    list: async () => ({ tokens: [...tokens.values()], unseen: [] }),
    get: async (id) => tokens.get(id),
    prepare: () => undefined,
    deactivate: unsupported,
    activate: unsupported,
    delete: async (id) => (tokens.delete(id) ? { kind: 'done', answer: { status: 204 } } : { kind: 'not_found' }),
    find: async (clue) => {
      const token = 'tokenId' in clue && clue.provider === ACME ? tokens.get(clue.tokenId ?? '') : undefined;
      return token === undefined ? [] : [{ token, grade: 'exact', because: [{ kind: 'spells_id' }] }];
    },
    worksWith: () => false,
    check: async () => ({ works: true, tokens: tokens.size, can: ['list'], cannot: ['deactivate'], advice: [] }),
    levers: () => [],
    pull: async () => ({ kind: 'not_found' }),
    isPulled: async () => false,
  };
}

/** Adds Acme to the maps, as its folder would be; returns how to take it out again. */
export function addAcme(tokens: Map<string, Token>): () => void {
  const client: Client = {
    readCredential: () => ({ provider: ACME, baseUrl: new URL('https://api.acme.example') }),
    open: (_, { profile }) => openAcme(profile, tokens),
  };
  const added: readonly (readonly [Readonly<Record<string, unknown>>, unknown])[] = [
    [FACTS, acmeFacts],
    [RECOGNISERS, acmeRecogniser],
    [CLIENTS, client],
  ];
  for (const [map, value] of added) Object.assign(map, { [ACME]: value });
  return () => {
    for (const [map] of added) Reflect.deleteProperty(map, ACME);
  };
}
