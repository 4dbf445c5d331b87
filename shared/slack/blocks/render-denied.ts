import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { actions, button, type Message, message, section } from './bricks.ts';
import { ACTION } from './press.ts';
import { pleaButton } from './render-plea.ts';
import { channelName, code, count, linked, mention, oneOf } from './text.ts';
import { when } from './time.ts';
import { notDone, RIGHT } from './words.ts';

/** Says why somebody may not, and whom to ask. */
export function renderDenied(outcome: OutcomeOf<'denied'>): Message {
  const [why, next] = reasons(outcome);
  const head = `${headOf(outcome)}: ${why}`;
  return message(`${head} ${next}`, [section([`*${head}*`, next]), pleaButton(outcome)]);
}

function headOf({ why, verb, whose }: OutcomeOf<'denied'>): string {
  // A try before that may have been carried out, its answer lost.
  const isAgreed = why === 'overtaken' || why === 'outdated' || (verb === 'lever' && whose === 'requester');
  if (isAgreed) return 'Nothing more is done';
  return PRESSES.has(why) ? 'Your press changed nothing' : notDone(verb);
}

/** Refusals of a press: what it was about may well have been done on somebody else's. */
const PRESSES: ReadonlySet<OutcomeOf<'denied'>['why']> = new Set([
  'own_request',
  'maybe_same',
  'not_an_approver',
  'not_the_requester',
  'lapsed',
  'settled',
  'not_the_owner',
  'held_before',
]);

function reasons({
  verb,
  why,
  profile,
  roles,
  people = [],
  limit,
  whose,
  settled,
}: OutcomeOf<'denied'>): readonly [string, string] {
  const where = profile === undefined ? '' : ` in ${code(profile)}`;
  const ask = whomToAsk(roles, people);
  if (whose === 'requester' && why !== 'groups_unavailable') {
    return [`the person who asked may not ${RIGHT[verb]}${where} any more.`, ask];
  }
  switch (why) {
    case 'other_workspace':
      return ['Patrol answers members of its own workspaces only.', 'Ask somebody of the workspace that runs it.'];
    case 'no_role':
      return [`you may not ${RIGHT[verb]}${where}.`, `${ask} ${code('/pat whoami')} shows what you may do.`];
    case 'wrong_channel':
      return [
        `you may not ${RIGHT[verb]}${where} from this channel.`,
        `Your role counts in other channels; ${code('/pat whoami')} shows where.`,
      ];
    case 'groups_unavailable':
      return [
        'Slack did not tell who is in the user groups, so nobody is let in through one.',
        'Ask again in a minute.',
      ];
    case 'own_request':
      return ['nobody approves their own request.', ask];
    case 'maybe_same':
    case 'not_an_approver':
    case 'not_the_requester':
    case 'lapsed':
      return onTheRequest(why, ask, verb);
    case 'too_many':
      return [
        limit === undefined
          ? 'too many tokens in one request.'
          : `one request may hold ${count(limit, 'token')} at most.`,
        'Ask in smaller parts.',
      ];
    case 'not_the_owner':
    case 'held_before':
    case 'no_reason':
      return onTheCard(why, ask);
    case 'settled':
      return [
        settled === undefined
          ? 'this has been decided already.'
          : `this was ${settled.how} already, by ${mention(settled.by.userId)} ${when(settled.at)}.`,
        'Its message says how.',
      ];
    case 'outdated':
    case 'overtaken':
      return sinceApproved(why);
  }
}

/** Why what was approved is not done any more. */
function sinceApproved(why: 'outdated' | 'overtaken'): readonly [string, string] {
  switch (why) {
    case 'outdated':
      return [
        'this lever is not offered any more, or more would stop with it than one person may agree to.',
        'Ask again on the card of the case; the facts have changed since.',
      ];
    case 'overtaken':
      return ['somebody has decided otherwise on its case since it was approved.', 'The card of the case says who.'];
  }
}

/** Why a press on a request was refused. */
function onTheRequest(
  why: 'maybe_same' | 'not_an_approver' | 'not_the_requester' | 'lapsed',
  ask: string,
  verb: OutcomeOf<'denied'>['verb'],
): readonly [string, string] {
  switch (why) {
    case 'maybe_same':
      return [
        'Slack did not tell whether you are somebody else than those who asked or approved before.',
        `Press again in a minute. ${ask}`,
      ];
    case 'not_an_approver':
      return ['you may not approve this.', ask];
    case 'lapsed':
      return ['this request has lapsed.', 'Ask again; the facts may have changed since.'];
    case 'not_the_requester':
      return ['only the person who asked may press this.', `To ask yourself, type ${code(`/pat ${verb} …`)}.`];
  }
}

/** Why a press on a leak's card was refused. */
function onTheCard(why: 'not_the_owner' | 'held_before' | 'no_reason', ask: string): readonly [string, string] {
  switch (why) {
    case 'not_the_owner':
      return [
        'only the owner of this token, or somebody who may deactivate it, can say that.',
        `${ask} The policy names owners, where Slack does not know them by their e-mail address.`,
      ];
    case 'held_before':
      return ['time was asked for before, and is given once.', 'The card says until when the question was held.'];
    case 'no_reason':
      return [
        'this token matches for sure, so closing its case wants a typed reason.',
        'Press Not ours on the card as it is now, and say why.',
      ];
  }
}

/** The very same waits for others already: whoever asks again is led there. */
export function renderAskedBefore({
  verb,
  by,
  at,
  missing,
  expiresAt,
  message: place,
  link,
}: OutcomeOf<'asked_before'>): Message {
  const head = `${notDone(verb)}: ${mention(by.userId)} asked for the same ${when(at)}, and it waits for ${count(missing, 'approval')}.`;
  const words = linked(link, 'The first request');
  const first = place === undefined ? words : `${words} in ${channelName(place.channel)}`;
  const next = `${first} is open until ${when(expiresAt)}; whoever may approve it decides there.`;
  return message(`${head} ${next}`, [section([`*${head}*`, next])]);
}

/** The people who may, by name, where Slack tells who they are. */
function whomToAsk(roles: readonly string[], people: readonly string[]): string {
  if (roles.length === 0) return 'No role of the policy may; ask the owners of Patrol.';
  const named = `the role ${oneOf(roles.map((role) => code(role)))}`;
  return people.length === 0 ? `Ask somebody with ${named}.` : `Ask ${oneOf(people.map(mention))}: they have ${named}.`;
}

/** The same person cannot be two of those who approve. */
export function renderAlreadyVoted({ at, missing }: OutcomeOf<'already_voted'>): Message {
  const head = `Your press changed nothing: you approved ${when(at)} already.`;
  const more =
    missing === 1
      ? 'One more approval is needed, by somebody else.'
      : `${missing} more approvals are needed, by others.`;
  return message(`${head} ${more}`, [section([`*${head}*`, more])]);
}

/** Too few could ever approve: said at once instead of waiting for ever. */
export function renderNoApprover(outcome: OutcomeOf<'no_approver'>): Message {
  const { verb, mayBreakGlass, approvalId } = outcome;
  const head = `${notDone(verb)}: ${missingWords(outcome)}`;
  const needs = neededWords(outcome);
  const glass = mayBreakGlass && approvalId !== undefined;
  return message(`${head} ${needs}`, [
    section([
      `*${head}*`,
      needs,
      glass
        ? 'You may break the glass: you type a reason, it starts at once, and the security channel is told.'
        : 'Ask the owners of Patrol to give more people that role.',
    ]),
    glass
      ? actions(button({ text: 'Break the glass…', action: ACTION.breakGlass, value: approvalId, style: 'danger' }))
      : undefined,
  ]);
}

function missingWords({ needed, could, unread }: OutcomeOf<'no_approver'>): string {
  if (could === 0) return unread ? 'I found nobody who could approve it.' : 'there is nobody who could approve it.';
  return `${needed} must approve it, and ${unread ? 'I found only' : 'there is only'} ${could} who could.`;
}

function neededWords({ rule, roles, needed, unread }: OutcomeOf<'no_approver'>): string {
  if (rule === undefined)
    return 'It is never done without the agreement of others, and no approval rule of the policy says by whom.';
  const who = needed === 1 ? 'somebody' : `${needed} people`;
  const role = roles.length === 0 ? '' : ` with the role ${oneOf(roles.map((name) => code(name)))}`;
  const group = unread ? ' Slack did not tell who is in a user group that counts; ask again in a minute.' : '';
  return `The rule ${code(rule)} asks for ${who} other than you${role}.${group}`;
}
