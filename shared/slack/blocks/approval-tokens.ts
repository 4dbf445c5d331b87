import type { types } from '@slack/bolt';
import type { LeverOrder, NamedRef, Token } from '#shared/core/vocabulary.ts';
import type { Approval, SeenTokens } from '#shared/store/store.ts';
import { context, type Message, message, paragraphs, section } from './bricks.ts';
import { count, grouped, oneOf } from './text.ts';
import { when } from './time.ts';
import { expiryWords, factLines, listed, named, type Naming, rowWords, usedWords } from './token.ts';
import { STATE } from './words.ts';

/** Rows on the card itself; a button shows all. */
const ROWS_SHOWN = 10;

/** What somebody who is to agree has to know of the tokens: all of one, or how many there are in which state and the first few. */
export function approvalTokens({ order, seen, state }: Approval, naming: Naming): (types.KnownBlock | undefined)[] {
  const [only, ...others] = order.tokens;
  const token = others.length > 0 ? undefined : seen?.tokens[0];
  // Once it has ended, what was read before is no news any more.
  if (state !== 'open' || seen === undefined) {
    return [order.verb === 'lever' ? section('Asked for because of:') : undefined, ...names(order.tokens, naming)];
  }
  if (token !== undefined) {
    const [name, ...facts] = tokenLines(token, naming.now);
    return [section([`${order.verb === 'lever' ? 'Because of' : 'Token'}: ${name}`, ...facts])];
  }
  if (only !== undefined && others.length === 0) {
    return [section([`Token: ${named(only)}`, 'It could not be read when this was asked for.'])];
  }
  const rest = order.tokens.length - Math.min(ROWS_SHOWN, seen.tokens.length);
  return [
    section(`*${count(order.tokens.length, 'token')}*: ${countWords(seen)}, as read ${when(seen.at)}.`),
    ...paragraphs(seen.tokens.slice(0, ROWS_SHOWN).map((one) => rowOf(one, naming))),
    rest > 0 ? context(`And ${grouped(rest)} more: the button shows all.`) : undefined,
  ];
}

/** All that the requester saw of one token before the yes, its name first. */
function tokenLines(token: Token, now: Date): [string, ...string[]] {
  return [
    `${named(token)}, ${STATE[token.state]}`,
    ...factLines(token, now),
    `Expires: ${expiryWords(token, now)}`,
    ...(token.own ? ['*It is the token that Patrol itself works with, which is never revoked.*'] : []),
  ];
}

function rowOf(token: Token, naming: Naming): string {
  return `• ${listed(token, naming)} · ${rowWords(token, naming)} · ${usedWords(token, naming.now)}`;
}

function names(tokens: readonly NamedRef[], naming: Naming): types.SectionBlock[] {
  const rest = tokens.length - NAMES_SHOWN;
  const lines = tokens
    .slice(0, NAMES_SHOWN)
    .map((token) => `• ${tokens.length === 1 ? named(token) : listed(token, naming)}`);
  return paragraphs([...lines, ...(rest > 0 ? [`And ${grouped(rest)} more.`] : [])]);
}

const NAMES_SHOWN = 20;

function countWords({ counts }: SeenTokens): string {
  const { unread, ...states } = counts;
  const parts = Object.entries(states).flatMap(([state, number]) =>
    number === 0 ? [] : [`${grouped(number)} ${STATE[state as keyof typeof STATE]}`],
  );
  return oneOf([...parts, ...(unread > 0 ? [`${grouped(unread)} that could not be read`] : [])], 'and');
}

/** Loud: which tokens stop with a lever, and which of them were to live. */
export function leverOrderBlocks({ stops, dies }: LeverOrder, naming: Naming): (types.KnownBlock | undefined)[] {
  return [
    dies.length === 0
      ? undefined
      : section([
          `*With it dies what Patrol works with or the policy protects: ${count(dies.length, 'token')}.*`,
          ...firstFew(dies, naming),
        ]),
    stops === 'unread'
      ? section('*Which tokens stop with it could not be read.*')
      : section([stopWords(stops), ...firstFew(stops, naming)]),
  ];
}

function stopWords(stops: readonly NamedRef[]): string {
  return stops.length === 0
    ? 'No working token stops with it.'
    : `*${count(stops.length, 'working token')} ${stops.length === 1 ? 'stops' : 'stop'} with it:*`;
}

function firstFew(tokens: readonly NamedRef[], naming: Naming): string[] {
  const rest = tokens.length - ROWS_SHOWN;
  return [
    ...tokens.slice(0, ROWS_SHOWN).map((token) => `• ${listed(token, naming)}`),
    ...(rest > 0 ? [`And ${grouped(rest)} more.`] : []),
  ];
}

/** All tokens of a request, as they are read now, for the window that a button opens. */
export function allTokens(
  { order }: Approval,
  read: { readonly found: readonly Token[]; readonly unread: readonly NamedRef[]; readonly gone: readonly NamedRef[] },
  now: Date,
): Message {
  const missing = [...read.gone, ...read.unread];
  const head = `${count(order.tokens.length, 'token')}, as read now.`;
  return message(head, [
    section(`*${head}*`),
    ...paragraphs([
      ...read.found.map((token) => rowOf(token, { now, discreet: false })),
      ...missing.map((token) => `• ${named(token)} · could not be read`),
    ]),
  ]);
}
