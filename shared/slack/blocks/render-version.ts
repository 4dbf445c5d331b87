import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { type Message, message, section } from './bricks.ts';
import { code } from './text.ts';

/** Which release this is, for whoever asks what they talk to. */
export function renderVersion({ version }: OutcomeOf<'version'>): Message {
  const text = `Patrol ${code(version)}. ${code('/pat doctor')} shows how it is.`;
  return message(text, [section(text)]);
}
