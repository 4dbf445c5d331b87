import type { Case, CaseTrouble, Failure } from '#shared/store/store.ts';
import { inTheWayOf, isSearchPlanned } from '#shared/cases/search-again.ts';
import { answerWords, readWords } from '#shared/tokens/proof-words.ts';
import { refusalWords } from '#shared/tokens/refusal-words.ts';
import { faultWordsOf } from './fault-words.ts';
import type { Pressable } from './pressable-on.ts';
import { mention } from './text.ts';
import { whenExactly } from './time.ts';
import { stopped } from './words.ts';

/** Why a leaked token is not revoked, or was not looked for again, in sentences; `undefined` where nothing is in the way. */
export function caseTroubleWords(kase: Case, { again }: Pick<Pressable, 'again'> = {}): string | undefined {
  const next = { press: again, isPlanned: isSearchPlanned(kase) };
  // What kept a report from being looked for may be what keeps the token alive.
  const told = new Set(inTheWayOf(kase).map((trouble) => toldOf(trouble, next)));
  return told.size === 0 ? undefined : [...told].join(' ');
}

/** What may follow: a press that tries it again, and the try that is planned; the card tells when that is. */
interface Next {
  readonly press: string | undefined;
  readonly isPlanned: boolean;
}

/** In mrkdwn; what others have said in it is escaped once. */
function toldOf(trouble: CaseTrouble, next: Next): string {
  if (trouble.kind === 'refused' && trouble.why === 'brought_back') {
    return `Patrol left it alone: ${stopped(refusalWords(trouble))} It was ${mention(trouble.by.userId)}.`;
  }
  if (trouble.kind === 'refused' && trouble.why === 'called_off') {
    return `${mention(trouble.by.userId)} gave up what was tried again by itself.`;
  }
  if (trouble.kind !== 'alive_again') return stopped(wordsOf(trouble, next));
  const { confirmedAt, by } = trouble;
  const who =
    by === undefined
      ? 'Nobody did that through Patrol.'
      : `${mention(by.userId)} had asked Patrol for that before this leak was known.`;
  return `ALIVE AGAIN: its end was confirmed ${whenExactly(confirmedAt)}, and the provider now says that it works. ${who}`;
}

function wordsOf(trouble: Exclude<CaseTrouble, { kind: 'alive_again' }>, after: Next): string {
  switch (trouble.kind) {
    case 'failed':
      return `${happened(trouble)}. ${AGAIN[trouble.next](trouble.attempt, after)}.`;
    case 'unconfirmed': {
      const { read, again } = trouble;
      const next = again === undefined ? '' : ` ${AGAIN[again.next](again.attempt, after)}.`;
      return `The provider accepted, but does not agree when read back (${readWords(read)}).${next}`;
    }
    case 'waiting':
      return `The provider says: ${answerWords(trouble.answer)}.`;
    case 'unsupported':
      return trouble.verb === 'deactivate'
        ? `This server cannot deactivate (${answerWords(trouble.answer)}). Deleting is left, which cannot be undone.`
        : `This server cannot ${trouble.verb} (${answerWords(trouble.answer)}).`;
    case 'refused':
      return `Patrol refused: ${refusalWords(trouble).replace(/[.\s]+$/, '')}.${trouble.why === 'protected' ? ' The policy protects it. Where the leak is proved, somebody else can be asked to lift that; else the policy must be changed, or the token be revoked at the provider' : ''}`;
    case 'not_found':
      return 'The provider does not know this token any more.';
    case 'unlocated':
      return 'GitHub does not show us this alert: it is gone, or our token may not read it.';
    case 'unlisted':
      return 'The policy does not name this repository: its alert was neither fetched nor will it be closed.';
    case 'unread':
      return `Could not be searched: ${trouble.profiles.map(happened).join('; ')}.`;
  }
}

/** Whose fault it was and what it said, without a body: "The provider is limiting our calls (dfns-demo, HTTP 429)". */
function happened({ fault, whose, status, quoted }: Pick<Failure, 'fault' | 'whose' | 'status' | 'quoted'>): string {
  const where = [whose, status === undefined ? undefined : `HTTP ${status}`].filter((part) => part !== undefined);
  const what = faultWordsOf({ fault, status });
  const words = where.length === 0 ? what : `${what} (${where.join(', ')})`;
  return quoted === undefined ? words : `${words}, saying "${quoted}"`;
}

/** What comes next, so that nobody waits for something that will not happen. */
const AGAIN: Readonly<Record<Failure['next'], (attempt: number, after: Next) => string>> = {
  retrying: (attempt) => (attempt === 1 ? 'Trying again by itself' : `Try ${attempt} failed; trying again by itself`),
  // Nobody has counted where a process died without a word.
  given_up: (attempt, { press, isPlanned }) => {
    if (isPlanned) return attempt === 0 ? 'Its last try did not come to an end' : `${attempt} tries failed`;
    return `Given up${attempt === 0 ? '' : ` after ${attempt} tries`}${press === undefined ? '' : `: press ${press} to try it once more`}`;
  },
  final: () => 'That has to be mended first',
};
