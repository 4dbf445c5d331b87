import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { defined } from '#shared/core/defined.ts';
import { actionPayload, type Press, type PressedMessage, pressPayload, stampOf } from './press.ts';
import { APP_ID, TEAM_ID } from './workspace.ts';

/** A signed request as it goes out: header names are lower case, the body is the exact text that was signed. */
export interface SignedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Who asks, where, and what signs it. Everything but the secret and the user has a default. */
export interface Sender {
  readonly signingSecret: string;
  readonly userId: string;
  readonly userName?: string;
  readonly teamId?: string;
  readonly enterpriseId?: string;
  readonly channelId?: string;
  readonly channelName?: string;
  readonly triggerId?: string;
  readonly responseUrl?: string;
  readonly at?: Date;
}

/** A view as `toPayload` of the stand-in or a script shows it. */
export type ViewPayload = Readonly<Record<string, unknown>> & { readonly id: string };

type Json = Readonly<Record<string, unknown>>;

const FORM = 'application/x-www-form-urlencoded';
const CHANNEL = 'C0GENERAL01';

/** Encodes a form as Slack does: blanks as `+`, and everything but letters, digits and `-_.` as percent codes. */
function encodeForm(fields: Readonly<Record<string, string>>): string {
  const encode = (value: string) =>
    encodeURIComponent(value)
      .replace(/[!'()*~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll('%20', '+');
  return Object.entries(fields)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
}

/** Signs any body as Slack does: `v0`, HMAC-SHA256 over `v0:timestamp:body`, at `at` or now. */
export function signSlackBody(
  signingSecret: string,
  body: string,
  contentType: string,
  at: Date = new Date(),
): SignedRequest {
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const signature = createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    headers: {
      'content-type': contentType,
      'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
      accept: 'application/json,*/*',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signature}`,
    },
    body,
  };
}

const newTrigger = () => `${Date.now()}.${randomBytes(4).readUInt32BE()}.${randomBytes(16).toString('hex')}`;

/** Signs a slash command; `/pat` unless told otherwise. */
export function signCommand(sender: Sender, text: string, command = '/pat'): SignedRequest {
  const { teamId = TEAM_ID, channelId = CHANNEL, userName = 'user', channelName = 'channel' } = sender;
  const body = encodeForm({
    token: 'deprecated-verification-token',
    team_id: teamId,
    team_domain: 'sandbox',
    ...(sender.enterpriseId === undefined ? {} : { enterprise_id: sender.enterpriseId, enterprise_name: 'Sandbox' }),
    channel_id: channelId,
    channel_name: channelName,
    user_id: sender.userId,
    user_name: userName,
    command,
    text,
    api_app_id: APP_ID,
    is_enterprise_install: 'false',
    ...defined({ response_url: sender.responseUrl }),
    trigger_id: sender.triggerId ?? newTrigger(),
  });
  return signSlackBody(sender.signingSecret, body, FORM, sender.at);
}

/** Signs an interaction's payload as the form that Slack posts. */
export function signInteraction(sender: Sender, payload: Json): SignedRequest {
  const { teamId = TEAM_ID, userName = 'user' } = sender;
  const enterprise = sender.enterpriseId === undefined ? null : { id: sender.enterpriseId, name: 'Sandbox' };
  const common = {
    api_app_id: APP_ID,
    token: 'deprecated-verification-token',
    team: { id: teamId, domain: 'sandbox', ...(enterprise === null ? {} : { enterprise_id: enterprise.id }) },
    enterprise,
    user: { id: sender.userId, username: userName, name: userName, team_id: teamId },
    is_enterprise_install: false,
    trigger_id: sender.triggerId ?? newTrigger(),
  };
  const body = encodeForm({ payload: JSON.stringify({ ...payload, ...common }) });
  return signSlackBody(sender.signingSecret, body, FORM, sender.at);
}

/** Signs the press of a button or the choice in a menu of a message. */
export function signPress(
  sender: Sender,
  message: PressedMessage,
  press: Press,
  state: Json = { values: {} },
): SignedRequest {
  return signMessageAction(sender, message, { action: actionPayload(press, stampOf(sender.at)), state });
}

/** Signs what an element of a message did, as the entry of `actions` that Slack makes of it. */
export function signMessageAction(
  sender: Sender,
  message: PressedMessage,
  { action, state }: { readonly action: Json; readonly state: Json },
): SignedRequest {
  const { channelId = CHANNEL, channelName = 'channel' } = sender;
  return signInteraction(sender, {
    ...pressPayload({ id: channelId, name: channelName }, message, action),
    state,
    ...defined({ response_url: sender.responseUrl }),
  });
}

/** Signs a press inside a modal or on a Home tab. */
export function signViewPress(sender: Sender, view: ViewPayload, press: Press): SignedRequest {
  return signViewAction(sender, view, actionPayload(press, stampOf(sender.at)));
}

/** Signs what an element of a modal or of a Home tab did, as the entry of `actions` that Slack makes of it. */
export function signViewAction(sender: Sender, view: ViewPayload, action: Json): SignedRequest {
  return signInteraction(sender, {
    type: 'block_actions',
    container: { type: 'view', view_id: view.id },
    view,
    actions: [action],
  });
}

/** Signs the submission of a modal; `values` is Slack's `state.values`: block id, then action id. */
export function signSubmission(sender: Sender, view: ViewPayload, values: Json): SignedRequest {
  return signInteraction(sender, { type: 'view_submission', view: { ...view, state: { values } }, response_urls: [] });
}

/** Signs the closing of a modal that asked to be told. */
export function signViewClosed(sender: Sender, view: ViewPayload): SignedRequest {
  return signInteraction(sender, { type: 'view_closed', view, is_cleared: false });
}

/** Signs a global shortcut. */
export function signShortcut(sender: Sender, callbackId: string): SignedRequest {
  return signInteraction(sender, { type: 'shortcut', callback_id: callbackId, action_ts: stampOf(sender.at) });
}

/** Signs an Events API delivery. A redelivery has the same `eventId` and a retry number. */
export function signEvent(
  sender: Sender,
  event: Json,
  options: { readonly eventId?: string; readonly retry?: { readonly number: number; readonly reason: string } } = {},
): SignedRequest {
  const { teamId = TEAM_ID, at = new Date() } = sender;
  const body = JSON.stringify({
    token: 'deprecated-verification-token',
    team_id: teamId,
    ...defined({ enterprise_id: sender.enterpriseId }),
    api_app_id: APP_ID,
    event: { user: sender.userId, event_ts: stampOf(at), ...event },
    type: 'event_callback',
    event_id: options.eventId ?? `Ev${randomUUID().replaceAll('-', '').slice(0, 10).toUpperCase()}`,
    event_time: Math.floor(at.getTime() / 1_000),
    authorizations: [
      { enterprise_id: sender.enterpriseId ?? null, team_id: teamId, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
  });
  const signed = signSlackBody(sender.signingSecret, body, 'application/json', at);
  if (options.retry === undefined) return signed;
  const { number, reason } = options.retry;
  return {
    ...signed,
    headers: { ...signed.headers, 'x-slack-retry-num': String(number), 'x-slack-retry-reason': reason },
  };
}

/** Signs the opening of somebody's Home tab. */
export function signHomeOpened(sender: Sender, view?: ViewPayload): SignedRequest {
  return signEvent(sender, {
    type: 'app_home_opened',
    tab: 'home',
    channel: `D${sender.userId.slice(1)}`,
    ...defined({ view }),
  });
}

/** Signs the challenge that Slack sends when a request URL is set. */
export function signUrlVerification(signingSecret: string, challenge: string, at?: Date): SignedRequest {
  const body = JSON.stringify({ token: 'deprecated-verification-token', challenge, type: 'url_verification' });
  return signSlackBody(signingSecret, body, 'application/json', at);
}
