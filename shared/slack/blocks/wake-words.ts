import { needsPerson } from '#shared/cases/needs-person.ts';
import type { WakeStep } from '#shared/cases/wake.ts';
import type { Case } from '#shared/store/store.ts';
import { type Message, message, section } from './bricks.ts';
import { caseHead } from './case-words.ts';
import { ownerSaid } from './owner-said.ts';
import { channelName, code, count, whom } from './text.ts';

/** The line that calls somebody; `undefined` where the policy names nobody. */
export function callWords(mention: string | undefined): string | undefined {
  return mention === undefined ? undefined : `${whom(mention)}: somebody is needed here.`;
}

/** The line that calls somebody to a case's card; `undefined` where nobody is named, or nobody is needed. */
export function callLine(kase: Case, mention: string | undefined): string | undefined {
  return needsPerson(kase) ? callWords(mention) : undefined;
}

/** The card with the line that calls somebody, under its head. */
export function withCall(card: Message, line: string | undefined): Message {
  const [head, ...rest] = card.blocks;
  const called = line === undefined ? undefined : section(line);
  if (called === undefined || head === undefined) return card;
  return { text: card.text, blocks: [head, called, ...rest] };
}

/** What is said when somebody says that a leaked token is not theirs. */
function disownedWords(kase: Case, mention: string | undefined): Message {
  const called = mention === undefined ? '' : `${whom(mention)} `;
  const head = `${called}${ownerSaid(kase) ?? ''}`;
  const next = 'Whoever made it, or has it, is somebody else. Find out who, and stop it on its card.';
  return message(`${head} ${caseHead(kase)}`, [section([`*${head}*`, caseHead(kase), cardPlace(kase), next])]);
}

function cardPlace({ message: card }: Case): string | undefined {
  return card === undefined ? undefined : `Its card is in ${channelName(card.channel)}.`;
}

/** What is said while nobody has taken a case: since how long, where it stands, and what comes next. */
export function wakeWords(
  kase: Case,
  step: WakeStep,
  how: { readonly now: Date; readonly whom?: string | undefined; readonly minutes: number; readonly others: number },
): Message {
  const { need, openedAt } = kase;
  if (step === 'disowned') return disownedWords(kase, how.whom);
  const waited = Math.max(1, Math.round((how.now.getTime() - Date.parse(need?.since ?? openedAt)) / 60_000));
  const called = how.whom === undefined ? '' : `${whom(how.whom)} `;
  const head = `${called}Nobody has taken case ${code(kase.id)} for ${count(waited, 'minute')}.`;
  const others =
    how.others === 0
      ? undefined
      : `${count(how.others, 'other case')} ${how.others === 1 ? 'waits' : 'wait'} for somebody as well: ${code('/pat cases --open')}.`;
  const next =
    step === 'remind'
      ? `Press Take it on its card, or decide. Otherwise others are called in ${count(how.minutes, 'minute')}.`
      : 'Press Take it on its card, or decide. This is the last call: nobody is reminded again.';
  return message(`${head} ${caseHead(kase)}`, [section([`*${head}*`, caseHead(kase), cardPlace(kase), next, others])]);
}
