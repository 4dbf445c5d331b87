import type { Match } from './shape.ts';
import { type TextView, unwrap } from './unwrap.ts';

type Find = (view: TextView) => readonly Match[];

/** The literal that a secret begins with, as it is and in its encodings. */
interface Start {
  readonly plain: RegExp;
  /** In base64, at the three places where it can fall. */
  readonly base64: RegExp;
  /** In hex digits, with enough behind it to be a secret. */
  readonly hex: RegExp;
}

function findBase64(start: Start, find: Find): Find {
  return (view) => {
    const found: Match[] = [];
    for (const run of view.text.matchAll(/[A-Za-z0-9+/_-]{40,}/g)) {
      if (!start.base64.test(run[0])) continue;
      // What stands before it without a blank (a path, another word) may shift the groups of four.
      for (const shift of [0, 1, 2, 3]) {
        const text = Buffer.from(run[0].slice(shift), 'base64').toString('latin1');
        const inner = start.plain.test(text) ? find(unwrap(text))[0] : undefined;
        if (inner) found.push({ text: inner.text, start: run.index, end: run.index + run[0].length });
      }
    }
    return found;
  };
}

function findHex(start: Start, find: Find): Find {
  return (view) =>
    [...view.text.matchAll(start.hex)].flatMap((run) => {
      const inner = find(unwrap(Buffer.from(run[0], 'hex').toString('latin1')))[0];
      return inner ? [{ text: inner.text, start: run.index, end: run.index + run[0].length }] : [];
    });
}

/** Finds a secret as it is, in base64 and in hex digits. */
export function alsoEncoded(start: Start, find: Find): Find {
  const [base64, hex] = [findBase64(start, find), findHex(start, find)];
  return (view) => [...find(view), ...base64(view), ...hex(view)];
}
