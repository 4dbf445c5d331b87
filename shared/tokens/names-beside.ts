import type { Mutation } from '#shared/core/vocabulary.ts';
import type { Authority } from './authorise.ts';
import { readProfiles } from './read-profiles.ts';
import type { Services } from './services.ts';

/** How long a change waits to learn what else its reason may name, milliseconds. */
const PATIENCE_MS = 1500;

/**
 * The names of all tokens that somebody may change so, to hold a reason against. A profile that cannot be read, or not within
 * a moment, is left out: a provider that hangs must not keep a kill back.
 */
export async function namesBeside(
  services: Services,
  authority: Authority,
  verb: Mutation,
): Promise<readonly string[]> {
  const late = services.sleep(PATIENCE_MS).then(() => []);
  const { read } = await readProfiles(services, authority.profilesFor(verb), (provider) =>
    Promise.race([provider.list().then(({ tokens }) => tokens), late]),
  );
  return read.flatMap(({ value }) => value.map(({ name }) => name));
}
