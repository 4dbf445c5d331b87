import type { ProviderName } from '#shared/core/vocabulary.ts';
import { FACTS } from './facts.ts';

/** Names the providers whose tokens have ids like this; none for a word that is no provider's id. */
export function providersOfId(typed: string): readonly ProviderName[] {
  return (Object.keys(FACTS) as ProviderName[]).filter((name) => FACTS[name].tokenId.test(typed));
}

/** Spells an id as its provider does. As typed where it is no id, or where two providers would spell it differently. */
export function spellId(typed: string): string {
  const [spelled, ...others] = new Set(providersOfId(typed).map((name) => FACTS[name].spellId(typed)));
  return spelled === undefined || others.length > 0 ? typed : spelled;
}
