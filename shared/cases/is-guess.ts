import type { Case } from '#shared/store/store.ts';

/**
 * True where nothing shows that what leaked is the case's token: it only resembles it, or its issuer refused the secret while
 * the token worked. That somebody stopped the token all the same makes it no surer.
 */
export function isGuess({ grade = 'weak', because = [] }: Pick<Case, 'grade' | 'because'>): boolean {
  return grade === 'weak' || because.some(({ kind }) => kind === 'refused_by_issuer');
}
