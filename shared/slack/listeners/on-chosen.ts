import { defined } from '#shared/core/defined.ts';
import { MUTATIONS } from '#shared/core/vocabulary.ts';
import { takeOrder } from '#shared/tokens/take-order.ts';
import { CHOSEN_BLOCK, REASON_BLOCK, VERB_BLOCK } from '../skeleton-modal.ts';
import { type Answer, askedApart } from './answer.ts';
import { lapsed } from './lapsed.ts';
import { contextOf, type SlackContext } from './slack-context.ts';
import { chosen, type Submitted, typed } from './submitted.ts';

/** Previews the change of the tokens that were ticked: the same rights, cap and approvals as a typed request. */
export async function onChosen(slack: SlackContext, submitted: Submitted): Promise<readonly Answer[]> {
  const [wanted] = chosen(submitted, VERB_BLOCK);
  const verb = MUTATIONS.find((each) => each === wanted);
  const tokens = chosen(submitted, CHOSEN_BLOCK);
  if (verb === undefined || tokens.length === 0) return [lapsed('list')];
  const reason = typed(submitted, REASON_BLOCK)?.trim();
  const order = { verb, tokens, keepGoing: false, ask: 'always', ...defined({ reason: reason || undefined }) } as const;
  const outcome = await takeOrder(await contextOf(slack, true), order);
  const { channelId } = slack.request.actor;
  const answer = {
    outcome,
    to: outcome.kind === 'denied' ? 'me' : 'channel',
    ...defined({ where: channelId }),
  } as const;
  return askedApart(answer, slack.services.policy.channels.approvals);
}
