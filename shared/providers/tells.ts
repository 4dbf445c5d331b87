import type { Token } from '#shared/core/vocabulary.ts';
import { FACTS } from './facts.ts';

/** True where the provider tells this of this token, so that nothing told means never. */
export function tells({ provider, untold }: Pick<Token, 'provider' | 'untold'>, fact: 'lastUse' | 'expiry'): boolean {
  return FACTS[provider].knows[fact] && untold?.includes(fact) !== true;
}
