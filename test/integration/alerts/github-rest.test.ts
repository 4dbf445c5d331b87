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

  describe('of a repository that was renamed or moved', () => {
    const MOVED = '/repositories/4711/secret-scanning/alerts/5';
    /** GitHub, which has the alert under the repository's number alone; `location` is where the old address sends. */
    const renamed = (location: string) => {
      const asked: string[] = [];
      const fetcher = async (url: URL | string | Request, { method = 'GET' }: RequestInit = {}) => {
        const { origin, pathname } = new URL(url instanceof Request ? url.url : url);
        asked.push(`${method} ${origin === new URL(github.url).origin ? '' : origin}${pathname}`);
        if (pathname === MOVED) return Response.json({ number: 5, secret, secret_type: 'x', state: 'open' });
        return Response.json({ url: location }, { status: method === 'GET' ? 301 : 307, headers: { location } });
      };
      return { asked, rest: open(github.url, fetcher) };
    };

    it('follows one redirect to its number, with the same method', async () => {
      for (const location of [MOVED, `${github.url}${MOVED}`]) {
        const { asked, rest } = renamed(location);
        expect((await rest.fetchAlert(REF))?.secret.expose()).toBe(secret);
        expect(await rest.closeAlert(REF, 'dead')).toBe(true);
        expect(asked.map((call) => call.replace(`/repos/${REF.repository}`, ''))).toEqual([
          'GET /secret-scanning/alerts/5',
          `GET ${MOVED}`,
          'PATCH /secret-scanning/alerts/5',
          `PATCH ${MOVED}`,
        ]);
      }
    });

    it.each([
      'https://evil.example/repositories/4711/secret-scanning/alerts/5',
      '/repositories/4711/secret-scanning/alerts/6',
      '/repos/acme/other/secret-scanning/alerts/5',
      `${MOVED}?x=1`,
      '/login',
    ])('follows none to %s', async (location) => {
      const { asked, rest } = renamed(location);
      await expect(rest.fetchAlert(REF)).rejects.toThrow('provider_unexpected');
      expect(asked).toHaveLength(1);
    });
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
