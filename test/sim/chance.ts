/** Numbers from 0 up to 1 that follow from a seed and a name: taking one more, or one less, changes no other. */
export interface Chance {
  /** The next number of this name. */
  draw(name: string): number;
  /** A whole number from `least` to `most`, both included. */
  between(name: string, [least, most]: readonly [number, number]): number;
  pick<T>(name: string, from: readonly T[]): T;
  /** An id that nobody else has. */
  id(name: string): string;
}

/** Spreads a text and a seed over 32 bits (the finish is murmur3's). */
function spread(seed: number, text: string): number {
  let hash = (seed ^ 0x9e3779b9) >>> 0;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Makes the chance of one seed. */
export function createChance(seed: number): Chance {
  const counts = new Map<string, number>();
  const draw = (name: string): number => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return spread(Math.imul(seed, 0x2545f491) + count, `${name}#${count}`) / 0x1_0000_0000;
  };
  return {
    draw,
    between: (name, [least, most]) => least + Math.floor(draw(name) * (most - least + 1)),
    pick: (name, from) => from[Math.floor(draw(name) * from.length)]!,
    id: (name) => {
      const digits = () => Math.floor(draw(name) * 0x1_0000_0000).toString(36);
      return `${digits()}${digits()}`;
    },
  };
}
