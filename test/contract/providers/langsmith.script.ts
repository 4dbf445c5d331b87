import { expect } from 'vitest';
import { langsmithKey } from '#test/support/leaks.ts';
import type { Answer, RawRequest } from '#test/support/raw-server.ts';
import type { ProviderScript, World } from '../provider-suite.ts';

/** What LangSmith says on the wire, to the key of a member or of an admin. */
export function langsmithScript(scope: 'own' | 'organization'): ProviderScript {
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
    garble: (answer) => ({
      status: 200,
      json: [...(typeof answer === 'object' && 'json' in answer ? (answer.json as unknown[]) : []), { id: 'KEY-1' }],
    }),
    isLook: ({ method }) => method === 'GET',
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
