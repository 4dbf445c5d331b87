import { defined } from '#shared/core/defined.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import type { Hindered, Hindrance } from '#shared/tokens/hindrance.ts';
import type { Case } from '#shared/store/store.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { actions, button, context, type Message, message, section, sure } from './bricks.ts';
import { ACTION } from './press.ts';
import { code, count, grouped, mention, oneOf } from './text.ts';
import { when } from './time.ts';
import { brief, factLines, listed, named, type Naming, onlyDeletes, plainName, rowWords, short } from './token.ts';
import { filterWords } from './render-list.ts';
import { unreadLine, unseenLine } from './render-trouble.ts';
import { whoLine } from './render-change.ts';
import { alreadyWords, DO, NOT_DONE, STATE, undoWords } from './words.ts';

const TOKENS_SHOWN = 10;

/** Asks the requester for a yes, and shows what it will do and what it will not undo. */
export function renderConfirm(outcome: OutcomeOf<'confirm'>, naming: Naming): Message {
  const {
    verb,
    tokens,
    pending,
    approvers,
    expiresAt,
    requester,
    reason,
    keepGoing,
    alsoNamed = [],
    leaks = [],
    leftOut = [],
  } = outcome;
  const what = tokensInWords(tokens);
  const head = `${DO[verb]} ${what}? Nothing has been done yet.`;
  const undo = undoWords(verb, verb === 'deactivate');
  const after = approvers === undefined ? undefined : approversWords(approvers);
  const bulk = tokens.length < 2 ? undefined : bulkWords(keepGoing);
  const dialog =
    verb === 'delete' ? { confirm: sure('Delete?', `${what.replaceAll('`', '')}. ${undo}`, 'Delete') } : {};
  return message(`${head} ${undo}`, [
    section([`*${head}*`, ...leaks.map(leakLine), alsoLine(alsoNamed), undo, after, bulk]),
    ...tokenBlocks(tokens, naming),
    section(leftOutLines(verb, leftOut, naming)),
    foundBlock(outcome),
    context(`${whoLine({ actor: requester, ...defined({ reason }) })} Lapses ${when(expiresAt)}.`),
    actions(
      button({
        text: leftOut.length === 0 ? `Yes, ${verb}` : `Yes, ${verb} the other ${tokens.length}`,
        action: ACTION.confirm,
        value: pending,
        style: verb === 'activate' ? 'primary' : 'danger',
        ...dialog,
      }),
      button({ text: 'Cancel', action: ACTION.cancel, value: pending }),
    ),
  ]);
}

/** Whose yes is needed after this one. */
function approversWords({
  needed,
  roles,
  tooFew,
  countedWith,
}: NonNullable<OutcomeOf<'confirm'>['approvers']>): string {
  const who = `${count(needed, 'other person', 'other people')} must approve: ${oneOf(roles.map((role) => code(role)))}.`;
  const nobody = tooFew === true ? ' *There are not enough who could: your yes leads to breaking the glass.*' : '';
  return `${countedWords(countedWith)}After your yes, ${who}${nobody}`;
}

/** Why so few tokens may be many. */
function countedWords(others: number | undefined): string {
  return others === undefined
    ? ''
    : `Counts as one request with ${count(others, 'other token')} that you have asked for alone in the last minutes. `;
}

function leakLine({ id, token, reports }: Case): string {
  const isPublic = reports.some(({ publiclyLeaked }) => publiclyLeaked === true);
  return leakWords({ caseId: id, what: token === undefined ? 'It' : short(token), isPublic });
}

/** What bringing a leaked token back means; `what` is text of ours. */
export function leakWords(leak: {
  readonly caseId: string;
  readonly what: string;
  readonly isPublic: boolean;
}): string {
  const { caseId, what, isPublic } = leak;
  return `${what} has leaked${isPublic ? ' *in public*' : ''} (case ${code(caseId)}): whoever has the secret can use it again.`;
}

/** By which filter the tokens were found, and what could not be read or answered. */
function foundBlock({ filter, unread = [], unseen = [] }: OutcomeOf<'confirm' | 'hindered'>) {
  if (filter === undefined) return undefined;
  const lines = [filterWords(filter), unread.length === 0 ? undefined : unreadLine(unread), unseenLine(unseen)];
  return context(lines.filter((line) => line !== undefined).join(' '));
}

const LEFT_OUT_SHOWN = 10;

/** What is left out of a request, and why it cannot be changed. */
function leftOutLines(verb: OutcomeOf<'confirm'>['verb'], leftOut: readonly Hindered[], naming: Naming): string[] {
  if (leftOut.length === 0) return [];
  return [
    `*${count(leftOut.length, 'token')} cannot be ${verb}d and ${leftOut.length === 1 ? 'is' : 'are'} left out:*`,
    ...whyLines(leftOut, naming),
  ];
}

function whyLines(all: readonly Hindered[], naming: Naming): string[] {
  const rest = all.length - LEFT_OUT_SHOWN;
  return [
    ...all.slice(0, LEFT_OUT_SHOWN).map(({ token, why }) => `${brief(token, naming)}: ${whyWords(why, token)}`),
    ...(rest > 0 ? [`And ${grouped(rest)} more.`] : []),
  ];
}

/** Says that nothing of what was asked for can be done, and why; there is nothing to agree to. */
export function renderHindered(outcome: OutcomeOf<'hindered'>, naming: Naming): Message {
  const { verb, hindered, requester, reason } = outcome;
  const isSo = hindered.every(({ why }) => why.kind === 'already');
  const tokens = hindered.map(({ token }) => token);
  const can = tokens.length === 1 ? `${tokensInWords(tokens)} cannot` : `none of ${count(tokens.length, 'token')} can`;
  const head = isSo
    ? `Nothing to do: ${tokensInWords(tokens)} ${alreadyWords(verb).replace('was', tokens.length === 1 ? 'is' : 'are')}.`
    : `${NOT_DONE[verb]}: ${can} be ${verb}d.`;
  return message(`${head} Nothing was changed.`, [
    section([`*${head}*`, ...whyLines(hindered, naming), 'Nothing was changed.']),
    foundBlock(outcome),
    context(whoLine({ actor: requester, ...defined({ reason }) })),
  ]);
}

function whyWords(why: Hindrance, token: Token): string {
  switch (why.kind) {
    case 'already':
      return `it is ${STATE[token.state]} already.`;
    case 'own':
      return `Patrol itself works with it in ${code(why.profile)}.`;
    case 'protected':
      return `the policy protects it (${code(why.reason, 200)}).`;
    case 'only_deleted':
      return `${onlyDeletes(token)}.`;
    case 'expired':
      return 'it has expired and works no more.';
  }
}

function alsoLine(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const tokens = oneOf(
    names.slice(0, 5).map((name) => code(name)),
    'and',
  );
  return `The reason names ${tokens} too, which ${names.length === 1 ? 'is another token and stays' : 'are other tokens and stay'} as before. If that was meant as well: cancel, and name all tokens first.`;
}

/** How many tokens are changed one after the other. */
export function bulkWords(keepGoing: boolean): string {
  return keepGoing
    ? 'It starts with one token and keeps going when one fails.'
    : 'It starts with one token and stops at the first error.';
}

function tokensInWords(tokens: readonly Token[]): string {
  const [only] = tokens;
  return tokens.length === 1 && only !== undefined ? code(plainName(only), 60) : count(tokens.length, 'token');
}

/** One token with all that matters before it is revoked; many with a line each, and the rest as a count. */
function tokenBlocks(tokens: readonly Token[], naming: Naming) {
  const [only] = tokens;
  if (tokens.length === 1 && only !== undefined)
    return [section([`Token: ${named(only)}`, ...factLines(only, naming.now)])];
  const rest = tokens.length - TOKENS_SHOWN;
  return [
    ...tokens.slice(0, TOKENS_SHOWN).map((token) => section([listed(token, naming), rowWords(token, naming)])),
    rest > 0 ? context(`And ${rest} more.`) : undefined,
  ];
}

/** " `laptop`" of one token, " 3 tokens" of several. */
function ofTokens(tokens: readonly { readonly name: string; readonly id: string }[]): string {
  const [only] = tokens;
  if (only === undefined) return '';
  return ` ${tokens.length === 1 ? short(only) : count(tokens.length, 'token')}`;
}

/** The requester took the request back. */
export function renderCancelled({ verb, by, tokens = [] }: OutcomeOf<'cancelled'>): Message {
  const not = verb in NOT_DONE ? `: ${NOT_DONE[verb as keyof typeof NOT_DONE]}${ofTokens(tokens)}` : '';
  const head = `Cancelled by ${mention(by.userId)}${not}.`;
  return message(`${head} Nothing was changed.`, [section([`*${head}*`, 'Nothing was changed.'])]);
}
