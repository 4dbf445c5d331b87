import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'vitest';
import { dfnsToken, langsmithKey } from '#test/support/leaks.ts';
import type { Answer, RawRequest } from '#test/support/raw-server.ts';
import { describeProvider, type ProviderScript, type World } from './provider-suite.ts';

const ORG = 'or-30tnh-itmjs-s235s5ontr3r23h2';
const USER = 'us-6b58p-r53sr-rlrd3l5cj3uc4ome';

function dfnsScript(): ProviderScript {
  const credentialId = 'cr-2bcd9-fghij-k1m2n3p4q5r6s7t8';
  const authToken = dfnsToken();
  const privateKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  let actions = 0;

  const row = (tokenId: string, isActive: boolean) => ({
    tokenId,
    isActive,
    name: `token ${tokenId.slice(3, 8)}`,
    kind: 'CustomerEmployee',
    credId: `cr-other-${tokenId.slice(3, 8)}-k1m2n3p4q5r6s7`,
    publicKey: 'SHA256:confidential-fingerprint',
    dateCreated: '2023-04-14T20:41:28.715Z',
    orgId: ORG,
    linkedUserId: USER,
    linkedAppId: '',
    permissionAssignments: [
      {
        permissionName: 'WalletAdmin',
        permissionId: 'pm-lit-yanke-46bfekf1548aeph4',
        assignmentId: '',
        extra: 'confidential',
      },
    ],
    accessToken: 'confidential-access-token',
    somethingNew: { confidential: true },
  });
  const notFound: Answer = { status: 404, json: { error: { id: 'e-1', status: 404, message: 'Not Found' } } };

  const speak = ({ method, path }: RawRequest, world: World): Answer => {
    if (path === '/auth/action/init') {
      return {
        status: 200,
        json: {
          challenge: 'Y2gtMDAwMDAtMDAwMDAtMDAwMDAwMDAwMDAwMDAwMA',
          challengeIdentifier: `challenge.${++actions}.identifier`,
          allowCredentials: { key: [{ type: 'public-key', id: credentialId }], webauthn: [] },
        },
      };
    }
    if (path === '/auth/action') return { status: 200, json: { userAction: `user-action-${++actions}` } };
    if (path === '/auth/pats')
      return { status: 200, json: { items: [...world].map(([id, active]) => row(id, active)), confidential: 1 } };
    const [, id = '', verb] = /^\/auth\/pats\/([^/]+)(?:\/(activate|deactivate))?$/.exec(path) ?? [];
    if (!world.has(id)) return notFound;
    if (method === 'DELETE') {
      const gone = row(id, false);
      world.delete(id);
      return { status: 200, json: gone };
    }
    if (method === 'PUT') world.set(id, verb === 'activate');
    return { status: 200, json: row(id, world.get(id) ?? false) };
  };

  const shapes = (status: number): { shape: string; status: number; answer: Answer }[] => [
    {
      status,
      shape: 'error object',
      answer: { status, json: { error: { id: 'e', status, message: 'confidential', details: {} } } },
    },
    { status, shape: 'legacy error', answer: { status, json: { error: { message: 'confidential' } } } },
    { status, shape: 'bare message', answer: { status, json: { message: 'confidential' } } },
    { status, shape: 'no body', answer: { status } },
  ];

  return {
    name: 'dfns',
    profile: 'dfns-demo',
    credential: { authToken, credentialId, privateKey },
    ids: {
      known: 'to-202a0-cdo33-o65mbt6q758lvvnt',
      other: 'to-5kwgq-oegi0-879o3v4uh9ghhq72',
      missing: 'to-00000-00000-0000000000000000',
    },
    confidential: [authToken, privateKey.split('\n')[1] ?? '', 'user-action-'],
    speak,
    isChange: ({ method, path }) => method !== 'GET' && !path.startsWith('/auth/action'),
    isRead: ({ method }) => method === 'GET',
    errors: [400, 401, 402, 403, 404, 409, 422].flatMap(shapes),
    verify: (requests) => {
      const spent = requests
        .map(({ headers }) => headers['x-dfns-useraction'])
        .filter((action) => action !== undefined);
      expect(new Set(spent).size, 'a spent user action was sent again').toBe(spent.length);
      for (const { method, path, headers, body } of requests) {
        expect(headers['authorization']).toBe(`Bearer ${authToken}`);
        expect(headers['user-agent']).toBeTruthy();
        if (method !== 'GET' && !path.startsWith('/auth/action')) {
          expect({ body, length: headers['content-length'] }).toEqual({ body: '{}', length: '2' });
          expect(headers['x-dfns-useraction']).toBeDefined();
        }
      }
    },
  };
}

function langsmithScript(scope: 'own' | 'organization'): ProviderScript {
  const organizationId = '11111111-2222-4333-8444-555555555555';
  const apiKey = langsmithKey();
  const base = '/api/v1/orgs/current';

  const row = (id: string, isActive: boolean) => ({
    id,
    short_key: `lsv2_pt_${id.slice(9, 13)}...${id.slice(-6, -2)}`,
    description: `token ${id.slice(0, 4)}`,
    created_at: '2026-01-02T03:04:05.678901',
    last_used_at: null,
    expires_at: null,
    revoked_at: isActive ? null : '2026-05-30T00:00:00Z',
    created_by: 'anna@example.com',
    workspace_names: ['prod'],
    read_only: false,
    key: 'confidential-key',
    something_new: { confidential: true },
  });
  const problem: Answer = {
    status: 404,
    json: { type: 'about:blank', title: 'Not Found', status: 404, detail: 'API key not found' },
  };

  const speak = ({ method, path }: RawRequest, world: World): Answer => {
    if (path === `${base}/service-keys`) return { status: 200, json: [] };
    const list = scope === 'own' ? `${base}/personal-access-tokens` : `${base}/members/personal-access-tokens`;
    if (path === list && method === 'GET')
      return { status: 200, json: [...world].map(([id, active]) => row(id, active)) };
    const [, id = '', revocation] = /\/personal-access-tokens\/([^/]+)(\/revocation)?$/.exec(path) ?? [];
    if (!world.has(id)) return problem;
    if (revocation === undefined) {
      const gone = row(id, world.get(id) ?? false);
      world.delete(id);
      return { status: 200, json: gone };
    }
    world.set(id, method === 'DELETE');
    return method === 'DELETE' ? { status: 204 } : { status: 200, json: row(id, false) };
  };

  const shapes = (status: number): { shape: string; status: number; answer: Answer }[] => [
    {
      status,
      shape: 'list of objects',
      answer: { status, json: { detail: [{ loc: ['path', 'pat_id'], msg: 'confidential', type: 'uuid_parsing' }] } },
    },
    { status, shape: 'list of texts', answer: { status, json: { detail: ['confidential'] } } },
    {
      status,
      shape: 'problem details',
      answer: { status, json: { type: 'about:blank', title: 'No', status, detail: 'confidential' } },
    },
    { status, shape: 'detail', answer: { status, json: { detail: 'confidential' } } },
    { status, shape: 'error', answer: { status, body: '{"error":"confidential"}\n' } },
    { status, shape: 'no body', answer: { status } },
  ];

  return {
    name: 'langsmith',
    profile: `langsmith-${scope}`,
    credential: { apiKey, organizationId, scope },
    ids: {
      known: '7a7a7a7a-0001-4001-8001-7a7a7a7a7a7a',
      other: '8b8b8b8b-0002-4002-8002-8b8b8b8b8b8b',
      missing: '00000000-0000-4000-8000-000000000000',
    },
    confidential: [apiKey],
    speak,
    isChange: ({ method }) => method !== 'GET',
    isRead: ({ method, path }) => method === 'GET' && !path.endsWith('/service-keys'),
    errors: [400, 401, 402, 403, 404, 409, 422].flatMap(shapes),
    verify: (requests) => {
      for (const { method, headers, body } of requests) {
        expect(headers).toMatchObject({
          'x-api-key': apiKey,
          'x-organization-id': organizationId,
          accept: 'application/json',
        });
        expect(headers['authorization']).toBeUndefined();
        expect({ body, type: headers['content-type'] }).toEqual({ body: '', type: undefined });
        if (method === 'POST') expect(headers['content-length']).toBe('0');
      }
    },
  };
}

describeProvider(dfnsScript());
describeProvider(langsmithScript('own'));
describeProvider(langsmithScript('organization'));
