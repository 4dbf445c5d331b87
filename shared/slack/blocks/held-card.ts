import type { HeldCase, HeldCases } from '#shared/cases/held-cases.ts';
import { actions, button, context, type Message, message, section, sure } from './bricks.ts';
import { ACTION, encodeCase, encodeHeld } from './press.ts';
import { code, count } from './text.ts';
import { age } from './time.ts';

const CASES_SHOWN = 20;

/** What the card of a profile's brake needs to know besides what is held back. */
interface HeldContext {
  readonly profile: string;
  readonly now: Date;
  readonly brake: { readonly kills: number; readonly minutes: number };
  /** Most that one press carries out. */
  readonly most: number;
}

/** The one card about everything that the brake of a profile holds back: what it is, and one press that goes on. */
export function heldCard({ held, decided, last }: HeldCases, { profile, now, brake, most }: HeldContext): Message {
  const where = code(profile);
  if (held.length === 0) {
    const head = `The brake holds nothing back in ${where} any more: ${count(decided, 'case')} decided.`;
    return message(head, [section([`*${head}*`, 'Each case says what became of its token.'])]);
  }
  const head = `${count(held.length, 'more leaked token')} ${held.length === 1 ? 'matches' : 'match'} in ${where}. NOT revoked: go on?`;
  const why = `Patrol deactivates ${brake.kills} of one profile within ${count(brake.minutes, 'minute')} without a human, and has done so. The rules say deactivate for ${held.length === 1 ? 'this one' : 'each of these'} too. Treat ${held.length === 1 ? 'it' : 'them'} as working.`;
  const shown = held.slice(0, CASES_SHOWN);
  const rest = held.length - shown.length;
  const now1 = Math.min(held.length, most);
  const upTo = held[now1 - 1]?.number ?? last;
  return message(`${head} ${why}`, [
    section([`*${head}*`, why]),
    ...shown.map((one) =>
      section(
        rowWords(one, now),
        button({ text: 'Open', action: `${ACTION.case}:open`, value: encodeCase({ case: one.caseId, act: 'open' }) }),
      ),
    ),
    rest > 0 ? context(`And ${rest} more: ${code('/pat cases --open')}.`) : undefined,
    decided > 0 ? context(`${count(decided, 'case')} of this card decided already.`) : undefined,
    actions(
      button({
        text: `Deactivate ${now1 === held.length ? 'all ' : 'the first '}${now1}`,
        action: ACTION.goOn,
        value: encodeHeld({ profile, upTo }),
        style: 'danger',
        confirm: sure(
          'Go on?',
          `Deactivates ${count(now1, 'token')} of ${profile}, each read back. Your rights and the policy's approvals count as for any request.`,
          'Deactivate',
        ),
      }),
    ),
  ]);
}

function rowWords({ caseId, name, owner, createdAt }: HeldCase, now: Date): string {
  const facts = [
    owner === undefined ? undefined : `owner ${code(owner)}`,
    createdAt === undefined ? undefined : `${age(createdAt, now)} old`,
    `case ${code(caseId)}`,
  ].filter((fact) => fact !== undefined);
  return `*${code(name, 60)}* · ${facts.join(' · ')}`;
}
