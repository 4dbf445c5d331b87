import type { types } from '@slack/bolt';
import type { Actor } from '#shared/core/vocabulary.ts';
import { FACTS } from '#shared/providers/facts.ts';
import type { Change, OutcomeOf } from '#shared/tokens/outcome.ts';
import { answerWords, proofWords, readWords } from '#shared/tokens/proof-words.ts';
import { refusalWords } from '#shared/tokens/refusal-words.ts';
import { actions, button, context, type Message, message, section } from './bricks.ts';
import { ACTION, encodeTokens, refOf, type TokenPress } from './press.ts';
import { notYetWords, waitingButtons } from './not-yet-words.ts';
import { receiptWords } from './receipt-words.ts';
import { code, mention, oneOf } from './text.ts';
import { whenExactly } from './time.ts';
import { factLines, named, short } from './token.ts';
import { noProof, notDoneBut, whatHappened, whatNext } from './render-trouble.ts';
import { alreadyWords, DONE, NOT_DONE, stated, stopped, undoWords } from './words.ts';

/** How one change of one token ended, as a headline that says no more than is known. */
export function changeHead(change: Change): string {
  const { verb } = change;
  switch (change.kind) {
    case 'changed':
      return change.already
        ? `${short(change.token)} ${alreadyWords(verb, change.receipt.read)}.`
        : `${DONE[verb]}: ${short(change.token)}.`;
    case 'not_found':
      return `${NOT_DONE[verb]}: the provider knows no token ${code(change.asked)}.`;
    case 'unsupported':
      return `${NOT_DONE[verb]}: ${short(change.token)}. ${FACTS[change.token.provider].displayName} cannot do it here.`;
    case 'waiting_on_provider':
      return `${NOT_DONE[verb]} yet: ${short(change.token)} waits for an approval at ${FACTS[change.token.provider].displayName}.`;
    case 'unconfirmed':
      return `${NOT_DONE[verb]} as far as can be proved: ${short(change.token)}.`;
    case 'refused':
      return `${NOT_DONE[verb]}${refusedHead(change)}.`;
    case 'failed':
      return `${notDoneBut(verb, change.trouble)}: ${short({ name: change.name, id: change.ref.id })}. ${whatHappened(change.trouble)}.`;
  }
}

/** One change of one token: what happened, what did not, the proof, and what comes next. */
export function renderChange(change: Change, asked: Asked): Message {
  const head = changeHead(change);
  const notYet = change.kind === 'failed' ? notYetWords(change.trouble, asked) : [];
  const details = [...changeLines(change, asked.run !== undefined), ...notYet];
  return message([head, ...details.slice(0, 2)].join(' '), [
    section([`*${head}*`, ...details]),
    'token' in change ? section([`Token: ${named(change.token)}`, ...factLines(change.token, asked.now)]) : undefined,
    context(whoLine(asked)),
    actions(...waitingButtons(asked.run, change.verb), changeButton(change)),
  ]);
}

/** Who stands behind a message. */
export interface Asked {
  readonly actor: Actor;
  readonly now: Date;
  readonly reason?: string;
  /** When it was asked for, and which delivery of its queue it is. */
  readonly requestedAt?: string;
  readonly attempt?: number;
  /** The request that goes on by itself, where it can be hurried and ended. */
  readonly run?: string;
  readonly approvedBy?: readonly Actor[];
  /** Whoever went ahead without an approval. */
  readonly brokenGlassBy?: Actor;
}

/** "Asked by @a. Approved by @b. Reason: `laptop left in cab`." */
export function whoLine({
  actor,
  approvedBy,
  brokenGlassBy,
  reason,
}: Omit<Asked, 'now' | 'requestedAt' | 'attempt' | 'run'>): string {
  const approvers = (approvedBy ?? []).map(({ userId }) => mention(userId));
  return [
    `Asked by ${mention(actor.userId)}.`,
    approvers.length === 0 ? undefined : `Approved by ${oneOf(approvers, 'and')}.`,
    brokenGlassBy === undefined ? undefined : `*Without approval: ${mention(brokenGlassBy.userId)} broke the glass.*`,
    reason === undefined ? undefined : `Reason: ${code(reason, 300)}.`,
  ]
    .filter((part) => part !== undefined)
    .join(' ');
}

/** Behind the headline: proof or the lack of it, and what a person can do. */
function changeLines(change: Change, hasButtons: boolean): string[] {
  const { verb } = change;
  switch (change.kind) {
    case 'changed':
      return changedLines(change);
    case 'not_found':
      return [
        'Nothing was changed. It may be deleted already, or belong to another profile.',
        `${code('/pat list')} shows what there is.`,
      ];
    case 'unsupported':
      return [
        `${stated(answerWords(change.answer))} Nothing was changed, and Patrol never turns this into a delete.`,
        verb === 'deactivate'
          ? `To end it for good: ${code(`/pat delete ${refOf(change.token)}`, 200)}. That cannot be undone.`
          : undefined,
      ].filter((line) => line !== undefined);
    case 'waiting_on_provider':
      return [
        `The provider said: ${stopped(answerWords(change.answer))} ${noProof(verb)}`,
        `Somebody must approve it at ${FACTS[change.token.provider].displayName}; then press Check again.`,
      ];
    case 'unconfirmed':
      // Looking again, or the provider's own page, would not help.
      if (verb === 'activate' && change.read === 'expired')
        return ['It has expired, and nothing brings back what has expired: make a new token and use that.'];
      return [
        `The provider accepted the request, but ${stopped(readWords(change.read))}${verb === 'activate' ? '' : ' Treat it as still working.'}`,
        "Press Check again in a minute; if it stays so, use the provider's own console.",
      ];
    case 'refused':
      return refusedLines(change);
    case 'failed':
      return [noProof(verb), whatNext(change.trouble, hasButtons)];
  }
}

function refusedHead({ why, token }: OutcomeOf<'refused'>): string {
  switch (why) {
    case 'own':
      return `: ${short(token)} is the token Patrol works with`;
    case 'protected':
      return `: ${short(token)} is protected`;
    case 'no_right':
    case 'overtaken':
    case 'overruled':
    case 'leaked':
    case 'brought_back':
    case 'called_off':
      return ` by this request: ${short(token)}`;
  }
}

function refusedLines(refusal: OutcomeOf<'refused'>): string[] {
  const { token } = refusal;
  switch (refusal.why) {
    case 'own':
      return [
        `Revoking it would lock Patrol out of ${code(token.profile)}. Nothing was changed.`,
        'To replace it, store another credential for the profile first.',
      ];
    case 'protected':
      return [`The policy says why: ${stopped(refusalWords(refusal))} Nothing was changed.`];
    case 'no_right':
    case 'overtaken':
    case 'overruled':
      return [
        `Patrol could not end this at once, and when it came back to it, ${stopped(refusalWords(refusal))} It did nothing more.`,
      ];
    case 'leaked':
      return [
        `Patrol left it as it is: ${stopped(refusalWords(refusal))} Whoever asks again is told of the leak first.`,
      ];
    case 'called_off':
      return [
        `${mention(refusal.by.userId)} gave it up. A fresh read shows it ${token.state}; nothing more happens by itself.`,
      ];
    case 'brought_back':
      return [`Patrol did nothing: ${stopped(refusalWords(refusal))} It was ${mention(refusal.by.userId)}.`];
  }
}

function changedLines({ verb, token, already, undo, receipt }: OutcomeOf<'changed'>): string[] {
  // Whoever has switched nothing off has nothing to take back.
  if (already)
    return ['Nothing was changed.', `Checked ${whenExactly(receipt.confirmedAt)}: ${stopped(proofWords(receipt))}`];
  const { delay } = FACTS[token.provider];
  const back =
    verb === 'deactivate' && undo ? `, with the button or ${code(`/pat activate ${refOf(token)}`, 200)}.` : '.';
  return [
    receiptWords(receipt),
    delay !== undefined && verb !== 'activate' ? delay : undefined,
    `${undoWords(verb, undo).replace(/\.$/, '')}${back}`,
  ].filter((line) => line !== undefined);
}

/** The one next step that a change offers. */
function changeButton(change: Change): types.Button | undefined {
  const { verb } = change;
  switch (change.kind) {
    case 'changed': {
      const press = { verb: 'activate', tokens: [refOf(change.token)] } as const;
      return verb === 'deactivate' && change.undo && !change.already
        ? pressButton('Undo: activate', ACTION.undo, press)
        : undefined;
    }
    case 'waiting_on_provider':
    case 'unconfirmed':
      if (verb === 'activate' && 'read' in change && change.read === 'expired') return undefined;
      return pressButton('Check again', `${ACTION.row}:show`, { verb: 'show', tokens: [refOf(change.token)] });
    case 'failed': {
      const press = { verb, tokens: [refOf(change.ref)] };
      return change.trouble.next === 'retrying' ? undefined : pressButton('Try again', ACTION.retry, press);
    }
    case 'not_found':
    case 'unsupported':
    case 'refused':
      return undefined;
  }
}

function pressButton(text: string, action: string, press: TokenPress): types.Button | undefined {
  const value = encodeTokens(press);
  return value === undefined ? undefined : button({ text, action, value });
}
