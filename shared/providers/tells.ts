import type { Token } from '#shared/core/vocabulary.ts';
import { FACTS } from './facts.ts';

/** True where the provider tells this of this token, so that nothing told means never. */
export function tells({ provider, untold }: Pick<Token, 'provider' | 'untold'>, fact: 'lastUse' | 'expiry'): boolean {
  return FACTS[provider].knows[fact] && untold?.includes(fact) !== true;
}

/** True where its provider can delete this kind of token and not deactivate it. */
export function isDeleteOnly({ provider, kind }: Pick<Token, 'provider' | 'kind'>): boolean {
  return !FACTS[provider].deactivates.includes(kind);
}
