import { distance } from 'fastest-levenshtein';

/** Why a text is no command. All of it is plain text; words that the person typed are in it, so escape it to show it. */
export interface Problem {
  readonly problem: string;
  /** A whole command line that is understood when it is pasted. */
  readonly suggestion?: string;
  /** The verb whose help tells more. */
  readonly topic?: string;
}

/** True for what was not understood. */
export function isProblem(value: object): value is Problem {
  return 'problem' in value;
}

/** Returns the known word that was most likely meant, or `undefined` when none is close. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const typed = bare(word);
  const limit = typed.length <= 3 ? 1 : typed.length <= 7 ? 2 : 3;
  let best: { readonly name: string; readonly far: number } | undefined;
  for (const name of known) {
    const far = distance(typed.slice(0, 80), bare(name));
    if (far <= limit && far < (best?.far ?? Number.POSITIVE_INFINITY)) best = { name, far };
  }
  return best?.name;
}

/** Shows typed text inside a sentence: one line, at most 60 characters, in quotation marks. */
export function shown(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return `"${line.length > 60 ? `${line.slice(0, 59)}…` : line}"`;
}

function bare(text: string): string {
  return text.toLowerCase().replace(/[-_ ]/g, '');
}
