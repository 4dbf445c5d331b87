import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadPolicy } from '#infra/policy.ts';
import { BOT_SCOPES, type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { copyProject, type Ran } from '#test/support/project-copy.ts';

const BOT_TOKEN = 'xoxb-1234567890-abcdefghijklmnop';
const project = copyProject();
const file = join(project.folder, 'infra/policy.dev.yml');
let slack: SlackStandIn;

beforeAll(async () => {
  slack = await startSlack({ botToken: BOT_TOKEN });
  project.write('secrets.json', JSON.stringify({ slack: { signingSecret: 'a', botToken: BOT_TOKEN } }));
  chmodSync(join(project.folder, 'secrets.json'), 0o600);
});
beforeEach(() => {
  slack.reset();
  rmSync(file, { force: true });
});
afterAll(async () => {
  project.remove();
  await slack.close();
});

const init = (args: readonly string[], ...typed: readonly string[]): Promise<Ran> =>
  project.run(
    'infra/setup/init.ts',
    ['--stage', 'dev', ...args],
    { SLACK_API_URL: slack.apiUrl },
    typed.map((line) => `${line}\n`).join(''),
  );
const policy = () => loadPolicy({ file: join(project.folder, 'infra/policy.yml'), stage: 'dev' });

const FLAGS: Readonly<Record<string, string>> = {
  from: 'secrets.json',
  security: 'security',
  mention: '@oncall',
  admins: 'admin',
  operators: '',
  approvers: '',
  profiles: 'main=langsmith',
  sources: 'generic',
  mode: 'enforce',
};
const flags = (changed: Readonly<Record<string, string>> = {}): readonly string[] =>
  Object.entries({ ...FLAGS, ...changed }).flatMap(([name, value]) => [`--${name}`, value]);

describe('npm run init', { timeout: 30_000 }, () => {
  it('asks, helps with slips, and writes a policy that holds, with names beside the ids', async () => {
    const ran = await init(
      [],
      ...['xoxp-a-user-token-0000', BOT_TOKEN],
      ...['#securty', ''], // offered: the channel that is called so
      ...['@oncal', '@oncall'],
      ...['', 'nobody-of-this-name', 'Admin, APPROVER@example.com'],
      ...['@oncall, operator'],
      ...['approver'],
      ...['dfns', 'dfns-main=dfns,langsmith-eu=langsmith@https://eu.api.smith.langchain.com'],
      ...['github,acme', 'github, generic'],
      ...[''],
    );
    expect(ran.code, ran.out).toBe(0);
    expect(ran.out).not.toContain(BOT_TOKEN);
    expect(ran.out).toContain('(not "xoxp-" or "xapp-")');
    expect(ran.out).toContain('Workspace "Sandbox" (T0SANDBOX01): 2 channels, 4 people, 1 user groups.');
    expect(ran.out).toContain('Patrol sees no channel #securty. Is it security?');
    expect(ran.out).toContain('Nobody here is called @oncal. Is it oncall?');
    expect(ran.out).toContain('One at least.');
    expect(ran.out).toContain('Nobody here is called nobody-of-this-name.');
    expect(ran.out).toContain('"dfns" is not name=provider');
    expect(ran.out).toContain('There is no source acme; there are github, ');
    expect(ran.out).toContain('npm run deploy -- --stage dev');
    expect(policy()).toMatchObject({
      mode: 'shadow',
      teams: ['T0SANDBOX01'],
      channels: { security: 'C0SECURITY1', mention: 'S0ONCALL001' },
      profiles: {
        'dfns-main': { provider: 'dfns', issuer: 'https://api.dfns.io' },
        'langsmith-eu': { provider: 'langsmith', issuer: 'https://eu.api.smith.langchain.com' },
      },
      roles: {
        admin: { users: ['U0ADMIN0001', 'U0APPROVER1'], groups: [] },
        operator: { users: ['U0OPERATOR1'], groups: ['S0ONCALL001'] },
        approver: { users: ['U0APPROVER1'] },
      },
      alerts: { sources: ['github', 'generic'], snsTopics: [] },
      protected: [],
    });
    const text = readFileSync(file, 'utf8');
    for (const line of ['C0SECURITY1 # #security', 'S0ONCALL001 # @oncall', 'U0ADMIN0001 # @admin'])
      expect(text).toContain(line);
  });

  it('runs without a terminal when flags tell everything', async () => {
    const ran = await init(flags());
    expect(ran.code, ran.out).toBe(0);
    const { roles, approvals, mode } = policy();
    expect([mode, Object.keys(roles)]).toEqual(['enforce', ['admin']]);
    expect(approvals.map(({ by }) => by)).toEqual([['admin'], ['admin'], ['admin']]);
    expect(slack.calls.some(({ mutation }) => mutation)).toBe(false);
  });

  it('never writes over a file', async () => {
    project.write('infra/policy.dev.yml', 'mode: enforce\n');
    const ran = await init(flags());
    expect([ran.code, ran.out]).toEqual([1, 'infra/policy.dev.yml is there already, and is left as it is.\n']);
    expect(readFileSync(file, 'utf8')).toBe('mode: enforce\n');
    expect(slack.calls).toEqual([]);
  });

  it.each([
    [{ security: 'nowhere' }, '--security: Patrol sees no channel #nowhere.'],
    [{ admins: 'outsider' }, '--admins: Nobody here is called outsider.'],
    [{ admins: 'patrol' }, '--admins: Nobody here is called patrol.'],
    [{ admins: '' }, '--admins: One at least.'],
    [{ mention: 'admin,operator' }, '--mention: Nobody here is called admin,operator.'],
    [{ profiles: 'a=acme' }, '--profiles: "a=acme" is not name=provider'],
    [{ profiles: 'a=dfns,a=dfns' }, '--profiles: "a" is there twice.'],
    [{ sources: '' }, '--sources: One source at least.'],
    [{ mode: 'maybe' }, '--mode: It is shadow or enforce.'],
    [{ from: 'nowhere.json' }, 'nowhere.json cannot be read.'],
  ])('stops at %j, and writes nothing', async (changed, words) => {
    const ran = await init(flags(changed));
    expect(ran.code).toBe(1);
    expect(ran.out).toContain(words);
    expect(ran.out).not.toMatch(/\n\s+at /);
    expect(existsSync(file)).toBe(false);
  });

  it('writes nothing when the input ends in the middle', async () => {
    const ran = await init([], BOT_TOKEN, 'security');
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('The input ended here; nothing was written.');
    expect(existsSync(file)).toBe(false);
  });

  it('says what Slack refuses, and does without user groups', async () => {
    slack.setScopes(BOT_SCOPES.filter((scope) => scope !== 'users:read'));
    expect((await init(flags())).out).toContain(
      'Slack refuses users.list (missing_scope). Update the app from "npm run manifest" and reinstall it.',
    );
    slack.reset();
    slack.setRefusal({ method: 'usergroups.list', code: 'paid_teams_only' });
    const ran = await init(flags({ mention: 'operator' }));
    expect(ran.out).toContain('User groups cannot be read (paid_teams_only): name people instead.');
    expect(policy().channels.mention).toBe('U0OPERATOR1');
  });

  it('has the flags that docs/deploy.md has a reader type', async () => {
    const [line = ''] =
      /^npm run init -- --stage dev --from[^]*?--mode \w+$/m.exec(readFileSync('docs/deploy.md', 'utf8')) ?? [];
    const words = line
      .replace(/\\\n/g, '')
      .replace('npm run init -- --stage dev ', '')
      .match(/"[^"]*"|\S+/g);
    const ran = await init((words ?? []).map((word) => word.replaceAll('"', '')));
    expect(ran.out.split('\n').at(-2)).toBe('--admins: Nobody here is called anna@example.com.');
  });

  it('asks of which workspace in an organisation', async () => {
    slack.setOrgInstall(true);
    expect((await init(flags())).out).toContain('as --team T….');
    expect((await init(flags({ team: 'T0OTHERTEAM' }))).out).toContain('Slack refuses users.list (team_not_found).');
    const ran = await init(flags({ team: 'T0SANDBOX01' }));
    expect(ran.code, ran.out).toBe(0);
    expect(policy().enterprises).toEqual(['E0SANDBOX01']);
  });
});
