import { caseTroubleWords } from './case-trouble-words.ts';
import { isGuess } from '#shared/cases/is-guess.ts';
import { inTheWayOf, isSearchPlanned, isToBeKilled, isUnsearched } from '#shared/cases/search-again.ts';
import { type FaultCode, FAULTS } from '#shared/core/fault.ts';
import { FACTS } from '#shared/providers/facts.ts';
import { isDeleteOnly } from '#shared/providers/tells.ts';
import type { Case, CasePressed, CaseReport } from '#shared/store/store.ts';
import { pendingUntil } from '#shared/tokens/pending-until.ts';
import type { Pressable } from './pressable-on.ts';
import { ownerSaid, waitWords } from './owner-said.ts';
import { receiptWords } from './receipt-words.ts';
import { code, count, mention } from './text.ts';
import { when } from './time.ts';
import { canDeactivate, onlyDeletes, short } from './token.ts';
import { reportPlace } from './where-lines.ts';
import { alreadyWords, DONE } from './words.ts';

/** Where a case stands, in a headline that says no more than is known. */
export function caseHead(kase: Case): string {
  return kase.deferred === undefined
    ? stateHead(kase)
    : `${stateHead(kase)} Reported once more, and Patrol could NOT look for it.`;
}

/** A new state does not compile until it has words. */
function stateHead(kase: Case): string {
  const what = kase.token === undefined ? 'a leaked secret' : short(kase.token);
  switch (kase.state) {
    case 'received':
      return `Leak reported: ${what}. NOT revoked yet: working on it.`;
    case 'acting':
      return `Leaked: ${what}. NOT revoked yet: working on it.`;
    case 'unsearched':
      return `${whatLeaked(kase)} leaked, and Patrol could NOT look for it. Treat it as working.`;
    case 'unmatched':
      return 'Leaked secret that matches no token Patrol can see. NOT revoked.';
    case 'muted':
      return 'Leaked secret that nothing links to us. NOT revoked: the policy mutes such.';
    case 'asking':
      return `${leaked(kase)}: ${(kase.candidates?.length ?? 0) > 1 ? `one of ${kase.candidates?.length ?? 0} tokens` : what}. NOT revoked: a person must decide.`;
    case 'noted':
      return `Leak reported: ${what}. NOT revoked: the rules say to tell only.`;
    case 'shadowed':
      return `${leaked(kase)}: ${what}. NOT revoked: Patrol only watches (shadow).`;
    case 'not_revoked':
      return `${leaked(kase)}: ${what}. NOT revoked.`;
    case 'waiting':
      return `${leaked(kase)}: ${what}. NOT revoked yet: it waits for an approval${kase.token === undefined ? '' : ` at ${FACTS[kase.token.provider].displayName}`}.`;
    case 'dead':
      return kase.already === true
        ? `Leaked: ${what}, which ${alreadyWords(kase.verb ?? 'deactivate', kase.receipt?.read)}.`
        : `Leaked: ${what}. ${DONE[kase.verb ?? 'deactivate']}, confirmed.`;
    case 'restored':
      return `Leaked: ${what}. Active again: it was brought back.`;
    case 'dismissed':
      return kase.dismissedBy === undefined
        ? `Leaked: ${what}. Goes on in another case.`
        : `Closed as not ours: ${what}.`;
  }
}

/** True where the leak of a token is more than a guess: a resemblance, or what its issuer refuses, is what somebody reports. */
export function isSureLeak(kase: Case): boolean {
  const { token, candidates = [] } = kase;
  return token === undefined || (candidates.length < 2 && !isGuess(kase));
}

/** A leak, as far as it is known to be one of this token. */
function leaked(kase: Case): string {
  return isSureLeak(kase) ? 'Leaked' : 'Leak reported';
}

/** What a glance tells of a case before its words do: danger, work under way, safe, closed. */
export function caseSign({ state, dismissedBy }: Case): string {
  switch (state) {
    case 'received':
    case 'acting':
    case 'waiting':
      return '⏳';
    case 'dead':
      return '✅';
    case 'dismissed':
      return dismissedBy === undefined ? '➡️' : '⚪';
    case 'muted':
      return '⚪';
    case 'unsearched':
    case 'unmatched':
    case 'asking':
    case 'noted':
    case 'shadowed':
    case 'not_revoked':
    case 'restored':
      return '🔴';
  }
}

/** What little is known of a secret that could not be looked for. */
function whatLeaked({ clue }: Case): string {
  return clue?.provider === undefined ? 'A secret' : `A ${FACTS[clue.provider].displayName} token`;
}

/** How a search or a kill that could not be made is made possible, and when it is tried again by itself. */
function mendWords(kase: Case, { again }: Pressable): string {
  const refused = inTheWayOf(kase).flatMap((trouble) =>
    trouble.kind === 'unread' ? trouble.profiles : trouble.kind === 'failed' ? [trouble] : [],
  );
  // What a provider refuses for a reason of its own no credential mends.
  const isOwnReason = (fault: FaultCode) => kase.token !== undefined && fault === 'provider_unexpected';
  const broken = refused.filter(({ fault }) => FAULTS[fault].queue === 'drop' && !isOwnReason(fault));
  const items = [...new Set(broken.flatMap(({ whose }) => (whose === undefined ? [] : [itemOf(whose)])))];
  const mend = items.map((item) => code(`npm run setup -- --stage … --only ${item}`)).join(', ');
  const press =
    again === undefined ? undefined : `${items.length === 0 ? 'To try it at once, press' : 'Then press'} ${again}.`;
  return [items.length === 0 ? undefined : `Mend it: ${mend}.`, press, byItself(kase)]
    .filter((part) => part !== undefined)
    .join(' ');
}

/** What Patrol goes on with by itself, and when, where that is planned. */
function byItself(kase: Case): string | undefined {
  const { token, search, deferred } = kase;
  if (search === undefined) return undefined;
  if (search.isOver === true)
    return 'Patrol has tried it by itself for a week, and goes on with each weekly report only.';
  if (!isSearchPlanned(kase)) return undefined;
  return token === undefined || deferred !== undefined
    ? `Patrol also searches by itself, next ${when(search.at)}, and as soon as the credential works.`
    : `Patrol also tries again by itself, next ${when(search.at)}.`;
}

/** What `npm run setup` calls the credential of a profile, or GitHub's. */
function itemOf(whose: string): string {
  return whose === 'GitHub' ? 'github' : `profiles/${whose}`;
}

/** The state of a case in a few words, for lists. */
export function caseState(kase: Case): string {
  return kase.deferred === undefined ? stateName(kase) : `${stateName(kase)}, and could not be searched again`;
}

function stateName(kase: Case): string {
  switch (kase.state) {
    case 'received':
    case 'acting':
      return 'working on it';
    case 'unsearched':
      return 'NOT revoked, could not be searched';
    case 'unmatched':
      return 'NOT revoked, no match';
    case 'muted':
      return 'NOT revoked, muted by the policy';
    case 'asking':
      return 'NOT revoked, needs a decision';
    case 'noted':
      return 'NOT revoked, told only';
    case 'shadowed':
      return 'NOT revoked, shadow';
    case 'not_revoked':
      return 'NOT revoked';
    case 'waiting':
      return 'NOT revoked yet, waits';
    case 'dead':
      return kase.already === true
        ? alreadyWords(kase.verb ?? 'deactivate', kase.receipt?.read)
        : DONE[kase.verb ?? 'deactivate'].toLowerCase();
    case 'restored':
      return 'active again';
    case 'dismissed':
      return kase.dismissedBy === undefined ? 'goes on in another case' : 'closed as not ours';
  }
}

/** What comes next, where the state alone does not say it. */
export function caseNext(kase: Case, pressable: Pressable): string | undefined {
  const next = stateNext(kase, pressable);
  if (kase.deferred === undefined || kase.state === 'not_revoked') return next;
  // What can be pressed there is for the state alone.
  return [next, mendWords(kase, { choose: false })].filter((part) => part !== undefined && part !== '').join(' ');
}

function stateNext(kase: Case, pressable: Pressable): string | undefined {
  switch (kase.state) {
    case 'unsearched':
      return `Nothing was changed. ${mendWords(kase, pressable)}`.trim();
    case 'unmatched':
      return `Nothing was changed. Find out whose it is; ${code('/pat list')} shows the tokens Patrol can see. If another system issued it, revoke it there${pressable.dismiss === undefined ? '' : `; if it is harmless, press ${pressable.dismiss}`}.`;
    case 'muted':
      return 'Nothing was changed. It has no card in the channel; the weekly report counts it.';
    case 'asking':
      return `Nothing was changed${askedBecause(kase, pressable)} ${decideWords(kase, pressable)}`;
    case 'noted':
      return `Nothing was changed.${pressable.kill === undefined && !pressable.choose ? '' : ' The buttons work all the same.'}`;
    case 'not_revoked':
      if (kase.token?.own === true) return ownWords(kase.token.profile);
      return isUnsearched(kase)
        ? `Treat it as still working. ${mendWords(kase, pressable)}`.trim()
        : 'Treat it as still working.';
    case 'waiting':
      return waitingWords(kase);
    case 'restored':
      return 'The secret is still known to others. Replace it, then deactivate it again.';
    case 'dismissed':
      if (kase.dismissedBy !== undefined) return closedWords(kase);
      return kase.mergedInto === undefined ? undefined : `It goes on in ${kase.mergedInto}.`;
    case 'dead':
      return kase.already === true ? undefined : 'Next: replace it wherever it was used.';
    case 'received':
    case 'acting':
    case 'shadowed':
      return undefined;
  }
}

/** What comes of a kill that waits at its provider: that it is looked at, and when a decided one is asked for again. */
function waitingWords(kase: Case): string {
  const looks =
    'Treat it as still working until then. Patrol looks again after five minutes, an hour and then each day for a week.';
  if (!isToBeKilled(kase)) return looks;
  const askedAt = (kase.troubles ?? []).find((trouble) => trouble.kind === 'waiting')?.askedAt;
  const until = askedAt === undefined ? 'that week' : when(pendingUntil(askedAt));
  return `${looks} By itself it asks for it again only after ${until}: before that the first request may still wait there.`;
}

/** Why a person is asked, as the end of a sentence. */
function askedBecause({ decision, candidates = [] }: Case, { choose }: Pressable): string {
  if (decision?.rule === 'floor:brake')
    return ': without a human Patrol has stopped as many tokens of this profile as the policy allows just now.';
  return candidates.length > 1 && choose ? ': a guess never kills.' : '.';
}

/** What a person can decide about a token that matches: by the buttons that there are. */
function decideWords(kase: Case, { kill, dismiss, choose }: Pressable): string {
  const { token } = kase;
  if (token?.own === true) return ownWords(token.profile);
  const no = dismiss === undefined ? undefined : `press ${dismiss}`;
  if (choose) return `Choose the right token${no === undefined ? '' : `, or ${no}`}.`;
  const isDone = token !== undefined && !canDeactivate(token) && !isDeleteOnly(token);
  const only = token !== undefined && isDeleteOnly(token) ? `${onlyDeletes(token)}, which cannot be undone. ` : '';
  const about = isDone ? 'It has expired. ' : only;
  if (kill === undefined)
    return `${about}The policy lets nobody stop it from here: that is left to the provider's own page${no === undefined ? '' : `. If it is not ours, ${no}`}.`;
  const why = isDone ? 'if it is to be gone for good' : 'if it is this one';
  return `${about}Press ${kill} ${why}${dismiss === undefined ? '' : `, or ${dismiss}`}.`;
}

/** What to do when the token that Patrol itself works with has leaked: it cannot saw off its own branch. */
function ownWords(profile: string): string {
  return `It is the token that Patrol itself works with, and it still WORKS. Now: 1. make a new one at the provider, 2. ${code(`npm run setup -- --stage … --only profiles/${profile}`, 200)}, 3. revoke the old one at the provider's own page.`;
}

function closedWords({ dismissReason }: Case): string {
  const why = dismissReason === undefined ? '' : ` Reason: ${code(dismissReason, 300)}.`;
  return `Closing changed no token.${why}`;
}

const PRESSED: Readonly<Record<CasePressed['act'], string>> = {
  deactivate: 'Deactivate',
  delete: 'Delete',
  undo: 'Undo',
  dismiss: 'Not ours',
  reopen: 'Reopen',
  take: 'Take it',
  retry: 'Try or search again',
  lever: 'Bigger lever',
  mine: 'It is mine, replaced',
  not_mine: 'Not me',
  wait: 'I need time',
};

const PRESSES_SHOWN = 5;

/** Who has pressed what on the card, the newest last: "Pressed: Take it by @a, Undo by @b." */
export function pressedWords(presses: readonly CasePressed[] = []): string | undefined {
  if (presses.length === 0) return undefined;
  const shown = presses.slice(-PRESSES_SHOWN).map(({ act, by }) => `${PRESSED[act]} by ${mention(by.userId)}`);
  const earlier = presses.length > PRESSES_SHOWN ? ', and earlier ones in the thread' : '';
  return `Pressed: ${shown.join(', ')}${earlier}.`;
}

/** Returns "once", "3 times". */
export function times(number: number): string {
  return number === 1 ? 'once' : count(number, 'time');
}

/** How often it was reported and by whom: "Reported 3 times by github, gitguardian". */
export function reportedWords(kase: Case): string {
  const senders = [...new Set(kase.reports.map(senderOf))];
  return `Reported ${times(kase.count)} by ${senders.length === 0 ? 'an unknown sender' : senders.join(', ')}.`;
}

/** Who reported it: the person, or the scanner. */
function senderOf({ source, reporter }: CaseReport): string {
  return reporter === undefined ? code(source) : mention(reporter.userId);
}

/** Who had the token changed, where a person did: "By @a." */
export function changedWords({ state, already, changedBy }: Case): string | undefined {
  if (changedBy === undefined || already === true || (state !== 'dead' && state !== 'restored')) return undefined;
  return `By ${mention(changedBy.userId)}.`;
}

/** One line for the thread when a case moved on; `undefined` when nothing worth a line has changed. */
export function caseLogLine(before: Case | undefined, after: Case, showWhere: boolean): string | undefined {
  if (before === undefined) {
    const [where] = showWhere ? after.reports.slice(-1).map(inPlace) : [];
    return `${reportedWords(after).replace(/\.$/, '')}${where ?? ''}. ${caseHead(after)}`;
  }
  const lines = [
    before.state === after.state && before.verb === after.verb
      ? undefined
      : [caseHead(after), changedWords(after), proof(after), byWhom(before, after)]
          .filter((part) => part !== undefined && part !== '')
          .join(' '),
    isKilledAnew(before, after)
      ? `It was ALIVE AGAIN although its end was confirmed, and was killed once more. ${proof(after)}`
      : undefined,
    after.count > before.count ? repeated(before, after, showWhere) : undefined,
    after.takenBy !== undefined && after.takenBy.userId !== before.takenBy?.userId
      ? `Taken by ${mention(after.takenBy.userId)}.`
      : undefined,
    before.ownerWord?.at === after.ownerWord?.at ? undefined : ownerSaid(after),
    isSameWait(before, after) ? undefined : waitWords(after),
    pressedWords(newPresses(before, after)),
    before.state === after.state && caseTroubleWords(before) !== caseTroubleWords(after)
      ? caseTroubleWords(after)
      : undefined,
    before.ownerToldAt === undefined && after.ownerToldAt !== undefined
      ? 'The owner was told by direct message.'
      : undefined,
  ];
  return lines.filter((line) => line !== undefined).join(' ') || undefined;
}

function isSameWait({ wait: before }: Case, { wait: after }: Case): boolean {
  return before?.until === after?.until && before?.isOver === after?.isOver;
}

function proof({ state, already, receipt }: Case): string {
  return state === 'dead' && already !== true && receipt !== undefined ? receiptWords(receipt) : '';
}

function byWhom(before: Case, after: Case): string {
  const { dismissedBy } = after;
  return dismissedBy === undefined || before.dismissedBy !== undefined
    ? ''
    : `Closed by ${mention(dismissedBy.userId)}.`;
}

/** True where a token that was dead before has been killed again: somebody else had brought it back in between. */
function isKilledAnew(before: Case, after: Case): boolean {
  const isDead = before.state === 'dead' && after.state === 'dead' && before.verb === after.verb;
  return isDead && before.receipt?.confirmedAt !== after.receipt?.confirmedAt;
}

function repeated(before: Case, after: Case, showWhere: boolean): string {
  const isAsBefore = before.state === after.state && before.receipt?.confirmedAt === after.receipt?.confirmedAt;
  const twice = isAsBefore ? ' Nothing was done twice.' : '';
  const fresh = after.reports.slice(-Math.min(after.count - before.count, REPORTS_TOLD));
  const told = fresh.map((report) => ` by ${senderOf(report)}${showWhere ? inPlace(report) : ''}`);
  return `Reported again${told.join(',')}, ${count(after.count, 'report')} in all.${twice}`;
}

const REPORTS_TOLD = 10;

function inPlace(report: CaseReport): string {
  const place = reportPlace(report);
  return place === undefined ? '' : ` in ${place}`;
}

/** Who has taken or closed it, and what its owner says, is said in words of its own. */
const TOLD_APART: ReadonlySet<CasePressed['act']> = new Set(['take', 'dismiss', 'mine', 'not_mine', 'wait']);

function newPresses(before: Case, { presses = [] }: Case): readonly CasePressed[] {
  const last = before.presses?.at(-1)?.at ?? '';
  return presses.filter(({ at, act }) => at > last && !TOLD_APART.has(act));
}
