import { FACTS } from '#shared/providers/facts.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { awaitsKill } from '#shared/cases/awaits-kill.ts';
import { isSearchPlanned, isToBeKilled } from '#shared/cases/search-again.ts';
import type { Case } from '#shared/store/store.ts';
import { actions, context, type Message, message, section } from './bricks.ts';
import { isSureLeak } from './case-words.ts';
import { ownerButtons } from './owner-buttons.ts';
import { ownerSaid, waitWords } from './owner-said.ts';
import { receiptWords } from './receipt-words.ts';
import { code } from './text.ts';
import { named, short } from './token.ts';
import { alreadyWords } from './words.ts';

/** The first words to a token's owner. They stay true: nobody finds a direct message again whose place was not noted. */
export function ownerCall(token: Token): Message {
  const text = `Your ${FACTS[token.provider].displayName} token ${short(token)} was reported as leaked. How it stands is told here or in another message.`;
  return message(text, [section(text)]);
}

/**
 * The direct message to a token's owner: what happened to it, what to do next, and what they alone can say. No blame, no link.
 * `minutes` is how long they may hold the question.
 */
export function ownerNotice(kase: Case, minutes: number): Message | undefined {
  const { token } = kase;
  if (token === undefined) return undefined;
  const { displayName: name } = FACTS[token.provider];
  const isDead = kase.state === 'dead';
  const status = statusWords(kase, name);
  if (status === undefined) return undefined;
  const isKnown = kase.state !== 'dismissed' && isSureLeak(kase);
  const what = isKnown ? 'has leaked' : 'was reported as leaked';
  const head = `Your ${name} token ${short(token)} ${what}. ${status}`;
  return message(head, [
    section([
      `*${head}*`,
      `Token: ${named(token)}`,
      isDead && kase.already !== true && kase.receipt !== undefined ? receiptWords(kase.receipt) : undefined,
    ]),
    section([ownerSaid(kase), waitWords(kase)]),
    section([
      'What to do:',
      `1. Create a new token at ${name}; give it an expiry and only the permissions that it needs.`,
      '2. Put it wherever the old one was used, and take the old one out of there.',
      '3. If you know how it leaked, or something must not stop now, tell the security channel.',
    ]),
    actions(...ownerButtons(kase, minutes)),
    context(`Case ${code(kase.id)}. Do not answer with the token itself.`),
  ]);
}

/** What has become of the token, as far as its owner has to know; nothing where the case goes on in another one. */
function statusWords(kase: Case, provider: string): string | undefined {
  const { state, already, verb, dismissedBy, receipt } = kase;
  if (state === 'dismissed')
    return dismissedBy === undefined ? undefined : 'A person has closed the case, which changed no token.';
  if (state === 'restored')
    return 'It was stopped, and has been brought back: whoever has the secret can use it again.';
  if (state === 'waiting') return `It is NOT revoked yet: that waits for an approval at ${provider}.`;
  if (awaitsKill(kase) || (isToBeKilled(kase) && isSearchPlanned(kase)))
    return 'It is NOT revoked yet: Patrol goes on with that by itself.';
  if (state !== 'dead') return 'It is NOT revoked yet; that is for the security channel to decide.';
  return already === true
    ? `It ${alreadyWords(verb ?? 'deactivate', receipt?.read)}, as a fresh read shows.`
    : `It was ${verb === 'delete' ? 'deleted' : 'deactivated'}, and a fresh read confirmed it.`;
}
