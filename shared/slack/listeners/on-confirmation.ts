import { answerConfirmation } from '#shared/tokens/ask-confirmation.ts';
import { type Answer, askedApart } from './answer.ts';
import type { Press } from './press.ts';
import { contextOf, type SlackContext } from './slack-context.ts';

/** Answers a press on a confirmation. The message that asked becomes the one that answers. */
export async function onConfirmation(slack: SlackContext, press: Press): Promise<readonly Answer[]> {
  const context = await contextOf(slack, true);
  const yes = press.actionId.startsWith('patrol:confirm');
  const answer = await answerConfirmation(context, { pending: press.value ?? '', yes });
  return askedApart(
    { ...answer, to: answer.outcome.kind === 'denied' ? 'me' : 'here' },
    slack.services.policy.channels.approvals,
  );
}
