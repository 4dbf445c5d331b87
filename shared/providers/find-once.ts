import { findSecrets, type FoundSecret } from './recognise.ts';

/** Finds the secrets in a text; see `findSecrets`. */
export type FindSecrets = (text: string) => readonly FoundSecret[];

/**
 * Makes a search that goes through each text once, however often it is asked for it: the validity check and the sealing of
 * one delivery look at the same texts. It holds them in memory, so that it must not outlive the delivery.
 */
export function findOnce(find: FindSecrets = findSecrets): FindSecrets {
  const known = new Map<string, readonly FoundSecret[]>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const found = find(text);
    known.set(text, found);
    return found;
  };
}
