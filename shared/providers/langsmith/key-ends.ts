import type { Fingerprint } from '#shared/core/fingerprint.ts';
import type { Clue } from './clue.ts';

/** What is known of both ends of a key, without the type prefix. `undefined`: it cannot be told for so few characters. */
export interface KeyEnds {
  /** The type prefix, which everybody knows. */
  readonly prefix: string;
  readonly beginsWith: (characters: string) => boolean | undefined;
  readonly endsWith: (characters: string) => boolean | undefined;
}

/** How many characters of either end are compared. Fewer than four are tried out in no time, more are never shown. */
const LENGTHS = [4, 5, 6, 7, 8] as const;
/** The most characters of an end that are compared. */
export const MOST_CHARACTERS = 8;
/** 64 bits, in hex: they are compared with one list of one provider. */
const DIGITS = 16;

type End = 'begins' | 'ends';

function fingerprintEnd(end: End, characters: string, fingerprint: Fingerprint): string {
  return fingerprint(`${end} ${characters}`).slice(0, DIGITS);
}

/** The ends of a key as a clue holds them: keyed fingerprints of the first and of the last 4 to 8 characters. */
export function sealEnds(body: string, fingerprint: Fingerprint): Pick<Clue, 'heads' | 'tails'> {
  return {
    heads: LENGTHS.map((length) => fingerprintEnd('begins', body.slice(0, length), fingerprint)),
    tails: LENGTHS.map((length) => fingerprintEnd('ends', body.slice(-length), fingerprint)),
  };
}

/** The ends of a key that is gone: each comparison is one fingerprint. */
export function sealedEnds({ kind, heads, tails }: Clue, fingerprint: Fingerprint): KeyEnds {
  const compare = (end: End, known: readonly string[]) => (characters: string) => {
    const sealed = known[LENGTHS.findIndex((length) => length === characters.length)];
    return sealed === undefined ? undefined : fingerprintEnd(end, characters, fingerprint) === sealed;
  };
  return {
    prefix: kind === 'pat' ? 'lsv2_pt_' : 'lsv2_sk_',
    beginsWith: compare('begins', heads),
    endsWith: compare('ends', tails),
  };
}

/** The ends of a key that we have. */
export function plainEnds(key: string): KeyEnds {
  const prefix = /^lsv2_(?:pt|sk)_/.exec(key)?.[0] ?? '';
  const body = key.slice(prefix.length);
  return {
    prefix,
    beginsWith: (characters) => body.startsWith(characters),
    endsWith: (characters) => body.endsWith(characters),
  };
}
