import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect } from 'vitest';
import { loadPolicy } from '#infra/policy.ts';
import { createCheckValidity } from '#shared/alerts/check-validity.ts';
import { createGithubRest } from '#shared/alerts/github-rest.ts';
import { createHttp } from '#shared/core/http.ts';
import { Secret } from '#shared/core/secret.ts';
import { checkPolicy } from '#shared/policy/check-policy.ts';
import { findOnce } from '#shared/providers/find-once.ts';
import { createProviders } from '#shared/tokens/providers.ts';
import { attack } from '#test/support/attack.ts';
import { fingerprint, langsmithKey } from '#test/support/leaks.ts';

/** A server that answers what it is told to, and remembers who asked it what. */
async function startServer(answer: (path: string) => { status: number; headers?: object; body?: unknown }) {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const { url = '/' } = request;
    asked.push(url);
    const { status, headers = {}, body } = answer(url);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server };
}

let thief: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  thief = await startServer(() => ({ status: 200, body: [] }));
});
afterAll(() => thief.server.close());

attack(
  {
    name: 'issuer-that-sends-elsewhere',
    finding: 1,
    does: 'has the issuer, or whoever stands before it, answer the validity check with a redirect to a server of his',
    holds: 'the secret is not shown there, and the redirect proves nothing',
    inside: 'an issuer that redirects is none of the sandbox’s stand-ins',
    without: [{ file: 'shared/alerts/check-validity.ts', replace: "redirect: 'manual'", by: "redirect: 'follow'" }],
  },
  async () => {
    const issuer = await startServer(() => ({ status: 307, headers: { location: `${thief.url}/collect` } }));
    const check = createCheckValidity({
      issuers: { langsmith: [issuer.url] },
      get: fetch,
      fingerprint,
      now: () => new Date(0),
      budgetMs: 5000,
    });
    const answers = [...(await check([new Secret(langsmithKey())], findOnce())).values()];
    issuer.server.close();
    expect(issuer.asked).toHaveLength(1);
    expect(answers).toMatchObject([{ validity: 'unknown' }]);
    expect(thief.asked).toEqual([]);
  },
);

attack(
  {
    name: 'issuer-on-our-own-machine',
    finding: 24,
    does: 'has a profile’s issuer point at Lambda’s own API, at the metadata of the machine, or at a host inside the network',
    holds: 'the policy is refused: secrets are shown to public names over TLS alone',
    inside: 'it is a line of the policy, which is refused before there are zips',
    without: [
      {
        file: 'shared/policy/policy.ts',
        replace: 'z.url({ protocol: /^https$/, hostname: z.regexes.domain })',
        by: 'z.url()',
      },
    ],
  },
  () => {
    const withIssuer = (issuer: string) => {
      const policy = structuredClone(loadPolicy());
      policy.profiles['langsmith-demo']!.issuer = issuer;
      return () => checkPolicy(policy);
    };
    expect(withIssuer('https://eu.api.smith.langchain.com')).not.toThrow();
    for (const issuer of [
      'http://127.0.0.1:9001',
      'https://169.254.169.254',
      'https://[::1]',
      'https://localhost',
      'http://api.smith.langchain.com',
      'https://2130706433',
    ])
      expect(withIssuer(issuer), issuer).toThrow();
  },
);

attack(
  {
    name: 'credential-that-leads-to-our-own-machine',
    finding: 24,
    does: 'writes an address of Lambda’s own API into the credential of a profile',
    holds: 'the profile is not opened where a function runs',
    inside: 'in the sandbox every stand-in is on this machine, and has leave to be',
    without: [{ file: 'shared/tokens/providers.ts', replace: '!allowsLoopback &&', by: 'allowsLoopback &&' }],
  },
  async () => {
    const credential = { provider: 'langsmith', baseUrl: 'http://127.0.0.1:9001', apiKey: langsmithKey() };
    const stored = { current: new Secret(JSON.stringify(credential)) };
    const providers = createProviders({
      policy: loadPolicy(),
      secrets: { read: async () => stored, refresh: async () => stored },
      secretName: (profile) => profile,
      allowsLoopback: false,
      fetch,
      now: () => new Date(0),
      sleep: async () => undefined,
      random: () => 0,
      fingerprint,
    });
    await expect(providers.open('langsmith-demo')).rejects.toMatchObject({ code: 'config_invalid' });
  },
);

attack(
  {
    name: 'repository-moved-out-of-the-list',
    finding: 9,
    does: 'moves a repository that the policy names to an owner whom it does not name, and has an alert sent under its old name',
    holds: 'the alert is neither fetched nor closed there: the list counts for where the repository is now',
    inside: 'the stand-in of GitHub moves no repository',
    without: [
      {
        file: 'shared/alerts/github-rest.ts',
        replace: '(await coversMoved(moved))',
        by: '(await coversMoved(moved)) || true',
      },
    ],
  },
  async () => {
    const alert = { state: 'open', secret: langsmithKey() };
    const at = (owner: string) => `https://github.com/${owner}/payments/security/secret-scanning/7`;
    let owner = 'mallory';
    const changed: string[] = [];
    const github = await startServer((path) =>
      path.startsWith('/repos/')
        ? { status: 301, headers: { location: '/repositories/4711/secret-scanning/alerts/7' } }
        : { status: 200, body: { ...alert, html_url: at(owner) } },
    );
    const rest = createGithubRest({
      http: createHttp({
        fetch: async (url, init) => {
          if (init?.method === 'PATCH') changed.push(init.method);
          return fetch(url, init);
        },
        now: () => new Date(0),
        sleep: async () => {},
        random: () => 0,
      }),
      baseUrl: github.url,
      readToken: async () => new Secret('not-a-real-one'),
      repositories: ['acme/*'],
    });
    const ref = { repository: 'acme/payments', number: 7 };
    const [found, closed] = [await rest.fetchAlert(ref), await rest.closeAlert(ref, 'x')];
    owner = 'acme';
    const renamed = await rest.fetchAlert(ref);
    github.server.close();
    expect([found, closed, changed.length]).toEqual([undefined, false, 1]);
    expect(renamed?.secret.expose()).toBe(alert.secret);
  },
);
