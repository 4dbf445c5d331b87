import { showToken } from '#shared/tokens/commands/show-token.ts';
import type { Context } from '#shared/tokens/context.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { type Ask, takeOrder } from '#shared/tokens/take-order.ts';
import { ACTION, decodeTokens } from '../blocks/press.ts';
import { type Answer, askedApart } from './answer.ts';
import { lapsed } from './lapsed.ts';
import type { Press } from './press.ts';
import { contextOf, type SlackContext } from './slack-context.ts';

/** Does what a menu over rows, a token's button, Undo, Retry or a clean-up button asks for; a kill is asked once more. Undo only activates. */
export async function onTokens(slack: SlackContext, press: Press, ask: Ask): Promise<readonly Answer[]> {
  const wanted = decodeTokens(press.value);
  const isUndo = press.actionId.startsWith(ACTION.undo);
  if (wanted === undefined || (isUndo && wanted.verb !== 'activate')) return [lapsed('list')];
  const outcome = await changeOrShow(await contextOf(slack, wanted.verb !== 'show'), wanted, ask);
  return askedApart(
    { outcome, to: outcome.kind === 'denied' ? 'me' : 'channel' },
    slack.services.policy.channels.approvals,
  );
}

async function changeOrShow(
  context: Context,
  { verb, tokens }: NonNullable<ReturnType<typeof decodeTokens>>,
  ask: Ask,
): Promise<Outcome> {
  const [token = ''] = tokens;
  if (verb === 'show') {
    return showToken(context.services, context.authority, token);
  }
  return takeOrder(context, { verb, tokens, keepGoing: false, ask });
}
