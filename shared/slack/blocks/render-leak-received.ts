import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { type Message, message, section } from './bricks.ts';
import { unrecognisedWords } from './reporter-notice.ts';
import { count } from './text.ts';

/** What became of texts that a person pasted as leaked. Nothing of an unrecognised one was kept. */
export function renderLeakReceived({ recognised, unrecognised }: OutcomeOf<'leak_received'>): Message {
  const head =
    recognised === 0
      ? 'No token was recognised, so NOTHING was revoked.'
      : `${count(recognised, 'leaked secret')} received. Nothing is revoked yet: working on it.`;
  const next = recognised === 0 ? undefined : 'This message is brought up to date until the end.';
  const lost = unrecognisedWords(unrecognised);
  return message([head, next, lost].filter((part) => part !== undefined).join(' '), [
    section([`*${head}*`, next, lost]),
  ]);
}
