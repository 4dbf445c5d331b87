import { createPrivateKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DfnsStandIn, startDfns } from '#infra/sandbox/providers/dfns/dfns.ts';

let clock = Date.parse('2026-11-22T12:00:00.000Z');
let dfns: DfnsStandIn;

beforeEach(async () => {
  clock = Date.parse('2026-11-22T12:00:00.000Z');
  dfns = await startDfns({
    now: () => new Date(clock),
    profiles: { 'dfns-demo': {}, 'dfns-root': { identity: 'service-account' } },
  });
});
afterEach(() => dfns.close());

interface Call {
  readonly profile?: string;
  readonly method?: string;
  readonly body?: string;
  readonly userAction?: string;
  readonly bearer?: string;
}

async function call(path: string, { profile = 'dfns-demo', method = 'GET', body, userAction, bearer }: Call = {}) {
  const response = await fetch(dfns.url + path, {
    method,
    headers: {
      authorization: `Bearer ${bearer ?? dfns.profileSecret(profile)['authToken']}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(userAction === undefined ? {} : { 'x-dfns-useraction': userAction }),
    },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, json: (await response.json()) as any };
}

async function challenge(method: string, path: string, payload = '{}', profile = 'dfns-demo') {
  const body = JSON.stringify({
    userActionPayload: payload,
    userActionHttpMethod: method,
    userActionHttpPath: path,
    userActionServerKind: 'Api',
  });
  return (await call('/auth/action/init', { method: 'POST', body, profile })).json as {
    readonly challenge: string;
    readonly challengeIdentifier: string;
    readonly allowCredentials: { readonly key: readonly { readonly id: string }[] };
  };
}

interface Assertion {
  readonly profile?: string;
  readonly key?: string;
  readonly credId?: string;
  readonly clientData?: string;
  readonly tamper?: (signature: Buffer) => Buffer;
}

async function answer(opened: Awaited<ReturnType<typeof challenge>>, options: Assertion = {}) {
  const { profile = 'dfns-demo', tamper = (signature) => signature } = options;
  const secret = dfns.profileSecret(profile);
  const data = Buffer.from(options.clientData ?? JSON.stringify({ type: 'key.get', challenge: opened.challenge }));
  const key = createPrivateKey(options.key ?? secret['privateKey'] ?? '');
  const signature = tamper(sign(key.asymmetricKeyType === 'ed25519' ? undefined : 'sha256', data, key));
  const credentialAssertion = {
    credId: options.credId ?? secret['credentialId'],
    clientData: data.toString('base64url'),
    signature: signature.toString('base64url'),
  };
  const body = JSON.stringify({
    challengeIdentifier: opened.challengeIdentifier,
    firstFactor: { kind: 'Key', credentialAssertion },
  });
  return call('/auth/action', { method: 'POST', body, profile });
}

async function signed(method: string, path: string, body = '{}', profile = 'dfns-demo') {
  const reply = await answer(await challenge(method, path.split('?')[0] ?? path, body, profile), { profile });
  return call(path, { method, body, profile, userAction: reply.json.userAction });
}

const byName = (name: string) => {
  const token = dfns.tokens().find((candidate) => candidate.name === name);
  if (token === undefined) throw new Error(`no token ${name}`);
  return token;
};
const path = (name: string, verb = '') => `/auth/pats/${byName(name).id}${verb === '' ? '' : `/${verb}`}`;

describe('what the Dfns stand-in lists', () => {
  it('lists the tokens of the bearer’s own user, without any token text', async () => {
    const { status, json } = await call('/auth/pats');
    expect(status).toBe(200);
    expect(json.items).toHaveLength(9);
    expect(JSON.stringify(json)).not.toContain('eyJ');
    const ids = json.items.map((item: { tokenId: string }) => item.tokenId);
    for (const id of ids) expect(id).toMatch(/^to-[a-z0-9]{5}-[a-z0-9]{5}-[a-z0-9]{14,16}$/);
    const secret = dfns.profileSecret('dfns-demo');
    expect(json.items.filter((item: { credId: string }) => item.credId === secret['credentialId'])).toHaveLength(1);
    expect(json.items.filter((item: { isActive: boolean }) => !item.isActive)).toHaveLength(2);
  });

  it('mints JWTs whose claims tell the organisation, the user and the second of creation', () => {
    const token = dfns.mint({ profile: 'dfns-demo', name: 'fresh' });
    expect(token.secret).toMatch(/^eyJ0eXAi[\w-]*\.eyJpc3MiOiJhdXRoLmRmbnMu[\w-]+\.[\w-]{20,}$/);
    const claims = JSON.parse(Buffer.from(token.secret.split('.')[1] ?? '', 'base64url').toString());
    expect(claims['https://custom/app_metadata']).toMatchObject({ orgId: dfns.orgId, userId: token.owner });
    expect(claims.iat).toBe(Math.floor(Date.parse(token.createdAt) / 1_000));
  });

  it('takes a given secret as it is and dates the row by its iat', async () => {
    const claims = Buffer.from(JSON.stringify({ iss: 'auth.dfns.io', iat: 1_700_000_000 })).toString('base64url');
    const secret = `eyJ0eXAiOiJKV1QifQ.${claims}.${'x'.repeat(40)}`;
    const token = dfns.mint({ profile: 'dfns-demo', name: 'given', secret });
    expect(token).toMatchObject({ secret, createdAt: '2023-11-14T22:13:20.000Z' });
  });

  it('refuses an unknown, an inactive, an expired and a missing bearer with 401 in the documented shape', async () => {
    const expired = dfns.mint({ profile: 'dfns-demo', name: 'old', expiresAt: '2026-11-22T12:00:01.000Z' });
    expect((await call('/auth/pats', { bearer: expired.secret })).status).toBe(200);
    clock += 1_000;
    for (const bearer of [expired.secret, byName('staging-backfill').secret, 'nonsense', '']) {
      expect(await call('/auth/pats', { bearer })).toMatchObject({
        status: 401,
        json: { error: { message: 'Not Authorized.' } },
      });
    }
  });

  it('hides the tokens of another user of the organisation', async () => {
    const stranger = dfns.mint({ profile: 'dfns-other', name: 'theirs' });
    expect(stranger.owner).not.toBe(dfns.userId('dfns-demo'));
    expect((await call(`/auth/pats/${stranger.id}`)).status).toBe(404);
    expect((await signed('PUT', `/auth/pats/${stranger.id}/deactivate`)).status).toBe(404);
    expect((await call('/auth/pats', { profile: 'dfns-other' })).json.items).toHaveLength(2);
  });
});

describe('user action signing at the Dfns stand-in', () => {
  it('deactivates, activates and deletes when every step is right, and marks the calls', async () => {
    expect((await signed('PUT', path('ci-deploy', 'deactivate'))).json.isActive).toBe(false);
    expect((await signed('PUT', path('ci-deploy', 'deactivate'))).json.isActive).toBe(false);
    expect((await signed('PUT', path('ci-deploy', 'activate'))).json.isActive).toBe(true);
    const gone = path('ci-deploy');
    expect((await signed('DELETE', gone)).status).toBe(200);
    expect((await call(gone)).status).toBe(404);
    expect((await signed('DELETE', gone)).status).toBe(404);
    expect(byName('ci-deploy').state).toBe('deleted');
    expect(dfns.calls.filter(({ mutation }) => mutation)).toHaveLength(4);
    expect(dfns.calls.filter(({ mutation, signatureValid }) => mutation && signatureValid !== true)).toEqual([]);
  });

  it.each(['ed25519', 'p256', 'rsa'] as const)(
    'takes a %s signature that verifies with the registered key',
    async (key) => {
      const other = await startDfns({ profiles: { 'dfns-demo': { key } } });
      await dfns.close();
      dfns = other;
      expect((await signed('PUT', path('ci-deploy', 'deactivate'))).status).toBe(200);
      const wrong = await answer(await challenge('PUT', path('ci-deploy', 'activate')), {
        tamper: (signature) =>
          Buffer.from(signature.map((byte, index) => (index === signature.length - 1 ? byte ^ 1 : byte))),
      });
      expect(wrong.status).toBe(401);
    },
  );

  it('refuses a P-256 signature that is not DER', async () => {
    await dfns.close();
    dfns = await startDfns({ profiles: { 'dfns-demo': { key: 'p256' } } });
    const opened = await challenge('PUT', path('ci-deploy', 'deactivate'));
    const data = Buffer.from(JSON.stringify({ type: 'key.get', challenge: opened.challenge }));
    const key = createPrivateKey(dfns.profileSecret('dfns-demo')['privateKey'] ?? '');
    const p1363 = sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
    expect((await answer(opened, { tamper: () => p1363 })).status).toBe(401);
  });

  it('refuses a signature of another key and records it as invalid', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    expect((await answer(await challenge('PUT', path('ci-deploy', 'deactivate')), { key })).status).toBe(401);
    expect(dfns.calls.at(-1)).toMatchObject({ path: '/auth/action', signatureValid: false, mutation: false });
  });

  it('refuses a good signature over other bytes than the challenge’s', async () => {
    const opened = await challenge('PUT', path('ci-deploy', 'deactivate'));
    const clientData = JSON.stringify({ type: 'key.get', challenge: 'Y2gtb3RoZXI' });
    expect((await answer(opened, { clientData })).status).toBe(400);
  });

  it('refuses another type of client data and takes additional members', async () => {
    const first = await challenge('PUT', path('ci-deploy', 'deactivate'));
    const clientData = JSON.stringify({ type: 'webauthn.get', challenge: first.challenge });
    expect((await answer(first, { clientData })).status).toBe(400);
    const second = await challenge('PUT', path('ci-deploy', 'deactivate'));
    const more = JSON.stringify({
      type: 'key.get',
      challenge: second.challenge,
      origin: 'https://app.dfns.io',
      crossOrigin: false,
    });
    expect((await answer(second, { clientData: more })).status).toBe(200);
  });

  it('refuses a credential that was not offered', async () => {
    const opened = await challenge('PUT', path('ci-deploy', 'deactivate'));
    expect(opened.allowCredentials.key.map(({ id }) => id)).toEqual([dfns.profileSecret('dfns-demo')['credentialId']]);
    expect((await answer(opened, { credId: 'cr-aaaaa-bbbbb-cccccccccccccccc' })).status).toBe(401);
  });

  it('uses a challenge once, also when the first try was wrong', async () => {
    const opened = await challenge('PUT', path('ci-deploy', 'deactivate'));
    expect((await answer(opened, { tamper: (signature) => Buffer.alloc(signature.length) })).status).toBe(401);
    expect(await answer(opened)).toMatchObject({
      status: 400,
      json: { error: { message: 'Challenge token is not valid.' } },
    });
  });

  it('refuses a stale challenge and a stale user action', async () => {
    const target = path('ci-deploy', 'deactivate');
    const first = await challenge('PUT', target);
    clock += 61_000;
    expect((await answer(first)).status).toBe(400);
    const second = await answer(await challenge('PUT', target));
    clock += 61_000;
    expect((await call(target, { method: 'PUT', body: '{}', userAction: second.json.userAction })).status).toBe(403);
    expect(byName('ci-deploy').state).toBe('active');
  });

  it('refuses a challenge that was opened by another caller', async () => {
    const opened = await challenge('PUT', path('ci-deploy', 'deactivate'));
    expect((await answer(opened, { profile: 'dfns-root' })).status).toBe(400);
  });

  it('refuses a change without a user action and with an invented one', async () => {
    for (const extra of [{}, { userAction: 'eyJ0eXAiOiJKV1QifQ.invented.token' }]) {
      expect(await call(path('ci-deploy', 'deactivate'), { method: 'PUT', body: '{}', ...extra })).toMatchObject({
        status: 403,
        json: { error: { message: 'user action signature is missing or invalid' } },
      });
    }
    expect(byName('ci-deploy').state).toBe('active');
    expect(dfns.calls.filter(({ mutation }) => mutation)).toEqual([]);
  });

  it('refuses a user action that was used before', async () => {
    const target = path('ci-deploy', 'deactivate');
    const { json } = await answer(await challenge('PUT', target));
    expect((await call(target, { method: 'PUT', body: '{}', userAction: json.userAction })).status).toBe(200);
    expect(await call(target, { method: 'PUT', body: '{}', userAction: json.userAction })).toMatchObject({
      status: 400,
      json: { error: { message: 'user action has already been used' } },
    });
  });

  const misuses: readonly (readonly [string, { other?: true; method?: string; body?: string }])[] = [
    ['another body', { body: '{"force":true}' }],
    ['a body that differs by a blank', { body: '{} ' }],
    ['no body', {}],
    ['another token', { other: true, body: '{}' }],
    ['another method', { method: 'DELETE', body: '{}' }],
  ];
  it.each(misuses)('refuses a user action spent on %s', async (_, { other, method = 'PUT', body }) => {
    const target = path('ci-deploy', 'deactivate');
    const { json } = await answer(await challenge('PUT', target));
    const used = other ? path('laptop-anna', 'deactivate') : target;
    const reply = await call(used, { method, userAction: json.userAction, ...(body === undefined ? {} : { body }) });
    expect(reply.status).toBe(403);
    expect(dfns.calls.at(-1)).toMatchObject({ signatureValid: false, mutation: false });
    expect(
      dfns
        .tokens()
        .every(({ state, name }) => state === 'active' || ['staging-backfill', 'contractor-2024'].includes(name)),
    ).toBe(true);
  });

  it('signs the path without the query, and refuses to sign one with a query', async () => {
    const service = dfns.mint({ profile: 'dfns-root', name: 'batch', owner: 'batch-engine', kind: 'service' });
    const target = `/auth/service-accounts/${service.owner}`;
    const body = JSON.stringify({
      userActionPayload: '{}',
      userActionHttpMethod: 'DELETE',
      userActionHttpPath: `${target}?force=true`,
    });
    expect((await call('/auth/action/init', { method: 'POST', body, profile: 'dfns-root' })).status).toBe(400);
    expect((await signed('DELETE', `${target}?force=true`, '{}', 'dfns-root')).status).toBe(200);
    expect(byName('batch').state).toBe('deleted');
  });
});

describe('the bigger levers at the Dfns stand-in', () => {
  it('are not for personal tokens, as documented', async () => {
    const user = dfns.userId('dfns-demo');
    expect((await signed('PUT', `/auth/users/${user}/deactivate`)).status).toBe(403);
    expect((await call(`/auth/users/${user}`)).json).toMatchObject({ isActive: true, isServiceAccount: false });
  });

  it('let a service account stop a user, whose tokens then no longer work', async () => {
    const user = dfns.userId('dfns-demo');
    expect((await signed('PUT', `/auth/users/${user}/deactivate`, '{}', 'dfns-root')).json.isActive).toBe(false);
    expect((await call(`/auth/users/${user}`, { profile: 'dfns-root' })).json.isActive).toBe(false);
    expect((await call('/auth/pats')).status).toBe(401);
  });

  it('let a service account stop another service account and show its tokens', async () => {
    const service = dfns.mint({ profile: 'dfns-root', name: 'batch', owner: 'batch-engine', kind: 'service' });
    const target = `/auth/service-accounts/${service.owner}`;
    const reply = await signed('PUT', `${target}/deactivate`, '{"force":true}', 'dfns-root');
    expect(reply.json).toMatchObject({
      userInfo: { isActive: false, isServiceAccount: true },
      accessTokens: [{ tokenId: service.id }],
    });
    expect((await call(target, { profile: 'dfns-root' })).json.userInfo.isActive).toBe(false);
    expect((await call(`/auth/users/${service.owner}`, { profile: 'dfns-root' })).status).toBe(404);
  });
});

describe('trouble at the Dfns stand-in', () => {
  it('answers 429 past the published limit and allows again when the minute is over', async () => {
    await dfns.close();
    dfns = await startDfns({ now: () => new Date(clock), callsPerMinute: 3 });
    for (let i = 0; i < 3; i += 1) expect((await call('/auth/pats')).status).toBe(200);
    expect((await call('/auth/pats')).status).toBe(429);
    clock += 60_000;
    expect((await call('/auth/pats')).status).toBe(200);
  });

  it('answers 202 to an otherwise correct change and changes nothing', async () => {
    dfns.setFault({ mode: '202' });
    expect((await signed('PUT', path('ci-deploy', 'deactivate'))).status).toBe(202);
    expect(byName('ci-deploy').state).toBe('active');
    expect((await call(path('ci-deploy', 'deactivate'), { method: 'PUT', body: '{}', userAction: 'no' })).status).toBe(
      403,
    );
  });

  it('drops, errs and recovers as the fault switch says', async () => {
    dfns.setFault({ mode: 'down', count: 1 });
    await expect(call('/auth/pats')).rejects.toThrow();
    dfns.setFault({ mode: '500', count: 2 });
    expect((await call('/auth/pats')).status).toBe(500);
    expect((await call('/auth/pats')).status).toBe(500);
    expect((await call('/auth/pats')).status).toBe(200);
    dfns.setFault({ mode: 'html', count: 1 });
    const page = await fetch(`${dfns.url}/auth/pats`);
    expect([page.status, page.headers.get('content-type')]).toEqual([502, 'text/html']);
  });

  it('never answers while it hangs', async () => {
    dfns.setFault({ mode: 'hang' });
    await expect(fetch(`${dfns.url}/auth/pats`, { signal: AbortSignal.timeout(100) })).rejects.toThrow();
    expect(dfns.calls.at(-1)?.status).toBe(0);
  });

  it('kills the caller before the effect, or after it, and never answers that call', async () => {
    let kills = 0;
    dfns.crashNext('before-effect', () => (kills += 1));
    await expect(signed('PUT', path('ci-deploy', 'deactivate'))).rejects.toThrow();
    expect([kills, byName('ci-deploy').state]).toEqual([1, 'active']);
    dfns.crashNext('after-effect', () => (kills += 1));
    await expect(signed('PUT', path('ci-deploy', 'deactivate'))).rejects.toThrow();
    expect([kills, byName('ci-deploy').state]).toEqual([2, 'inactive']);
    expect(dfns.calls.filter(({ mutation }) => mutation)).toHaveLength(1);
  });

  it('goes back to its first state with the same secrets', async () => {
    const before = dfns.tokens();
    await signed('DELETE', path('ci-deploy'));
    dfns.mint({ profile: 'dfns-demo', name: 'extra' });
    dfns.setFault({ mode: '500' });
    dfns.reset();
    expect(dfns.tokens()).toEqual(before);
    expect(dfns.calls).toEqual([]);
    expect((await signed('PUT', path('ci-deploy', 'deactivate'))).status).toBe(200);
  });

  it('never records a token text', async () => {
    await call(`/auth/pats/${byName('ci-deploy').secret}?x=${byName('ci-deploy').secret}`);
    expect(JSON.stringify(dfns.calls)).not.toContain('eyJ');
  });
});

it('gives keys whose public half the listing shows', async () => {
  const { privateKey, credentialId } = dfns.profileSecret('dfns-demo');
  const { json } = await call('/auth/pats');
  const own = json.items.find((item: { credId: string }) => item.credId === credentialId);
  const data = Buffer.from('x');
  expect(verify(undefined, data, own.publicKey, sign(undefined, data, privateKey ?? ''))).toBe(true);
});
