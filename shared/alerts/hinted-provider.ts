import type { ProviderName } from '#shared/core/vocabulary.ts';

/** How scanners call the secrets of our providers, compared without case and punctuation. */
const ALIASES: readonly (readonly [RegExp, ProviderName])[] = [
  [/lang(?:smith|chain)/, 'langsmith'],
  [/dfns/, 'dfns'],
];

/**
 * Guesses from a detector's name whose secret it found (`langchain_api_personal_key`, `kingfisher.langchain.1`). Only a
 * hint for the words on a card: what decides is the secret's own form.
 */
export function hintedProvider(detector: string | undefined): ProviderName | undefined {
  const plain = (detector ?? '').toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return ALIASES.find(([alias]) => alias.test(plain))?.[1];
}
