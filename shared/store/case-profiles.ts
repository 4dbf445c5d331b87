import type { Case } from './store.ts';

/** The profiles that a case is about: its token's, or those of all that it may mean. */
export function caseProfiles({ token, candidates = [] }: Pick<Case, 'token' | 'candidates'>): readonly string[] {
  return token === undefined ? [...new Set(candidates.map((candidate) => candidate.token.profile))] : [token.profile];
}
