import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'vitest';
import { dfnsToken } from '#test/support/leaks.ts';
import type { Answer, RawRequest } from '#test/support/raw-server.ts';
import type { ProviderScript, World } from '../provider-suite.ts';

const ORG = 'or-30tnh-itmjs-s235s5ontr3r23h2';
const USER = 'us-6b58p-r53sr-rlrd3l5cj3uc4ome';

/** What Dfns says on the wire. */
export function dfnsScript(): ProviderScript {
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
    // One token is read by its own address: what cannot be read of it is the token itself.
    garble: () => ({ status: 200, json: { tokenId: 42 } }),
    isLook: ({ method }) => method === 'GET',
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
