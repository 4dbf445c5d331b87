import { allEnded } from '#shared/core/all-ended.ts';
import type { Clue } from '#shared/providers/clue.ts';
import type { Case, Store } from '#shared/store/store.ts';
import { clueKey } from './case-keys.ts';
import { KEPT_CLUES } from './keep-case.ts';
import { newsSince } from './news-since.ts';
import { WAIT_RULE } from './stops-for-owner.ts';

type Decided = Pick<Case, 'clue' | 'clueKeys' | 'decidedClues' | 'isShortened' | 'decision' | 'reports' | 'count'>;

type Reported = Pick<Case, 'clue' | 'clueKeys' | 'reports' | 'count'>;

/** Stands for every clue of a case, where there are more than it can keep. */
const EVERY = '*';

/**
 * Remembers that a person decided about everything that was reported to this case so far ("Not ours", Undo), or until they
 * decided (ISO 8601): the same leaked secret asks from now on and never acts, whoever reports it. Another secret is news, unless
 * so many different ones were reported that not all are known: then whatever is reported to this case asks. That its token was
 * to be stopped after an owner's time is overruled.
 */
export function rememberDecision<C extends Decided>(kase: C, until?: string): C {
  const { decidedClues = [], isShortened } = kase;
  const isAll = keysOf(kase).length >= KEPT_CLUES || isShortened === true || decidedClues.includes(EVERY);
  const known = isAll ? [EVERY] : [...new Set([...decidedClues, ...keysOf(kase, until)])];
  return { ...kase, ...(known.length > 0 && { decidedClues: known }), ...overruled(kase) };
}

/** It is marked and not taken out: a kill that has begun by it may still come about, and is looked for. */
function overruled({ decision }: Pick<Case, 'decision'>): Pick<Case, 'decision'> {
  return decision?.rule === WAIT_RULE ? { decision: { ...decision, overruled: true } } : {};
}

function keysOf(kase: Reported, until?: string): readonly string[] {
  const { clue, clueKeys = [] } = kase;
  const own = clue === undefined ? undefined : clueKey(clue);
  const all = own === undefined ? clueKeys : [...new Set([...clueKeys, own])];
  const news = until === undefined ? undefined : newsSince(kase, until);
  return all.filter((key) => news?.has(key) !== true);
}

const KEPT_SECONDS = 2 * 365 * 86_400;
const noteOf = (key: string): string => `decided:${key}`;

/**
 * Notes a decision for every case that may come of the same leaked secret: its token may be found only later, through
 * another profile, or not be known to the case that a person has closed. Safe to repeat.
 */
export async function noteDecision({ notes }: Pick<Store, 'notes'>, kase: Reported, until?: string): Promise<void> {
  await allEnded(keysOf(kase, until).map((key) => notes.put(noteOf(key), true, KEPT_SECONDS)));
}

/** True where a person has decided about this clue before, in whichever case. */
export async function isDecisionNoted({ notes }: Pick<Store, 'notes'>, clue: Clue | undefined): Promise<boolean> {
  const key = clue === undefined ? undefined : clueKey(clue);
  return key !== undefined && (await notes.get<boolean>(noteOf(key))) === true;
}

/** True where a person has decided about this clue in this case. */
export function isDecided({ decidedClues = [] }: Pick<Case, 'decidedClues'>, clue: Clue | undefined): boolean {
  const key = clue === undefined ? undefined : clueKey(clue);
  return key !== undefined && (decidedClues.includes(EVERY) || decidedClues.includes(key));
}
