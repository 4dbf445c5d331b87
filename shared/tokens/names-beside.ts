import { allEnded } from '#shared/core/all-ended.ts';
import type { Mutation } from '#shared/core/vocabulary.ts';
import type { Authority } from './authorise.ts';
import type { Lister } from './read-profiles.ts';
import type { Services } from './services.ts';

/** How long a change waits to learn what else its reason may name, milliseconds. */
const PATIENCE_MS = 1500;

interface NamesBeside {
  /** The names of all tokens that were read in time. Never rejects. */
  readonly names: Promise<readonly string[]>;
  /** Ends when nothing of it is under way any more. */
  readonly ended: Promise<unknown>;
}

/**
 * Begins to read the names of all tokens that somebody may change so, to hold a reason against. A profile that cannot be read,
 * or not within a moment, is left out: a provider that hangs must not keep a kill back.
 */
export function namesBeside(
  { sleep }: Pick<Services, 'sleep'>,
  { authority, verb, list }: { readonly authority: Authority; readonly verb: Mutation; readonly list: Lister },
): NamesBeside {
  const late = sleep(PATIENCE_MS).then(() => []);
  const reading = authority.profilesFor(verb).map(async (profile) => (await list([profile])).tokens);
  return {
    names: allEnded(reading.map((tokens) => Promise.race([tokens, late]))).then((read) =>
      read.flat().map(({ name }) => name),
    ),
    ended: Promise.allSettled(reading),
  };
}
