import type { Token } from '#shared/core/vocabulary.ts';
import { protectedBy } from '#shared/policy/protected-by.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { Notes, Store } from '#shared/store/store.ts';

const NOTE = 'protected-known';
const KEPT_SECONDS = 400 * 86_400;
const nameOf = ({ profile, id }: Token): string => `${profile}:${id}`;

/**
 * Tells which of the tokens that the policy protects were not told of before: whoever mints a token may have given it a
 * protected name. The first time all of them are new.
 */
export async function newlyProtected(
  { notes }: { readonly notes: Pick<Notes, 'get'> },
  isProtected: readonly Token[],
): Promise<readonly Token[]> {
  if (isProtected.length === 0) return [];
  const known = new Set(await notes.get<readonly string[]>(NOTE));
  return isProtected.filter((token) => !known.has(nameOf(token)));
}

/** Tells which of some tokens the policy protects. */
export function protectedAmong(policy: Policy, tokens: readonly Token[]): readonly Token[] {
  return tokens.filter((token) => protectedBy(policy, token) !== undefined);
}

/** Keeps in mind that these were told of. A token that is not seen just now stays known. */
export async function keepProtected({ notes }: Pick<Store, 'notes'>, told: readonly Token[]): Promise<void> {
  if (told.length === 0) return;
  const known = (await notes.get<readonly string[]>(NOTE)) ?? [];
  await notes.put(NOTE, [...new Set([...known, ...told.map(nameOf)])], KEPT_SECONDS);
}
