import type { ListQuery } from '#shared/tokens/command.ts';
import { PAGE_SIZE } from '#shared/tokens/commands/page-size.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { actions, button, context, type Message, message, section } from './bricks.ts';
import { folded } from './folded.ts';
import { chooseMenu, listTable } from './list-table.ts';
import { ACTION, encodePage } from './press.ts';
import { code, count, grouped, mention } from './text.ts';
import { when } from './time.ts';
import type { Naming } from './token.ts';
import { unreadLine, unseenLine } from './render-trouble.ts';
import { SENT_ALONE, STATE, stopped } from './words.ts';

/** One page of a list as a table with a menu over its rows; the buttons hold the whole query, so that they work after a redeploy. */
export function renderList(outcome: OutcomeOf<'listed'>, naming: Naming): Message {
  const { tokens, query, unread, unseen, offset, matching, at } = outcome;
  const head = countLine(outcome);
  if (outcome.file !== undefined) return renderFiled(outcome, head);
  const filters = filterWords(query);
  const rows = tokens.slice(0, PAGE_SIZE);
  const range =
    rows.length === 0 ? [] : [`${grouped(offset + 1)} to ${grouped(offset + rows.length)} of ${grouped(matching)}`];
  return message(unread.length === 0 ? head : `${head} ${unreadLine(unread)}`, [
    section([
      `*${head}*`,
      unread.length === 0 ? undefined : unreadLine(unread),
      filters,
      ...(outcome.unanswered ?? []).map(stopped),
    ]),
    listTable(rows, naming),
    chooseMenu(rows, naming),
    blindSpots(unseen),
    context(
      [...range, ...stateTotals(outcome), `read ${when(at)}`, ...(outcome.private ? ['only you see this'] : [])].join(
        ' · ',
      ),
    ),
    pageButtons(outcome),
  ]);
}

/** What no list of these credentials can show: counted, and told to whoever opens it. */
function blindSpots(unseen: readonly string[]) {
  const words = unseenLine(unseen);
  return words === undefined ? undefined : folded(`${count(unseen.length, 'blind spot')} (why?)`, [context(words)]);
}

/** A list that went as a file. */
function renderFiled(
  { query, unread, unseen, unanswered = [], sentAlone, file }: OutcomeOf<'listed'>,
  head: string,
): Message {
  const where = sentAlone === undefined ? '' : SENT_ALONE[sentAlone];
  const unseenText = unseenLine(unseen);
  return message(`${head} ${where}`.trim(), [
    section([
      `*${head}* All of them are in the ${code(file ?? 'csv')} file. ${where}`.trim(),
      unread.length === 0 ? undefined : unreadLine(unread),
      filterWords(query),
      ...unanswered.map(stopped),
    ]),
    unseenText === undefined ? undefined : context(unseenText),
  ]);
}

/** "30 active, 7 inactive" of all that fit, where they are not all alike. */
function stateTotals({ byState = {} }: OutcomeOf<'listed'>): string[] {
  const totals = (['active', 'inactive', 'expired'] as const).flatMap((state) => {
    const number = byState[state] ?? 0;
    return number === 0 ? [] : [`${grouped(number)} ${STATE[state]}`];
  });
  return totals.length < 2 ? [] : [totals.join(', ')];
}

/** "37 of 412 tokens, 3 profiles." */
function countLine({ matching, seen, profiles, query }: OutcomeOf<'listed'>): string {
  const where = count(profiles.length, 'profile');
  if (seen === 0) return `No token was seen, ${where}.`;
  if (matching === 0) return `No token fits: 0 of ${count(seen, 'token')}, ${where}.`;
  const isFiltered = filterWords(query) !== undefined || matching !== seen;
  return isFiltered
    ? `${grouped(matching)} of ${count(seen, 'token')}, ${where}.`
    : `${count(seen, 'token')}, ${where}.`;
}

/** The filters in words, so that a list explains itself to whoever reads it later. */
export function filterWords(query: ListQuery): string | undefined {
  const words = [
    query.state === undefined ? undefined : `only ${query.state}`,
    query.owner === undefined ? undefined : `owner ${code(query.owner)}`,
    query.ownedBy === undefined ? undefined : `owned by ${query.ownedBy === 'me' ? 'you' : mention(query.ownedBy)}`,
    query.name === undefined ? undefined : `name ${code(query.name)}`,
    query.olderThanDays === undefined ? undefined : `older than ${count(query.olderThanDays, 'day')}`,
    query.unusedDays === undefined ? undefined : `unused for ${count(query.unusedDays, 'day')}`,
    query.expiresWithinDays === undefined ? undefined : `expires within ${count(query.expiresWithinDays, 'day')}`,
    query.noExpiry === true ? 'without expiry' : undefined,
  ].filter((each) => each !== undefined);
  return words.length === 0 ? undefined : `Filter: ${words.join(', ')}. ${SORTED[query.sort]}`;
}

const SORTED: Readonly<Record<ListQuery['sort'], string>> = {
  age: 'Oldest first.',
  newest: 'Newest first.',
  name: 'By name.',
  used: 'Longest unused first.',
  expiry: 'Soonest to expire first.',
};

function pageButtons(outcome: OutcomeOf<'listed'>) {
  const { query, offset, matching, private: isPrivate } = outcome;
  const to = (text: string, action: string, at: number) => {
    const value = encodePage({ query, offset: at, private: isPrivate });
    return value === undefined ? undefined : button({ text, action, value });
  };
  const refresh = to('Refresh', `${ACTION.page}:refresh`, offset);
  if (refresh === undefined)
    return context(`This filter is too long for buttons. Ask with ${code('/pat list')} and fewer profiles.`);
  return actions(
    offset > 0 ? to('Previous', `${ACTION.page}:previous`, Math.max(0, offset - PAGE_SIZE)) : undefined,
    offset + PAGE_SIZE < matching ? to('Next', `${ACTION.page}:next`, offset + PAGE_SIZE) : undefined,
    refresh,
    matching > 1 ? to('Choose several…', ACTION.choose, offset) : undefined,
  );
}
