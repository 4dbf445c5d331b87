import { existsSync, globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { RIGHTS } from '#infra/checks/rights.ts';
import { SLACK_SECRETS } from '#shared/slack/slack-secret.ts';
import { caseId } from '#shared/store/case-id.ts';

const GET = 'secretsmanager:GetSecretValue';
const PAGE = readFileSync('docs/THREAT-MODEL.md', 'utf8');
/** Rows of the tables "threat | answer". */
const ROWS = PAGE.split('\n')
  .filter((line) => line.startsWith('| ') && line.split('|').length === 4)
  .filter((line) => !line.startsWith('| threat'));

/** A template's part with CloudFormation's own tags, read as plain values. */
const partOf = (file: string) =>
  parse(readFileSync(file, 'utf8'), {
    logLevel: 'silent',
    customTags: ['!Ref', '!Sub', '!GetAtt', '!If', '!Equals', '!Not'].flatMap((tag) => [
      { tag, resolve: (text: string) => text },
    ]),
  }) as Readonly<Record<string, unknown>>;

describe('docs/THREAT-MODEL.md', () => {
  it('answers every threat with a test that is there', () => {
    expect(ROWS.length).toBeGreaterThan(50);
    const testsOf = (row: string) => [...row.matchAll(/`(test\/[\w./-]+\.test\.ts)`/g)].map(([, file = '']) => file);
    expect(ROWS.filter((row) => testsOf(row).length === 0)).toEqual([]);
    expect(ROWS.flatMap(testsOf).filter((file) => !existsSync(file))).toEqual([]);
  });

  it('names every file of attacks', () => {
    const attacks = globSync('test/attacks/*.test.ts');
    expect(attacks.filter((file) => !PAGE.includes(`\`${file}\``))).toEqual([]);
  });

  it('says how many rows of the table go through the zips', () => {
    const rows = globSync('test/attacks/*.test.ts')
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const [all, inside] = [/^ {4}name: '/gm, /^ {4}inside: ?/gm].map((part) => rows.match(part)?.length ?? 0);
    const told = /(\d+) of (\d+) rows are black box/.exec(PAGE)?.slice(1).map(Number);
    expect(told).toEqual([all! - inside!, all!]);
  });

  it('is right that a case has 80 bits of its key, and that none of them is lost', () => {
    const ids = Array.from({ length: 20_000 }, (_, index) => caseId(`clue:${index}`));
    expect(ids.every((id) => /^C-[A-Z2-7]{16}$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    for (let at = 2; at < 18; at += 1) expect(new Set(ids.map((id) => id[at])).size).toBe(32);
  });

  it('is right that slack-edge alone may read what Slack signs with', () => {
    const reads = (name: string) => RIGHTS[name]?.flatMap(({ may, on }) => (may.includes(GET) ? on : [])) ?? [];
    const readers = Object.keys(RIGHTS).filter((name) =>
      reads(name).some((arn) => arn.endsWith(`/${SLACK_SECRETS.signing}-??????`) || arn.endsWith('<stage>/*')),
    );
    expect(readers).toEqual(['slack-edge']);
    expect(reads('slack-worker').some((arn) => arn.endsWith(`/${SLACK_SECRETS.bot}-??????`))).toBe(true);
  });

  it('is right that alert-edge has no failure destination, which would keep an event with its secrets', () => {
    const { 'alert-edge': edge } = partOf('infra/functions.yml');
    expect(edge).toBeDefined();
    expect(Object.keys(edge as object)).not.toContain('destinations');
    expect(JSON.stringify(edge)).not.toMatch(/onError|onFailure|DeadLetter/i);
  });

  it('is right that people and alerts have queues and workers of their own', () => {
    const functions = partOf('infra/functions.yml');
    const queueOf = (name: string) =>
      /(\w+)Queue/.exec(JSON.stringify((functions[name] as { events: object }).events))?.[1];
    expect([queueOf('slack-worker'), queueOf('alert-worker')]).toEqual(['Commands', 'Leaks']);
  });
});
