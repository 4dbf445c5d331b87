import type { Clue } from '#shared/providers/clue.ts';
import type { Case } from '#shared/store/store.ts';
import { clueKey } from './case-keys.ts';

/** Most clues of which a case remembers that a person decided about them. */
const MOST_REMEMBERED = 100;

/**
 * Remembers that a person decided about everything that was reported to this case so far ("Not ours", Undo): the same leaked
 * secret asks from now on and never acts, whoever reports it. Another secret is news.
 */
export function rememberDecision<C extends Pick<Case, 'clue' | 'reports' | 'decidedClues'>>(kase: C): C {
  const keys = [
    ...(kase.decidedClues ?? []),
    ...kase.reports.flatMap((report) => report.clueKey ?? []),
    ...(kase.clue === undefined ? [] : [clueKey(kase.clue) ?? []]).flat(),
  ];
  const decidedClues = [...new Set(keys)].slice(-MOST_REMEMBERED);
  return decidedClues.length === 0 ? kase : { ...kase, decidedClues };
}

/** True where a person has decided about this clue before. */
export function isDecided({ decidedClues = [] }: Pick<Case, 'decidedClues'>, clue: Clue | undefined): boolean {
  const key = clue === undefined ? undefined : clueKey(clue);
  return key !== undefined && decidedClues.includes(key);
}
