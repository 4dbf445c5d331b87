import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { actions, type Message, message, section } from './bricks.ts';
import { code } from './text.ts';
import { runButton } from './run-button.ts';
import { sentence } from './words.ts';

/** Says what of a command was not understood, that nothing was done, and a line that works when pasted. */
export function renderMisunderstood({ problem, suggestion, topic }: OutcomeOf<'misunderstood'>): Message {
  const what = sentence(problem);
  const next =
    suggestion === undefined
      ? `${code(`/pat help${topic === undefined ? '' : ` ${topic}`}`)} shows what you can type.`
      : `Did you mean ${code(suggestion, 1500)}?`;
  return message(`Nothing was done. ${what} ${next}`, [
    section(['*Nothing was done.*', what, next]),
    actions(runButton(suggestion)),
  ]);
}
