import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openProvider } from '#test/support/open-provider.ts';
import { type RawServer, startRawServer } from '#test/support/raw-server.ts';
// What the official SDKs sent (npm versions inside), recorded once against a loopback server.
import vectors from '../fixtures/providers/vectors.json' with { type: 'json' };

const TOKEN_ID = 'to-202a0-cdo33-o65mbt6q758lvvnt';
const USER_ID = 'us-6b58p-r53sr-rlrd3l5cj3uc4ome';
const PAT_ID = '7a7a7a7a-0001-4001-8001-7a7a7a7a7a7a';
const CREDENTIAL_ID = vectors.challengeServed.allowCredentials.key[0]?.id ?? '';
/** RFC 8032, 7.1, TEST 1, as PKCS#8. */
const RFC8032_TEST_1 = createPrivateKey({
  key: Buffer.from(
    '302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'hex',
  ),
  format: 'der',
  type: 'pkcs8',
});

const KEYS = {
  ed25519: generateKeyPairSync('ed25519').privateKey,
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  rsa2048: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
};

interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly contentLength: string | null;
  readonly body: string;
}

let server: RawServer;
beforeAll(async () => {
  server = await startRawServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  server.answer(({ path, method }) => {
    if (path.endsWith('/auth/action/init')) return { status: 200, json: vectors.challengeServed };
    if (path.endsWith('/auth/action')) return { status: 200, json: { userAction: 'dummy-user-action-token' } };
    if (path.endsWith('/auth/pats')) return { status: 200, json: { items: [] } };
    if (path.includes('/api/v1/') && method === 'GET') return { status: 200, json: [] };
    return { status: 200, json: { tokenId: TOKEN_ID, isActive: false, userInfo: { isActive: false } } };
  });
});

/** What was sent, in the form of the record; the credential stands as a placeholder there. */
const sent = (): Recorded[] =>
  server.requests.map(({ method, path, headers, body }) => {
    const {
      authorization,
      'content-type': type,
      'x-dfns-useraction': action,
      'x-api-key': key,
      'x-organization-id': org,
    } = headers;
    const kept = {
      ...(action !== undefined && { 'x-dfns-useraction': action }),
      ...(authorization !== undefined && { authorization: authorization.replace('the-token', '<token>') }),
      ...(type !== undefined && { 'content-type': type }),
      ...(key !== undefined && { 'x-api-key': key.replace('the-key', '<api key>') }),
      ...(org !== undefined && { 'x-organization-id': org }),
    };
    return { method, path, headers: kept, contentLength: headers['content-length'] ?? null, body };
  });

const openDfns = (privateKey: KeyObject, baseUrl = server.url) =>
  openProvider({
    provider: 'dfns',
    baseUrl,
    authToken: 'the-token',
    credentialId: CREDENTIAL_ID,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  });

const DFNS = {
  list: (key: KeyObject, url?: string) => openDfns(key, url).list(),
  get: (key: KeyObject, url?: string) => openDfns(key, url).get(TOKEN_ID),
  deactivate: (key: KeyObject, url?: string) => openDfns(key, url).deactivate(TOKEN_ID),
  activate: (key: KeyObject, url?: string) => openDfns(key, url).activate(TOKEN_ID),
  delete: (key: KeyObject, url?: string) => openDfns(key, url).delete(TOKEN_ID),
  deactivateUser: (key: KeyObject, url?: string) => openDfns(key, url).pull(`deactivate-user:${USER_ID}`),
};

/** The signature stands apart, since it differs by key and, for ECDSA, each time. */
function withoutSignatures(requests: readonly Recorded[]): Recorded[] {
  return requests.map((request) => ({
    ...request,
    contentLength: request.path === '/auth/action' ? '-' : request.contentLength,
    body: request.body.replace(/"signature":"[^"]*"/, '"signature":"-"'),
  }));
}

const signatureOf = (requests: readonly Recorded[]): Buffer =>
  Buffer.from(/"signature":"([^"]*)"/.exec(requests[1]?.body ?? '')?.[1] ?? '', 'base64url');
const clientDataOf = (requests: readonly Recorded[]): Buffer =>
  Buffer.from(/"clientData":"([^"]*)"/.exec(requests[1]?.body ?? '')?.[1] ?? '', 'base64url');

describe('requests to Dfns equal the official SDK’s', () => {
  it.each([
    ['list', 'list', KEYS.ed25519],
    ['get', 'get', KEYS.ed25519],
    ['deactivate', 'deactivate_p256', KEYS.p256],
    ['delete', 'delete_p256', KEYS.p256],
    ['deactivate', 'deactivate_rsa2048', KEYS.rsa2048],
    ['delete', 'delete_rsa2048', KEYS.rsa2048],
    ['activate', 'activate', KEYS.ed25519],
    ['deactivateUser', 'deactivateUser', KEYS.ed25519],
  ] as const)('%s (%s), but for the signature', async (verb, name, key) => {
    await DFNS[verb](key);
    expect(withoutSignatures(sent())).toEqual(withoutSignatures(vectors.dfns[name].requests as Recorded[]));
  });

  it.each(['deactivate', 'delete'] as const)('%s with the key of RFC 8032, to the last byte', async (verb) => {
    await DFNS[verb](RFC8032_TEST_1);
    const vector = vectors.dfns[`${verb}_ed25519_rfc8032_test1`];
    expect(sent()).toEqual(vector.requests);
    expect(signatureOf(sent()).toString('hex')).toBe(vector.signatureHex);
    expect(clientDataOf(sent()).toString()).toBe(vector.clientDataJson);
  });

  it('signs with Ed25519 as raw 64 bytes', async () => {
    await DFNS.deactivate(KEYS.ed25519);
    expect(signatureOf(sent())).toHaveLength(64);
    expect(verify(undefined, clientDataOf(sent()), createPublicKey(KEYS.ed25519), signatureOf(sent()))).toBe(true);
  });

  it('signs with P-256 over SHA-256 in DER, and not in the form of WebCrypto', async () => {
    await DFNS.deactivate(KEYS.p256);
    const [data, signature, key] = [clientDataOf(sent()), signatureOf(sent()), createPublicKey(KEYS.p256)];
    expect([signature[0], signature[1]]).toEqual([0x30, signature.length - 2]);
    expect(verify('sha256', data, key, signature)).toBe(true);
    expect(verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature)).toBe(false);
  });

  it('signs with RSA over SHA-256 in PKCS#1 v1.5', async () => {
    await DFNS.deactivate(KEYS.rsa2048);
    expect(signatureOf(sent())).toHaveLength(256);
    expect(verify('sha256', clientDataOf(sent()), createPublicKey(KEYS.rsa2048), signatureOf(sent()))).toBe(true);
  });

  it.each(['/dfns', '/a/b/', '///'])(
    'keeps the prefix %s of the base URL on the wire, and does not sign it',
    async (prefix) => {
      await DFNS.deactivate(RFC8032_TEST_1, server.url + prefix);
      const vector = vectors.dfns.deactivate_ed25519_rfc8032_test1.requests;
      const kept = prefix.replace(/\/+$/, '');
      expect(sent()).toEqual(vector.map((request) => ({ ...request, path: kept + request.path })));
    },
  );
});

describe('requests to LangSmith equal the official SDK’s', () => {
  const open = (baseUrl = server.url, scope = 'own') =>
    openProvider({
      provider: 'langsmith',
      baseUrl,
      apiKey: 'the-key',
      organizationId: '11111111-2222-4333-8444-555555555555',
      scope,
    });

  it.each([
    ['listOwn', () => open().list()],
    ['revoke', () => open().deactivate(PAT_ID)],
    ['reinstate', () => open().activate(PAT_ID)],
    ['delete', () => open().delete(PAT_ID)],
    ['delete', () => open().delete(PAT_ID.toUpperCase())],
  ] as const)('%s', async (name, call) => {
    await call();
    expect(sent()).toEqual(vectors.langsmith[name].requests);
  });

  it('listAllMembers, and the service keys beside it', async () => {
    await open(server.url, 'organization').list();
    const [recorded] = vectors.langsmith.listAllMembers.requests;
    expect(sent()).toHaveLength(2);
    expect(sent()).toContainEqual(recorded);
    expect(sent()).toContainEqual({ ...recorded, path: '/api/v1/orgs/current/service-keys' });
  });

  it.each(['/', '/api', '/api/', '/api/v1', '/api/v1/', '//'])('with %s on the end of the base URL', async (end) => {
    await open(server.url + end).list();
    expect(sent()).toEqual(vectors.langsmith.listOwn.requests);
  });

  it('with a path prefix of a self-hosted server', async () => {
    await open(`${server.url}/langsmith/api/v1`).list();
    expect(sent()[0]?.path).toBe(`/langsmith${vectors.langsmith.listOwn.requests[0]?.path}`);
  });
});
