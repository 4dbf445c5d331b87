import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GithubStandIn, startGithub } from '#infra/sandbox/github/github.ts';

const ALERT = { repository: 'acme/payments', number: 7, secret: 'hush', secret_type: 'langchain_api_personal_key' };
const PATH = '/repos/acme/payments/secret-scanning/alerts/7';
const KEYS = '/meta/public_keys/secret_scanning';
let github: GithubStandIn;

beforeEach(async () => {
  github = await startGithub({ now: () => new Date('2026-11-22T12:00:00.000Z') });
  github.setAlert(ALERT);
});
afterEach(() => github.close());

async function call(path: string, init: { method?: string; token?: string | null; body?: unknown } = {}) {
  const { method = 'GET', token = github.token, body } = init;
  const response = await fetch(github.url + path, {
    method,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, json: JSON.parse((await response.text()) || 'null') };
}
const close = (body: unknown) => call(PATH, { method: 'PATCH', body });

describe('secret scanning alerts at the GitHub stand-in', () => {
  it('gives the secret to its bearer, and hides it when asked', async () => {
    expect((await call(PATH)).json).toMatchObject({ secret: 'hush', state: 'open', secret_type: ALERT.secret_type });
    expect((await call(`${PATH}?hide_secret=true`)).json).not.toHaveProperty('secret');
  });

  it('shows nothing without a bearer, and refuses a wrong one', async () => {
    expect((await call(PATH, { token: null })).status).toBe(404);
    expect((await call(PATH, { token: 'wrong' })).status).toBe(401);
    expect((await call(PATH.replace('/7', '/8'))).status).toBe(404);
    expect(
      (await call(PATH, { method: 'PATCH', token: null, body: { state: 'resolved', resolution: 'revoked' } })).status,
    ).toBe(404);
    expect(github.alerts()).toMatchObject([{ state: 'open' }]);
  });

  it('closes an alert with a resolution and its comment', async () => {
    expect((await close({ state: 'resolved', resolution: 'revoked', resolution_comment: 'dead' })).status).toBe(200);
    expect(github.alerts()).toEqual([
      {
        ...ALERT,
        state: 'resolved',
        resolution: 'revoked',
        resolution_comment: 'dead',
        resolved_at: '2026-11-22T12:00:00.000Z',
      },
    ]);
    expect(github.calls.filter(({ mutation }) => mutation)).toHaveLength(1);
  });

  it('refuses to close twice alike, as documented', async () => {
    await close({ state: 'resolved', resolution: 'revoked' });
    expect((await close({ state: 'resolved', resolution: 'revoked' })).status).toBe(400);
    expect((await close({ state: 'open' })).status).toBe(200);
  });

  it.each<[string, unknown, number]>([
    ['no JSON', '{', 400],
    ['an unknown state', { state: 'gone' }, 422],
    ['a closing without resolution', { state: 'resolved' }, 422],
    ['an unknown resolution', { state: 'resolved', resolution: 'killed' }, 422],
    ['a reopening with resolution', { state: 'open', resolution: 'revoked' }, 422],
    [
      'a comment over 280 characters',
      { state: 'resolved', resolution: 'revoked', resolution_comment: 'x'.repeat(281) },
      400,
    ],
  ])('refuses %s', async (_, body, status) => {
    expect((await close(body)).status).toBe(status);
    expect(github.alerts()).toMatchObject([{ state: 'open', resolution: null }]);
  });
});

describe('partner keys at the GitHub stand-in', () => {
  it('publishes a key whose identifier is the hash of its PEM', async () => {
    const { public_keys } = (await call(KEYS, { token: null })).json;
    expect(public_keys).toHaveLength(1);
    expect(public_keys[0].key_identifier).toBe(createHash('sha256').update(public_keys[0].key).digest('hex'));
    expect(public_keys[0].key_identifier).toBe(github.partnerKey.keyIdentifier);
  });

  it('answers 304 to a known ETag until the keys change', async () => {
    const first = await fetch(github.url + KEYS);
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    expect((await fetch(github.url + KEYS, { headers })).status).toBe(304);
    github.setKeys([]);
    expect((await fetch(github.url + KEYS, { headers })).status).toBe(200);
  });
});

it('limits and forgets as told', async () => {
  github.setFault({ mode: '429', count: 1, retryAfterSeconds: 9 });
  const limited = await fetch(github.url + PATH);
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '9']);
  github.setKeys([]);
  github.reset();
  expect(github.alerts()).toEqual([]);
  expect((await call(KEYS)).json.public_keys).toHaveLength(1);
});
