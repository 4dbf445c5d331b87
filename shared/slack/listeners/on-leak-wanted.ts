import { isOurs } from '#shared/policy/roles.ts';
import type { Answer } from './answer.ts';
import type { SlackContext } from './slack-context.ts';

/**
 * Says what is left to say to whoever wants to report a leak: the window was opened by the edge, which knows no workspaces, or
 * was refused by Slack.
 */
export async function onLeakWanted(slack: SlackContext): Promise<readonly Answer[]> {
  // Anybody of the workspace may report; what that may cause is decided by their rights.
  if (!isOurs(slack.services.policy, slack.request.actor)) {
    return [{ outcome: { kind: 'denied', verb: 'leak', why: 'other_workspace', roles: [] }, to: 'me' }];
  }
  return slack.request.viewId === undefined ? [{ outcome: { kind: 'no_window' }, to: 'me' }] : [];
}
