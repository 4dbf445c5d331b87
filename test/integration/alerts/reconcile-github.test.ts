import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GithubStandIn, startGithub } from '#infra/sandbox/github/github.ts';
import { createGithubRest } from '#shared/alerts/github-rest.ts';
import { createReconcileGithub } from '#shared/alerts/reconcile-github.ts';
import { createHttp } from '#shared/core/http.ts';
import { Secret } from '#shared/core/secret.ts';
import { type LeakJob, leakJobSchema } from '#shared/jobs/job.ts';
import { langsmithKey } from '#test/support/leaks.ts';
import { createMemoryStore, type MemoryStore } from '#test/support/memory-store.ts';
import { recognise } from '#shared/providers/recognise.ts';
import { caseKeys } from '#shared/cases/case-keys.ts';
import { keepCase } from '#shared/cases/keep-case.ts';

let github: GithubStandIn;
let store: MemoryStore;
let queued: LeakJob[];
beforeAll(async () => {
  github = await startGithub();
});
afterAll(() => github.close());
beforeEach(() => {
  github.reset();
  store = createMemoryStore();
  queued = [];
});

const NOW = new Date('2026-11-22T12:00:00.000Z');
const fingerprint = (text: string) => Buffer.from(text).toString('hex').slice(0, 64).padEnd(64, '0');
const reconcile = (repositories?: readonly string[], day = 0) => {
  const now = () => new Date(NOW.getTime() + day * 86_400_000);
  const http = createHttp({ fetch, now: () => new Date(), sleep: async () => {}, random: () => 0.5 });
  const rest = createGithubRest({
    http,
    baseUrl: github.url,
    readToken: async () => new Secret(github.token),
    repositories,
  });
  const send = async (jobs: readonly LeakJob[]) => void queued.push(...jobs.map((job) => leakJobSchema.parse(job)));
  return createReconcileGithub({ github: rest, repositories, store, now, fingerprint, send })();
};
const set = (number: number, more: { secret?: string; secret_type?: string; repository?: string } = {}) =>
  github.setAlert({ repository: 'acme/payments', number, secret: langsmithKey('pt'), secret_type: 'x', ...more });
const locators = () =>
  queued.map((job) => (job.kind === 'report' ? `${job.report.locator?.repository}#${job.report.locator?.number}` : ''));

describe('an open alert that never arrived', () => {
  it('is found in every repository that the token sees, where the policy names none', async () => {
    for (let number = 1; number <= 101; number += 1) set(number, { repository: `acme/r-${number}` });
    expect(await reconcile()).toEqual({ open: 101, ours: 101, missed: 101, unread: [] });
    expect(locators()).toContain('acme/r-101#101');
  });

  it('becomes a report as its webhook would have been, without its secret, the same each day', async () => {
    set(1);
    set(2, { secret: 'AKIAIOSFODNN7EXAMPLE', secret_type: 'aws_access_key_id' });
    set(3, { repository: 'acme/website' });
    expect(await reconcile(['acme/*'])).toEqual({ open: 3, ours: 2, missed: 2, unread: [] });
    expect(locators()).toEqual(['acme/payments#1', 'acme/website#3']);
    expect(queued[0]).toMatchObject({
      kind: 'report',
      source: 'github',
      report: { remarks: [{ kind: 'never_told' }], where: { repository: 'acme/payments' } },
    });
    expect(JSON.stringify(queued)).not.toMatch(/lsv2_/);
    await reconcile(['acme/*'], 1);
    const keys = queued.map((job) => (job.kind === 'report' ? job.deliveryKey : ''));
    expect(keys.slice(2)).toEqual(keys.slice(0, 2));
  });

  it('is told by its detector where its secret has no form that we know', async () => {
    set(1, { secret: 'of-tomorrow-0123456789', secret_type: 'langchain_api_personal_key' });
    expect(await reconcile(['acme/payments'])).toMatchObject({ ours: 1, missed: 1 });
  });

  it('is none where its case knows it, however that case is named, and where somebody closed it', async () => {
    const secret = langsmithKey('pt');
    set(1, { secret });
    set(2);
    await reconcile(['acme/payments']);
    for (const [index, job] of queued.entries()) {
      if (job.kind !== 'report') throw new Error('no report');
      const evidence = { source: 'github', report: job.report, candidates: [], receivedAt: NOW.toISOString() };
      await keepCase(store, { key: `token:demo:${index}`, now: NOW }, evidence);
    }
    // The first is known by its place, the second by its secret.
    const [first, second] = queued.map((job) => (job.kind === 'report' ? job.report : undefined));
    if (first === undefined || second === undefined) throw new Error('two reports');
    await store.notes.put(
      `case-of:${caseKeys(first, recognise(new Secret(secret), fingerprint))[0]}`,
      'token:demo:0',
      60,
    );
    await store.notes.put(`case-of:${caseKeys(second, undefined)[0]}`, 'token:demo:1', 60);
    expect(await reconcile(['acme/payments'])).toMatchObject({ ours: 2, missed: 0 });
    github.setAlert({ repository: 'acme/payments', number: 9, secret: langsmithKey('pt'), secret_type: 'x' });
    const url = `${github.url}/repos/acme/payments/secret-scanning/alerts/9`;
    await fetch(url, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${github.token}`, 'user-agent': 'test' },
      body: JSON.stringify({ state: 'resolved', resolution: 'false_positive' }),
    });
    expect(await reconcile(['acme/payments'])).toMatchObject({ open: 2, missed: 0 });
  });
});

it('reads every page, and of each repository only what the policy names', async () => {
  for (let number = 1; number <= 250; number += 1) set(number);
  set(1, { repository: 'acme/other' });
  expect(await reconcile(['acme/pay*'])).toMatchObject({ open: 250, missed: 250 });
});

it('tells what it could not read, and reads the rest', async () => {
  set(1);
  expect(await reconcile(['nobody/secret', '*/x', 'acme/payments'])).toEqual({
    open: 1,
    ours: 1,
    missed: 1,
    unread: ['*/x', 'nobody/secret'],
  });
  github.setFault({ mode: '401' });
  expect(await reconcile(['acme/payments'])).toMatchObject({ unread: ['acme/payments'] });
  github.setFault({ mode: '500' });
  await expect(reconcile(['acme/payments'])).rejects.toMatchObject({ code: 'provider_unavailable' });
});
