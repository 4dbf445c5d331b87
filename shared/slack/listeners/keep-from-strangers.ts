import type { Outcome } from '#shared/tokens/outcome.ts';
import type { Services } from '#shared/tokens/services.ts';
import { isDirect } from '../is-overheard.ts';
import { type Answer, askedApart } from './answer.ts';
import type { Request } from './request.ts';

/** What names tokens, people, profiles or cases. */
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
  'changed',
  'not_found',
  'unsupported',
  'waiting_on_provider',
  'unconfirmed',
  'refused',
  'failed',
  'confirm',
  'bulk',
  'passed_on',
  'no_approver',
  'lever',
]);

/** True where another company reads what is said in the channel of a request. */
export async function isAmongStrangers({ channels }: Pick<Services, 'channels'>, { place }: Request): Promise<boolean> {
  const { channel } = place;
  return channel !== undefined && !isDirect(channel) && channels.isShared(channel);
}

/**
 * Turns what tells anything into an answer for the person alone, where the channel is shared with another company. A request
 * that others have to agree to is asked where those are who may.
 */
export async function keepFromStrangers(
  services: Pick<Services, 'channels' | 'policy'>,
  request: Request,
  answers: readonly Answer[],
): Promise<readonly Answer[]> {
  const isTelling = ({ outcome, to }: Answer) =>
    to === 'channel' && (TELLING.has(outcome.kind) || outcome.kind === 'approval');
  if (!answers.some(isTelling) || !(await isAmongStrangers(services, request))) return answers;
  const { policy } = services;
  const apart = policy.channels.approvals ?? policy.channels.security;
  const alone = (answer: Answer): readonly Answer[] => {
    const { outcome } = answer;
    if (outcome.kind === 'listed') return [{ ...answer, to: 'me', outcome: { ...outcome, private: true } }];
    const [told, ...asked] = askedApart(answer, apart);
    return told === undefined ? [] : [{ ...told, to: 'me' }, ...asked];
  };
  return answers.flatMap((answer) => (isTelling(answer) && answer.where === undefined ? alone(answer) : [answer]));
}
