import type { ProviderName } from '#shared/core/vocabulary.ts';
import { recogniser as dfns } from './dfns/recogniser.ts';
import { recogniser as langsmith } from './langsmith/recogniser.ts';
import type { Recogniser } from './recogniser.ts';

/** The part of every provider that an edge carries. Read when it is asked, never before. */
export const RECOGNISERS: Readonly<Record<ProviderName, Recogniser>> = {
  dfns,
  langsmith,
};
