import { execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startTestSandbox, type TestSandbox, widePolicy } from '#test/support/sandbox.ts';

const START = join(import.meta.dirname, '../../infra/sandbox/start.ts');

/** The processes that descend from one, as the machine lists them. */
function descendants(pid: number): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number));
  const children = rows.filter(([, parent]) => parent === pid).map(([child]) => child!);
  return children.flatMap((child) => [child, ...descendants(child)]);
}
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a running sandbox', () => {
  let sandbox: TestSandbox;
  beforeAll(async () => {
    sandbox = await startTestSandbox();
  });
  afterAll(() => sandbox.stop());

  it('says in one line where everything is', () => {
    const { ready } = sandbox;
    expect(ready.slack.endpoint).toBe(`${ready.url}/slack/events`);
    expect(ready.alerts.endpoint).toBe(`${ready.url}/alerts`);
    expect(ready.slack.users).toMatchObject({ admin: 'U0ADMIN0001', outsider: 'U0OUTSIDER1' });
    expect(Object.keys(ready.alerts.secrets)).toEqual(
      expect.arrayContaining([
        'github',
        'gitguardian',
        'gitlab',
        'trufflehog',
        'gitleaks',
        'generic',
        'github-partner',
        'sns',
      ]),
    );
    expect(ready.alerts.secrets.generic).toMatch(/^whsec_/);
    expect(ready.aws.queues.commands).toBe(`${ready.aws.sqs}/000000000000/patrol-sandbox-commands`);
    expect(ready.aws.secretNames).toMatchObject({
      slack: 'patrol/sandbox/slack',
      slackBot: 'patrol/sandbox/slack-bot',
      profiles: { 'dfns-demo': 'patrol/sandbox/profiles/dfns-demo' },
    });
    expect(ready.policy.channels.security).toBe(ready.slack.channels.security);
  });

  it('listens on 127.0.0.1 only', async () => {
    const outside = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal);
    const ports = [
      sandbox.ready.url,
      sandbox.ready.slack.responseUrl,
      ...Object.values(sandbox.ready.providers),
      sandbox.ready.aws.sqs,
      sandbox.ready.aws.dynamodb,
      sandbox.ready.aws.secretsManager,
    ].map((url) => Number(new URL(url).port));
    for (const port of ports) {
      const host = outside?.address ?? '127.0.0.2';
      const answer = await new Promise((resolve) => {
        const socket = connect({ host, port }, () => resolve('connected'));
        socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      });
      expect([port, answer]).toEqual([port, 'ECONNREFUSED']);
    }
  });

  it('passes a signed command through and shows the reply where it belongs', async () => {
    const { slack } = sandbox.ready;
    const body = new URLSearchParams({
      team_id: slack.teamId,
      channel_id: slack.channels.general,
      user_id: slack.users.admin,
      command: '/pat',
      text: 'whoami',
      response_url: `${slack.responseUrl}/anything-unique`,
      trigger_id: 'from-a-script',
    }).toString();
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = createHmac('sha256', slack.signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-slack-request-timestamp': timestamp };
    const post = (signed: string) =>
      fetch(slack.endpoint, { method: 'POST', body, headers: { ...headers, 'x-slack-signature': `v0=${signed}` } });
    expect((await post(signature.replace(/./, (first) => (first === '0' ? '1' : '0')))).status).toBe(401);
    expect((await post(signature)).status).toBe(200);
    const reply = await sandbox.until('the reply', async () =>
      (await sandbox.messages()).find(({ channel }) => channel === slack.channels.general),
    );
    expect(reply).toMatchObject({ ephemeralTo: slack.users.admin });
    expect(await sandbox.get(`messages?channel=${slack.channels.security}`)).not.toContainEqual(
      expect.objectContaining({ ts: reply.ts }),
    );
    expect(await sandbox.get(`messages?since=${reply.ts}`)).toEqual([]);
    expect(await sandbox.get('messages?channel=&since=')).toEqual(await sandbox.messages());
    expect(await sandbox.get(`messages?since=${new Date(0).toISOString()}`)).toContainEqual(
      expect.objectContaining({ ts: reply.ts }),
    );
  });

  it('fires the schedule, whose function reads its secrets, table and providers from the services named', async () => {
    const fired = await fetch(`${sandbox.ready.url}/sandbox/run/hygiene`, { method: 'POST' });
    expect([fired.status, fired.headers.get('x-amz-function-error')]).toEqual([200, null]);
    expect((await sandbox.calls()).map(({ provider }) => provider)).toEqual(
      expect.arrayContaining(['dfns', 'langsmith']),
    );
    expect(await sandbox.messages()).toContainEqual(expect.objectContaining({ channel: 'C0SECURITY1' }));
    expect(JSON.stringify(await sandbox.get('table'))).toMatch(/hygiene/);
  });

  it('invokes a function with exactly the event given, and marks an error as Lambda does', async () => {
    const at = (name: string) => `${sandbox.ready.url}/sandbox/invoke/${name}`;
    const odd = await fetch(at('slack-edge'), { method: 'POST', body: '{"not":"an event"}' });
    expect([odd.status, odd.headers.get('x-amz-function-error')]).toEqual([200, null]);
    expect(await odd.json()).toMatchObject({ statusCode: 400 });
    await sandbox.post('restart', { function: 'slack-edge', env: { COMMANDS_QUEUE_URL: 'not a url' } });
    const broken = await fetch(at('slack-edge'), { method: 'POST', body: '{}' });
    expect(broken.headers.get('x-amz-function-error')).toBe('Unhandled');
    expect(await broken.json()).toHaveProperty('errorType');
    expect(
      await sandbox.post('restart', {
        function: 'slack-edge',
        env: { COMMANDS_QUEUE_URL: sandbox.ready.aws.queues.commands },
      }),
    ).toMatchObject({ initialised: true });
  });

  it('mints tokens with a given secret, and keeps the secrets off its page', async () => {
    const minted = await sandbox.post<{ id: string }>('tokens', {
      provider: 'langsmith',
      profile: 'langsmith-demo',
      name: 'given',
      secret: `lsv2_pt_${'ab'.repeat(16)}_${'cd'.repeat(5)}`,
    });
    expect(await sandbox.token('given')).toMatchObject({
      id: minted.id,
      state: 'active',
      secret: `lsv2_pt_${'ab'.repeat(16)}_${'cd'.repeat(5)}`,
    });
    const state = JSON.stringify(await sandbox.get('page/state'));
    expect(state).toContain(minted.id);
    for (const { secret } of await sandbox.tokens()) expect(state).not.toContain(secret);
  });

  it('crashes a worker once after the effect; the job is done again and ends in one effect and one true reply', async () => {
    await sandbox.post('crash', { function: 'slack-worker', at: 'after-effect' });
    await sandbox.pat('deactivate ci-deploy crash test');
    await sandbox.said(/Deactivated: `ci-deploy`/, 30_000);
    const { id } = await sandbox.token('ci-deploy');
    const mutations = (await sandbox.calls()).filter(({ path, mutation }) => mutation && path.includes(id));
    expect(mutations).toHaveLength(1);
    expect((await sandbox.messages()).filter(({ text }) => /Deactivated: `ci-deploy`/.test(text))).toHaveLength(1);
  });

  it('shifts the clock of the functions, so that an old signature is stale', async () => {
    await sandbox.post('clock', { offsetSeconds: 3600 });
    expect(await sandbox.pat('whoami')).toMatchObject({ status: 200 });
    const { slack } = sandbox.ready;
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = createHmac('sha256', slack.signingSecret).update(`v0:${timestamp}:x=1`).digest('hex');
    const late = await fetch(slack.endpoint, {
      method: 'POST',
      body: 'x=1',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': `v0=${signature}`,
      },
    });
    expect(late.status).toBe(401);
    await sandbox.post('clock', { offsetSeconds: 0 });
  });

  it.each([
    ['fault', { target: 'sqs', mode: '202' }, /sqs knows no fault 202/],
    ['fault', { target: 'moon', mode: 'down' }, /target/],
    ['crash', { function: 'nobody', at: 'before-reply' }, /no function nobody/],
    ['leak', { tokenId: 'nothing', source: 'github' }, /no token nothing/],
    ['leak', { tokenId: 'nothing', source: 'carrier-pigeon' }, /no alert source/],
    ['nonsense', {}, /There is no POST/],
  ])('refuses a wrong call of %s with words', async (path, body, words) => {
    await expect(sandbox.post(path, body)).rejects.toThrow(words);
  });

  it('is not steered by a web page of somebody else', async () => {
    const at = `${sandbox.ready.url}/sandbox/reset`;
    const { status } = await fetch(at, { method: 'POST', headers: { origin: 'https://evil.example' } });
    expect(status).toBe(403);
    expect((await fetch(at, { method: 'POST', headers: { origin: sandbox.ready.url } })).status).toBe(200);
  });

  it('is after a reset as it was at the start', async () => {
    await sandbox.pat('deactivate laptop-anna before the reset');
    await sandbox.said(/Deactivated: `laptop-anna`/);
    await sandbox.fault('dfns', { mode: 'down' });
    await sandbox.post('usergroups', { id: 'S0ONCALL001', users: ['U0VIEWER001'] });
    await sandbox.post('reset');
    expect(await sandbox.messages()).toEqual([]);
    expect(await sandbox.history()).toEqual([]);
    expect(await sandbox.get('table')).toEqual([]);
    expect(await sandbox.token('laptop-anna')).toMatchObject({ state: 'active' });
    expect((await sandbox.tokens()).map(({ name }) => name)).not.toContain('given');
    await sandbox.pat('show laptop-anna');
    await sandbox.said(/`laptop-anna` at Dfns is active/);
  });
});

describe('starting and stopping', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'leaves no process, no listener and no file behind after %s',
    async (signal) => {
      // A folder of its own for what is temporary: other sandboxes may run on this machine.
      const temporary = mkdtempSync(join(tmpdir(), 'patrol-stopping-'));
      vi.stubEnv('TMPDIR', temporary);
      onTestFinished(() => {
        vi.unstubAllEnvs();
        rmSync(temporary, { recursive: true, force: true });
      });
      // With a policy of its own it builds, as `npm start` does: that leaves nothing behind, either.
      const sandbox = await startTestSandbox(['--no-page', '--policy', widePolicy()]);
      await sandbox.pat('list');
      const processes = descendants(sandbox.pid);
      expect(processes.length).toBeGreaterThanOrEqual(5);
      expect(await sandbox.stop(signal)).toBe(0);
      expect(processes.filter(isAlive)).toEqual([]);
      await expect(fetch(sandbox.ready.url)).rejects.toThrow();
      expect(readdirSync(temporary).filter((name) => name.startsWith('patrol-sandbox-'))).toEqual([]);
    },
  );

  async function fails(...args: string[]): Promise<{ code: number | null; words: string }> {
    const child = spawn(process.execPath, [START, '--json', '--no-page', ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let words = '';
    child.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()));
    const [code] = (await once(child, 'exit')) as [number];
    return { code, words };
  }

  it('says clearly when the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const { code, words } = await fails('--port', String(port));
    other.close();
    expect(code).toBe(1);
    expect(words).toMatch(new RegExp(`${port}.*--port 0`));
  });

  it('names line and field of a wrong policy, and what is wrong with other options', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'patrol-options-'));
    writeFileSync(join(folder, 'policy.yml'), 'version: 1\nteams: none\n');
    writeFileSync(join(folder, 'profiles.json'), '{"mine":{"provider":"nobody","baseUrl":"x"}}');
    expect(await fails('--policy', join(folder, 'policy.yml'))).toMatchObject({
      code: 1,
      words: expect.stringMatching(/policy\.yml:2: teams: /) as string,
    });
    expect(await fails('--profiles', join(folder, 'profiles.json'))).toMatchObject({
      code: 1,
      words: expect.stringMatching(/mine\.provider/) as string,
    });
    expect(await fails('--port', 'many')).toMatchObject({ code: 1, words: expect.stringMatching(/--port/) as string });
    expect(await fails('--nonsense')).toMatchObject({
      code: 1,
      words: expect.stringMatching(/--nonsense[\s\S]*npm start/) as string,
    });
    rmSync(folder, { recursive: true });
  });

  it("works with one's own credentials and another Slack in place of the stand-ins", async () => {
    const sent: string[] = [];
    const slack = createServer((request, response) => {
      sent.push(request.url ?? '');
      response.setHeader('content-type', 'application/json');
      response.end('{"ok":true,"ts":"1.000001","channel":"C0SECURITY1"}');
    });
    await new Promise<void>((resolve) => slack.listen(0, '127.0.0.1', resolve));
    const donor = await startTestSandbox();
    const folder = mkdtempSync(join(tmpdir(), 'patrol-profiles-'));
    const file = join(folder, 'profiles.json');
    const apiKey = (await donor.tokens()).find(
      ({ provider, name }) => provider === 'langsmith' && name === 'patrol-bot',
    )!.secret;
    writeFileSync(
      file,
      JSON.stringify({
        mine: {
          provider: 'langsmith',
          baseUrl: donor.ready.providers.langsmith,
          apiKey,
          organizationId: '00000000-0000-4000-8000-000000000000',
          scope: 'own',
        },
      }),
    );
    const sandbox = await startTestSandbox([
      '--no-page',
      '--profiles',
      file,
      '--slack-api-url',
      `http://127.0.0.1:${(slack.address() as AddressInfo).port}/api`,
    ]);
    expect(Object.keys(sandbox.ready.policy.profiles)).toEqual(['mine']);
    await sandbox.pat('list');
    await sandbox.until('a call of the other LangSmith', async () =>
      (await donor.calls()).some(({ provider }) => provider === 'langsmith'),
    );
    await sandbox.until('a call of the other Slack', async () => sent.some((url) => url.startsWith('/api/')));
    expect(await sandbox.calls()).toEqual([]);
    await Promise.all([sandbox.stop(), donor.stop()]);
    slack.close();
    rmSync(folder, { recursive: true });
  });
});
