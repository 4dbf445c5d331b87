import type { RollUp } from '#shared/cases/roll-ups.ts';
import type { Case } from '#shared/store/store.ts';
import { button, context, type Message, message, section } from './bricks.ts';
import { caseState } from './case-words.ts';
import { ACTION, encodeCase } from './press.ts';
import { code, count, grouped } from './text.ts';
import { when } from './time.ts';
import { short } from './token.ts';

const CASES_SHOWN = 20;

/** The one message about many cases without a card of their own: how many stand how, the most urgent by name, each openable. */
export function rollUpMessage({ cases, since, isCut }: RollUp, showWhere: boolean): Message {
  const total = isCut ? `At least ${count(cases.length, 'more leak')}` : count(cases.length, 'more leak');
  const head = `${total} reported, told together: ${statesOf(cases)}.`;
  const rest = cases.length - CASES_SHOWN;
  return message(head, [
    section([
      `*${head}*`,
      `More came since ${when(since)} than a channel takes one by one. Each has its case, its record and its buttons; proved leaks of known tokens have cards of their own.`,
    ]),
    ...cases
      .slice(0, CASES_SHOWN)
      .map((kase) =>
        section(
          rowWords(kase, showWhere),
          button({ text: 'Open', action: `${ACTION.case}:open`, value: encodeCase({ case: kase.id, act: 'open' }) }),
        ),
      ),
    context(
      rest > 0
        ? `And ${grouped(rest)} more: ${code('/pat cases --open')}, and ${code('/pat case C-…')} for the card of one.`
        : `${code('/pat cases --open')} lists them too.`,
    ),
  ]);
}

/** How many stand how: "3 NOT revoked, needs a decision; 40 NOT revoked, no match". */
function statesOf(cases: readonly Case[]): string {
  const counts = new Map<string, number>();
  for (const kase of cases) counts.set(caseState(kase), (counts.get(caseState(kase)) ?? 0) + 1);
  return [...counts].map(([state, number]) => `${grouped(number)} ${state}`).join('; ');
}

function rowWords(kase: Case, showWhere: boolean): string {
  const latest = kase.reports.at(-1);
  const what = kase.token === undefined ? code(latest?.detector ?? 'a secret', 60) : short(kase.token);
  const facts = [
    caseState(kase),
    kase.count > 1 ? `${grouped(kase.count)} times` : undefined,
    showWhere && latest?.where?.repository !== undefined ? code(latest.where.repository, 80) : undefined,
    `case ${code(kase.id)}`,
  ].filter((fact) => fact !== undefined);
  return `*${what}* · ${facts.join(' · ')}`;
}
