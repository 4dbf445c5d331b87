import { execFile } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadPolicy } from '#infra/policy.ts';
import { type Account, startAccount } from '#test/support/rehearsal/account.ts';
import { type DfnsStandIn, startDfns } from '#infra/sandbox/providers/dfns/dfns.ts';
import { startLangSmith } from '#infra/sandbox/providers/langsmith/langsmith.ts';
import { type SecretsManagerStandIn, startSecretsManager } from '#infra/sandbox/secrets/secrets-manager.ts';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { sourcesWithSecret } from '#infra/setup/alert-item.ts';
import { copyProject, REAL_POLICY, type Ran } from '#test/support/project-copy.ts';

const SIGNING_SECRET = '0123456789abcdef0123456789abcdef';
const BOT_TOKEN = 'xoxb-1234567890-abcdefghijklmnop';
const GITHUB_TOKEN = 'github_pat_11ABCDEFGHIJKLMNOPQRSTUV';

const project = copyProject();
let account: Account;
let secrets: SecretsManagerStandIn;
let slack: SlackStandIn;
let dfns: DfnsStandIn;
let langsmith: Awaited<ReturnType<typeof startLangSmith>>;
let github: Server;
let front: Server;
const doors = new Map<string, number>();
let aws: Record<string, string>;

const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const listen = (server: Server) =>
  new Promise<Server>((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));

beforeAll(async () => {
  project.write('infra/policy.dev.yml', REAL_POLICY.replace('[github, generic]', '[github, gitlab, generic]'));
  project.write('infra/policy.local.yml', 'mode: enforce\n');
  [secrets, slack, dfns, langsmith] = await Promise.all([
    startSecretsManager(),
    startSlack({ botToken: BOT_TOKEN }),
    startDfns(),
    startLangSmith(),
  ]);
  github = await listen(
    createServer((request, response) =>
      response
        .writeHead(
          request.url === '/rate_limit' && request.headers.authorization === `Bearer ${GITHUB_TOKEN}` ? 200 : 401,
        )
        .end('{}'),
    ),
  );
  front = await listen(
    createServer((request, response) => response.writeHead(doors.get(request.url ?? '') ?? 404).end()),
  );
  account = await startAccount({ apiEndpoint: urlOf(front), waiting: { 'patrol-local-leaks-dead': 3 } });
  for (const stage of ['dev', 'local']) {
    account.createStack(`patrol-${stage}`, {
      Resources: Object.fromEntries(
        ['commands-dead', 'leaks-dead'].map((name) => [
          name,
          { Type: 'AWS::SQS::Queue', Properties: { QueueName: `patrol-${stage}-${name}` } },
        ]),
      ),
      Outputs: {
        SlackEventsUrl: { Value: { 'Fn::Sub': '${HttpApi.ApiEndpoint}/slack/events' } },
        AlertsUrl: { Value: { 'Fn::Sub': '${HttpApi.ApiEndpoint}/alerts' } },
      },
    });
  }
  aws = {
    AWS_ENDPOINT_URL: account.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
    SLACK_API_URL: slack.apiUrl,
    GITHUB_API_URL: urlOf(github),
  };
}, 30_000);
beforeEach(() => {
  secrets.reset();
  doors.clear();
});
afterAll(async () => {
  project.remove();
  front.close();
  github.close();
  await Promise.all([account, secrets, slack, dfns, langsmith].map((standIn) => standIn.close()));
});

const setup = (args: readonly string[], input = '') =>
  project.run('infra/setup/setup.ts', ['--stage', 'dev', ...args], aws, input);
const doctor = (stage: string) => project.run('infra/setup/doctor.ts', ['--stage', stage], aws);
const lines = (...typed: readonly string[]): string => `${typed.join('\n')}\n`;
const dfnsSecret = () => dfns.profileSecret('dfns-demo') as Record<string, string>;
const langsmithSecret = () => langsmith.profileSecret('langsmith-demo') as Record<string, string>;

/** Nothing that was typed, given or stored may have been printed. */
function expectNoSecretIn({ out }: Ran): void {
  const known = [
    SIGNING_SECRET,
    BOT_TOKEN,
    GITHUB_TOKEN,
    dfnsSecret()['authToken'],
    langsmithSecret()['apiKey'],
    ...secrets.names().map((name) => secrets.read(name)),
  ];
  for (const secret of known) if (secret !== undefined && secret !== '') expect(out).not.toContain(secret);
  expect(out).not.toMatch(/PRIVATE KEY-----\s*[\w+/]/);
  for (const line of (dfnsSecret()['privateKey'] ?? '').split('\n').filter((text) => /^[\w+/=]{20,}$/.test(text))) {
    expect(out).not.toContain(line);
  }
}

function givenFile(content: unknown, mode = 0o600): string {
  project.write('given.json', typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(join(project.folder, 'given.json'), mode);
  return 'given.json';
}

describe('npm run setup, answered by hand,', { timeout: 30_000 }, () => {
  it('takes wrong answers at every prompt, tries each credential, and stores what works', async () => {
    const ran = await setup(
      [],
      lines(
        ...['maybe', '', 'not hexadecimal', SIGNING_SECRET, 'xoxp-a-user-token-0000', BOT_TOKEN], // Slack
        ...['y', 'not an address', dfns.url, '7', '2'], // Dfns: address, key
        ...['no key at all', ...(dfnsSecret()['privateKey'] ?? '').trim().split('\n')],
        ...['', dfnsSecret()['authToken'] ?? '', ''],
        ...['y', langsmith.url, '2', langsmithSecret()['apiKey'] ?? '', ''], // LangSmith
        ...['y', 'ghx', GITHUB_TOKEN], // GitHub token
        ...['y', '0', '1'], // alerts/github
        ...['y', '2', 'short', 'whsec_not*base64', 'a-token-of-enough-length-for-gitlab'], // alerts/gitlab
        ...['y', '3'], // alerts/generic: not now
      ),
    );
    expect(ran.code, ran.out).toBe(0);
    expectNoSecretIn(ran);
    expect(ran.out).toContain('Answer y or n.');
    expect(ran.out).toContain('A signing secret is 32 hexadecimal characters.');
    expect(ran.out).toContain('(not "xoxp-" or "xapp-")');
    expect(ran.out).toContain('That is no https address.');
    expect(ran.out).toContain('Answer a number from 1 to 3.');
    expect(ran.out).toContain('That is not a private key in PEM');
    expect(ran.out).toContain('That is empty, too short');
    expect(ran.out).toContain('A GitHub token starts with');
    expect(ran.out).toContain('its secret is under 16 bytes');
    expect(ran.out).toContain('It must be "whsec_" and base64');
    expect(ran.out).toContain('Workspace T0SANDBOX01 is not in the policy');
    expect(secrets.names().toSorted()).toEqual(
      [
        'alerts/github',
        'alerts/gitlab',
        'fingerprint',
        'github',
        'profiles/dfns-demo',
        'profiles/langsmith-demo',
        'slack',
        'slack-bot',
      ].map((name) => `patrol/dev/${name}`),
    );
    expect(JSON.parse(secrets.read('patrol/dev/slack') ?? '')).toEqual({ signingSecret: SIGNING_SECRET });
    expect(JSON.parse(secrets.read('patrol/dev/slack-bot') ?? '')).toEqual({ botToken: BOT_TOKEN });
    expect((JSON.parse(secrets.read('patrol/dev/fingerprint') ?? '') as { key: string }).key).toHaveLength(64);
    expect(dfns.calls.some(({ mutation }) => mutation)).toBe(false);
    expect(langsmith.calls.some(({ mutation }) => mutation)).toBe(false);
    expect(ran.out).toContain('Settings > Webhooks > Secret');
    expect(ran.out).toContain(
      `leaks of dfns-demo are shown to https://api.dfns.io, and its credential is for another server: is it issuer: '${dfns.url}'?`,
    );

    const before = secrets.names().map((name) => secrets.read(name));
    const again = await setup([], lines('', '', '', '', '', '', 'n'));
    expect(again.code, again.out).toBe(0);
    expect(again.out).toContain('Slack app is stored. Replace it? [y/N]');
    expect(secrets.names().map((name) => secrets.read(name))).toEqual(before);
  });

  it('does not store what the other side refuses, and goes on', async () => {
    project.write('key.pem', dfnsSecret()['privateKey'] ?? '');
    const ran = await setup(
      [],
      lines(
        ...['y', SIGNING_SECRET, 'xoxb-1234567890-wrong-token', 'n'],
        ...[
          'y',
          dfns.url,
          '2',
          ...(dfnsSecret()['privateKey'] ?? '').trim().split('\n'),
          'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.bm8',
          '',
          'y',
        ],
        ...[dfns.url, '3', '/nowhere.pem', 'package.json', 'key.pem', dfnsSecret()['authToken'] ?? '', ''],
        ...['y', langsmith.url, '1', 'lsv2_pt_00000000000000000000000000000000_0000000000', '', 'n'],
        ...['y', 'github_pat_11WRONGWRONGWRONG', 'n', 'n', 'n', 'n'],
      ),
    );
    expect(ran.code, ran.out).toBe(0);
    expectNoSecretIn(ran);
    expect(ran.out).toContain('Slack refuses the bot token (invalid_auth)');
    expect(ran.out).toContain('GitHub answers 401');
    expect(ran.out).toContain('That file cannot be read.');
    expect(ran.out).toContain('That file holds no private key in PEM.');
    expect(secrets.names().toSorted()).toEqual(['patrol/dev/fingerprint', 'patrol/dev/profiles/dfns-demo']);
  });

  it('makes a Dfns key pair of which only the public half is ever seen', async () => {
    const ran = await setup(
      ['--only', 'profiles/dfns-demo'],
      lines('y', dfns.url, '1', dfnsSecret()['authToken'] ?? '', '', 'n'),
    );
    expect(ran.out).toContain('-----BEGIN PUBLIC KEY-----');
    expectNoSecretIn(ran);
  });

  it('keeps what was stored when the input ends in the middle', async () => {
    const ran = await setup([], lines('y', SIGNING_SECRET, BOT_TOKEN, 'y', dfns.url));
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('What was stored before stays stored');
    expect(ran.out).not.toMatch(/\n\s+at /);
    expect(secrets.names()).toContain('patrol/dev/slack');
    expect(secrets.names()).not.toContain('patrol/dev/profiles/dfns-demo');
  });

  it.runIf(process.platform === 'linux')(
    'shows nothing of what is typed at a hidden prompt of a terminal',
    async () => {
      const out = await new Promise<string>((resolve) => {
        const command = `'${process.execPath}' infra/setup/setup.ts --stage dev --only slack`;
        const environment = { PATH: process.env['PATH'], HOME: project.folder, TERM: 'xterm', ...aws };
        const child = execFile(
          'script',
          ['-qec', command, '/dev/null'],
          { cwd: project.folder, env: environment },
          (_, stdout) => resolve(stdout),
        );
        let seen = '';
        // A person types only when asked; a paste of two lines comes at once.
        const answers: [RegExp, string][] = [
          [/Do it now\? \[Y\/n\]: $/, 'y\r'],
          [/Signing secret.*\(hidden\): $/, `${SIGNING_SECRET}\r${BOT_TOKEN}\r`],
          [/more than one line[^]*Signing secret.*\(hidden\): $/, `${SIGNING_SECRET}\r`],
          [/Bot user OAuth token.*\(hidden\): $/, `${BOT_TOKEN}\r`],
        ];
        child.stdout?.on('data', (text: string) => {
          seen += text;
          const next = answers[0];
          if (next?.[0].test(seen) !== true) return;
          answers.shift();
          child.stdin?.write(next[1]);
        });
      });
      expect(out).toContain('✔ slack: stored');
      expect(out).not.toContain(SIGNING_SECRET);
      expect(out).not.toContain(BOT_TOKEN);
      expect(out).not.toContain('0123456789');
    },
  );
});

describe('npm run setup --from', { timeout: 30_000 }, () => {
  it('stores what works of a file, once', async () => {
    const file = givenFile({
      slack: { signingSecret: SIGNING_SECRET, botToken: BOT_TOKEN },
      github: { token: GITHUB_TOKEN },
      alerts: { github: 'generate', generic: 'generate' },
      profiles: { 'dfns-demo': dfnsSecret(), 'langsmith-demo': langsmithSecret() },
    });
    const ran = await setup(['--from', file]);
    expect(ran.code, ran.out).toBe(0);
    expectNoSecretIn(ran);
    expect(secrets.read('patrol/dev/alerts/generic')).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const again = await setup(['--from', givenFile({ slack: { signingSecret: SIGNING_SECRET, botToken: BOT_TOKEN } })]);
    expect(again.out).toContain('✔ slack: unchanged');
  });

  it('leaves the value before readable, unless it is said to be compromised; the doctor tells of it', async () => {
    const file = (signingSecret: string) => givenFile({ slack: { signingSecret, botToken: BOT_TOKEN } });
    const newer = [...SIGNING_SECRET].toReversed().join('');
    await setup(['--from', file(SIGNING_SECRET)]);
    await setup(['--from', file(newer)]);
    const told =
      /! slack: a previous version, older than \S+Z, is still accepted until \S+Z\n.*--only slack --compromised/;
    expect((await doctor('dev')).out).toMatch(told);
    const ended = await setup(['--from', file(newer), '--compromised']);
    expect(ended.out).toContain('accepted no more');
    expect((await doctor('dev')).out).not.toMatch(told);
  });

  it('says which part did not work, stores the others, and exits with 1', async () => {
    const file = givenFile({
      alerts: { gitlab: 'too short', generic: 'generate' },
      profiles: { 'dfns-demo': { ...dfnsSecret(), privateKey: 'nonsense' }, 'langsmith-demo': { provider: 'dfns' } },
    });
    const ran = await setup(['--from', file]);
    expect(ran.code).toBe(1);
    expectNoSecretIn(ran);
    expect(ran.out).toContain('✖ profiles/dfns-demo: NOT stored');
    expect(ran.out).toContain('privateKey is not a private key in PEM');
    expect(ran.out).toContain('✔ alerts/generic: stored');
    expect(ran.out).toContain('3 of the given secrets did not work');
  });

  it.each([
    ['others may read it', '{}', 0o644, 'can be read by others. Run "chmod 600'],
    ['its group may read it', '{}', 0o640, 'can be read by others'],
    ['it is not JSON', `{ "slack": ${BOT_TOKEN}`, 0o600, 'given.json is not JSON.'],
    ['a field is unknown', '{ "slak": {} }', 0o600, 'unknown field slak'],
    ['a field is missing', `{ "slack": { "botToken": "${BOT_TOKEN}" } }`, 0o600, 'slack.signingSecret is missing'],
    ['a field has another type', '{ "github": { "token": 5 } }', 0o600, 'github.token is missing or of the wrong form'],
    ['the policy has no such profile', '{ "profiles": { "nobody": {} } }', 0o600, 'has no profiles/nobody'],
    ['the policy has no such source', '{ "alerts": { "trufflehog": "generate" } }', 0o600, 'has no alerts/trufflehog'],
  ])('refuses a file when %s', async (_, content, mode, words) => {
    const ran = await setup(['--from', givenFile(content, mode)]);
    expect(ran.code).toBe(1);
    expect(ran.out).toContain(words);
    expectNoSecretIn(ran);
    expect(secrets.names()).toEqual([]);
  });

  it.each([
    [['--from', 'nowhere.json'], 'nowhere.json cannot be read.'],
    [['--only', 'slak'], 'Nothing is called "slak" here; there are slack, profiles/'],
    [['--secret', 'x'], "Unknown option '--secret'"],
  ])('stops at %j', async (args, words) => {
    const ran = await setup(args);
    expect(ran.code).toBe(1);
    expect(ran.out).toContain(words);
  });
});

describe('npm run manifest', () => {
  const manifest = (...args: readonly string[]) =>
    project.run('infra/setup/manifest.ts', ['--stage', 'dev', ...args], aws);

  it('prints what Slack needs, and a link that carries the same', async () => {
    const { code, out } = await manifest('--url', 'https://abc.example.com/slack/events');
    expect(code, out).toBe(0);
    const [text = '', rest = ''] = out.split('\nOpen this address');
    const link = new URL(/https:\/\/api\.slack\.com\/apps\?\S+/.exec(rest)?.[0] ?? '');
    expect(link.searchParams.get('new_app')).toBe('1');
    expect(link.searchParams.get('manifest_yaml')?.trim()).toBe(text.trim());
    const parsed = parse(text);
    expect(parsed.features.slash_commands).toEqual([
      expect.objectContaining({ command: '/pat', url: 'https://abc.example.com/slack/events', should_escape: true }),
    ]);
    expect(parsed.settings.interactivity).toEqual({
      is_enabled: true,
      request_url: 'https://abc.example.com/slack/events',
    });
    expect(parsed.settings.event_subscriptions.bot_events).toEqual(['app_home_opened']);
    expect(parsed.settings.org_deploy_enabled).toBe(true);
    expect(parsed.features.shortcuts[0]).toMatchObject({ type: 'global', callback_id: 'patrol:leak' });
    expect(parsed.oauth_config.scopes.bot).toEqual([
      'commands',
      'chat:write',
      'chat:write.public',
      'channels:read',
      'groups:read',
      'users:read',
      'users:read.email',
      'usergroups:read',
      'files:write',
      'channels:history',
      'groups:history',
      'im:write',
    ]);
    // Slack's limits (docs.slack.dev, app manifest): name 35, description 140, command description 2000, shortcut name 24.
    expect(parsed.display_information.name.length).toBeLessThanOrEqual(35);
    expect(parsed.display_information.description.length).toBeLessThanOrEqual(140);
    expect(parsed.features.shortcuts[0].name.length).toBeLessThanOrEqual(24);
  });

  it('refuses an address that Slack would not call', async () => {
    for (const url of ['http://abc.example.com/slack/events', 'nonsense']) {
      const { code, out } = await manifest('--url', url);
      expect(code).toBe(1);
      expect(out).toContain('Slack calls only https addresses');
    }
  });

  it('says what to do when the stage is not deployed', async () => {
    const { code, out } = await project.run('infra/setup/manifest.ts', ['--stage', 'other'], aws);
    expect(code).toBe(1);
    expect(out).toContain('run "npm run deploy -- --stage other" first');
  });
});

describe('npm run doctor', { timeout: 30_000 }, () => {
  it('finds everything that is missing, and says what to do about each', async () => {
    const ran = await doctor('dev');
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('✔ stack: patrol-dev is deployed');
    expect(ran.out).toContain('✖ slack: is not set up\n    → npm run setup -- --stage dev --only slack');
    expect(ran.out).toContain('! alerts/gitlab: is not set up');
    expect(ran.out).toContain('✖ POST /slack/events: is switched off');
    expect(ran.out).not.toContain('undefined');
  });

  it('is content with a stage that works, tells who the credentials are, and shows no secret', async () => {
    const sources = sourcesWithSecret(loadPolicy().alerts.sources);
    const file = givenFile({
      slack: { signingSecret: SIGNING_SECRET, botToken: BOT_TOKEN },
      github: { token: GITHUB_TOKEN },
      alerts: Object.fromEntries(sources.map((source) => [source, 'generate'])),
      profiles: { 'dfns-demo': dfnsSecret(), 'langsmith-demo': langsmithSecret() },
    });
    const stored = await project.run('infra/setup/setup.ts', ['--stage', 'local', '--from', file], aws);
    expect(stored.code, stored.out).toBe(0);
    doors.set('/slack/events', 401);
    for (const source of sources) doors.set(`/alerts/${source.replace('trufflehog-e', 'trufflehog/e')}`, 401);

    const ran = await doctor('local');
    expectNoSecretIn(ran);
    // The stand-ins know only the sandbox's people, so this one finding must remain.
    expect(ran.out.split('\n').filter((line) => line.startsWith('✖'))).toEqual([
      expect.stringContaining("policy: still has the sandbox's ids"),
    ]);
    expect(ran.out).toContain('! queue leaks-dead: 3 jobs could not be handled');
    expect(ran.out).toContain('✔ role admin: 1 people');
    // The stand-in account keeps no table, so that none of them is known to have been told.
    expect(ran.out).toMatch(
      /! protected: 2 protected \(which are new cannot be read\): "break-glass-payments" \(dfns-demo:to-\S+\) of .*; "break-glass-observability" .* of anna@example\.com, because of "emergency access/,
    );
    expect(ran.out).toContain('whoever mints or renames a token names it');
    expect(ran.out).toMatch(/! role operator: .*whoever may edit a group gives this role\n.*Permissions > User Groups/);
    expect(ran.out).toMatch(/! profiles\/dfns-demo: .*sees \d+ tokens/);
    expect(ran.out).toContain(`is it issuer: '${dfns.url}'?`);
    const profiles =
      "profiles: { dfns-demo: { provider: dfns }, langsmith-demo: { provider: langsmith, issuer: 'https://api.smith.langchain.com' } }\n";
    project.write('infra/policy.local.yml', profiles);
    const none = (await doctor('local')).out;
    expect(none).toContain(
      `no leak of dfns-demo can be proved by use: write issuer: '${dfns.url}' into the profile in the policy`,
    );
    expect(none).toContain(
      `leaks of langsmith-demo are shown to https://api.smith.langchain.com, and its credential is for another server: is it issuer: '${langsmith.url}'?`,
    );
    project.write('infra/policy.local.yml', 'mode: enforce\n');
  });

  it('notices people that Slack does not know, lost scopes, shared secrets, and a door that stands open', async () => {
    secrets.put('patrol/dev/slack', JSON.stringify({ signingSecret: SIGNING_SECRET }));
    secrets.put('patrol/dev/slack-bot', JSON.stringify({ botToken: BOT_TOKEN }));
    secrets.put('patrol/dev/alerts/github', 'one-secret-for-two-sources');
    secrets.put('patrol/dev/alerts/gitlab', 'one-secret-for-two-sources');
    secrets.put('patrol/dev/fingerprint', '{}');
    doors.set('/slack/events', 200);
    doors.set('/alerts/generic', 503);
    slack.setScopes(['commands', 'users:read']);
    const { out } = await doctor('dev');
    expect(out).toContain('The bot token lacks chat:write, chat:write.public');
    expect(out).toContain('✖ role admin: U0123456789: user_not_found');
    expect(out).toContain('has the same secret');
    expect(out).toContain('✖ fingerprint: the key is malformed');
    expect(out).toContain('✖ POST /slack/events: answers 200 to a request without a signature');
    expect(out).toContain('! POST /alerts/generic: answers 503');
  });
});

describe('npm run redrive', { timeout: 30_000 }, () => {
  const redrive = (stage: string) => project.run('infra/setup/redrive.ts', ['--stage', stage], aws);

  it('moves the dead letters of both queues back, and says how many', async () => {
    const ran = await redrive('local');
    expect(ran.code, ran.out).toBe(0);
    expect(ran.out).toContain('✔ patrol-local-leaks-dead: about 3 jobs go back');
    expect(ran.out).toContain('✔ patrol-local-commands-dead: is empty');
    expect((await redrive('local')).out).toContain('✔ patrol-local-leaks-dead: is empty');
  });

  it('says what to look at when there is no such stage', async () => {
    const ran = await redrive('other');
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('patrol-other-leaks-dead: its jobs were not brought back (QueueDoesNotExist');
  });
});
