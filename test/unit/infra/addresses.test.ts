import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { examineAddresses } from '#infra/setup/examine-deployment.ts';

/** What the deployed functions are told of where GitHub and Slack are: the variable, and what stands there without one. */
const told = new Map(
  [...readFileSync('serverless.yml', 'utf8').matchAll(/^ {4}(\w+): \$\{env:(\w+), '([^']*)'\}$/gm)].map(
    ([, name = '', variable = '', usual = '']) => [name, { variable, usual }] as const,
  ),
);

describe('an address other than the public one', () => {
  it.each([
    ['GITHUB_API_URL', ['functions/alert-edge.ts', 'functions/runtime/cases.ts']],
    ['SLACK_API_URL', ['functions/slack-edge.ts', 'functions/runtime/slack-worker-services.ts']],
    ['RESPONSE_URL_ORIGIN', ['functions/runtime/slack-worker-services.ts']],
  ])('reaches the deployed functions from where setup reads it: %s', (name, files) => {
    const { variable, usual } = told.get(name)!;
    expect(variable).toBe(name);
    for (const file of files) {
      const text = readFileSync(file, 'utf8');
      expect(text, file).toContain(name);
      expect(text, file).toContain(`'${usual}'`);
    }
  });

  it('is told by the doctor where the deployed functions have another', () => {
    const outputs = { GithubApiUrl: 'https://api.github.com', SlackApiUrl: 'https://slack.com/api/' };
    expect(examineAddresses(outputs, {})).toMatchObject([{ state: 'fine' }, { state: 'fine' }]);
    const here = { GITHUB_API_URL: 'https://api.acme.ghe.com' };
    expect(JSON.stringify(examineAddresses(outputs, here)[0])).toMatch(
      /is https:\/\/api\.acme\.ghe\.com here, and the deployed functions ask https:\/\/api\.github\.com/,
    );
    expect(examineAddresses({ ...outputs, GithubApiUrl: here.GITHUB_API_URL }, here)[0]).toMatchObject({
      state: 'fine',
    });
  });
});
