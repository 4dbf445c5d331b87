import { isDenied } from '#shared/tokens/authorise.ts';
import type { Answer } from './answer.ts';
import { contextOf, type SlackContext } from './slack-context.ts';

/**
 * Says what is left to say to whoever wants to report a leak: the window was opened by the edge, which knows no rights, or
 * was refused by Slack.
 */
export async function onLeakWanted(slack: SlackContext): Promise<readonly Answer[]> {
  const { authority } = await contextOf(slack, false);
  const allowed = authority.may('leak');
  if (isDenied(allowed)) return [{ outcome: allowed, to: 'me' }];
  return slack.request.viewId === undefined ? [{ outcome: { kind: 'no_window' }, to: 'me' }] : [];
}
