import { providersOfId, spellId } from '#shared/providers/providers-of-id.ts';
import { bareToken, isMarks } from './bare-token.ts';
import { nearest, shown } from './problem.ts';
import type { Curable } from './read-flags.ts';
import type { Word } from './words.ts';

const PROFILE_AND_ID = /^([a-z0-9][a-z0-9_.-]{0,62}):(.+)$/is;

/** True for a provider's id of a token, which no prose has. */
export function isTokenId(text: string): boolean {
  return providersOfId(text).length > 0;
}

/** True for a word that can only mean a token: an id, `profile:id`, or anything in quotation marks. */
export function isTokenWord(word: Word, profiles: readonly string[]): boolean {
  if (word.quoted || isTokenId(word.value) || bareToken(word.value) !== undefined) return true;
  const match = PROFILE_AND_ID.exec(word.value);
  if (match === null || /^(?:https?|mailto)$/i.test(match[1] ?? '')) return false;
  return isTokenId(match[2] ?? '') || findProfile(match[1] ?? '', profiles) !== undefined;
}

/**
 * Reads a word as the name of a token. The letters that phones make capital are put right where an id has none; names
 * stay as typed. A profile in front must exist.
 */
export function readToken(text: string, word: Word, profiles: readonly string[]): string | Curable {
  const value = (word.quoted ? undefined : bareToken(word.value)) ?? word.value.trim();
  if (value === '') return { problem: 'A token has an empty name.' };
  if (value.length > 300) return { problem: `${shown(value)} is too long for a token's name.` };
  if (word.quoted) return value;
  if (isMarks(value)) return { problem: `${shown(value)} names no token.` };
  if (/^https?:/i.test(value)) {
    return { problem: 'This link names no token by its id. Give the id itself, or the name in quotation marks.' };
  }
  const [, given = '', id = ''] = PROFILE_AND_ID.exec(value) ?? [];
  if (given === '' || findProfile(given, profiles) !== undefined) return tidyToken(value, profiles);
  const meant = nearest(given, profiles);
  const problem = `There is no profile ${shown(given)}. A name with a colon in it must be in quotation marks.`;
  return meant === undefined
    ? { problem, topic: 'profiles' }
    : { problem, cure: `${text.slice(0, word.start)}${meant}:${id}${text.slice(word.end)}` };
}

/** Puts right the letters of an id and of a profile in front of it that phones make capital. */
export function tidyToken(value: string, profiles: readonly string[]): string {
  const [, given = '', id = ''] = PROFILE_AND_ID.exec(value) ?? [];
  const profile = findProfile(given, profiles);
  return profile === undefined ? spellId(value) : `${profile}:${spellId(id)}`;
}

/** Finds a profile by its name in any case. */
export function findProfile(name: string, profiles: readonly string[]): string | undefined {
  return profiles.find((profile) => profile.toLowerCase() === name.toLowerCase());
}
