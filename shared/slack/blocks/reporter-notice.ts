import { without } from '#shared/core/without.ts';
import type { Case } from '#shared/store/store.ts';
import { type Message, message, paragraphs, section } from './bricks.ts';
import { caseHead, caseSign } from './case-words.ts';
import { code, count, linked } from './text.ts';
import { short } from './token.ts';
import { alreadyWords, DONE } from './words.ts';

/** One secret that a person pasted as leaked: its case, once there is one, and the address of its card. */
export interface Pasted {
  readonly kase?: Case;
  /** True where its report was given up before there was one. */
  readonly isGivenUp?: true;
  /** True where the reporter may read whose token it is: whoever held the secret itself, or may see the token anyway. */
  readonly isNamed?: boolean;
  readonly link?: string;
}

/**
 * What a person who reported leaks by hand reads of them, until and after their end. A token is named to whoever
 * may know it.
 */
export function reporterNotice({
  pasted,
  unrecognised,
}: {
  readonly pasted: readonly Pasted[];
  readonly unrecognised: number;
}): Message {
  const [only = {}, ...others] = pasted;
  const lines = pasted.map(lineOf);
  const head = others.length === 0 ? wordsOf(only) : `${count(pasted.length, 'leaked secret')} received.`;
  return message([head, ...(others.length === 0 ? [] : pasted.map(wordsOf))].join(' '), [
    others.length === 0 ? section(`*${lines.join(' ')}*`) : section([`*${head}*`]),
    ...(others.length === 0 ? [] : paragraphs(lines.map((line) => `• ${line}`))),
    section([NEXT[stage(pasted)], unrecognisedWords(unrecognised)]),
  ]);
}

/** Nothing of what was not recognised was kept. */
export function unrecognisedWords(unrecognised: number): string | undefined {
  if (unrecognised === 0) return undefined;
  return `${count(unrecognised, 'text')} had no form that Patrol knows, and nothing of ${unrecognised === 1 ? 'it' : 'them'} was kept. If you know the token, stop it by name: ${code('/pat deactivate …')}.`;
}

function lineOf(one: Pasted): string {
  const card = one.kase?.message === undefined ? undefined : `${linked(one.link, 'Its card')} says more.`;
  return [one.kase && caseSign(one.kase), wordsOf(one), card].filter((part) => part !== undefined).join(' ');
}

function wordsOf({ kase, isNamed = false, isGivenUp }: Pasted): string {
  if (kase === undefined && isGivenUp === true)
    return 'Leaked secret received. Patrol stopped: this report has revoked nothing, and the token may still work.';
  if (kase === undefined) return 'Leaked secret received. Nothing is revoked yet: working on it.';
  if (!isEnded(kase)) return caseHead(isNamed ? kase : without(kase, 'token'));
  const { token, verb = 'deactivate', already, receipt } = kase;
  const what = isNamed && token !== undefined ? short(token) : 'the token';
  return already === true
    ? `Done: ${what} ${alreadyWords(verb, receipt?.read)}.`
    : `Done: ${what} is off. ${DONE[verb]}, confirmed.`;
}

type Stage = 'open' | 'stopped' | 'ended';

const NEXT: Readonly<Record<Stage, string>> = {
  open: 'This message is brought up to date until the end.',
  stopped: `Nothing more happens by itself. The report is kept until 14 days after it was sent, and goes on when it is brought back, as the security channel is told. If you know the token, stop it by name: ${code('/pat deactivate …')}.`,
  ended: 'Thank you for the report. If you use the token yourself, replace it where it was used.',
};

function stage(pasted: readonly Pasted[]): Stage {
  if (pasted.some(({ kase, isGivenUp }) => kase === undefined && isGivenUp === true)) return 'stopped';
  return pasted.every(({ kase }) => kase !== undefined && isEnded(kase)) ? 'ended' : 'open';
}

function isEnded({ state, deferred }: Case): boolean {
  return state === 'dead' && deferred === undefined;
}
