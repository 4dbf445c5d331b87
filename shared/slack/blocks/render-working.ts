import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { type Message, message, section } from './bricks.ts';
import { code } from './text.ts';

const NAMES_SHOWN = 3;

/**
 * A sign of life of a request that takes longer than usual. It says nothing of what is done, and only what stays true: nobody
 * may ever change it.
 */
export function renderWorking({ asked }: OutcomeOf<'working'>): Message {
  const rest = asked.length - NAMES_SHOWN;
  const names = asked.slice(0, NAMES_SHOWN).map((name) => code(name, 60));
  const what = `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  const head = asked.length === 0 ? 'Received.' : `Received: ${what}.`;
  const text = `${head} What comes of it is said here or in another message.`;
  return message(text, [section(text)]);
}
