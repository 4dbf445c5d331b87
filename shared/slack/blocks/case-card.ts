import { isOwnCheck } from '#shared/alerts/is-own-check.ts';
import type { Lever } from '#shared/core/vocabulary.ts';
import { matchWords } from '#shared/cases/match-words.ts';
import { proofWords } from '#shared/tokens/proof-words.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { FACTS } from '#shared/providers/facts.ts';
import type { Case } from '#shared/store/store.ts';
import { actions, context, type Message, message, section } from './bricks.ts';
import { candidateBlocks, caseButtons, leverButtons, leverLines, type Offers } from './case-buttons.ts';
import { caseTroubleWords } from './case-trouble-words.ts';
import { clueLines, placeLines, whereLines } from './where-lines.ts';
import { caseHead, caseNext, caseSign, changedWords, pressedWords, reportedWords } from './case-words.ts';
import { ownerButtons } from './owner-buttons.ts';
import { ownerSaid, waitWords } from './owner-said.ts';
import { folded } from './folded.ts';
import { pressableOn } from './pressable-on.ts';
import { receiptWords } from './receipt-words.ts';
import { showingLines } from './showing-lines.ts';
import { code, mention, oneOf, requestName } from './text.ts';
import { measured, whenExactly, when } from './time.ts';
import { ageWords, expiryWords, lastUseWords, named, ownerBrief, ownerWords, permissionWords } from './token.ts';
import { stated, stopped, undoWords } from './words.ts';

/** What a case card needs to know besides the case. */
export interface CardContext {
  readonly now: Date;
  /** Whether links and paths of the report may be shown (`alerts.showWhere`). */
  readonly showWhere: boolean;
  /** The bigger levers that the policy offers for this token's owner. */
  readonly levers?: readonly Lever[];
  /** True where others read it than whoever asked and the security channel; see `Naming`. */
  readonly discreet?: boolean;
  /** Which changes of a token somebody could still bring about; without it, all. */
  readonly offers?: Offers;
  /** True where the token's owner is known in Slack, so that they may press what only they can say. */
  readonly hasOwner?: boolean;
  /** For how many minutes an owner may hold the question (`alerts.owner.waitMinutes`). */
  readonly waitMinutes?: number;
  /** Whether deactivating can be undone at this provider. */
  readonly undo?: boolean;
}

/**
 * The one living message of a case. Its first screen on a phone answers what, where, whose and what now, with two buttons;
 * folded away behind it are token, match, rule, proof and whoever had a hand in it; then come the rarer buttons.
 */
export function caseCard(kase: Case, card: CardContext): Message {
  const { first, others } = caseButtons(kase, card.undo ?? true, card.offers);
  const candidates = candidateBlocks(kase, { now: card.now, discreet: card.discreet ?? false }, card.offers);
  const pressable = pressableOn([...first, ...others], candidates);
  const head = caseHead(kase);
  const next = caseNext(kase, pressable);
  const { token } = kase;
  // What to do with Patrol's own token begins with why it is refused.
  const trouble = token?.own === true && next !== undefined ? undefined : caseTroubleWords(kase, pressable);
  const { levers = [] } = card;
  return message([head, trouble, next].filter((part) => part !== undefined).join(' '), [
    section([`${caseSign(kase)} *${head}*`, changedWords(kase), trouble, shadowWords(kase), next]),
    section([...placeLines(kase, card.showWhere), ...whoseLines(kase, card.now)]),
    section([ownerSaid(kase), waitWords(kase)]),
    actions(...first),
    ...candidates,
    folded('Details', [
      small([
        token === undefined ? undefined : `Token: ${named(token)} at ${FACTS[token.provider].displayName}`,
        token?.owner === undefined ? undefined : `Owner at ${FACTS[token.provider].displayName}: ${ownerWords(token)}`,
        token === undefined
          ? undefined
          : `Permissions: ${permissionWords(token)} · expires: ${expiryWords(token, card.now)}`,
      ]),
      small([...matchLines(kase), ...showingLines(kase), ...whereLines(kase, card.showWhere)]),
      small([deathWords(kase), undoAfter(kase, card)]),
      small(leverLines(levers)),
      small([historyWords(kase), requestWords(kase)]),
    ]),
    context(footer(kase)),
    actions(
      ...others,
      ...(card.hasOwner === true ? ownerButtons(kase, card.waitMinutes) : []),
      ...leverButtons(kase, levers),
    ),
  ]);
}

const REQUESTS_SHOWN = 3;

/** The requests that brought its newest reports, as the log and the record know them. */
function requestWords({ reports }: Case): string | undefined {
  const ids = [...new Set(reports.flatMap(({ requestId }) => requestId ?? []))].slice(-REQUESTS_SHOWN);
  return ids.length === 0 ? undefined : `For whoever runs Patrol: request ${oneOf(ids.map(requestName), 'and')}`;
}

/** Whose token it is and how it is used; of a secret without a token, what little is known. */
function whoseLines(kase: Case, now: Date): string[] {
  const { token } = kase;
  if (token === undefined) return clueLines(kase);
  return [
    `Owner: ${whoOwns(token)}`,
    `Age: ${ageWords(token, now)} · last used: ${lastUseWords(token, now)}${whoseUse(kase)}`,
  ];
}

/** On its leak's card an owner is a person to turn to, whom a press on the name shows; else what the provider calls them. */
function whoOwns(token: Token): string {
  const { person } = token.owner ?? {};
  return person === undefined ? ownerBrief(token) : mention(person.userId);
}

/** A use that was Patrol's own validity check is nobody's news. */
function whoseUse({ token, validity }: Case): string {
  return token !== undefined && isOwnCheck(token, validity) ? ", by Patrol's own check" : '';
}

/** Lines in small print; nothing where there is none. */
function small(lines: readonly (string | undefined)[]) {
  const present = lines.filter((line) => line !== undefined);
  return present.length === 0 ? undefined : context(present.join('\n'));
}

/** The receipt, and how long the leaked token lived after the first report. */
function deathWords({ state, already, receipt, openedAt, generation }: Case): string | undefined {
  if (state !== 'dead' || receipt === undefined) return undefined;
  if (already === true)
    return `Nothing was changed. Checked ${whenExactly(receipt.confirmedAt)}: ${stopped(proofWords(receipt))}`;
  const lived = Date.parse(receipt.confirmedAt) - Date.parse(openedAt);
  // After an undo the first report says nothing about this kill any more.
  const isTold = generation === 0 && lived >= 0;
  return isTold
    ? `${receiptWords(receipt)} Confirmed ${measured(lived)} after the first report.`
    : receiptWords(receipt);
}

/** Shadow stands in for deactivating only; where the match is a guess, a person would have been asked. */
function shadowWords({ state, token, grade }: Case): string | undefined {
  if (state !== 'shadowed') return undefined;
  const isSure = token !== undefined && grade === 'proved';
  return `Nothing was changed. Without shadow, ${isSure ? 'it would have been deactivated' : 'a person would have been asked'}.`;
}

function undoAfter({ state, already, verb, token }: Case, { undo }: CardContext): string | undefined {
  if (state !== 'dead' || already === true || token === undefined) return undefined;
  const { delay } = FACTS[token.provider];
  const words = undoWords(verb ?? 'deactivate', undo ?? true);
  return delay === undefined ? words : `${words} ${delay}`;
}

/** How sure the match is and why, and which rule decided. */
function matchLines({ grade, because, decision }: Case): string[] {
  return [
    grade === undefined
      ? undefined
      : `Match: *${grade}*${because === undefined ? '' : `. ${stated(matchWords(because))}`}`,
    decision === undefined || decision.overruled === true
      ? undefined
      : `Rule: ${code(decision.rule)} (${decision.action})`,
  ].filter((line) => line !== undefined);
}

/** What the card is called, who reported it, and whose it is now. */
function footer(kase: Case): string {
  const taken = kase.takenBy === undefined ? 'Nobody has taken it yet.' : `Taken by ${mention(kase.takenBy.userId)}.`;
  const closed = kase.dismissedBy === undefined ? '' : ` Closed by ${mention(kase.dismissedBy.userId)}.`;
  return `Case ${code(kase.id)} · ${reportedWords(kase)} ${taken}${closed}`;
}

/** When it came and changed, and who had a hand in it. */
function historyWords(kase: Case): string {
  return [
    `First ${when(kase.openedAt)}, last change ${whenExactly(kase.updatedAt)}.`,
    kase.ownerToldAt === undefined ? undefined : 'Owner told.',
    pressedWords(kase.presses),
    kase.isShortened === true ? 'More was told than can be kept: long texts and lists are cut.' : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(' ');
}
