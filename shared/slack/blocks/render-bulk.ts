import { defined } from '#shared/core/defined.ts';
import type { Change, OutcomeOf } from '#shared/tokens/outcome.ts';
import { actions, button, context, type Message, message, paragraphs, section } from './bricks.ts';
import { LIMITS } from './limits.ts';
import { changeHead, whoLine } from './render-change.ts';
import { ACTION, encodeTokens, refOf } from './press.ts';
import { plan, type Task } from './plan.ts';
import { code, count, grouped, mention } from './text.ts';
import { whenExactly } from './time.ts';
import { type Naming, plainBrief } from './token.ts';
import { alreadyWords, DOING, DONE, NOT_DONE, undoWords } from './words.ts';

type Bulk = OutcomeOf<'bulk'>;

const SURPRISES_SHOWN = 20;

/** Many tokens: one message, edited while it runs; one line per token, and in the end a summary that adds up. */
export function renderBulk(outcome: Bulk, naming: Pick<Naming, 'discreet'>): Message {
  const tally = tallyOf(outcome);
  const head = bulkHeadline(outcome, tally);
  const tasks = tasksOf(outcome, naming);
  const rest = tasks.length - LIMITS.planTasks;
  const reason = defined({ reason: outcome.reason, brokenGlassBy: outcome.brokenGlassBy });
  return message(head, [
    section(`*${head}*`),
    outcome.state === 'given_up' ? section(GIVEN_UP) : undefined,
    ...paragraphs(surpriseLines(outcome)),
    plan(TITLE[outcome.state], tasks.slice(0, LIMITS.planTasks)),
    rest > 0 ? context(`And ${grouped(rest)} more: ${code('/pat audit')} names all that were handled.`) : undefined,
    goesOn(outcome) || tally.changed === 0 ? undefined : section(undoLine(outcome)),
    context(
      `${whoLine({ actor: outcome.requester, approvedBy: outcome.approvedBy, ...reason })} Started ${whenExactly(outcome.startedAt)}, ${outcome.state === 'running' ? 'as of' : 'ended'} ${whenExactly(outcome.at)}.`,
    ),
    actions(...(goesOn(outcome) ? stopButtons(outcome) : endButtons(outcome))),
  ]);
}

/** True for a run that goes on, by itself or once it is brought back: what it did is not to be undone, nor begun again, beside it. */
function goesOn({ state }: Bulk): boolean {
  return state === 'running' || state === 'given_up';
}

const GIVEN_UP = `The request is kept in the dead-letter queue; nothing more happens by itself. ${code('/pat show …')} reads those of which nothing is known.`;

interface Tally {
  readonly changed: number;
  readonly already: number;
  /** How many of those had expired. */
  readonly expired: number;
  /** Everything that is neither done nor was so already. */
  readonly not: number;
}

function tallyOf({ changes }: Bulk): Tally {
  const changed = changes.filter((change) => change.kind === 'changed' && !change.already).length;
  const already = changes.filter((change) => change.kind === 'changed' && change.already).length;
  const expired = changes.filter(
    (change) => change.kind === 'changed' && change.already && change.receipt.read === 'expired',
  ).length;
  return { changed, already, expired, not: changes.length - changed - already };
}

function bulkHeadline(outcome: Bulk, tally: Tally): string {
  const { state, verb, total, changes } = outcome;
  switch (state) {
    case 'running':
      return `${DOING[verb]} ${count(total, 'token')}: ${grouped(changes.length)} of ${grouped(total)} handled, ${grouped(tally.not)} failed.`;
    case 'stopped':
      return `${outcome.stoppedBy === undefined ? 'Stopped at an error.' : `Stopped by ${mention(outcome.stoppedBy.userId)}.`} ${summary(outcome, tally)}`;
    case 'given_up':
      return `Patrol stopped after ${count(outcome.attempts ?? 1, 'attempt')}. ${summary(outcome, tally)}`;
    case 'done':
      return summary(outcome, tally);
  }
}

/** Every token is counted once, and the parts add up to the total. */
function summary({ verb, total, left, state }: Bulk, { changed, already, expired, not }: Tally): string {
  const parts = [
    `${grouped(changed)} ${DONE[verb].toLowerCase()}`,
    already > 0
      ? `${grouped(already)} ${verb === 'deactivate' && expired > 0 ? 'already inactive or expired' : alreadyWords(verb).replace('was ', '')}`
      : undefined,
    not > 0 ? `${grouped(not)} ${NOT_DONE[verb]}` : undefined,
    left.length > 0 ? `${grouped(left.length)} ${leftWords({ state }).toLowerCase()}` : undefined,
  ].filter((part) => part !== undefined);
  return `${count(total, 'token')}: ${parts.join(', ')}.`;
}

function isSurprise(change: Change): boolean {
  return change.kind !== 'changed';
}

function surpriseLines({ changes }: Bulk): string[] {
  const surprises = changes.filter(isSurprise);
  const rest = surprises.length - SURPRISES_SHOWN;
  return [
    ...surprises.slice(0, SURPRISES_SHOWN).map((change) => `• ${changeHead(change)}`),
    ...(rest > 0 ? [`And ${grouped(rest)} more that failed.`] : []),
  ];
}

const TITLE: Readonly<Record<Bulk['state'], string>> = {
  running: 'Token by token',
  stopped: 'Token by token, until it was stopped',
  given_up: 'Token by token, until it was given up',
  done: 'Token by token',
};

/** What is known of a token that a run has not come to: an earlier delivery of one that was given up may have. */
function leftWords({ state }: Pick<Bulk, 'state'>): string {
  return state === 'given_up' ? 'Not known' : 'Not touched';
}

/** A line for each token, whatever went wrong first. */
function tasksOf({ changes, left, state }: Bulk, naming: Pick<Naming, 'discreet'>): readonly Task[] {
  const handled = changes.map((change, index) => ({ id: `t${index}`, ...taskOf(change, naming) }));
  const isWaiting = state === 'running';
  const waiting = left.map((token, index) => ({
    id: `l${index}`,
    title: plainBrief(token, naming),
    status: 'pending' as const,
    ...defined({ output: isWaiting ? undefined : leftWords({ state }) }),
  }));
  return [
    ...handled.filter(({ status }) => status === 'error'),
    ...handled.filter(({ status }) => status !== 'error'),
    ...waiting,
  ];
}

function taskOf(change: Change, naming: Pick<Naming, 'discreet'>): Omit<Task, 'id'> {
  const { verb } = change;
  switch (change.kind) {
    case 'changed': {
      const output = change.already ? alreadyWords(verb, change.receipt.read) : `${DONE[verb]}, confirmed`;
      return { title: plainBrief(change.token, naming), status: 'complete', output };
    }
    case 'not_found':
      return { title: naming.discreet ? 'a token' : change.asked, status: 'error', output: NOT_DONE[verb] };
    case 'failed': {
      const title = plainBrief({ name: change.name, id: change.ref.id }, naming);
      return { title, status: 'error', output: NOT_DONE[verb] };
    }
    default:
      return { title: plainBrief(change.token, naming), status: 'error', output: NOT_DONE[verb] };
  }
}

function undoLine({ verb, changes }: Bulk): string {
  const undo = changes.every((change) => change.kind !== 'changed' || change.undo);
  return undoWords(verb, undo);
}

/** Ends a run before its next token. */
function stopButtons({ run }: Bulk) {
  return run === undefined ? [] : [button({ text: 'Stop', action: ACTION.stop, value: run, style: 'danger' })];
}

/** Undo what was done, and carry on with what was not: each only where its tokens fit into a button. */
function endButtons({ verb, changes, left }: Bulk) {
  const undoable = changes.flatMap((change) =>
    change.kind === 'changed' && !change.already && change.undo && verb === 'deactivate' ? [refOf(change.token)] : [],
  );
  const failed = changes.flatMap((change) =>
    change.kind === 'failed' || (change.kind === 'unconfirmed' && !(verb === 'activate' && change.read === 'expired'))
      ? ['token' in change ? refOf(change.token) : refOf(change.ref)]
      : [],
  );
  const again = [...failed, ...left.map(refOf)];
  const undo = undoable.length === 0 ? undefined : encodeTokens({ verb: 'activate', tokens: undoable });
  const rest = again.length === 0 ? undefined : encodeTokens({ verb, tokens: again });
  return [
    undo === undefined
      ? undefined
      : button({ text: `Undo: activate ${count(undoable.length, 'token')}`, action: ACTION.undo, value: undo }),
    rest === undefined
      ? undefined
      : button({ text: `Try ${count(again.length, 'token')} again`, action: ACTION.retry, value: rest }),
  ];
}
