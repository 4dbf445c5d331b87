import { randomBytes } from 'node:crypto';
import { defined } from '#shared/core/defined.ts';
import { tryParseJson } from '#shared/core/try-parse-json.ts';
import type { PersonActions } from './person-actions.ts';
import type { PressedMessage } from './press.ts';
import {
  type Sender,
  type SignedRequest,
  signCommand,
  signHomeOpened,
  signMessageAction,
  signSubmission,
  signViewAction,
  signViewClosed,
  type ViewPayload,
} from './sign.ts';
import type { SlackStandIn } from './slack.ts';
import { TEAM_ID } from './workspace.ts';

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
export type SlackPerson = { readonly [A in keyof PersonActions]: (action: PersonActions[A]) => Promise<SlackAnswer> };

/** Makes the hand that types and presses in the Slack stand-in. */
export function createSlackPerson(deps: PersonDeps): SlackPerson {
  const { slack, now } = deps;
  const send = (request: SignedRequest) => sendTo(deps.endpoint, request);
  const sender = (userId: string, channelId?: string) => senderOf(deps, userId, channelId);
  const actionOf = (action: PersonActions['click']['action']) => ({
    ...action,
    action_ts: (now().getTime() / 1000).toFixed(6),
  });
  return {
    command: ({ userId, channel, text }) => send(signCommand(sender(userId, channel), text)),
    click: async ({ userId, channel, ts, viewId, action, values }) => {
      if (viewId !== undefined) {
        return send(signViewAction(sender(userId), viewOf(slack, viewId, values), actionOf(action)));
      }
      const message = messageOf(slack, channel, ts);
      return send(signMessageAction(sender(userId, channel), message, { action: actionOf(action), state: { values } }));
    },
    submit: async ({ userId, viewId, values }) =>
      send(signSubmission(sender(userId), viewOf(slack, viewId, values), values)),
    close: async ({ userId, viewId }) => {
      const view = viewOf(slack, viewId, {});
      slack.closeView(viewId);
      if (view['notify_on_close'] !== true) return { status: 200, body: null, milliseconds: 0 };
      return send(signViewClosed(sender(userId), view));
    },
    home: ({ userId }) => send(signHomeOpened(sender(userId))),
  };
}

/** Who types or presses, with a trigger and a `response_url` that the stand-in will take. */
function senderOf({ slack, signingSecret, now }: PersonDeps, userId: string, channelId?: string): Sender {
  const user = slack.users().find(({ id }) => id === userId);
  const channel = slack.channels().find(({ id }) => id === channelId);
  return {
    signingSecret,
    userId,
    userName: user?.name ?? 'somebody',
    teamId: user?.teamId ?? TEAM_ID,
    channelName: channel?.name ?? 'directmessage',
    triggerId: slack.issueTrigger(userId),
    responseUrl: `${slack.responseUrl}/${randomBytes(9).toString('base64url')}`,
    at: now(),
    ...defined({ channelId }),
  };
}

async function sendTo(endpoint: string, { headers, body }: SignedRequest): Promise<SlackAnswer> {
  const startedAt = performance.now();
  const response = await fetch(endpoint, { method: 'POST', headers, body });
  const text = await response.text();
  const milliseconds = Math.round(performance.now() - startedAt);
  return { status: response.status, body: text === '' ? null : (tryParseJson(text) ?? text), milliseconds };
}

function messageOf(slack: SlackStandIn, channel: string | undefined, ts: string | undefined): PressedMessage {
  const message = slack.messages().find((each) => each.channel === channel && each.ts === ts);
  if (message === undefined) throw new Error(`There is no message ${ts} in ${channel}.`);
  return { ...message, isEphemeral: message.ephemeralTo !== undefined };
}

function viewOf(slack: SlackStandIn, id: string, values: PersonActions['submit']['values']): ViewPayload {
  const view = slack.viewPayload(id);
  if (view === undefined) throw new Error(`There is no open view ${id}.`);
  return { ...view, id, state: { values } };
}
