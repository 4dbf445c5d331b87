import type { ProviderName } from '#shared/core/vocabulary.ts';
import { facts as dfns } from './dfns/facts.ts';
import type { ProviderFacts } from './provider-facts.ts';
import { facts as langsmith } from './langsmith/facts.ts';

/** The facts of every provider. Rooms read it when they are asked, so that a provider is known by its line here alone. */
export const FACTS: Readonly<Record<ProviderName, ProviderFacts>> = {
  dfns,
  langsmith,
};
