import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { type Message, message, section } from './bricks.ts';
import { code, count } from './text.ts';

/** What became of texts that a person pasted as leaked. Nothing of an unrecognised one was kept. */
export function renderLeakReceived({ recognised, unrecognised }: OutcomeOf<'leak_received'>): Message {
  const head =
    recognised === 0
      ? 'No token was recognised, so NOTHING was revoked.'
      : `${count(recognised, 'leaked secret')} received. Nothing is revoked yet: working on it.`;
  const next = recognised === 0 ? undefined : 'The card of each case in the security channel says what becomes of it.';
  const lost =
    unrecognised === 0
      ? undefined
      : `${count(unrecognised, 'text')} had no form that Patrol knows, and nothing of ${unrecognised === 1 ? 'it' : 'them'} was kept. If you know the token, stop it by name: ${code('/pat deactivate …')}.`;
  return message([head, next, lost].filter((part) => part !== undefined).join(' '), [
    section([`*${head}*`, next, lost]),
  ]);
}
