import type { Token } from '#shared/core/vocabulary.ts';
import type { Services } from './services.ts';

/** Reads a token that an earlier look has shown afresh, as `provider.get` does. */
export async function readAfresh({ providers }: Pick<Services, 'providers'>, known: Token): Promise<Token | undefined> {
  return (await providers.open(known.profile)).get(known.id, known);
}
