import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Received, receiveAlert } from '#shared/alerts/receive-alert.ts';
import type { Source } from '#shared/alerts/source.ts';
import { generic } from '#shared/alerts/sources/generic.ts';
import { github } from '#shared/alerts/sources/github.ts';
import { gitguardian } from '#shared/alerts/sources/gitguardian.ts';
import { gitlab } from '#shared/alerts/sources/gitlab.ts';
import { gitleaks } from '#shared/alerts/sources/gitleaks.ts';
import { trufflehog } from '#shared/alerts/sources/trufflehog.ts';
import { trufflehogEnterprise } from '#shared/alerts/sources/trufflehog-enterprise.ts';
import { fingerprint, NOW } from '#test/support/alerts.ts';
import { dfnsToken, langsmithKey } from '#test/support/leaks.ts';
import '#test/support/contain-no-secret.ts';

const CASES = join(import.meta.dirname, '../../../fixtures/cases');
const KEY = langsmithKey();
const TOKEN = dfnsToken();

/** A file of a public report, with a secret of ours in it. */
const caseFile = (name: string): string => readFileSync(join(CASES, name), 'utf8').replaceAll('{{LANGSMITH}}', KEY);

/** Takes a body as if its signature had been looked at. */
async function take(
  source: Source,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<Received> {
  const verified: Source = { ...source, verify: () => undefined };
  const request = {
    method: 'POST',
    body: Buffer.from(body),
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
    subpath: '',
  } as unknown as Parameters<typeof receiveAlert>[0];
  return receiveAlert(
    request,
    { source: verified },
    { now: () => NOW, fingerprint, checkValidity: async () => new Map(), profiles: [] },
  );
}

const cluesOf = ({ jobs }: Received) =>
  jobs.flatMap((job) => (job.kind === 'report' && job.report.clue !== undefined ? [job.report.clue] : []));
const remarksOf = ({ jobs }: Received) => jobs.flatMap((job) => (job.kind === 'report' ? job.report.remarks : []));

async function expectFound(received: Promise<Received>, secret = KEY): Promise<void> {
  const taken = await received;
  expect(taken.status).toBeLessThan(300);
  expect(cluesOf(taken)).toMatchObject([{ fingerprint: fingerprint(secret) }]);
  expect(taken).toContainNoSecret([secret]);
}

const record = (secret: string) => ({
  SourceMetadata: { Data: { Git: { file: 'a' } } },
  DetectorName: 'X',
  Raw: secret,
});

describe('a report that is not as it should be', () => {
  it.each([
    ['t1-trufflehog-log-lines/with-finding.jsonl', trufflehog],
    ['t2-trufflehog-osc-prefix/only-line.jsonl', trufflehog],
    ['t3-trufflehog-jq-slurp/report.json', trufflehog],
    ['t4-powershell-utf16/report.jsonl', trufflehog],
    ['t4-powershell-utf16/report.gitleaks.json', gitleaks],
    ['t5-betterleaks-report/own-fields.json', gitleaks],
    ['t9-gitleaks-sarif-csv/results.sarif', gitleaks],
  ] as const)('brings its token, in UTF-8 and in UTF-16: %s', async (file, source) => {
    const text = caseFile(file);
    await expectFound(take(source, text));
    await expectFound(take(source, Buffer.from(`\ufeff${text}`, 'utf16le')));
    await expectFound(take(source, Buffer.from(text, 'utf16le').swap16()));
  });

  it.each([
    ['log lines alone', caseFile('t1-trufflehog-log-lines/no-finding.jsonl')],
    ['nothing', ''],
    ['an empty list', '[]\n'],
  ])('is a clean scan where it holds %s', async (_, body) => {
    expect(await take(trufflehog, body)).toMatchObject({ status: 200, jobs: [] });
  });

  it.each([
    ['objects over several lines, one after the other', (text: string) => `${text}\n${text}`],
    ['words of another program before it', (text: string) => `Pulling image …\nlatest: done\n${text}`],
    ['words behind it on the same line', (text: string) => `${text} exit 183`],
    ['half an object before it', (text: string) => `{"SourceMeta\n${text}`],
    ['half an object behind it', (text: string) => `${text}\n{"SourceMeta`],
    ['colours around it', (text: string) => `\u001b[32m${text}\u001b[0m`],
    ['a title of a terminal', (text: string) => `\u001b]0;scan\u0007${text}`],
    ['commas between', (text: string) => `${text},\n${text},`],
  ])('brings its token with %s', async (_, spoil) => {
    await expectFound(take(trufflehog, spoil(JSON.stringify(record(KEY), null, 2))));
    await expectFound(take(gitleaks, spoil(JSON.stringify([{ RuleID: 'x', Secret: KEY }], null, 2))));
    await expectFound(take(generic, spoil(JSON.stringify({ secret: KEY }, null, 2))));
  });

  it.each([
    ['a field that nobody knows', { RuleID: 'x', Secret: 'REDACTED', CaptureGroups: { token: KEY } }],
    ['a field of another form', { RuleID: ['x'], Secret: { value: KEY } }],
    ['a text around it', { RuleID: 'x', Secret: '', MatchContext: `A=1\nKEY=${KEY}\n` }],
    ['no name of a rule', { Secret: KEY }],
  ])('brings the token from %s', async (_, odd) => {
    await expectFound(take(gitleaks, JSON.stringify([odd])));
    await expectFound(take(trufflehog, JSON.stringify(odd)));
  });

  it.each([
    ['gitleaks’ CSV', gitleaks, `RuleID,Commit,File,Secret\nx,1,a.env,${KEY}\n`],
    ['XML', gitleaks, `<testsuites><failure>${KEY}</failure></testsuites>`],
    ['a page', generic, `<html><body>${KEY}</body></html>`],
    ['words', trufflehog, `Found unverified result\nRaw result: ${KEY}\n`],
    ['a form', generic, `secret=${KEY}&note=x`],
  ] as const)('brings its token in a form that is none of ours: %s', async (_, source, body) => {
    await expectFound(take(source, body));
  });

  it.each([
    ['SARIF', caseFile('t9-gitleaks-sarif-csv/results.sarif')],
    [
      'CSV',
      `RuleID,Commit,File,SymlinkFile,Secret,Match,StartLine,Author,Message\r\nlangsmith,${'a'.repeat(40)},config/deploy.yml,,${KEY},"KEY=""${KEY}"",\r\nx",3,ann,"one, two"\r\n`,
    ],
  ])('tells the place, the rule and the commit of a finding in %s', async (_, body) => {
    const { jobs } = await take(gitleaks, body);
    expect(jobs).toMatchObject([
      {
        report: {
          detector: expect.any(String),
          where: { path: expect.stringMatching(/\w/), commit: expect.any(String) },
        },
      },
    ]);
  });

  it('gives the rest of a CSV that is cut off inside a cell: its token is found, and it is told as unread', async () => {
    const whole = 'RuleID,Commit,File,Secret,Match\nx,1,a.env,other,"x=""other"""\n';
    const told = { kind: 'unread_records', count: 1 };
    const cut = take(gitleaks, `${whole}x,1,b.env,${KEY},"KEY=""${KEY}`);
    await expectFound(cut);
    expect(remarksOf(await cut)).toContainEqual(told);
    expect(remarksOf(await take(gitleaks, `${whole}x,1,b.env,"oth`))).toContainEqual(told);
    expect(remarksOf(await take(gitleaks, whole))).not.toContainEqual(told);
  });

  it('is a clean scan where its SARIF or CSV has no finding', async () => {
    for (const body of ['{"version":"2.1.0","runs":[{"tool":{},"results":[]}]}', 'RuleID,Commit,File,Secret\n']) {
      expect(await take(gitleaks, body)).toMatchObject({ status: 200, jobs: [] });
    }
  });

  it('is told, and refused with words, where nothing in it is understood', async () => {
    for (const body of ['not json', '{"a"', '{"runs":[]}']) {
      const received = await take(gitleaks, body);
      expect(received).toMatchObject({ status: 400, body: { error: expect.any(String) } });
      expect(remarksOf(received)).toEqual([{ kind: 'unread_records', count: 1 }]);
    }
    const long = await take(gitleaks, `["${'x'.repeat(5 * 1024 * 1024)}"]`);
    expect(long).toMatchObject({ status: 400, body: { error: 'body is over 5 MiB' } });
    expect(remarksOf(long)).toEqual([{ kind: 'unread_records', count: 1 }]);
  });

  it.each([
    ['empty texts', { tokenId: '7a7a7a7a-0001-4001-8001-7a7a7a7a7a7a', secret: '', url: '', note: '' }],
    ['null', { tokenId: '7a7a7a7a-0001-4001-8001-7a7a7a7a7a7a', secret: null, profile: null }],
    ['flags as texts', { tokenId: '7a7a7a7a-0001-4001-8001-7a7a7a7a7a7a', publiclyLeaked: 'true', test: '' }],
    ['numbers for texts', { tokenId: '7a7a7a7a-0001-4001-8001-7a7a7a7a7a7a', note: 5, secret: 7 }],
    ['a name of a provider that nobody knows', { tokenId: '7a7a7a7a-0001-4001-8001-7a7a7a7a7a7a', provider: '' }],
  ])('of our own form names its token in spite of %s', async (_, odd) => {
    for (const body of [odd, [odd], { findings: [odd] }]) {
      const received = await take(generic, JSON.stringify(body));
      expect(received.status).toBe(202);
      expect(cluesOf(received)).toMatchObject([{ form: 'named', tokenId: odd.tokenId }]);
    }
    const flagged = await take(generic, JSON.stringify({ secret: KEY, publiclyLeaked: 'true', test: 'false' }));
    expect(flagged.jobs).toMatchObject([{ report: { publiclyLeaked: true, test: false } }]);
  });
});

describe('a verified alert of which one field does not fit', () => {
  const event = { 'x-github-event': 'secret_scanning_alert' };
  const alert = (change: object) =>
    JSON.stringify({ ...(JSON.parse(caseFile('g1-emu-owner/alert.json')) as object), ...change });

  it.each(['mona-cat_octo/notebooks', 'a_b/c', 'octo-org/a_b.c-d', `${'a'.repeat(50)}_x/y`])(
    'is one all the same where its owner is %s',
    async (full_name) => {
      const received = await take(github, alert({ repository: { full_name } }), event);
      expect(received).toMatchObject({ status: 202, jobs: [{ report: { locator: { repository: full_name } } }] });
    },
  );

  it.each([
    ['an issue, a comment and a pull request that are null', { issue: null, comment: null, pull_request: null }],
    ['a rule and a dependency that are null', { alert: { number: 3, rule: null, dependency: null } }],
    ['texts that are none', { alert: { number: 3, html_url: 4, secret_type: [], publicly_leaked: 'yes' } }],
    ['a place of another form', { location: 'x' }],
  ])('is one all the same with %s', async (_, odd) => {
    const received = await take(github, alert(odd), event);
    expect(received).toMatchObject({ status: 202, jobs: [{ report: { locator: { kind: 'github' } } }] });
  });

  it('names its secret by its hash, in whatever case', async () => {
    const incident = { hmsl_hash: 'AB'.repeat(32), detector: [] };
    const received = await take(gitguardian, JSON.stringify({ action: 'incident_triggered', incident }));
    expect(cluesOf(received)).toMatchObject([{ form: 'hashed', hmsl: fingerprint('ab'.repeat(32)) }]);
  });

  it.each([
    ['a number that is null, beside an issue that is null', github, alert({ issue: null, alert: { number: null } })],
    ['an alert that is null', github, alert({ alert: null })],
    ['no alert at all', github, alert({ alert: undefined })],
    ['no alert at all, of one that is out in public', github, alert({ action: 'publicly_leaked', alert: undefined })],
    ['nothing but what it tells', github, JSON.stringify({ action: 'created' })],
    ['a list of alerts', github, alert({ alert: [{ number: 3 }] })],
    ['no action', github, alert({ action: undefined })],
    ['no repository', github, alert({ repository: null })],
    ['a repository of another form', github, alert({ repository: { full_name: 'a/b/../c' } })],
    ['a number that is text', github, alert({ alert: { number: 'three' } })],
    ['an action that is none', github, alert({ action: 7 })],
    ['an incident that is a text', gitguardian, JSON.stringify({ action: 'incident_triggered', incident: 'x' })],
    ['no incident', gitguardian, JSON.stringify({ action: 'new_occurrence' })],
    ['an action that is none', gitguardian, JSON.stringify({ action: null, incident: { gitguardian_url: 'x' } })],
    ['no source type', trufflehogEnterprise, JSON.stringify({ detector_name: 'LangSmith', redacted: 'lsv2' })],
    ['no attributes', gitlab, JSON.stringify({ object_kind: 'vulnerability' })],
    ['attributes that are a list', gitlab, JSON.stringify({ object_kind: 'vulnerability', object_attributes: [] })],
  ] as const)('is told, never ignored: %s', async (_, source, body) => {
    const received = await take(source, body, event);
    expect(received.status).toBe(400);
    expect(remarksOf(received)).toEqual([{ kind: 'unread_records', count: 1 }]);
  });

  it.each([
    ['a ping of GitHub', github, JSON.stringify({ zen: 'x', hook: {} })],
    ['an issue', github, JSON.stringify({ action: 'created', issue: {}, alert: {} })],
    [
      'a label, a star, a check, a discussion',
      github,
      JSON.stringify({ action: 'created', label: {}, repository: {} }),
    ],
    ['a star', github, JSON.stringify({ action: 'created', starred_at: '2026-11-01T00:00:00Z', repository: {} })],
    ['a branch', github, JSON.stringify({ ref: 'main', repository: {} })],
    ['an alert that was resolved', github, alert({ action: 'resolved' })],
    ['an incident that was assigned', gitguardian, JSON.stringify({ action: 'incident_assigned', incident: 'x' })],
    ['a pipeline', gitlab, JSON.stringify({ object_kind: 'pipeline' })],
  ] as const)('is ignored where it is none: %s', async (_, source, body) => {
    expect(await take(source, body, event)).toMatchObject({ status: 200, jobs: [] });
  });

  it('brings the token that stands in it', async () => {
    await expectFound(take(trufflehogEnterprise, JSON.stringify({ raw: TOKEN, source_type: 3 })), TOKEN);
    await expectFound(take(gitguardian, JSON.stringify({ action: 'new_occurrence', incident: [TOKEN] })), TOKEN);
  });
});
