import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Account, startAccount } from '#test/support/rehearsal/account.ts';
import type { Template } from '#infra/checks/template.ts';
import { type SecretsManagerStandIn, startSecretsManager } from '#infra/sandbox/secrets/secrets-manager.ts';
import { FUNCTION_NAMES } from '#test/support/packaged.ts';
import { copyProject, REAL_POLICY } from '#test/support/project-copy.ts';

const project = copyProject();
let account: Account;
let secrets: SecretsManagerStandIn;
const closers: (() => Promise<void>)[] = [];

beforeAll(() => {
  project.write('infra/policy.dev.yml', REAL_POLICY);
});
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});
afterAll(() => {
  project.remove();
});

async function startAws(options: Parameters<typeof startAccount>[0] = {}): Promise<Record<string, string>> {
  secrets = await startSecretsManager();
  account = await startAccount({
    ...options,
    onCreate: (type, name) => {
      if (type === 'AWS::SecretsManager::Secret') secrets.put(name, '');
    },
  });
  closers.push(account.close, secrets.close);
  return {
    AWS_ENDPOINT_URL: account.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
  };
}
const deploy = (environment: Record<string, string>, ...more: string[]) =>
  project.run('infra/setup/deploy.ts', ['--stage', 'dev', '--skip-checks', ...more], environment);

describe('npm run deploy', { timeout: 240_000 }, () => {
  it('sends what was checked, reserves nothing in a small account, says what to do next, and takes up the data that a removal kept', async () => {
    const aws = await startAws({ concurrency: 10 });
    const first = await deploy(aws, '--alarm-email', 'oncall@example.com');
    expect(first.code, first.out).toBe(0);
    expect(first.out).toContain(
      'Slack request URL   https://abc123.execute-api.eu-central-1.amazonaws.com/slack/events',
    );
    expect(first.out).toContain('npm run setup -- --stage dev');
    expect(first.out).toContain('✔ zips: the same bytes from a second build');

    expect(first.out).toContain('so none is reserved');
    const packaged = join(project.folder, '.build/sls/cloudformation-template-update-stack.json');
    const { Conditions } = JSON.parse(readFileSync(packaged, 'utf8')) as Template;
    expect(Conditions?.['Reserve']).toEqual({ 'Fn::Equals': ['no', 'yes'] });

    const uploads = account.uploads();
    for (const name of FUNCTION_NAMES) {
      const [, sent] = [...uploads].find(([key]) => key.endsWith(`/${name}.zip`)) ?? [];
      const built = readFileSync(join(project.folder, 'dist', `${name}.zip`));
      expect(sent?.equals(built), name).toBe(true);
      expect(Object.keys(unzipSync(built))).toContain('index.mjs');
    }
    const owned = [...(account.stack('patrol-dev')?.resources.values() ?? [])].map(({ type }) => type);
    expect(owned.filter((type) => type === 'AWS::SNS::Subscription')).toHaveLength(1);

    const removed = await project.run('infra/setup/remove.ts', ['--stage', 'dev'], aws, 'dev\n');
    expect(removed.code, removed.out).toBe(0);
    expect(removed.out).toContain('were kept');
    expect(account.stack('patrol-dev')).toBeUndefined();
    expect(account.outside).toContain('AWS::DynamoDB::Table patrol-dev');

    const again = await deploy(aws);
    expect(again.code, again.out).toBe(0);
    expect(again.out).toContain('The table patrol-dev is there from before');
    expect(again.out).toContain('The secrets patrol/dev/… are there from before');
    const types = [...(account.stack('patrol-dev')?.resources.values() ?? [])].map(({ type }) => type);
    expect(types).not.toContain('AWS::DynamoDB::Table');
    expect(types).toContain('AWS::SQS::Queue');
  });

  it('deploys nothing when a check of the template fails', async () => {
    const aws = await startAws();
    const file = join(project.folder, 'infra/iam.yml');
    const before = readFileSync(file, 'utf8');
    project.write('infra/iam.yml', before.replace('Action: sqs:SendMessage', "Action: 'sqs:*'"));
    const result = await deploy(aws);
    project.write('infra/iam.yml', before);
    expect(result.code).toBe(1);
    expect(result.out).toContain('SlackEdgeRole: wildcard in action sqs:*');
    expect(result.out).toContain('nothing was deployed');
    expect(account.calls.some(({ path }) => path === 'cloudformation CreateStack')).toBe(false);
  });
});

describe('npm run deploy stops with one clear sentence', { timeout: 60_000 }, () => {
  it.each([
    ['without a stage', [], 'Say which stage'],
    ['for a stage that cannot be part of a name', ['--stage', 'My-Stage'], '"My-Stage" is no stage name'],
    ['for the sandbox', ['--stage', 'sandbox'], 'npm start'],
    ['for a region that is none', ['--stage', 'dev', '--region', 'mars'], '"mars" is no AWS region'],
    ['for an unknown flag', ['--stage', 'dev', '--frob'], "Unknown option '--frob'"],
    ['without credentials', ['--stage', 'dev'], 'No AWS credentials found. Set AWS_PROFILE'],
    ['while the policy has the sandbox’s ids', ['--stage', 'prod'], 'roles.admin.users: U0ADMIN0001'],
  ])('%s', async (_, args, words) => {
    const { code, out } = await project.run('infra/setup/deploy.ts', args, {});
    expect(code).toBe(1);
    expect(out).toContain(words);
    expect(out).not.toMatch(/\n\s+at /);
  });

  it('when the policy is wrong, with its line and field', async () => {
    project.write('infra/policy.qa.yml', 'mode: enfroce\n');
    const { code, out } = await project.run('infra/setup/deploy.ts', ['--stage', 'qa'], {});
    expect(code).toBe(1);
    expect(out).toContain('infra/policy.qa.yml:1: mode');
  });

  it('when AWS does not accept the credentials', async () => {
    const { code, out } = await project.run('infra/setup/deploy.ts', ['--stage', 'dev'], {
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_MAX_ATTEMPTS: '1',
    });
    expect(code).toBe(1);
    expect(out).toContain('Log in again');
  });
});

describe('npm run remove', { timeout: 60_000 }, () => {
  it.each([[''], ['prod\n'], ['yes\n']])('removes nothing when %j is typed instead of the stage', async (typed) => {
    const aws = await startAws();
    const { code, out } = await project.run('infra/setup/remove.ts', ['--stage', 'dev', '--delete-data'], aws, typed);
    expect(code).toBe(1);
    expect(out).toContain('Nothing was removed.');
    expect(account.calls.some(({ path }) => path.includes('Delete'))).toBe(false);
  });

  it('deletes table and secrets when it is told to', async () => {
    const aws = await startAws({ outside: ['AWS::DynamoDB::Table patrol-dev'] });
    secrets.put('patrol/dev/slack', 'x');
    secrets.put('patrol/dev/profiles/one', 'x');
    secrets.put('patrol/prod/slack', 'x');
    const { code, out } = await project.run(
      'infra/setup/remove.ts',
      ['--stage', 'dev', '--delete-data', '--confirm', 'dev'],
      aws,
    );
    expect(code, out).toBe(0);
    expect(account.outside).not.toContain('AWS::DynamoDB::Table patrol-dev');
    expect(secrets.calls.filter(({ path }) => path === '/DeleteSecret')).toHaveLength(2);
    expect(out).toContain('2 secrets will be gone in 7 days');
  });
});
