import { fold, type View } from './folding.ts';
import { findJwts } from './jwt.ts';

interface Match {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The names of the secrets that are kept out of queues and messages wherever they occur in a text. */
export type ShapeName =
  | 'langsmith'
  | 'langsmith-body'
  | 'jwt'
  | 'private-key'
  | 'langsmith-legacy'
  | 'slack'
  | 'github'
  | 'gitlab'
  | 'webhook';

interface Shape {
  readonly name: ShapeName;
  /** Finds it in the text as it stands. */
  readonly folded: (view: View) => readonly Match[];
  /** Finds it where blanks and line breaks are left out; only for shapes that know where they end. */
  readonly joined?: (view: View) => readonly Match[];
}

/** Every expression must be linear: a literal start, then one greedy class. */
function matching(expression: RegExp, canonical: (text: string) => string = (text) => text): (view: View) => Match[] {
  return (view) =>
    [...view.text.matchAll(expression)].map((match) => ({
      text: canonical(match[0]),
      start: match.index,
      end: match.index + match[0].length,
    }));
}

const EXACT_LANGSMITH_KEY = /^lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}(?![a-z0-9])/i;

/** One spelling for one key: phones capitalise the first letter, and file names grow on its end. */
function canonicalLangsmithKey(text: string): string {
  const exact = EXACT_LANGSMITH_KEY.exec(text);
  return exact ? exact[0].toLowerCase() : text.slice(0, 8).toLowerCase() + text.slice(8);
}

function findPrivateKeys(view: View): Match[] {
  const found: Match[] = [];
  const begin = /-{4,5} ?BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY/g;
  for (let match = begin.exec(view.text); match; match = begin.exec(view.text)) {
    const end = /-{4,5} ?END [A-Z0-9 ]{0,30}PRIVATE KEY[A-Z ]{0,10}-{0,5}/g;
    end.lastIndex = begin.lastIndex;
    // A block without an end is hidden up to the end of the text: too much is better than half a key.
    const stop = end.exec(view.text) ? end.lastIndex : view.text.length;
    found.push({ text: view.text.slice(match.index, stop), start: match.index, end: stop });
    begin.lastIndex = stop;
  }
  return found;
}

/** `lsv2_` and `eyJ` in base64, at the three places where they can fall. */
const ENCODED_START = /bHN2Ml9|xzdjJf|sc3YyX|ZXlK|V5S|leU/;

function findEncoded(start: RegExp, find: (view: View) => readonly Match[]): (view: View) => Match[] {
  return (view) => {
    const found: Match[] = [];
    for (const run of view.text.matchAll(/[A-Za-z0-9+/_-]{40,}/g)) {
      if (!ENCODED_START.test(run[0])) continue;
      // What stands before it without a blank (a path, another word) may shift the groups of four.
      for (const shift of [0, 1, 2, 3]) {
        const text = Buffer.from(run[0].slice(shift), 'base64').toString('latin1');
        const inner = start.test(text) ? find(fold(text))[0] : undefined;
        if (inner) found.push({ text: inner.text, start: run.index, end: run.index + run[0].length });
      }
    }
    return found;
  };
}

/** `lsv2_` and `eyJ` in hex digits, with enough behind them to be a token. */
const HEX_RUN = /(?:6c7376325f|65794a)(?:[0-9a-f]{2}){24,}/gi;

function findHex(find: (view: View) => readonly Match[]): (view: View) => Match[] {
  return (view) =>
    [...view.text.matchAll(HEX_RUN)].flatMap((run) => {
      const inner = find(fold(Buffer.from(run[0], 'hex').toString('latin1')))[0];
      return inner ? [{ text: inner.text, start: run.index, end: run.index + run[0].length }] : [];
    });
}

// LangSmith's own redactor has 32 and more characters (langsmith-sdk, js/src/anonymizer); 16 also hides most of a fragment.
const langsmithLoose = matching(/lsv2_(?:pt|sk)_[a-z0-9]{16,}(?:_[a-z0-9]+)*/gi, canonicalLangsmithKey);
const langsmithWrapped = matching(/lsv2_(?:pt|sk)_(?:[a-z0-9]{32}_[a-z0-9]{10}|[0-9a-f]{32})/gi, canonicalLangsmithKey);
const langsmithEncoded = findEncoded(/lsv2_/, langsmithLoose);
const langsmithHex = findHex(langsmithLoose);
const jwtEncoded = findEncoded(/eyJ/, findJwts);
const jwtHex = findHex(findJwts);

/** What is looked for, in no particular order; keep it short, and every entry linear in the length of the text. */
export const SHAPES: readonly Shape[] = [
  {
    name: 'langsmith',
    folded: (view) => [...langsmithLoose(view), ...langsmithEncoded(view), ...langsmithHex(view)],
    joined: langsmithWrapped,
  },
  { name: 'jwt', folded: (view) => [...findJwts(view), ...jwtEncoded(view), ...jwtHex(view)], joined: findJwts },
  // Whoever left the prefix out left out what everybody knows: the rest is the secret.
  { name: 'langsmith-body', folded: matching(/(?<![A-Za-z0-9])[0-9a-f]{32}_[0-9a-f]{10}(?![A-Za-z0-9])/gi) },
  { name: 'private-key', folded: findPrivateKeys },
  { name: 'langsmith-legacy', folded: matching(/ls__[A-Za-z0-9]{16,}/g) },
  { name: 'slack', folded: matching(/xox[a-z][-.][A-Za-z0-9.-]{10,}|xapp-[A-Za-z0-9-]{10,}/g) },
  { name: 'github', folded: matching(/gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}/g) },
  { name: 'gitlab', folded: matching(/glpat-[A-Za-z0-9_.-]{20,}/g) },
  { name: 'webhook', folded: matching(/whsec_[A-Za-z0-9+/=]{20,}/g) },
];
