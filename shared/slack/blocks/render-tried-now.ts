import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { type Message, message, section } from './bricks.ts';
import { whatHappened } from './render-trouble.ts';

/** What whoever pressed Try now is told where that did not bring it about: the message itself says what comes next. */
export function renderTriedNow({ trouble }: OutcomeOf<'tried_now'>): Message {
  const text =
    trouble === undefined
      ? 'It is being tried at this moment. Its message says how that ends.'
      : `Tried again just now, and it did not come about. ${whatHappened(trouble)}. Its message says what comes next.`;
  return message(text, [section(text)]);
}
