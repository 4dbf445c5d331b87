import { plainButtons } from '#test/support/buttons.ts';
import { App, type types, webApi } from '@slack/bolt';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { type Fault, isFault } from '#shared/core/fault.ts';
import type { Message } from '#shared/slack/blocks/bricks.ts';
import { createReply, type Reply } from '#shared/slack/reply.ts';
import { WEB_CLIENT_OPTIONS } from '#shared/slack/to-slack-fault.ts';

const SECURITY = 'C0SECURITY1';
const ADMIN = 'U0ADMIN0001';
const words = (text: string): Message => ({ text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }] });

let slack: SlackStandIn;
let reply: Reply;
let client: webApi.WebClient;
let slept: number[];
/** Every request that left, with its body as Slack reads it. */
let sent: { readonly url: string; readonly redirect: string | undefined; readonly body: Record<string, any> }[];

const watchedFetch: typeof fetch = (url, init) => {
  const text = typeof init?.body === 'string' ? init.body : '';
  const body = text.startsWith('{') ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
  sent.push({ url: new Request(url).url, redirect: init?.redirect, body });
  return fetch(url, init);
};

beforeAll(async () => {
  slack = await startSlack();
  client = new webApi.WebClient(slack.botToken, {
    ...WEB_CLIENT_OPTIONS,
    slackApiUrl: slack.apiUrl,
    fetch: watchedFetch,
  });
});
afterAll(() => slack.close());
beforeEach(() => {
  slack.reset();
  slept = [];
  sent = [];
  reply = createReply({
    buttons: plainButtons,
    client,
    responseUrlOrigin: new URL(slack.responseUrl).origin,
    fetch: watchedFetch,
    now: () => new Date(0),
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
    },
  });
});

let urls = 0;
/** A `response_url` as a request of the admin in this channel carries it. */
function responseUrl(channel = SECURITY, messageTs?: string): string {
  urls += 1;
  const url = `${slack.responseUrl}/${urls}`;
  slack.learnResponseUrl(url, { channel, user: ADMIN, messageTs });
  return url;
}

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isFault(error)) throw new Error(`no fault: ${String(error)}`);
  return error;
}

const leaveChannel = () => {
  slack.setChannel('C0PRIVATE01', { members: [ADMIN], bot: false });
  slack.setScopes(['chat:write', 'im:write', 'usergroups:read']);
};

describe('post', () => {
  it('says it in the channel, quietly, and tells where', async () => {
    const posted = await reply.post({ channel: SECURITY }, words('hello'));
    expect(slack.messages()).toMatchObject([{ channel: SECURITY, ts: posted.ts, text: 'hello' }]);
    expect(sent[0]?.body).toMatchObject({ unfurl_links: 'false', unfurl_media: 'false', parse: 'none', text: 'hello' });
  });

  it('says through response_url what stays true when nobody can change it', async () => {
    leaveChannel();
    const ifFixed = words('A newer message says what comes of it.');
    await reply.post({ channel: 'C0PRIVATE01', responseUrl: responseUrl('C0PRIVATE01'), ifFixed }, words('hello'));
    await reply.post({ channel: SECURITY, responseUrl: responseUrl(), ifFixed }, words('hello'));
    expect(slack.messages().map(({ text }) => text)).toEqual(['A newer message says what comes of it.', 'hello']);
  });

  it('says it through response_url where the bot is no member', async () => {
    leaveChannel();
    const posted = await reply.post(
      { channel: 'C0PRIVATE01', responseUrl: responseUrl('C0PRIVATE01') },
      words('hello'),
    );
    expect(posted).toEqual({ channel: 'C0PRIVATE01' });
    const [message] = slack.messages();
    expect(message).toMatchObject({ channel: 'C0PRIVATE01', text: 'hello' });
    expect(message?.ephemeralTo).toBeUndefined();
    expect(sent.at(-1)).toMatchObject({ redirect: 'manual', body: { unfurl_links: false, parse: 'none' } });
  });

  it('without a response_url says why it could not', async () => {
    leaveChannel();
    const fault = await faultOf(reply.post({ channel: 'C0PRIVATE01' }, words('hello')));
    expect(fault).toMatchObject({ code: 'slack_rejected', detail: 'chat.postMessage: not_in_channel' });
  });

  it('refuses a message without fallback text before it is sent', async () => {
    expect((await faultOf(reply.post({ channel: SECURITY }, { text: ' ', blocks: [] }))).code).toBe('config_invalid');
    expect(sent).toEqual([]);
  });

  it.each([
    'https://evil.example/response/1',
    'http://hooks.slack.com.evil.example/1',
    'not a url',
    'file:///etc/passwd',
  ])('never writes to %s', async (url) => {
    leaveChannel();
    const fault = await faultOf(reply.post({ channel: 'C0PRIVATE01', responseUrl: url }, words('hello')));
    expect(fault.code).toBe('slack_rejected');
    expect(sent.map((request) => new URL(request.url).origin)).toEqual([new URL(slack.apiUrl).origin]);
  });

  it('never sends a user name and a password along', async () => {
    leaveChannel();
    const url = responseUrl().replace('http://', 'http://user:pass@');
    expect((await faultOf(reply.post({ channel: 'C0PRIVATE01', responseUrl: url }, words('x')))).code).toBe(
      'slack_rejected',
    );
  });
});

describe('edit', () => {
  it('changes a message in place', async () => {
    const posted = await reply.post({ channel: SECURITY }, words('working on it'));
    await reply.edit(posted, words('deactivated'));
    expect(slack.messages()).toMatchObject([{ ts: posted.ts, text: 'deactivated' }]);
  });

  it('changes what only one person sees through its response_url', async () => {
    await reply.whisper({ channel: SECURITY, userId: ADMIN, responseUrl: responseUrl() }, words('only you'));
    const { ts = '' } = slack.messages()[0] ?? {};
    const url = responseUrl(SECURITY, ts);
    await reply.edit({ channel: SECURITY, ts, ephemeral: true, responseUrl: url }, words('changed'));
    expect(slack.messages()).toMatchObject([{ ts, text: 'changed', ephemeralTo: ADMIN }]);
  });

  it('falls back to response_url for a message that Slack does not let the bot change', async () => {
    const url = responseUrl();
    await reply.edit({ channel: SECURITY, ts: '1.1', responseUrl: url }, words('changed'));
    expect(sent.map((request) => request.url)).toEqual([expect.stringContaining('chat.update'), url]);
    expect(sent[1]?.body).toMatchObject({ replace_original: true, response_type: 'in_channel' });
  });

  it('says why when there is no other way', async () => {
    const fault = await faultOf(reply.edit({ channel: SECURITY, ts: '1.1' }, words('changed')));
    expect(fault.detail).toBe('chat.update: message_not_found');
  });
});

describe('whisper', () => {
  it('speaks to one person through response_url', async () => {
    await reply.whisper({ channel: SECURITY, userId: ADMIN, responseUrl: responseUrl() }, words('only you'));
    expect(slack.messages()).toMatchObject([{ text: 'only you', ephemeralTo: ADMIN }]);
  });

  it('uses the Web API when the response_url is used up, and a direct message when the person is not there', async () => {
    const url = responseUrl();
    for (const text of ['1', '2', '3', '4', '5', '6']) {
      await reply.whisper({ channel: SECURITY, userId: ADMIN, responseUrl: url }, words(text));
    }
    expect(slack.messages().map(({ text, ephemeralTo }) => [text, ephemeralTo])).toContainEqual(['6', ADMIN]);
    slack.setChannel(SECURITY, { members: ['U0VIEWER001'], bot: true });
    await reply.whisper({ channel: SECURITY, userId: ADMIN }, words('7'));
    expect(slack.messages().at(-1)).toMatchObject({ text: '7', channel: expect.stringMatching(/^D/) });
  });
});

/** Codes of Slack's documents, of bug reports, and one that nobody has seen yet. */
const REFUSALS = [
  'is_archived',
  'channel_not_found',
  'not_in_channel',
  'restricted_action',
  'restricted_action_read_only_channel',
  'restricted_action_non_threadable_channel',
  'team_access_not_granted',
  'team_not_found',
  'messages_tab_disabled',
  'access_denied',
  'a_code_of_next_year',
];

describe.each(REFUSALS)('what Slack refuses with %s', (code) => {
  const refuse = (method: string) => slack.setRefusal({ method, channel: SECURITY, code });

  it('is said through response_url, else to the person, with the channel and the code', async () => {
    refuse('chat.postMessage');
    await reply.post({ channel: SECURITY, userId: ADMIN, responseUrl: responseUrl() }, words('dead'));
    expect(slack.messages()).toMatchObject([{ channel: SECURITY, text: 'dead' }]);
    const posted = await reply.post({ channel: SECURITY, userId: ADMIN }, words('dead, too'));
    expect(posted).toEqual({ channel: expect.stringMatching(/^D/), ts: slack.messages().at(-1)?.ts });
    const told = slack.messages().at(-1);
    expect(told?.text).toBe('dead, too');
    expect(JSON.stringify(told?.blocks)).toContain(`<#${SECURITY}>`);
    expect(JSON.stringify(told?.blocks)).toContain(code);
  });

  it('is edited and whispered another way', async () => {
    const { ts = '' } = await reply.post({ channel: SECURITY }, words('working on it'));
    refuse('chat.update');
    refuse('chat.postEphemeral');
    await reply.edit({ channel: SECURITY, ts, responseUrl: responseUrl(SECURITY, ts) }, words('dead'));
    expect(slack.messages()).toMatchObject([{ ts, text: 'dead' }]);
    await reply.whisper({ channel: SECURITY, userId: ADMIN }, words('only you'));
    expect(slack.messages().at(-1)).toMatchObject({ channel: expect.stringMatching(/^D/), text: 'only you' });
  });

  it('goes as a file to the person', async () => {
    refuse('files.completeUploadExternal');
    const file = { filename: 'audit.csv', title: 'Audit', content: 'a,b\n', comment: 'Here' };
    const sent = await reply.upload({ channel: SECURITY, userId: ADMIN }, file);
    expect(slack.messages()).toMatchObject([{ channel: sent.channel, text: 'Here' }]);
    expect(sent.channel).toMatch(/^D/);
  });

  it('is thrown with the code where there is no other way', async () => {
    refuse('chat.postMessage');
    const fault = await faultOf(reply.post({ channel: SECURITY }, words('dead')));
    expect(fault).toMatchObject({ code: 'slack_rejected', detail: `chat.postMessage: ${code}` });
  });
});

it.each(['invalid_blocks', 'msg_too_long', 'no_text'])('a message that is %s is sent no other way', async (code) => {
  slack.setRefusal({ method: 'chat.postMessage', channel: SECURITY, code });
  const place = { channel: SECURITY, userId: ADMIN, responseUrl: responseUrl() };
  expect(await faultOf(reply.post(place, words('x')))).toMatchObject({ detail: `chat.postMessage: ${code}` });
  expect(slack.messages()).toEqual([]);
});

describe('the other ways to speak', () => {
  it('writes a direct message, and a note into a thread', async () => {
    await reply.tell(ADMIN, words('your token'));
    expect(slack.messages()).toMatchObject([{ channel: expect.stringMatching(/^D/), text: 'your token' }]);
    const { channel, ts = '' } = await reply.post({ channel: SECURITY }, words('card'));
    await reply.note({ channel, ts }, words('log'));
    expect(slack.messages().at(-1)).toMatchObject({ text: 'log', threadTs: ts });
  });

  it('uploads a file', async () => {
    await reply.upload(
      { channel: SECURITY },
      { filename: 'audit.csv', title: 'Audit', content: 'a,b\n1,2\n', comment: 'Here' },
    );
    expect(slack.files()).toMatchObject([{ name: 'audit.csv', title: 'Audit' }]);
    expect(slack.messages()).toMatchObject([{ channel: SECURITY, text: 'Here' }]);
  });

  it('fills an open modal, and tells when it is closed', async () => {
    const view: types.ModalView = {
      type: 'modal',
      title: { type: 'plain_text', text: 'x' },
      blocks: [{ type: 'divider' }],
    };
    const opened = await client.views.open({ trigger_id: slack.issueTrigger(ADMIN), view });
    expect(await reply.updateView(opened.view?.id ?? '', view)).toBe(true);
    expect(await reply.updateView('VCLOSED', view)).toBe(false);
  });

  it('publishes a Home tab', async () => {
    await reply.publishHome(ADMIN, { type: 'home', blocks: [{ type: 'divider' }] });
    expect(slack.views()).toMatchObject([{ userId: ADMIN, type: 'home' }]);
  });
});

describe('trouble with Slack', () => {
  it('waits out a short limit once', async () => {
    slack.setFault({ mode: '429', count: 1 });
    await reply.post({ channel: SECURITY }, words('hello'));
    expect(slept).toEqual([1000]);
    expect(slack.messages()).toHaveLength(1);
  });

  it('hands a lasting limit on with its time', async () => {
    slack.setFault({ mode: '429' });
    const fault = await faultOf(reply.post({ channel: SECURITY }, words('hello')));
    expect(fault).toMatchObject({ code: 'slack_unavailable', status: 429, retryAfterSeconds: 1 });
    expect(slept).toEqual([1000]);
  });

  it('does the same for response_url', async () => {
    slack.setFault({ mode: '429', count: 1 });
    const place = { channel: SECURITY, userId: ADMIN, responseUrl: responseUrl() };
    await reply.whisper(place, words('hello'));
    expect(slept).toEqual([1000]);
    slack.setFault({ mode: '429' });
    expect(await faultOf(reply.whisper(place, words('x')))).toMatchObject({
      code: 'slack_unavailable',
      retryAfterSeconds: 1,
    });
  });

  it.each(['500', 'html', 'down'] as const)('calls %s unavailable, with nothing of the message in it', async (mode) => {
    slack.setFault({ mode });
    onTestFinished(() => slack.setFault({ mode: 'none' }));
    const target = { channel: SECURITY, responseUrl: responseUrl() };
    for (const speak of [reply.post, reply.edit]) {
      const fault = await faultOf(speak(target, words('quarterly numbers')));
      expect(fault.code).toBe('slack_unavailable');
      expect(fault.message).not.toContain('quarterly');
    }
  });

  it('asks for another try of an edit that was not answered when it cannot come any more, and of no answered one', async () => {
    onTestFinished(() => slack.setFault({ mode: 'none' }));
    const target = { channel: SECURITY, ts: '1.000001' };
    for (const [mode, retryAfterSeconds] of [
      ['down', 11],
      ['500', undefined],
    ] as const) {
      slack.setFault({ mode });
      expect((await faultOf(reply.edit(target, words('x')))).retryAfterSeconds).toBe(retryAfterSeconds);
    }
  });

  it('keeps a job for which the bot token is no longer good, and calls a missing scope rejected', async () => {
    slack.setFault({ mode: '401', count: 1 });
    expect(await faultOf(reply.post({ channel: SECURITY }, words('x')))).toMatchObject({
      code: 'slack_unauthorized',
      detail: 'chat.postMessage: token_expired',
    });
    slack.setScopes([]);
    expect((await faultOf(reply.publishHome('U0NOBODY', { type: 'home', blocks: [] }))).code).toBe('slack_rejected');
    expect((await faultOf(reply.post({ channel: SECURITY }, words('x')))).detail).toBe(
      'chat.postMessage: missing_scope',
    );
  });

  it('follows no redirect of a response_url', async () => {
    const redirecting = createReply({
      buttons: plainButtons,
      client,
      responseUrlOrigin: 'https://hooks.slack.com',
      fetch: async (_url, init) => {
        expect(init?.redirect).toBe('manual');
        return new Response(null, { status: 302, headers: { location: 'https://evil.example' } });
      },
      now: () => new Date(0),
      sleep: async () => undefined,
    });
    const target = { channel: SECURITY, responseUrl: 'https://hooks.slack.com/x' };
    expect(await faultOf(redirecting.edit(target, words('x')))).toMatchObject({ code: 'slack_rejected', status: 302 });
  });

  it.each<[string, Response, string]>([
    ['ok:false with 200', Response.json({ ok: false, error: 'expired_url' }), 'slack_rejected'],
    ['a page of somebody in between', new Response('<html>We will be right back</html>'), 'slack_unavailable'],
    ['a limit without a time', new Response('', { status: 429 }), 'slack_unavailable'],
    ['a limit for minutes', new Response('', { status: 429, headers: { 'retry-after': '90' } }), 'slack_unavailable'],
    ['404', new Response('expired_url', { status: 404 }), 'slack_rejected'],
    ['503', new Response('', { status: 503 }), 'slack_unavailable'],
  ])('reads %s from a response_url', async (_, response, code) => {
    const answering = createReply({
      buttons: plainButtons,
      client,
      responseUrlOrigin: 'https://hooks.slack.com',
      fetch: async () => response,
      now: () => new Date(0),
      sleep: async (milliseconds) => {
        slept.push(milliseconds);
      },
    });
    const target = { channel: SECURITY, responseUrl: 'https://hooks.slack.com/x' };
    expect((await faultOf(answering.edit(target, words('x')))).code).toBe(code);
    expect(slept).toEqual([]);
  });
});

it('the options fit the client that Bolt makes', () => {
  expect(
    () =>
      new App({
        authorize: async () => ({}),
        receiver: { init: () => undefined, start: async () => undefined, stop: async () => undefined },
        clientOptions: WEB_CLIENT_OPTIONS,
      }),
  ).not.toThrow();
});
