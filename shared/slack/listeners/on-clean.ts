import { takeOrder } from '#shared/tokens/take-order.ts';
import { decodeClean } from '../blocks/press.ts';
import { type Answer, askedApart } from './answer.ts';
import { lapsed } from './lapsed.ts';
import type { Press } from './press.ts';
import { contextOf, type SlackContext } from './slack-context.ts';

/** Starts the clean-up that a hygiene digest offers: the same rights, preview and approvals as a typed request. */
export async function onClean(slack: SlackContext, press: Press): Promise<readonly Answer[]> {
  const wanted = decodeClean(press.value);
  if (wanted === undefined) {
    return [lapsed('deactivate')];
  }
  const { verb, tokens, reason } = wanted;
  const order = { verb, tokens, reason, keepGoing: false, ask: 'always' } as const;
  const outcome = await takeOrder(await contextOf(slack, true), order);
  return askedApart(
    { outcome, to: outcome.kind === 'denied' ? 'me' : 'channel' },
    slack.services.policy.channels.approvals,
  );
}
