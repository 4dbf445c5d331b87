import { defined } from '#shared/core/defined.ts';
import type { Actor, Lever } from '#shared/core/vocabulary.ts';
import { isChange, type Outcome, type OutcomeOf } from '#shared/tokens/outcome.ts';
import { renderApproval, renderPassedOn } from './render-approval.ts';
import { renderAudit } from './render-audit.ts';
import { context as contextLine, type Message, message } from './bricks.ts';
import type { Offers } from './case-buttons.ts';
import type { CardContext } from './case-card.ts';
import { renderBulk } from './render-bulk.ts';
import { renderCase, renderCases, renderUnknownCase } from './render-case.ts';
import { renderChange } from './render-change.ts';
import { renderCancelled, renderConfirm, renderHindered } from './render-confirm.ts';
import { renderAlreadyVoted, renderAskedBefore, renderDenied, renderNoApprover } from './render-denied.ts';
import { renderDigest } from './render-digest.ts';
import { renderHelp } from './render-help.ts';
import { renderLeakReceived } from './render-leak-received.ts';
import { renderNoWindow } from './render-no-window.ts';
import { renderVersion } from './render-version.ts';
import { renderLever } from './render-lever.ts';
import { renderList } from './render-list.ts';
import { renderMisunderstood } from './render-misunderstood.ts';
import { renderPlea, renderPleaSent } from './render-plea.ts';
import { renderProfiles } from './render-profiles.ts';
import { renderStats } from './render-stats.ts';
import { requestName } from './text.ts';
import { renderAmbiguous, renderShown, renderUnknownToken } from './token.ts';
import { renderTriedNow } from './render-tried-now.ts';
import { renderTrouble } from './render-trouble.ts';
import { renderWorking } from './render-working.ts';
import { renderWhoami } from './render-whoami.ts';

/** What a message needs to know besides the outcome. */
export interface RenderContext {
  /** Who asked. */
  readonly actor: Actor;
  readonly now: Date;
  /** As typed, for a change of one token; other outcomes carry it themselves. */
  readonly reason?: string;
  readonly approvedBy?: readonly Actor[];
  readonly brokenGlassBy?: Actor;
  /** When it was asked for. */
  readonly requestedAt?: string;
  /** Which delivery of its queue it is, for what is tried again. */
  readonly attempt?: number;
  /** The request that goes on by itself, where the message offers to hurry it and to end it. */
  readonly run?: string;
  /** `alerts.showWhere` of the policy; without it places are not shown. */
  readonly showWhere?: boolean;
  /** True where others read it than whoever asked and the security channel; see `Naming`. */
  readonly discreet?: boolean;
  /** Which changes of a token somebody could still bring about; without it, all. */
  readonly offers?: Offers;
  /** The request that this answers, by which the log is searched: told where something went wrong. */
  readonly requestId?: string;
  /** The bigger levers offered on a case. */
  readonly levers?: readonly Lever[];
}

/** What the card of a case needs to know. */
function cardContext({ now, discreet = false, showWhere = false, levers = [], offers }: RenderContext): CardContext {
  return { now, discreet, showWhere, levers, ...defined({ offers }) };
}

/** Turns an outcome into one Slack message, in words that say no more than is known. Pure. */
export function render(outcome: Outcome, context: RenderContext): Message {
  const words = renderOne(outcome, context);
  if (context.requestId === undefined || !wentWrong(outcome)) return words;
  return message(words.text, [...words.blocks, traceLine(context.requestId)]);
}

/** True where something failed, if only for a part of what was asked for. */
function wentWrong(outcome: Outcome): boolean {
  if (outcome.kind === 'hygiene') return outcome.digest.unread.length > 0;
  if (outcome.kind === 'bulk') return outcome.changes.some((change) => 'trouble' in change);
  return 'trouble' in outcome || ('unread' in outcome && Array.isArray(outcome.unread) && outcome.unread.length > 0);
}

function traceLine(requestId: string) {
  return contextLine(`For whoever runs Patrol: request ${requestName(requestId)} in its log and its record.`);
}

function renderOne(outcome: Outcome, context: RenderContext): Message {
  const naming = { now: context.now, discreet: context.discreet ?? false };
  if (isChange(outcome)) return renderChange(outcome, context);
  switch (outcome.kind) {
    case 'listed':
      return renderList(outcome, naming);
    case 'shown':
      return renderShown(outcome, context.now);
    case 'ambiguous':
      return renderAmbiguous(outcome, naming);
    case 'unknown_token':
      return renderUnknownToken(outcome, naming);
    case 'confirm':
      return renderConfirm(outcome, naming);
    case 'hindered':
      return renderHindered(outcome, naming);
    case 'approval':
      return renderApproval(outcome, naming);
    case 'passed_on':
      return renderPassedOn(outcome);
    case 'bulk':
      return renderBulk(outcome, naming);
    case 'cases':
      return renderCases(outcome, naming);
    case 'case':
      return renderCase(outcome, cardContext(context));
    case 'unknown_case':
      return renderUnknownCase(outcome);
    case 'audited':
      return renderAudit(outcome, naming);
    case 'profiles':
      return renderProfiles(outcome, naming);
    case 'stats':
      return renderStats(outcome);
    case 'whoami':
      return renderWhoami(outcome);
    case 'help':
      return renderHelp(outcome);
    case 'trouble':
      return renderTrouble(outcome, context);
    case 'lever':
      return renderLever(outcome, context);
    case 'hygiene':
      return renderDigest(outcome.digest, naming);
    case 'misunderstood':
    case 'no_approver':
    case 'denied':
    case 'plea':
    case 'plea_sent':
    case 'cancelled':
    case 'asked_before':
    case 'already_voted':
    case 'working':
    case 'tried_now':
    case 'version':
    case 'no_window':
    case 'leak_received':
      return renderNotice(outcome);
  }
}

/** What is the same whoever reads it, and wherever. */
function renderNotice(
  outcome: OutcomeOf<
    | 'misunderstood'
    | 'no_approver'
    | 'denied'
    | 'plea'
    | 'plea_sent'
    | 'cancelled'
    | 'asked_before'
    | 'already_voted'
    | 'working'
    | 'tried_now'
    | 'version'
    | 'no_window'
    | 'leak_received'
  >,
): Message {
  switch (outcome.kind) {
    case 'misunderstood':
      return renderMisunderstood(outcome);
    case 'no_approver':
      return renderNoApprover(outcome);
    case 'denied':
      return renderDenied(outcome);
    case 'plea':
      return renderPlea(outcome);
    case 'plea_sent':
      return renderPleaSent(outcome);
    case 'cancelled':
      return renderCancelled(outcome);
    case 'asked_before':
      return renderAskedBefore(outcome);
    case 'already_voted':
      return renderAlreadyVoted(outcome);
    case 'working':
      return renderWorking(outcome);
    case 'tried_now':
      return renderTriedNow(outcome);
    case 'version':
      return renderVersion(outcome);
    case 'no_window':
      return renderNoWindow();
    case 'leak_received':
      return renderLeakReceived(outcome);
  }
}
