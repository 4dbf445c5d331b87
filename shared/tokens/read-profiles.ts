import pLimit from 'p-limit';
import type { Token } from '#shared/core/vocabulary.ts';
import type { Provider } from '#shared/providers/provider.ts';
import type { ProfileTrouble } from './outcome.ts';
import type { Services } from './services.ts';
import { profileTrouble } from './trouble.ts';

/** How many profiles are read at once: enough for fifty in a few seconds, and kind to the providers' limits. */
const PROFILES_AT_ONCE = 12;

export interface ProfilesRead<T> {
  readonly read: readonly { readonly profile: string; readonly value: T }[];
  /** Profiles that could not be read; they never hide the others. */
  readonly unread: readonly ProfileTrouble[];
}

/** Asks the same of several profiles in parallel, in the given order; one that fails is told beside the others. */
export async function readProfiles<T>(
  services: Services,
  profiles: readonly string[],
  ask: (provider: Provider) => Promise<T>,
): Promise<ProfilesRead<T>> {
  const limit = pLimit(PROFILES_AT_ONCE);
  const answers = await Promise.allSettled(
    profiles.map((profile) => limit(async () => ask(await services.providers.open(profile)))),
  );
  const read: { profile: string; value: T }[] = [];
  const unread: ProfileTrouble[] = [];
  for (const [index, answer] of answers.entries()) {
    const profile = profiles[index] ?? '';
    if (answer.status === 'fulfilled') read.push({ profile, value: answer.value });
    else unread.push(profileTrouble(services, profile, answer.reason));
  }
  return { read, unread };
}

/** Lists all tokens of several profiles, and what their credentials cannot see. */
export async function listAll(services: Services, profiles: readonly string[]) {
  const { read, unread } = await readProfiles(services, profiles, (provider) => provider.list());
  const tokens: Token[] = read.flatMap(({ value }) => value.tokens);
  const unseen = read.flatMap(({ profile, value }) => value.unseen.map((words) => `${profile}: ${words}`));
  return { tokens, unread, unseen };
}
