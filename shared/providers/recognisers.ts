import type { ProviderName } from '#shared/core/vocabulary.ts';
import { dfnsRecogniser } from './dfns/recogniser.ts';
import { langsmithRecogniser } from './langsmith/recogniser.ts';
import type { Recogniser } from './recogniser.ts';

/** The part of every provider that an edge carries. Read when it is asked, never before. */
export const RECOGNISERS: Readonly<Record<ProviderName, Recogniser>> = {
  dfns: dfnsRecogniser,
  langsmith: langsmithRecogniser,
};
