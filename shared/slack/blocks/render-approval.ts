import type { types } from '@slack/bolt';
import { defined } from '#shared/core/defined.ts';
import type { ChangeOrder, Order } from '#shared/core/vocabulary.ts';
import { leverUndo, leverWanted, leverWords } from '#shared/providers/lever-words.ts';
import type { Approval } from '#shared/store/store.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { withoutPromise } from '../without-promise.ts';
import { approvalTokens, leverOrderBlocks } from './approval-tokens.ts';
import { actions, button, context, type Message, message, section, sure } from './bricks.ts';
import { bulkWords, leakWords } from './render-confirm.ts';
import { whoLine } from './render-change.ts';
import { ACTION, encodeTokens, refOf } from './press.ts';
import { channelName, code, count, linked, mention, oneOf, whom } from './text.ts';
import { when } from './time.ts';
import type { Naming } from './token.ts';
import { DO, isMutation, notDone, stopped, undoWords } from './words.ts';

/** A request that waits for others, or how that ended: who asked, who approved, who refused, when it lapses. */
export function renderApproval({ approval, approvers, mayBreakGlass }: OutcomeOf<'approval'>, naming: Naming): Message {
  const { order, state, seen } = approval;
  const isOpen = state === 'open';
  const head = approvalHeadline(approval);
  const asked = whoLine({ actor: order.requester, ...defined({ reason: order.reason }) });
  return message(isOpen ? `${head} Lapses ${when(approval.expiresAt)}.` : head, [
    section([
      `*${head}*`,
      isOpen ? whoMay(approvers) : undefined,
      isOpen ? `${asked} *Answer before ${when(approval.expiresAt)}.*` : undefined,
      isOpen ? consequence(approval) : undefined,
      ...(seen?.leaks ?? []).map(({ caseId, name, isPublic }) => leakWords({ caseId, what: code(name, 60), isPublic })),
    ]),
    ...(order.verb === 'lever' ? leverOrderBlocks(order, naming) : [lifted(order), counted(order)]),
    ...approvalTokens(approval, naming),
    glassWords(approval),
    section(votes(approval)),
    context(`${isOpen ? '' : `${asked} `}${small(approval)}`),
    isOpen ? buttons(approval, mayBreakGlass) : undefined,
  ]);
}

/** What a yes would mean. */
function consequence({ order }: Approval): string {
  if (order.verb !== 'lever') {
    const undo = undoWords(order.verb, order.verb === 'deactivate');
    return order.tokens.length > 1 ? `${undo} ${bulkWords(order.keepGoing)}` : undo;
  }
  return `${stopped(leverWords(order.lever))} ${leverUndo(order.lever)}`;
}

/** Loud: that a yes goes over the policy's protection. */
function lifted({ lifts }: ChangeOrder): types.SectionBlock | undefined {
  if (lifts === undefined) return undefined;
  return section([
    '*The policy protects this token. A yes lifts that for this leak, which is proved.*',
    `The policy says why it is protected: ${stopped(lifts)}`,
  ]);
}

/** Why so few tokens may need others: the requester has asked for more of them just before. */
function counted({ countedWith }: ChangeOrder): types.SectionBlock | undefined {
  if (countedWith === undefined) return undefined;
  return section(
    `Counts as one request with ${count(countedWith, 'other token')} that the requester has asked for alone in the last minutes.`,
  );
}

/** What is asked, in words: "delete 3 tokens". */
export function wanted(order: Order): string {
  if (order.verb === 'lever') return stopped(leverWanted(order.lever)).replace(/\.$/, '');
  const { verb, tokens } = order;
  const [only] = tokens;
  return `${verb} ${tokens.length === 1 && only !== undefined ? code(only.name === '' ? only.id : only.name, 60) : count(tokens.length, 'token')}`;
}

function approvalHeadline(approval: Approval): string {
  const what = wanted(approval.order);
  const not = notDone(approval.order.verb);
  switch (approval.state) {
    case 'open':
      return `Approval needed: may ${mention(approval.order.requester.userId)} ${what}? Nothing has been done yet.`;
    case 'approved':
      return `${approval.brokenGlass === undefined ? 'Approved' : 'Glass broken'}: ${what}. Working on it.`;
    case 'refused':
      return `Refused: ${what}. ${not}.`;
    case 'lapsed':
      return `Lapsed without approval: ${what}. ${not}.`;
    case 'withdrawn':
      return `Taken back by the requester: ${what}. ${not}.`;
    case 'needless':
      return `Not needed any more: ${what}. A fresh read shows that nothing is left to be done.`;
    case 'done':
      return `${approval.brokenGlass === undefined ? 'Approved' : 'Glass broken'}: ${what}. The result is told in its own message.`;
  }
}

/** What stays true of a request that waits no more, in a message that nobody brings up to date. */
function lastHeadline(settled: Approval): string {
  return approvalHeadline(withoutPromise(settled));
}

/** Loud, wherever the card is shown: who went ahead alone, and why. */
function glassWords({ brokenGlass }: Approval): types.SectionBlock | undefined {
  if (brokenGlass === undefined) return undefined;
  const { actor, at, reason } = brokenGlass;
  return section([
    `*The glass was broken: ${mention(actor.userId)} went ahead without an approval (${when(at)}).*`,
    `Reason: ${code(reason, 500)}. Somebody else should look at this afterwards.`,
  ]);
}

function votes(approval: Approval): string[] {
  const { approvedBy, brokenGlass, refusedBy, needed, state } = approval;
  // Whoever broke the glass approved nothing for anybody.
  const votes = approvedBy.filter(
    ({ actor, at }) => actor.userId !== brokenGlass?.actor.userId || at !== brokenGlass.at,
  );
  const yes = votes.map(({ actor, at }) => `${mention(actor.userId)} (${when(at)})`);
  const tally = `Approved by ${votes.length} of ${needed}${yes.length > 0 ? `: ${oneOf(yes, 'and')}` : ''}.`;
  const how = state === 'withdrawn' ? 'Taken back' : 'Refused';
  const no = refusedBy === undefined ? [] : [`${how} by ${mention(refusedBy.actor.userId)} (${when(refusedBy.at)}).`];
  return [tally, ...no];
}

function small({ rule, state, expiresAt, order, id }: Approval): string {
  const { caseId } = order;
  const end = state === 'open' ? `Lapses ${when(expiresAt)}; for whoever asked, Refuse takes it back. ` : '';
  const lever = order.verb === 'lever' ? ` Lever ${code(order.lever.id, 200)}.` : '';
  return `${end}Rule ${code(rule)}.${lever}${caseId === undefined ? '' : ` Case ${code(caseId)}.`} Request ${code(id)}.`;
}

/** What a yes is to, on the button: at a glance a delete is no deactivation. */
export function approveWords({ verb }: Order): string {
  return verb === 'lever' ? 'Approve lever' : `Approve ${verb}`;
}

function buttons(approval: Approval, mayBreakGlass: boolean): types.ActionsBlock | undefined {
  const { id, order } = approval;
  const { verb, tokens } = order;
  const what = wanted(order).replaceAll('`', '');
  const last = approval.needed - approval.approvedBy.length <= 1;
  const text = `You approve: ${what}. ${last ? 'It starts at once.' : 'Others must approve too.'} ${consequence(approval)}`;
  const [only] = tokens;
  const look = only === undefined ? undefined : encodeTokens({ verb: 'show', tokens: [refOf(only)] });
  const style = verb === 'activate' ? 'primary' : 'danger';
  return actions(
    button({
      text: approveWords(order),
      action: ACTION.approve,
      value: id,
      style,
      confirm: sure('Approve?', text, isMutation(verb) ? `Yes, ${DO[verb].toLowerCase()}` : 'Yes, pull it'),
    }),
    button({ text: 'Refuse', action: ACTION.refuse, value: id }),
    tokens.length > 1
      ? button({ text: `Show all ${tokens.length} tokens`, action: ACTION.approvalTokens, value: id })
      : look === undefined
        ? undefined
        : button({ text: 'Details', action: `${ACTION.row}:show`, value: look }),
    mayBreakGlass ? button({ text: 'Break the glass…', action: ACTION.breakGlass, value: id }) : undefined,
  );
}

/** The requester's own message, once the request waits for others in a message of its own. */
export function renderPassedOn({ order, approvers, expiresAt, settled, where }: OutcomeOf<'passed_on'>): Message {
  const place = where === undefined ? 'in a message of its own' : `in ${channelName(where)}`;
  const [head, lines] =
    settled === undefined
      ? [
          `Passed on: ${wanted(order)} needs somebody else's yes. Nothing has been done yet.`,
          [`The request stands ${place}; it lapses ${when(expiresAt)}.`, whoMay(approvers)],
        ]
      : [lastHeadline(settled), [`The request stands ${place}.`]];
  return message(head, [
    section([`*${head}*`, ...lines]),
    context(whoLine({ actor: order.requester, ...defined({ reason: order.reason }) })),
  ]);
}

/**
 * What whoever may agree is told first: what stays true whatever becomes of the request, since nobody can change a direct message
 * of whose place nobody has heard. `card` is where the request stands, and its address.
 */
export function approvalAsked(
  { id, order }: Approval,
  card: { readonly channel: string; readonly link?: string } | undefined,
): Message {
  const head = `${mention(order.requester.userId)} has asked for agreement: ${wanted(order)}.`;
  const where = card && `${linked(card.link, 'Its card')} in ${channelName(card.channel)} says how it stands.`;
  const text = where === undefined ? head : `${head} ${where}`;
  return message(text, [section(text), context(`Request ${code(id)}.`)]);
}

/** Calls out once more a request that still waits, shortly before it lapses. It stays true: nobody changes it once that is decided. */
export function approvalReminder({ approval, approvers }: OutcomeOf<'approval'>): Message {
  const { order, expiresAt, needed, approvedBy } = approval;
  const missing = Math.max(1, needed - approvedBy.length);
  const head = `Reminder of a request that was still waiting: ${wanted(order)}, asked by ${mention(order.requester.userId)}.`;
  const how = `Without ${count(missing, 'more approval')} it lapses ${when(expiresAt)}. Its card says how it stands.`;
  return message(`${head} ${how}`, [section([`*${head}*`, how, whoMay(approvers)])]);
}

function whoMay(approvers: readonly string[]): string | undefined {
  return approvers.length === 0 ? undefined : `May approve: ${oneOf(approvers.slice(0, 20).map(whom))}.`;
}
