import type { Outcome } from '#shared/tokens/outcome.ts';
import type { Services } from '#shared/tokens/services.ts';
import { isDirect } from '../is-overheard.ts';
import type { Answer } from './answer.ts';
import type { Request } from './request.ts';

/** What only tells: nothing was done that others in the channel have to know of. */
const TELLING: ReadonlySet<Outcome['kind']> = new Set<Outcome['kind']>([
  'listed',
  'shown',
  'ambiguous',
  'unknown_token',
  'cases',
  'case',
  'unknown_case',
  'audited',
  'profiles',
  'stats',
  'hygiene',
]);

/**
 * Turns what only tells into an answer for the person alone, where the channel is shared with another company. Whatever
 * changes something is said where it was asked for, and to all.
 */
export async function keepFromStrangers(
  { channels }: Pick<Services, 'channels'>,
  { place }: Request,
  answers: readonly Answer[],
): Promise<readonly Answer[]> {
  const isTelling = ({ outcome, to }: Answer) => to === 'channel' && TELLING.has(outcome.kind);
  const { channel } = place;
  if (channel === undefined || isDirect(channel) || !answers.some(isTelling)) return answers;
  if (!(await channels.isShared(channel))) return answers;
  return answers.map((answer) => {
    if (!isTelling(answer)) return answer;
    const { outcome } = answer;
    return { ...answer, to: 'me', outcome: outcome.kind === 'listed' ? { ...outcome, private: true } : outcome };
  });
}
