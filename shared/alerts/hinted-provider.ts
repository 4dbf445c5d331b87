import type { ProviderName } from '#shared/core/vocabulary.ts';
import { RECOGNISERS } from '#shared/providers/recognisers.ts';

/**
 * Guesses from a detector's name whose secret it found (`langchain_api_personal_key`, `kingfisher.langchain.1`). Only a
 * hint for the words on a card: what decides is the secret's own form.
 */
export function hintedProvider(detector: string | undefined): ProviderName | undefined {
  const plain = (detector ?? '').toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return (Object.keys(RECOGNISERS) as ProviderName[]).find((name) =>
    RECOGNISERS[name].scannersCallIt.some((alias) => alias.test(plain)),
  );
}
