import pLimit from 'p-limit';
import type { Token } from '#shared/core/vocabulary.ts';
import type { Listing, Provider } from '#shared/providers/provider.ts';
import type { ProfileTrouble } from './trouble.ts';
import type { Services } from './services.ts';
import { profileTrouble } from './trouble-of.ts';

/** How many profiles are read at once: enough for fifty in a few seconds, and kind to the providers' limits. */
const PROFILES_AT_ONCE = 12;

export interface ProfilesRead<T> {
  readonly read: readonly { readonly profile: string; readonly value: T }[];
  /** Profiles that could not be read; they never hide the others. */
  readonly unread: readonly ProfileTrouble[];
}

/** Asks the same of several profiles in parallel, in the given order; one that fails is told beside the others. */
export function readProfiles<T>(
  services: Services,
  profiles: readonly string[],
  ask: (provider: Provider) => Promise<T>,
): Promise<ProfilesRead<T>> {
  const limit = pLimit(PROFILES_AT_ONCE);
  return settle(services, profiles, (profile) => limit(async () => ask(await services.providers.open(profile))));
}

async function settle<T>(
  services: Services,
  profiles: readonly string[],
  ask: (profile: string) => Promise<T>,
): Promise<ProfilesRead<T>> {
  const answers = await Promise.allSettled(profiles.map(ask));
  const read: { profile: string; value: T }[] = [];
  const unread: ProfileTrouble[] = [];
  for (const [index, answer] of answers.entries()) {
    const profile = profiles[index] ?? '';
    if (answer.status === 'fulfilled') read.push({ profile, value: answer.value });
    else unread.push(profileTrouble(services, profile, answer.reason));
  }
  return { read, unread };
}

interface AllTokens {
  readonly tokens: readonly Token[];
  readonly unread: readonly ProfileTrouble[];
  /** What the credentials cannot see. */
  readonly unseen: readonly string[];
}

/** Lists all tokens of several profiles; what cannot be read is told beside the others. */
export type Lister = (profiles: readonly string[]) => Promise<AllTokens>;

/** Creates a lister for one request: each profile is read once at most, however often it is asked for. */
export function createLister(services: Services): Lister {
  const limit = pLimit(PROFILES_AT_ONCE);
  const kept = new Map<string, Promise<Listing>>();
  const list = (profile: string): Promise<Listing> => {
    const listing = kept.get(profile) ?? limit(async () => (await services.providers.open(profile)).list());
    kept.set(profile, listing);
    return listing;
  };
  return async (profiles) => {
    const { read, unread } = await settle(services, profiles, list);
    return {
      tokens: read.flatMap(({ value }) => value.tokens),
      unread,
      unseen: read.flatMap(({ profile, value }) => value.unseen.map((words) => `${profile}: ${words}`)),
    };
  };
}

/** Lists all tokens of several profiles, and what their credentials cannot see. */
export function listAll(services: Services, profiles: readonly string[]): Promise<AllTokens> {
  return createLister(services)(profiles);
}
