import type { FaultCode } from '#shared/core/fault.ts';
import type { Mutation, Verb } from '#shared/core/vocabulary.ts';
import { FACTS } from '#shared/providers/facts.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import type { ProfileTrouble, Trouble } from '#shared/tokens/trouble.ts';
import { faultWordsOf } from './fault-words.ts';
import { notYetWords, type Waiting, waitingButtons } from './not-yet-words.ts';
import { actions, button, type Message, message, section } from './bricks.ts';
import { ACTION, encodeTokens } from './press.ts';
import { code, count, mention } from './text.ts';
import { whenExactly } from './time.ts';
import { isMutation, notDone, stopped } from './words.ts';

/** What went wrong, as part of a sentence: "Dfns does not answer, HTTP 503". */
export function whatHappened(trouble: Trouble): string {
  const { provider, status, code: refusal } = trouble;
  const words = faultWordsOf(trouble);
  const named = provider === undefined ? words : words.replace('The provider', FACTS[provider].displayName);
  const said = refusal === undefined ? '' : ` (${code(refusal)})`;
  const told = trouble.quoted === undefined ? '' : `, saying ${code(trouble.quoted, 300)}`;
  return `${named}${said}${status === undefined ? '' : `, HTTP ${status}`}${told}`;
}

/** What comes next, in full sentences: whether Patrol tries again, and what a person can do. */
export function whatNext({ fault, next, attempt, profile, calledOff, begun }: Trouble, hasButtons = false): string {
  if (calledOff !== undefined) {
    const gaveUp = `${mention(calledOff.by.userId)} gave it up ${whenExactly(calledOff.at)}:`;
    if (next === 'retrying') return `${gaveUp} nothing more is begun. ${BEING_READ}`;
    return `${gaveUp} nothing more happens by itself. ${begun === true ? BEGUN : 'Nothing was changed by this request.'}`;
  }
  switch (next) {
    case 'retrying':
      return `Patrol tries again by itself (attempt ${attempt} failed).${hasButtons ? '' : ' There is nothing to press.'}`;
    case 'given_up':
      return `Patrol stopped after ${count(attempt, 'attempt')}. The request is kept in the dead-letter queue; nothing more happens by itself. ${advice(fault, profile)}`;
    case 'final':
      return `Patrol does not try this again by itself. ${advice(fault, profile)}`;
  }
}

/** What goes on of a request that was given up after a try had begun. */
const BEING_READ = 'A try had begun before that: Patrol tries again by itself to read what came of it.';

/** What is left of a try whose answer was lost. */
const BEGUN = `A try had begun, and whether the provider carried it out is not known: ${code('/pat show …')} reads it.`;

/** "NOT deactivated", as far as that is known: "yet" where it is tried again, and no more than proved where it was given up. */
export function notDoneBut(verb: Verb | undefined, { next, begun, calledOff }: Trouble): string {
  if (calledOff !== undefined && begun === true) return `${notDone(verb)} as far as can be proved`;
  return next === 'retrying' ? `${notDone(verb)} yet` : notDone(verb);
}

/** What a person can do about each fault. A new fault does not compile until it has advice. */
function advice(fault: FaultCode, profile: string | undefined): string {
  const doctor = `${code('/pat doctor')} shows what is wrong${profile === undefined ? '' : ` with ${code(profile)}`}`;
  switch (fault) {
    case 'provider_unauthorized':
    case 'secret_unavailable':
    case 'config_invalid':
      return `${doctor}; it must be put right before this can work.`;
    case 'provider_unexpected':
      return "Its own words say why, where it gave any. If it is urgent, use the provider's own console.";
    case 'provider_unreached':
      return `Check the profile's base URL, which is that of the API and of no page, and any proxy in between; ${doctor}.`;
    case 'provider_rate_limited':
    case 'provider_unavailable':
      return "Ask again in a few minutes. If it is urgent, use the provider's own console.";
    case 'slack_unauthorized':
      return "Whoever runs Patrol has to store the app's bot token again.";
    case 'channel_closed':
    case 'slack_rejected':
      return `Invite me to the channel, or ask me in another one; ${code('/pat doctor')} shows what I may do in Slack.`;
    case 'work_too_long':
      return 'Ask in other words, or for less at once, and tell the owners of Patrol: this is a defect.';
    case 'delivery_in_progress':
      return 'Wait a minute, then look at the token before you ask again.';
    case 'store_unavailable':
    case 'slack_unavailable':
    case 'keys_unavailable':
    case 'internal_error':
    case 'signature_missing':
    case 'signature_invalid':
    case 'signature_stale':
    case 'payload_invalid':
      return 'Ask again in a few minutes; if it stays so, tell the owners of Patrol.';
  }
}

/** The sentence that a change which failed always carries: an answer that got lost proves nothing. */
export function noProof(verb: Mutation): string {
  return verb === 'activate'
    ? 'No fresh read shows it active.'
    : 'No fresh read shows it dead: treat it as still working.';
}

/** A fault that ended a whole command. */
export function renderTrouble({ verb, trouble, asked }: OutcomeOf<'trouble'>, waiting?: Waiting): Message {
  // Which step failed is not known here: the change itself may well be made.
  const names = isMutation(verb) && asked !== undefined ? `: ${namesIn(asked)}` : '';
  const what = verb === undefined ? 'This request did not come to its end' : `${notDoneBut(verb, trouble)}${names}`;
  const head = `${what}. ${whatHappened(trouble)}.`;
  const run = waiting?.run;
  const next = whatNext(trouble, run !== undefined);
  return message(`${head} ${next}`, [
    section([
      `*${head}*`,
      trouble.profile === undefined ? undefined : `Profile: ${code(trouble.profile)}`,
      isMutation(verb) ? noProof(verb) : undefined,
      verb === undefined
        ? `If it was to change a token: ${code('/pat show …')} reads what is true of it now.`
        : undefined,
      next,
      ...(waiting === undefined ? [] : notYetWords(trouble, waiting)),
    ]),
    isMutation(verb) ? actions(...waitingButtons(run, verb), retryButton(trouble, verb, asked)) : undefined,
  ]);
}

/** The first few of the tokens as they were typed. */
function namesIn(asked: readonly string[]): string {
  const rest = asked.length - NAMES_SHOWN;
  return `${asked
    .slice(0, NAMES_SHOWN)
    .map((name) => code(name, 60))
    .join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

const NAMES_SHOWN = 3;

function retryButton({ next }: Trouble, verb: Mutation, tokens: readonly string[] | undefined) {
  const value = next === 'retrying' || tokens === undefined ? undefined : encodeTokens({ verb, tokens });
  return value === undefined ? undefined : button({ text: 'Try again', action: ACTION.retry, value });
}

const UNREAD_SHOWN = 10;

/** The profiles that could not be read, with the reason: "1 could not be read: `dfns-eu` (Dfns does not answer)." */
export function unreadLine(unread: readonly ProfileTrouble[]): string {
  const shown = unread.slice(0, UNREAD_SHOWN).map(({ profile, trouble }) => {
    const what = whatHappened(trouble);
    return `${code(profile)} (${what.replace(/^(?=(?:The|A|Our) )./, (letter) => letter.toLowerCase())})`;
  });
  const rest = unread.length - shown.length;
  return `${unread.length} could not be read: ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}.`;
}

const UNSEEN_SHOWN = 8;

/** What cannot be seen at all, so that silence is not taken for an answer; `undefined` when nothing. */
export function unseenLine(unseen: readonly string[]): string | undefined {
  if (unseen.length === 0) return undefined;
  const rest = unseen.length - UNSEEN_SHOWN;
  const shown = unseen.slice(0, UNSEEN_SHOWN).map(stopped);
  return `Not seen: ${shown.join(' ')}${rest > 0 ? ` And ${rest} more; ${code('/pat doctor')} tells all.` : ''}`;
}
