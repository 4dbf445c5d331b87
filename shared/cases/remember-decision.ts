import type { Clue } from '#shared/providers/clue.ts';
import type { Case, Store } from '#shared/store/store.ts';
import { clueKey } from './case-keys.ts';

/** Most clues of which a case remembers that a person decided about them. */
const MOST_REMEMBERED = 100;

/**
 * Remembers that a person decided about everything that was reported to this case so far ("Not ours", Undo): the same leaked
 * secret asks from now on and never acts, whoever reports it. Another secret is news.
 */
export function rememberDecision<C extends Pick<Case, 'clue' | 'reports' | 'decidedClues'>>(kase: C): C {
  const decidedClues = decisionKeys(kase).slice(-MOST_REMEMBERED);
  return decidedClues.length === 0 ? kase : { ...kase, decidedClues };
}

function decisionKeys(kase: Pick<Case, 'clue' | 'reports' | 'decidedClues'>): readonly string[] {
  const keys = [
    ...(kase.decidedClues ?? []),
    ...kase.reports.flatMap((report) => report.clueKey ?? []),
    ...(kase.clue === undefined ? [] : [clueKey(kase.clue) ?? []]).flat(),
  ];
  return [...new Set(keys)];
}

const KEPT_SECONDS = 2 * 365 * 86_400;
const noteOf = (key: string): string => `decided:${key}`;

/**
 * Notes a decision for every case that may come of the same leaked secret: its token may be found only later, through
 * another profile, or not be known to the case that a person has closed. Safe to repeat.
 */
export async function noteDecision(
  { notes }: Pick<Store, 'notes'>,
  kase: Pick<Case, 'clue' | 'reports' | 'decidedClues'>,
): Promise<void> {
  await Promise.all(decisionKeys(kase).map((key) => notes.put(noteOf(key), true, KEPT_SECONDS)));
}

/** True where a person has decided about this clue before, in whichever case. */
export async function isDecisionNoted({ notes }: Pick<Store, 'notes'>, clue: Clue | undefined): Promise<boolean> {
  const key = clue === undefined ? undefined : clueKey(clue);
  return key !== undefined && (await notes.get<boolean>(noteOf(key))) === true;
}

/** True where a person has decided about this clue in this case. */
export function isDecided({ decidedClues = [] }: Pick<Case, 'decidedClues'>, clue: Clue | undefined): boolean {
  const key = clue === undefined ? undefined : clueKey(clue);
  return key !== undefined && decidedClues.includes(key);
}
