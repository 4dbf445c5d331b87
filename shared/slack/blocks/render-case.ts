import type { types } from '@slack/bolt';
import { without } from '#shared/core/without.ts';
import type { Case } from '#shared/store/store.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { auditLine } from './render-audit.ts';
import { button, context, type Message, message, paragraphs, section } from './bricks.ts';
import { caseCard, type CardContext } from './case-card.ts';
import { caseState, times } from './case-words.ts';
import { ACTION, encodeCase } from './press.ts';
import { channelName, code, count, linked, mention, oneOf } from './text.ts';
import { when } from './time.ts';
import { brief, type Naming } from './token.ts';

const CASES_SHOWN = 40;

/** The leak cases, newest first, with a button each. */
export function renderCases({ cases, open }: OutcomeOf<'cases'>, naming: Naming): Message {
  const head =
    cases.length === 0 ? `No ${open ? 'open ' : ''}case.` : `${count(cases.length, open ? 'open case' : 'case')}.`;
  const rest = cases.length - CASES_SHOWN;
  return message(head, [
    section(`*${head}*`),
    ...cases.slice(0, CASES_SHOWN).map((kase) => caseRow(kase, naming, `${ACTION.case}:open`)),
    rest > 0 ? context(`And ${rest} more; ${code('/pat cases --open')} shows the open ones only.`) : undefined,
  ]);
}

/** One case as a row with a button that opens it. */
export function caseRow(kase: Case, naming: Naming, action: string) {
  const may = kase.candidates?.length ?? 0;
  const what =
    kase.token !== undefined
      ? `${brief(kase.token, naming)} in ${code(kase.token.profile)}`
      : may > 0
        ? `one of ${count(may, 'token')}`
        : 'no token';
  const taken = kase.takenBy === undefined ? '' : ` · taken by ${mention(kase.takenBy.userId)}`;
  return section(
    [
      `*${caseState(kase)}* · ${what}`,
      `${code(kase.id)} · ${when(kase.openedAt)} · reported ${times(kase.count)}${taken}`,
    ],
    button({ text: 'Open', action, value: encodeCase({ case: kase.id, act: 'open' }) }),
  );
}

const ENTRIES_SHOWN = 15;

/**
 * One case as it stands now, and what was done on record. Where it has a card of its own this is a copy that nobody will bring up to
 * date: it has no buttons, and says where they are.
 */
export function renderCase({ case: kase, entries, link }: OutcomeOf<'case'>, card: CardContext): Message {
  const { text, blocks: live } = caseCard(kase, card);
  const { message: own } = kase;
  const blocks = own === undefined ? live : [cardLine(own.channel, link), ...live.flatMap(withoutButtons)];
  const lines = entries.slice(0, ENTRIES_SHOWN).map((entry) => auditLine(entry, { discreet: card.discreet ?? false }));
  const rest = entries.length - lines.length;
  const record =
    lines.length === 0 ? [] : ['*On record, newest first*', ...lines, ...(rest > 0 ? [`And ${rest} more.`] : [])];
  return message(text, [...blocks, ...paragraphs(record)]);
}

function cardLine(channel: string, link: string | undefined) {
  const where = link === undefined ? `its card in ${channelName(channel)}` : linked(link, 'its card');
  return section(`This is a copy, as of now. What can be done about it is on ${where}.`);
}

function withoutButtons(block: types.KnownBlock): types.KnownBlock[] {
  if (block.type === 'actions') return [];
  return block.type === 'section' ? [without(block, 'accessory')] : [block];
}

/** There is no such case. */
export function renderUnknownCase({ asked, suggestions }: OutcomeOf<'unknown_case'>): Message {
  const near = suggestions.slice(0, 5).map((id) => code(id));
  const head = `There is no case ${code(asked)}.`;
  const next = near.length === 0 ? `${code('/pat cases')} shows all.` : `Did you mean ${oneOf(near)}?`;
  return message(`${head} ${next}`, [section([`*${head}*`, next])]);
}
