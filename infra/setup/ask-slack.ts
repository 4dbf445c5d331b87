import { parseBotToken, SLACK_SECRETS } from '#shared/slack/slack-secret.ts';
import { type Examination, wrong } from './examination.ts';
import { createSlackCall, type SlackCall } from './slack-call.ts';
import type { Vault } from './vault.ts';

interface AskDeps {
  readonly vault: Vault;
  readonly apiUrl: string;
}

/** Examines what Slack knows, by the stored bot token; nothing where none is stored, and told as wrong where Slack cannot be asked. */
export async function askSlack(
  what: string,
  { vault, apiUrl }: AskDeps,
  examine: (call: SlackCall) => Promise<readonly Examination[]>,
): Promise<readonly Examination[]> {
  const stored = await vault.read(SLACK_SECRETS.bot);
  if (stored === undefined) return [];
  try {
    return await examine(createSlackCall(apiUrl, parseBotToken({ current: stored })));
  } catch {
    return [wrong(what, 'Slack could not be asked about them', 'see the finding for slack')];
  }
}
