import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { answerWords } from '#shared/tokens/proof-words.ts';
import { type Asked, whoLine } from './render-change.ts';
import { context, type Message, message, section } from './bricks.ts';
import { code } from './text.ts';
import { stopped } from './words.ts';

/** What became of a bigger lever, with what the provider said. */
export function renderLever({ leverId, result, answer, profile }: OutcomeOf<'lever'>, asked: Asked): Message {
  const lever = `${code(leverId)} in ${code(profile)}`;
  const head = {
    done: `Lever pulled: ${lever}.`,
    unproved: `Lever NOT pulled as far as can be proved: the provider accepted ${lever}, and no fresh read agrees.`,
    lost: `Lever NOT pulled as far as can be proved: a try to pull ${lever} may have reached the provider, no fresh read shows it, and it is not tried again.`,
    pending: `Lever NOT pulled yet: ${lever} waits for an approval at the provider.`,
    refused: `Lever NOT pulled: the provider refused ${lever}.`,
    unsupported: `Lever NOT pulled: ${lever} is not possible at this provider.`,
    not_found: `Lever NOT pulled: the provider does not know ${lever}.`,
  }[result];
  return message(head, [
    section([`*${head}*`, `The provider said: ${answer === undefined ? 'not known.' : stopped(answerWords(answer))}`]),
    context(whoLine(asked)),
  ]);
}
