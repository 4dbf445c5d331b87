import { describe, expect, it } from 'vitest';
import { receiveAlert, refuse } from '#shared/alerts/receive-alert.ts';
import { createRoutes, findRoute } from '#shared/alerts/routes.ts';
import type { SourceKeys } from '#shared/alerts/source.ts';
import { gitlab } from '#shared/alerts/sources/gitlab.ts';
import { signStandardWebhook, standardWebhookKey } from '#shared/alerts/verify/verify-standard-webhook.ts';
import { Fault } from '#shared/core/fault.ts';
import { Secret } from '#shared/core/secret.ts';
import { alertRequest, checkNothing, fingerprint, now, NOW } from '#test/support/alerts.ts';
import { langsmithKey } from '#test/support/leaks.ts';

const TOKEN = 'glrt-0123456789abcdef';
const keys = { current: new Secret(TOKEN) };
const keyring = { keys: async () => keys, freshKeys: async () => keys };
const send = (body: unknown, route: { subpath?: string; method?: string } = {}, headers: Record<string, string> = {}) =>
  receiveAlert(
    alertRequest(JSON.stringify(body), { authorization: TOKEN, 'x-gitlab-token': TOKEN, ...headers }, route),
    { source: gitlab, keyring },
    { now, fingerprint, checkValidity: checkNothing, profiles: [] },
  );
const REVOKE = { subpath: '/v1/revoke_tokens' };

describe("GitLab's Token Revocation API", () => {
  it('lists the types it wants handed over', async () => {
    const received = await send({}, { subpath: '/v1/revocable_token_types', method: 'GET' });
    expect(received).toMatchObject({ status: 200, jobs: [] });
    expect(received.body).toMatchObject({ types: expect.arrayContaining(['gitleaks_rule_id_jwt']) });
  });

  it('answers 204 to accepted tokens and 400 to what cannot be read', async () => {
    const record = { type: 'gitleaks_rule_id_x', token: langsmithKey('pt'), location: 'https://gitlab.example/x' };
    expect(await send([record], REVOKE)).toMatchObject({ status: 204, jobs: [{ source: 'gitlab' }] });
    expect(await send({ not: 'a list' }, REVOKE)).toMatchObject({ status: 400 });
    expect(await send([{ type: 'x' }], REVOKE)).toMatchObject({ status: 400 });
  });

  it('answers 429 when we are in trouble, so that GitLab comes again; 503 on the webhook', () => {
    const trouble = new Fault('store_unavailable', 'the queue is down');
    expect(refuse(trouble, gitlab, alertRequest('', {}, REVOKE)).status).toBe(429);
    expect(refuse(trouble, gitlab, alertRequest('')).status).toBe(503);
  });

  it('takes its proof from Authorization alone', async () => {
    expect(await send([], REVOKE, { authorization: 'wrong' })).toMatchObject({ status: 401 });
    expect(await send([], REVOKE, { authorization: `Bearer ${TOKEN}` })).toMatchObject({ status: 401 });
  });
});

describe('GitLab reports', () => {
  it('reads the secret detection report', async () => {
    const vulnerability = {
      name: 'JWT',
      raw_source_code_extract: langsmithKey('pt'),
      location: { file: 'a.md', commit: { sha: '0000000' } },
      identifiers: [{ type: 'gitleaks_rule_id', value: 'jwt' }],
    };
    expect(await send({ version: '15.0.0', vulnerabilities: [vulnerability] })).toMatchObject({
      jobs: [{ report: { clue: { form: 'langsmith' }, detector: 'jwt', where: { path: 'a.md', commit: '0000000' } } }],
    });
  });

  it('tells a vulnerability hook, which has no secret', async () => {
    const hook = {
      object_kind: 'vulnerability',
      object_attributes: {
        url: 'https://gitlab.example/v/1',
        title: 'JWT',
        state: 'detected',
        report_type: 'secret_detection',
      },
    };
    expect(await send(hook)).toMatchObject({
      status: 204,
      jobs: [{ report: { where: { url: 'https://gitlab.example/v/1' } } }],
    });
  });
});

describe("GitLab's secret", () => {
  const signing = new Secret(`whsec_${Buffer.alloc(24, 'k').toString('base64')}`);
  const timestamp = String(NOW.getTime() / 1000);
  const body = Buffer.from('{"vulnerabilities":[]}');
  const signature = signStandardWebhook(standardWebhookKey(signing), { id: 'msg_1', timestamp, body });
  const signed = { 'webhook-id': 'msg_1', 'webhook-timestamp': timestamp, 'webhook-signature': signature };
  const token = { 'x-gitlab-token': TOKEN };
  const answer = async (known: SourceKeys, fresh: SourceKeys, headers: Record<string, string>) => {
    const ring = { keys: async () => known, freshKeys: async () => fresh };
    const deps = { now, fingerprint, checkValidity: checkNothing, profiles: [] };
    return (await receiveAlert(alertRequest(body, headers), { source: gitlab, keyring: ring }, deps)).status;
  };

  it.each([
    ['a token to a signing one', keys.current, signing],
    ['a signing one to a token', signing, keys.current],
  ])('may be changed from %s: what comes by either is taken, and by no other', async (_, before, after) => {
    const [known, fresh] = [{ current: before }, { current: after, previous: before }];
    for (const headers of [signed, token]) {
      expect(await answer(known, fresh, headers)).toBe(200);
      expect(await answer(fresh, fresh, headers)).toBe(200);
    }
    const wrong = [{ 'x-gitlab-token': `${TOKEN}x` }, { ...signed, 'webhook-id': 'msg_2' }, {}];
    for (const headers of wrong) expect(await answer(known, fresh, headers)).toBe(401);
    const ended = before === signing ? signed : token;
    expect(await answer({ current: after }, { current: after }, ended)).toBe(401);
  });
});

describe('findRoute', () => {
  const routes = createRoutes({ partnerKeys: async () => '', snsTopics: [], fetchCertificate: async () => '' });
  const find = (name: string, subpath: string, method = 'POST', enabled = ['gitlab', 'trufflehog']) => {
    const found = findRoute(routes, enabled, { name, request: alertRequest('', {}, { subpath, method }) });
    return typeof found === 'number' ? found : found.name;
  };
  it.each([
    ['gitlab', '', 'POST', 'gitlab'],
    ['gitlab', '/v1/revoke_tokens', 'POST', 'gitlab'],
    ['gitlab', '/v1/revocable_token_types', 'GET', 'gitlab'],
    ['gitlab', '/v1/revocable_token_types', 'POST', 405],
    ['gitlab', '', 'GET', 405],
    ['gitlab', '/v2/revoke_tokens', 'POST', 404],
    ['github', '', 'POST', 404],
    ['trufflehog', '/enterprise', 'POST', 404],
    ['constructor', '', 'POST', 404],
    ['eventbridge', '', 'POST', 404],
  ])('answers /alerts/%s%s (%s) with %s', (name, subpath, method, expected) => {
    expect(find(name, subpath, method)).toBe(expected);
  });
});
