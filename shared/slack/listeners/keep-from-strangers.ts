import type { Services } from '#shared/tokens/services.ts';
import { isDirect } from '../is-overheard.ts';
import { type Answer, askedApart } from './answer.ts';
import type { Request } from './request.ts';

/** True where another company reads what is said in the channel of a request. */
export async function isAmongStrangers(
  { channels }: Pick<Services, 'channels'>,
  { place }: Pick<Request, 'place'>,
): Promise<boolean> {
  const { channel } = place;
  return channel !== undefined && !isDirect(channel) && channels.isShared(channel);
}

/**
 * Turns an answer to all into one for the person alone, where the channel is shared with another company: nearly each names
 * tokens, people, profiles or cases. A request that others have to agree to is asked where those are who may.
 */
export async function keepFromStrangers(
  services: Pick<Services, 'channels' | 'policy'>,
  request: Request,
  answers: readonly Answer[],
): Promise<readonly Answer[]> {
  const isTelling = ({ to, where }: Answer) => to === 'channel' && where === undefined;
  if (!answers.some(isTelling) || !(await isAmongStrangers(services, request))) return answers;
  const { policy } = services;
  const apart = policy.channels.approvals ?? policy.channels.security;
  const alone = (answer: Answer): readonly Answer[] => {
    const { outcome } = answer;
    if (outcome.kind === 'listed') return [{ ...answer, to: 'me', outcome: { ...outcome, private: true } }];
    const [told, ...asked] = askedApart(answer, apart);
    return told === undefined ? [] : [{ ...told, to: 'me' }, ...asked];
  };
  return answers.flatMap((answer) => (isTelling(answer) ? alone(answer) : [answer]));
}
