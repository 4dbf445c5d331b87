import { pressHeld, takesTheCard } from '#shared/cases/press-held.ts';
import { decodeHeld } from '../blocks/press.ts';
import { type Answer, askedApart } from './answer.ts';
import type { Press } from './press.ts';
import { contextOf, type SlackContext } from './slack-context.ts';

/** Answers the press that goes on where a profile's brake has stopped. The card becomes the outcome, token by token. */
export async function onHeld(slack: SlackContext, press: Press): Promise<readonly Answer[]> {
  const wanted = decodeHeld(press.value);
  const outcome =
    wanted === undefined
      ? ({ kind: 'denied', verb: 'deactivate', why: 'lapsed', roles: [] } as const)
      : await pressHeld(await contextOf(slack, true), wanted, slack.request.place.pressed);
  if (outcome.kind === 'denied' || outcome.kind === 'asked_before') return [{ outcome, to: 'me' }];
  return askedApart(
    { outcome, to: takesTheCard(outcome) ? 'here' : 'channel' },
    slack.services.policy.channels.approvals,
  );
}
