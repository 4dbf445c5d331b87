import * as z from 'zod';
import { PROVIDER_NAMES } from '#shared/core/vocabulary.ts';
import type { ControlParts, Routes } from '../control-parts.ts';

const mintSchema = z.looseObject({ provider: z.enum(PROVIDER_NAMES), profile: z.string(), name: z.string() });
const leakSchema = z.object({ tokenId: z.string(), source: z.string() });

/** The tokens at the providers, who called them, and the alert that one leaked. */
export const providerRoutes = ({ providers, github, leak }: ControlParts): Routes => ({
  'GET tokens': () => Object.values(providers).flatMap((provider) => provider.tokens()),
  'POST tokens': ({ body }) => {
    const { provider, ...token } = body(mintSchema);
    return providers[provider].mint(token);
  },
  'GET provider-calls': () =>
    [...Object.values(providers), github].flatMap(({ calls }) => calls).toSorted((a, b) => a.at.localeCompare(b.at)),
  'POST leak': ({ body }) => {
    const { tokenId, source } = body(leakSchema);
    return leak(tokenId, source);
  },
});
