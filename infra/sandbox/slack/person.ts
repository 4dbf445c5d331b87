import { createHmac, randomBytes } from 'node:crypto';
import type { Deeds } from './deeds.ts';
import type { SlackStandIn } from './slack.ts';
import { APP_ID, BOT_ID, TEAM_ID } from './workspace.ts';

interface PersonDeps {
  readonly slack: SlackStandIn;
  readonly signingSecret: string;
  /** Where Slack's requests go. */
  readonly endpoint: string;
  /** The clock that signatures are made by: that of the functions, so that a shifted one stays in step. */
  readonly now: () => Date;
}

/** What a request from Slack got back, and how long that took. */
export interface SlackAnswer {
  readonly status: number;
  /** Parsed JSON, or the text; `null` for an empty body. */
  readonly body: unknown;
  readonly milliseconds: number;
}

/** Sends what a person does as Slack would: the same fields, really signed, over HTTP. */
export type SlackPerson = { readonly [D in keyof Deeds]: (deed: Deeds[D]) => Promise<SlackAnswer> };

/** Makes the hand that types and presses in the Slack stand-in. */
export function createSlackPerson({ slack, signingSecret, endpoint, now }: PersonDeps): SlackPerson {
  const send = async (contentType: string, body: string): Promise<SlackAnswer> => {
    const timestamp = String(Math.floor(now().getTime() / 1000));
    const signature = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
    const startedAt = performance.now();
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': contentType,
        'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': `v0=${signature}`,
      },
      body,
    });
    const text = await response.text();
    const milliseconds = Math.round(performance.now() - startedAt);
    return { status: response.status, body: parse(text), milliseconds };
  };
  const sendForm = (fields: Readonly<Record<string, string>>): Promise<SlackAnswer> =>
    send('application/x-www-form-urlencoded', new URLSearchParams(fields).toString());
  const sendPayload = (payload: object): Promise<SlackAnswer> => sendForm({ payload: JSON.stringify(payload) });

  return {
    command: ({ userId, channel, text }) =>
      sendForm({
        token: 'legacy-verification-token',
        team_id: teamOf(userId),
        team_domain: 'sandbox',
        channel_id: channel,
        channel_name: slack.channels().find(({ id }) => id === channel)?.name ?? 'directmessage',
        user_id: userId,
        user_name: nameOf(userId),
        command: '/pat',
        text,
        api_app_id: APP_ID,
        is_enterprise_install: 'false',
        response_url: newResponseUrl(),
        trigger_id: slack.issueTrigger(userId),
      }),
    click: (deed) => {
      const action = { ...deed.action, action_ts: (now().getTime() / 1000).toFixed(6) };
      return sendPayload({ type: 'block_actions', ...who(deed.userId), ...where(deed), actions: [action] });
    },
    submit: (deed) =>
      sendPayload({
        type: 'view_submission',
        ...who(deed.userId),
        view: viewOf(deed.viewId, deed.values),
        response_urls: [],
      }),
    close: async (deed) => {
      const view = viewOf(deed.viewId, {});
      slack.closeView(deed.viewId);
      if (view['notify_on_close'] !== true) return { status: 200, body: null, milliseconds: 0 };
      return sendPayload({ type: 'view_closed', ...who(deed.userId), view, is_cleared: false });
    },
    home: ({ userId }) =>
      send(
        'application/json',
        JSON.stringify({
          type: 'event_callback',
          token: 'legacy-verification-token',
          team_id: teamOf(userId),
          api_app_id: APP_ID,
          event_id: `Ev${randomBytes(5).toString('hex').toUpperCase()}`,
          event_time: Math.floor(now().getTime() / 1000),
          authorizations: [
            {
              enterprise_id: null,
              team_id: TEAM_ID,
              user_id: 'U0PATROLBOT',
              is_bot: true,
              is_enterprise_install: false,
            },
          ],
          event: {
            type: 'app_home_opened',
            user: userId,
            channel: `D${userId.slice(1)}`,
            tab: 'home',
            event_ts: (now().getTime() / 1000).toFixed(6),
          },
        }),
      ),
  };

  function newResponseUrl(): string {
    return `${slack.responseUrl}/${randomBytes(9).toString('base64url')}`;
  }

  function teamOf(id: string): string {
    return slack.users().find((user) => user.id === id)?.teamId ?? TEAM_ID;
  }

  function nameOf(id: string): string {
    return slack.users().find((user) => user.id === id)?.name ?? 'somebody';
  }

  function who(id: string) {
    return {
      user: { id, username: nameOf(id), name: nameOf(id), team_id: teamOf(id) },
      team: { id: teamOf(id), domain: 'sandbox' },
      enterprise: null,
      is_enterprise_install: false,
      api_app_id: APP_ID,
      token: 'legacy-verification-token',
      trigger_id: slack.issueTrigger(id),
    };
  }

  function where({ channel, ts, viewId, values }: Deeds['click']) {
    if (viewId !== undefined) {
      const view = viewOf(viewId, values);
      return { container: { type: 'view', view_id: viewId }, view };
    }
    const message = slack.messages().find((each) => each.channel === channel && each.ts === ts);
    if (message === undefined) throw new Error(`There is no message ${ts} in ${channel}.`);
    const thread = message.threadTs === undefined ? {} : { thread_ts: message.threadTs };
    const isEphemeral = message.ephemeralTo !== undefined;
    return {
      container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: isEphemeral, ...thread },
      channel: { id: channel, name: slack.channels().find(({ id }) => id === channel)?.name ?? 'directmessage' },
      ...(isEphemeral
        ? {}
        : {
            message: {
              type: 'message',
              user: message.user,
              bot_id: BOT_ID,
              ts,
              text: message.text,
              blocks: message.blocks,
              team: TEAM_ID,
              ...thread,
            },
          }),
      state: { values },
      response_url: newResponseUrl(),
    };
  }

  function viewOf(id: string, given: Deeds['submit']['values']): Record<string, unknown> {
    const view = slack.viewPayload(id);
    if (view === undefined) throw new Error(`There is no open view ${id}.`);
    return { ...view, state: { values: given } };
  }
}

function parse(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
