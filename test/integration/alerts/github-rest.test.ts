import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GithubStandIn, startGithub } from '#infra/sandbox/github/github.ts';
import { createGithubRest } from '#shared/alerts/github-rest.ts';
import { createHttp } from '#shared/core/http.ts';
import { Secret } from '#shared/core/secret.ts';
import { langsmithKey } from '#test/support/leaks.ts';

let github: GithubStandIn;
beforeAll(async () => {
  github = await startGithub();
});
afterAll(() => github.close());
beforeEach(() => {
  github.reset();
});

const REF = { repository: 'acme/pay.ments_1', number: 5 };
const open = (baseUrl = github.url, fetcher: typeof fetch = fetch) =>
  createGithubRest({
    http: createHttp({
      fetch: fetcher,
      now: () => new Date(),
      sleep: async () => {},
      random: () => 0.5,
      limits: { attemptMs: 2000 },
    }),
    baseUrl,
    readToken: async () => new Secret(github.token),
  });
const secret = langsmithKey('pt');

describe('createGithubRest', () => {
  it('fetches an alert with its secret wrapped, also behind a path prefix with a slash', async () => {
    github.setAlert({ ...REF, secret, secret_type: 'x', publicly_leaked: true });
    const alert = await open(`${github.url}/`).fetchAlert(REF);
    expect(alert?.secret.expose()).toBe(secret);
    expect(JSON.stringify(alert)).not.toContain(secret);
    expect(alert?.publiclyLeaked).toBe(true);
  });

  it('closes an alert as revoked, however often, and cuts a comment that GitHub would refuse', async () => {
    github.setAlert({ ...REF, secret, secret_type: 'x' });
    expect(await open().closeAlert(REF, 'c'.repeat(500))).toBe(true);
    expect(await open().closeAlert(REF, 'again')).toBe(true);
    expect(github.alerts()[0]).toMatchObject({ state: 'resolved', resolution: 'revoked' });
  });

  it('takes 404 for an alert that we are not shown', async () => {
    expect(await open().fetchAlert(REF)).toBeUndefined();
    expect(await open().closeAlert(REF, 'x')).toBe(false);
  });

  it.each([
    ['401', 'provider_unauthorized'],
    ['429', 'provider_rate_limited'],
    ['500', 'provider_unavailable'],
    ['html', 'provider_unavailable'],
  ] as const)('turns %s into %s', async (mode, code) => {
    github.setAlert({ ...REF, secret, secret_type: 'x' });
    github.setFault({ mode });
    await expect(open().fetchAlert(REF)).rejects.toThrow(code);
    github.setFault({ mode: 'none' });
  });

  it.each([{ 'x-ratelimit-remaining': '0' }, { 'retry-after': '60' }])(
    'takes 403 with %j for "too often"',
    async (headers) => {
      const limited = async () => new Response('{}', { status: 403, headers });
      await expect(open(github.url, limited).fetchAlert(REF)).rejects.toThrow('provider_rate_limited');
    },
  );

  it.each([
    { repository: '../..', number: 1 },
    { repository: 'acme/..', number: 1 },
    { repository: 'acme/pay/ments', number: 1 },
    { repository: 'acme/pay?x=1', number: 1 },
    { repository: 'acme/payments', number: 0 },
    { repository: 'acme/payments', number: 1.5 },
  ])('builds no URL from %j', async (ref) => {
    await expect(open().fetchAlert(ref)).rejects.toThrow('payload_invalid');
    expect(github.calls).toEqual([]);
  });
});
