import { webApi } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signCommand, signPress, signSubmission } from '#infra/sandbox/slack/sign.ts';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';

const SECURITY = 'C0SECURITY1';
const OPERATOR = 'U0OPERATOR1';
let clock: number;
let slack: SlackStandIn;
let client: webApi.WebClient;

beforeEach(async () => {
  clock = Date.parse('2026-11-22T12:00:00.000Z');
  slack = await startSlack({ now: () => new Date(clock) });
  client = new webApi.WebClient(slack.botToken, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
});
afterEach(() => slack.close());

type Json = Readonly<Record<string, unknown>>;

async function call(method: string, args: Json, headers: Json = {}): Promise<Json> {
  const response = await fetch(slack.apiUrl + method, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${slack.botToken}`, ...headers },
    body: JSON.stringify(args),
  });
  return (await response.json()) as Json;
}

const respond = (path: string, message: unknown) =>
  fetch(`${slack.responseUrl}/${path}`, { method: 'POST', body: JSON.stringify(message) });

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const section = (text: string) => ({ type: 'section' as const, text: { type: 'mrkdwn' as const, text } });
const modal = (title = 'Leak', more: object = {}) => ({
  type: 'modal' as const,
  title: plain(title),
  blocks: [section('x')],
  ...more,
});
const request = (signed: { readonly headers: Readonly<Record<string, string>>; readonly body: string }) => ({
  contentType: signed.headers['content-type'] ?? '',
  body: Buffer.from(signed.body),
});

describe('messages at the Slack stand-in', () => {
  it('posts, threads, updates in place and deletes, with rising time stamps', async () => {
    const first = await client.chat.postMessage({ channel: SECURITY, text: 'one', blocks: [section('one')] });
    const reply = await client.chat.postMessage({ channel: SECURITY, text: 'two', thread_ts: first.ts ?? '' });
    const nested = await client.chat.postMessage({ channel: SECURITY, text: 'three', thread_ts: reply.ts ?? '' });
    expect(Number(reply.ts)).toBeGreaterThan(Number(first.ts));
    expect(first.ts).toMatch(/^\d{10}\.\d{6}$/);
    clock += 1_000;
    await client.chat.update({ channel: SECURITY, ts: first.ts ?? '', text: 'changed' });
    await client.chat.delete({ channel: SECURITY, ts: nested.ts ?? '' });
    expect(slack.messages()).toMatchObject([
      { ts: first.ts, text: 'changed', blocks: [], editedAt: '2026-11-22T12:00:01.000Z', user: 'U0PATROLBOT' },
      { ts: reply.ts, text: 'two', threadTs: first.ts },
      { ts: nested.ts, threadTs: first.ts, deleted: true },
    ]);
  });

  it('keeps the blocks of an update that gives neither text nor blocks', async () => {
    const { ts } = await client.chat.postMessage({ channel: SECURITY, text: 'one', blocks: [section('one')] });
    expect(await call('chat.update', { channel: SECURITY, ts })).toMatchObject({ ok: true });
    expect(slack.messages()[0]).toMatchObject({ text: 'one', blocks: [section('one')] });
  });

  it('shows an ephemeral message to one member only', async () => {
    await client.chat.postEphemeral({ channel: SECURITY, user: OPERATOR, text: 'psst' });
    expect(slack.messages()).toMatchObject([{ text: 'psst', ephemeralTo: OPERATOR }]);
    const outsider = await call('chat.postEphemeral', { channel: SECURITY, user: 'U0OUTSIDER1', text: 'psst' });
    expect(outsider).toEqual({ ok: false, error: 'user_not_in_channel' });
    const { ts } = slack.messages()[0] ?? { ts: '' };
    expect((await call('chat.update', { channel: SECURITY, ts, text: 'x' }))['error']).toBe('message_not_found');
  });

  it('opens direct messages by conversations.open or by a person’s id', async () => {
    const { channel } = await client.conversations.open({ users: OPERATOR });
    expect(channel?.id).toMatch(/^D/);
    await client.chat.postMessage({ channel: OPERATOR, text: 'hello' });
    expect(slack.messages()).toMatchObject([{ channel: channel?.id, text: 'hello' }]);
  });

  it.each<[string, Json, string]>([
    ['no text and no blocks', { channel: SECURITY }, 'no_text'],
    ['a text over 40 000', { channel: SECURITY, text: 'x'.repeat(40_001) }, 'msg_too_long'],
    ['an unknown channel', { channel: 'C0NOWHERE01', text: 'x' }, 'channel_not_found'],
    ['an unknown thread', { channel: SECURITY, text: 'x', thread_ts: '1.000001' }, 'thread_not_found'],
    ['no channel', { text: 'x' }, 'invalid_arguments'],
    ['blocks that are no array', { channel: SECURITY, text: 'x', blocks: 'nonsense' }, 'invalid_blocks_format'],
    [
      'a block over its limit',
      { channel: SECURITY, text: 'x', blocks: [section('x'.repeat(3_001))] },
      'invalid_blocks',
    ],
  ])('refuses %s', async (_, args, error) => {
    expect(await call('chat.postMessage', args)).toMatchObject({ ok: false, error });
    expect(slack.messages()).toEqual([]);
  });

  it('says where a block breaks its limit', async () => {
    const reply = await call('chat.postMessage', { channel: SECURITY, text: 'x', blocks: [{ type: 'section' }] });
    expect(JSON.stringify(reply['response_metadata'])).toContain('[json-pointer:/blocks/0]');
  });

  it('lets the bot write where it is not a member only with chat:write.public', async () => {
    slack.setChannel('C0OTHER0001', { members: [OPERATOR], bot: false });
    expect((await call('chat.postMessage', { channel: 'C0OTHER0001', text: 'x' }))['ok']).toBe(true);
    slack.setScopes(['chat:write']);
    expect((await call('chat.postMessage', { channel: 'C0OTHER0001', text: 'x' }))['error']).toBe('not_in_channel');
  });

  it('limits posts per channel when told to, with Retry-After', async () => {
    await slack.close();
    slack = await startSlack({ postsPerMinute: 1, now: () => new Date(clock) });
    const post = () =>
      fetch(`${slack.apiUrl}chat.postMessage`, {
        method: 'POST',
        headers: { authorization: `Bearer ${slack.botToken}` },
        body: new URLSearchParams({ channel: SECURITY, text: 'x' }),
      });
    expect((await post()).status).toBe(200);
    const limited = await post();
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '60']);
  });
});

describe('who may call the Slack stand-in', () => {
  it('wants the bot’s token and tells the scopes with every answer', async () => {
    expect((await call('auth.test', {}, { authorization: 'Bearer xoxb-wrong' }))['error']).toBe('invalid_auth');
    const response = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST' });
    expect(((await response.json()) as Json)['error']).toBe('not_authed');
    expect(response.headers.get('x-oauth-scopes')).toContain('chat:write');
    expect(await client.auth.test()).toMatchObject({
      user_id: 'U0PATROLBOT',
      bot_id: 'B0PATROL001',
      team_id: 'T0SANDBOX01',
    });
  });

  it('refuses a method whose scope is missing and names it', async () => {
    slack.setScopes(['commands', 'users:read']);
    expect(await call('chat.postMessage', { channel: SECURITY, text: 'x' })).toMatchObject({
      error: 'missing_scope',
      needed: 'chat:write',
      provided: 'commands,users:read',
    });
    expect((await call('users.info', { user: OPERATOR }))['ok']).toBe(true);
  });

  it('does not know other methods', async () => {
    expect((await call('admin.users.remove', {}))['error']).toBe('unknown_method');
  });

  it('takes no broken JSON', async () => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${slack.botToken}` };
    const response = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST', headers, body: '{' });
    expect(((await response.json()) as Json)['error']).toBe('invalid_json');
  });
});

describe('people, groups and channels at the Slack stand-in', () => {
  it('tells the members of user groups and channels as they are now', async () => {
    expect((await client.usergroups.users.list({ usergroup: 'S0ONCALL001' })).users).toEqual([]);
    slack.setGroup('S0ONCALL001', ['U0VIEWER001']);
    expect((await client.usergroups.users.list({ usergroup: 'S0ONCALL001' })).users).toEqual(['U0VIEWER001']);
    expect((await call('usergroups.users.list', { usergroup: 'S0NONE00001' }))['error']).toBe('no_such_subteam');
    slack.setChannel(SECURITY, { members: [OPERATOR, 'U0OUTSIDER1'], shared: true });
    const { members } = await client.conversations.members({ channel: SECURITY });
    expect(members).toEqual([OPERATOR, 'U0OUTSIDER1', 'U0PATROLBOT']);
    expect((await client.conversations.info({ channel: SECURITY })).channel).toMatchObject({
      is_ext_shared: true,
      is_member: true,
    });
  });

  it('pages members', async () => {
    const first = await client.conversations.members({ channel: SECURITY, limit: 3 });
    const cursor = first.response_metadata?.next_cursor ?? '';
    const rest = await client.conversations.members({ channel: SECURITY, limit: 3, cursor });
    expect([...(first.members ?? []), ...(rest.members ?? [])]).toHaveLength(5);
    expect(rest.response_metadata?.next_cursor).toBe('');
  });

  it('knows who comes from another workspace', async () => {
    expect((await client.users.info({ user: 'U0OUTSIDER1' })).user).toMatchObject({
      team_id: 'T0OTHERTEAM',
      is_stranger: true,
    });
    expect((await call('users.info', { user: 'U0NOBODY001' }))['error']).toBe('user_not_found');
  });
});

describe('views at the Slack stand-in', () => {
  it('exchanges a trigger once, for the person it was issued to', async () => {
    const trigger_id = slack.issueTrigger(OPERATOR);
    const { view } = await client.views.open({ trigger_id, view: modal('Leak', { callback_id: 'patrol:leak' }) });
    expect(slack.views()).toMatchObject([
      { id: view?.id, userId: OPERATOR, type: 'modal', callbackId: 'patrol:leak', hash: view?.hash },
    ]);
    expect((await call('views.open', { trigger_id, view: modal() }))['error']).toBe('exchanged_trigger_id');
  });

  it('lets a trigger expire after three seconds, counted from the request that carried it', async () => {
    const late = slack.issueTrigger(OPERATOR);
    slack.observe(
      request(signCommand({ signingSecret: 's'.repeat(16), userId: OPERATOR, triggerId: 'script-made' }, 'leak')),
    );
    clock += 3_001;
    expect((await call('views.open', { trigger_id: late, view: modal() }))['error']).toBe('expired_trigger_id');
    expect((await call('views.open', { trigger_id: 'script-made', view: modal() }))['error']).toBe(
      'expired_trigger_id',
    );
  });

  it('takes an unknown trigger once, and a malformed one never', async () => {
    expect((await call('views.open', { trigger_id: 'unheard-of', view: modal() }))['ok']).toBe(true);
    expect((await call('views.open', { trigger_id: 'unheard-of', view: modal() }))['error']).toBe(
      'exchanged_trigger_id',
    );
    expect((await call('views.open', { trigger_id: '', view: modal() }))['error']).toBe('invalid_trigger_id');
  });

  it('does not spend a trigger on a view that it refuses', async () => {
    const trigger_id = slack.issueTrigger(OPERATOR);
    expect(await call('views.open', { trigger_id, view: modal('x'.repeat(25)) })).toMatchObject({
      error: 'invalid_arguments',
    });
    expect((await call('views.open', { trigger_id, view: modal() }))['ok']).toBe(true);
  });

  it('updates without a trigger, and refuses a stale hash', async () => {
    const { view } = await client.views.open({ trigger_id: slack.issueTrigger(OPERATOR), view: modal() });
    const view_id = view?.id ?? '';
    const updated = await client.views.update({ view_id, hash: view?.hash ?? '', view: modal('Second') });
    expect(updated.view?.hash).not.toBe(view?.hash);
    expect((await call('views.update', { view_id, hash: view?.hash, view: modal() }))['error']).toBe('hash_conflict');
    expect((await call('views.update', { view_id, view: modal('Third') }))['ok']).toBe(true);
    expect((await call('views.update', { view_id: 'V0', view: modal() }))['error']).toBe('not_found');
    expect(slack.views()).toMatchObject([{ id: view_id, view: { title: { text: 'Third' } } }]);
  });

  it('stacks at most three modals', async () => {
    await client.views.open({ trigger_id: slack.issueTrigger(OPERATOR), view: modal() });
    const push = () => call('views.push', { trigger_id: slack.issueTrigger(OPERATOR), view: modal() });
    expect([(await push())['ok'], (await push())['ok'], (await push())['error']]).toEqual([
      true,
      true,
      'push_limit_reached',
    ]);
  });

  it('publishes one Home tab per person', async () => {
    const home = (text: string) => ({ type: 'home' as const, blocks: [section(text)] });
    const first = await client.views.publish({ user_id: OPERATOR, view: home('one') });
    await client.views.publish({ user_id: OPERATOR, view: home('two'), hash: first.view?.hash ?? '' });
    expect((await call('views.publish', { user_id: OPERATOR, view: home('x'), hash: first.view?.hash }))['error']).toBe(
      'hash_conflict',
    );
    expect(slack.views()).toMatchObject([{ userId: OPERATOR, type: 'home', view: { blocks: [section('two')] } }]);
  });

  it('does to a submitted modal what the app answers', async () => {
    const sender = { signingSecret: 's'.repeat(16), userId: OPERATOR };
    const open = async () => {
      const { view } = await client.views.open({ trigger_id: slack.issueTrigger(OPERATOR), view: modal() });
      return { ...view, id: view?.id ?? '' };
    };
    const view = await open();
    const submit = (answer: string, status = 200) =>
      slack.settle(request(signSubmission(sender, view, {})), { status, body: answer });
    submit('', 500);
    submit(JSON.stringify({ response_action: 'errors', errors: { block: 'wrong' } }));
    expect(slack.views()).toMatchObject([{ id: view.id, errors: { block: 'wrong' } }]);
    submit(JSON.stringify({ response_action: 'update', view: modal('Done') }));
    expect(slack.views()).toMatchObject([{ id: view.id, view: { title: { text: 'Done' } } }]);
    expect(slack.views()[0]?.errors).toBeUndefined();
    submit('');
    expect(slack.views()).toEqual([]);
    expect((await call('views.update', { view_id: view.id, view: modal() }))['error']).toBe('not_found');
  });
});

describe('response_urls at the Slack stand-in', () => {
  const learn = (path: string, messageTs?: string) =>
    slack.learnResponseUrl(`${slack.responseUrl}/${path}`, { channel: SECURITY, user: OPERATOR, messageTs });

  it('answers the person alone, or the channel when told so', async () => {
    learn('one');
    expect((await respond('one', { text: 'only you' })).status).toBe(200);
    await respond('one', { text: 'all', response_type: 'in_channel' });
    expect(slack.messages()).toMatchObject([
      { channel: SECURITY, text: 'only you', ephemeralTo: OPERATOR },
      { channel: SECURITY, text: 'all' },
    ]);
    expect(slack.messages()[1]).not.toHaveProperty('ephemeralTo');
  });

  it('replaces and deletes the message whose button was pressed', async () => {
    const { ts = '' } = await client.chat.postMessage({ channel: SECURITY, text: 'press me' });
    const responseUrl = `${slack.responseUrl}/press`;
    const sender = { signingSecret: 's'.repeat(16), userId: OPERATOR, channelId: SECURITY, responseUrl };
    slack.observe(request(signPress(sender, { ts }, { actionId: 'a', value: 'v' })));
    await respond('press', { text: 'pressed', replace_original: true });
    expect(slack.messages()).toMatchObject([{ ts, text: 'pressed' }]);
    await respond('press', { delete_original: true });
    expect(slack.messages()).toMatchObject([{ ts, deleted: true }]);
    expect((await respond('press', { delete_original: true })).status).toBe(400);
  });

  it('works five times and for thirty minutes', async () => {
    learn('five');
    for (let i = 0; i < 5; i += 1) expect((await respond('five', { text: String(i) })).status).toBe(200);
    expect(await (await respond('five', { text: '6' })).json()).toEqual({ ok: false, error: 'used_url' });
    learn('late');
    clock += 30 * 60_000 + 1;
    expect(await (await respond('late', { text: 'x' })).json()).toEqual({ ok: false, error: 'expired_url' });
    expect(slack.messages()).toHaveLength(5);
  });

  it('checks blocks there too, and does not count what it refused', async () => {
    learn('bad');
    expect((await respond('bad', { text: 'x', blocks: [{ type: 'section' }] })).status).toBe(400);
    expect((await respond('bad', {})).status).toBe(400);
    for (let i = 0; i < 5; i += 1) expect((await respond('bad', { text: 'x' })).status).toBe(200);
  });

  it('learns from a signed command whose reply it is, and shows what the app answers at once', async () => {
    const signed = signCommand(
      { signingSecret: 's'.repeat(16), userId: OPERATOR, channelId: SECURITY, responseUrl: `${slack.responseUrl}/cmd` },
      'list',
    );
    slack.observe(request(signed));
    slack.settle(request(signed), { status: 200, body: 'On it' });
    slack.settle(request(signed), { status: 200, body: '' });
    slack.settle(request(signed), { status: 401, body: 'no' });
    slack.settle(request(signed), { status: 200, body: '{"response_type":"in_channel","text":"Loud"}' });
    await respond('cmd', { text: 'Later' });
    expect(slack.messages()).toMatchObject([
      { text: 'On it', ephemeralTo: OPERATOR, channel: SECURITY },
      { text: 'Loud' },
      { text: 'Later', ephemeralTo: OPERATOR, channel: SECURITY },
    ]);
  });

  it('shows what is posted to an address that nobody announced', async () => {
    await respond('surprise', { text: 'x' });
    expect(slack.messages()).toMatchObject([{ channel: 'unknown', text: 'x' }]);
  });
});

describe('files at the Slack stand-in', () => {
  it('takes a file in three steps and shares it', async () => {
    const { ok } = await client.filesUploadV2({
      channel_id: SECURITY,
      filename: 'audit.csv',
      title: 'Audit',
      initial_comment: 'The record',
      content: 'who,what\nanna,deactivate\n',
    });
    expect(ok).toBe(true);
    expect(slack.files()).toMatchObject([
      { name: 'audit.csv', title: 'Audit', channel: SECURITY, content: 'who,what\nanna,deactivate\n' },
    ]);
    expect(slack.messages()).toMatchObject([
      { channel: SECURITY, text: 'The record', files: [{ name: 'audit.csv', title: 'Audit' }] },
    ]);
  });

  it('refuses another length than announced, and to complete what was never uploaded', async () => {
    const { upload_url, file_id } = await client.files.getUploadURLExternal({ filename: 'a.txt', length: 3 });
    expect((await fetch(upload_url ?? '', { method: 'POST', body: 'four' })).status).toBe(400);
    expect(
      (await call('files.completeUploadExternal', { files: [{ id: file_id }], channel_id: SECURITY }))['error'],
    ).toBe('file_not_found');
    expect((await fetch(upload_url ?? '', { method: 'POST', body: 'abc' })).status).toBe(200);
    expect((await call('files.completeUploadExternal', { files: [{ id: file_id }], channel_id: SECURITY }))['ok']).toBe(
      true,
    );
  });
});

describe('trouble at the Slack stand-in', () => {
  it('limits, errs and forgets the token as the fault switch says', async () => {
    slack.setFault({ mode: '429', count: 1, retryAfterSeconds: 7 });
    const limited = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST' });
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
    slack.setFault({ mode: '401', count: 1 });
    expect((await call('auth.test', {}))['error']).toBe('token_expired');
    slack.setFault({ mode: '500', count: 1 });
    expect((await respond('x', { text: 'x' })).status).toBe(500);
    expect((await call('auth.test', {}))['ok']).toBe(true);
  });

  it('kills the caller when its next reply arrives, not when it only asks', async () => {
    let killed = false;
    slack.crashNext('before-effect', () => {
      killed = true;
    });
    await client.usergroups.users.list({ usergroup: 'S0ONCALL001' });
    expect(killed).toBe(false);
    await expect(call('chat.postMessage', { channel: SECURITY, text: 'x' })).rejects.toThrow();
    expect([killed, slack.messages()]).toEqual([true, []]);
  });

  it('goes back to its first state', async () => {
    await client.chat.postMessage({ channel: SECURITY, text: 'x' });
    slack.setScopes([]);
    slack.setGroup('S0ONCALL001', [OPERATOR]);
    slack.reset();
    expect([slack.messages(), slack.calls]).toEqual([[], []]);
    expect((await client.usergroups.users.list({ usergroup: 'S0ONCALL001' })).users).toEqual([]);
  });
});
