import type { ProviderName } from '#shared/core/vocabulary.ts';
import { dfnsFacts } from './dfns/facts.ts';
import type { ProviderFacts } from './facts.ts';
import { langsmithFacts } from './langsmith/facts.ts';

/** The facts of every provider. Rooms read it when they are asked, so that a provider is known by its line here alone. */
export const FACTS: Readonly<Record<ProviderName, ProviderFacts>> = {
  dfns: dfnsFacts,
  langsmith: langsmithFacts,
};
