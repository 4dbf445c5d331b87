import type { DeadLetters } from '#shared/jobs/count-dead-letters.ts';
import { context, type Message, message, section } from './bricks.ts';
import { code, count, mention, oneOf, requestName } from './text.ts';

/** Says what Patrol has given up, what that means for now, and what brings it back; or that nothing of it is kept any more. */
export function renderDeadLetters({ leaks, commands }: DeadLetters, stage: string): Message {
  if (leaks + commands === 0) {
    const head =
      'No dead letter is kept any more: what was given up has been brought back, or was deleted, as SQS does 14 days after it was sent.';
    return message(head, [section(head)]);
  }
  const parts = [
    leaks > 0 ? count(leaks, 'leak report') : undefined,
    commands > 0 ? count(commands, 'request') : undefined,
  ].filter((part) => part !== undefined);
  const head = `Patrol gave up on ${oneOf(parts, 'and')}. Nothing more happens with them by itself.`;
  const lost = [
    leaks > 0
      ? '• Leak reports: a leaked token may still work, and may have no card. Treat it as still working, also where its card says that Patrol tries again.'
      : undefined,
    commands > 0 ? '• Requests: whoever asked may have been told nothing. What a request did is on record.' : undefined,
  ].filter((line) => line !== undefined);
  const back = `Each is kept until 14 days after it was sent. ${code(`npm run redrive -- --stage ${stage}`)} brings all of them back; nothing is done twice.`;
  return message(head, [section([`*${head}*`, ...lost]), context(back)]);
}

/** What becomes of a message after which more was given up. */
export function goesOn(): Message {
  const head = 'Patrol had given up on something here. A newer message says what is given up now.';
  return message(head, [context(head)]);
}

/** Whose request was given up, and what it was where that may be read. */
interface GivenUp {
  readonly userId: string;
  readonly asked?: string;
  readonly requestId?: string;
}

/** What becomes of words that promised another try of a request, once it lies in the dead-letter queue. */
export function renderGivenUp({ userId, asked, requestId }: GivenUp, stage: string): Message {
  const head = 'Patrol stopped: this request has not come to its end, and nothing more happens with it by itself.';
  const what = asked === undefined ? '' : `: ${code(`/pat ${asked}`, 300)}`;
  const name = requestId === undefined ? '' : `, request ${requestName(requestId)}`;
  return message(head, [
    section([
      `*${head}*`,
      `Asked by ${mention(userId)}${what}${name}`,
      `What was done is on record. A token that it was to stop may still work: ${code('/pat show …')} reads what is true now.`,
    ]),
    context(
      `It is kept until 14 days after it was sent. ${code(`npm run redrive -- --stage ${stage}`)} brings it back, and its answer takes the place of these words.`,
    ),
  ]);
}
