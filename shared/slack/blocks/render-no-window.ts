import { type Message, message, section } from './bricks.ts';
import { code } from './text.ts';

/** Says that the window for a leak did not open, and what to do without it. */
export function renderNoWindow(): Message {
  const head = 'Nothing is reported: Slack did not open the window for your leak.';
  const next = `Type ${code('/pat leak')} again.`;
  return message(`${head} ${next}`, [
    section([
      `*${head}*`,
      next,
      `If it stays shut: a token that you know by name is stopped by ${code('/pat deactivate NAME')}. Do not paste the secret anywhere else.`,
    ]),
  ]);
}
