import * as z from 'zod';
import { Secret } from '#shared/core/secret.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { BOT_SCOPES } from '#shared/slack/bot-scopes.ts';
import { parseBotToken, parseSigningSecrets, SLACK_SECRETS } from '#shared/slack/slack-secret.ts';
import type { Item, Verdict } from './item.ts';
import type { Judge } from './prompt.ts';
import { createSlackCall } from './slack-call.ts';

const replySchema = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  team: z.string().optional(),
  team_id: z.string().optional(),
  enterprise_id: z.string().nullish(),
  user: z.string().optional(),
});

interface SlackItemDeps {
  readonly policy: Policy;
  readonly apiUrl: string;
}

/** Tells whether a text has the form of a bot token. */
export const checkBotToken: Judge = (answer) =>
  /^xoxb-[\w-]{10,}$/.test(answer) ? undefined : 'A bot token starts with "xoxb-" (not "xoxp-" or "xapp-").';

/** The Slack app's signing secret and bot token; tried by `auth.test`, which nobody sees. */
export function createSlackItem({ policy, apiUrl }: SlackItemDeps): Item {
  return {
    name: 'slack',
    title: 'Slack app',
    kept: { [SLACK_SECRETS.signing]: ['signingSecret'], [SLACK_SECRETS.bot]: ['botToken'] },
    isNeeded: true,
    ask: async (prompt) => {
      prompt.say('On https://api.slack.com/apps choose the app (npm run manifest makes one).');
      const signingSecret = await prompt.secret('Signing secret, under "Basic Information"', (answer) =>
        /^[0-9a-f]{32}$/.test(answer) ? undefined : 'A signing secret is 32 hexadecimal characters.',
      );
      const botToken = await prompt.secret(
        'Bot user OAuth token, under "OAuth & Permissions" after installing',
        checkBotToken,
      );
      return new Secret(JSON.stringify({ signingSecret: signingSecret.expose(), botToken: botToken.expose() }));
    },
    take: ({ slack }) => (slack === undefined ? undefined : new Secret(JSON.stringify(slack))),
    check: async (value) => {
      try {
        parseSigningSecrets({ current: value }, new Date());
        const { json, scopes } = await createSlackCall(apiUrl, parseBotToken({ current: value }))('auth.test');
        return judge(replySchema.parse(json), scopes, policy);
      } catch (error) {
        const reason =
          error instanceof Error && error.name === 'Fault' ? error.message : 'Slack did not answer as expected';
        return { works: false, notes: [`${reason}. Check the network and the values, and try again.`] };
      }
    },
    afterwards: () => ['Slack: /invite the app to the security channel.'],
  };
}

function judge(reply: z.infer<typeof replySchema>, scopes: readonly string[] | undefined, policy: Policy): Verdict {
  if (!reply.ok)
    return {
      works: false,
      notes: [`Slack refuses the bot token (${reply.error ?? 'no reason'}). Install the app and copy the token again.`],
    };
  const missing = scopes === undefined ? [] : BOT_SCOPES.filter((scope) => !scopes.includes(scope));
  if (missing.length > 0) {
    return {
      works: false,
      notes: [`The bot token lacks ${missing.join(', ')}: update the app from "npm run manifest" and reinstall it.`],
    };
  }
  const isListed =
    policy.teams.includes(reply.team_id ?? '') ||
    (reply.enterprise_id ? policy.enterprises.includes(reply.enterprise_id) : false);
  return {
    works: true,
    notes: [
      `bot "${reply.user ?? '?'}" of workspace "${reply.team ?? '?'}" (${reply.team_id ?? '?'})`,
      ...(isListed
        ? []
        : [
            `Workspace ${reply.team_id ?? '?'} is not in the policy's teams, so everybody will be refused: add it there and deploy.`,
          ]),
    ],
  };
}
