import type { ProviderName, Token } from '#shared/core/vocabulary.ts';
import { FACTS } from '#shared/providers/all.ts';
import type { ProviderFacts } from '#shared/providers/facts.ts';
import type { Effect, Provider } from '#shared/providers/provider.ts';

/** A provider that does not exist: it tells neither last use nor expiry, undoes nothing, and its ids are UUIDs. */
export const ACME = 'acme' as ProviderName;

const acmeFacts: ProviderFacts = {
  displayName: 'Acme',
  knows: { lastUse: false, expiry: false, undo: false },
  tokenId: /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i,
  spellId: (typed) => typed.toLowerCase(),
  clueLines: () => [{ text: 'The secret: an Acme key.' }],
  leverKinds: [],
  credential: [
    { field: 'baseUrl', kind: 'address', ask: 'Acme API', initial: 'https://api.acme.example' },
    { field: 'secret', kind: 'secret', ask: 'Acme secret' },
    { field: 'team', kind: 'identifier', ask: 'Team (Enter for the only one)' },
  ],
};

/** Opens Acme over tokens that are kept in memory. */
export function openAcme(profile: string, tokens: Map<string, Token>): Provider {
  const unsupported = async (): Promise<Effect> => ({ kind: 'unsupported', said: 'Acme can only delete' });
  return {
    name: ACME,
    profile,
    knows: acmeFacts.knows,
    list: async () => ({ tokens: [...tokens.values()], unseen: [] }),
    get: async (id) => tokens.get(id),
    deactivate: unsupported,
    activate: unsupported,
    delete: async (id) => (tokens.delete(id) ? { kind: 'done', said: 'gone' } : { kind: 'not_found' }),
    find: async (clue) => {
      const token = clue.form === 'named' ? tokens.get(clue.tokenId) : undefined;
      return token === undefined ? [] : [{ token, grade: 'exact', because: 'The sender named it by its id.' }];
    },
    worksWith: () => false,
    check: async () => ({ works: true, tokens: tokens.size, can: ['list'], cannot: ['deactivate'], advice: [] }),
    levers: () => [],
    pull: async () => ({ kind: 'not_found' }),
  };
}

/** Adds Acme to the maps, as its folder would be; returns how to take it out again. */
export function addAcme(): () => void {
  const facts = FACTS as Record<string, ProviderFacts>;
  facts[ACME] = acmeFacts;
  return () => {
    delete facts[ACME];
  };
}
