import { afterAll, beforeAll, expect } from 'vitest';
import { changeToken } from '#shared/tokens/change-token.ts';
import { attack } from '#test/support/attack.ts';
import { openProvider } from '#test/support/open-provider.ts';
import { type Answer, type RawServer, startRawServer } from '#test/support/raw-server.ts';
import { createRoom, PEOPLE } from '#test/support/room.ts';

const BASE = '/api/v1/orgs/current';
const ID = '5e5e5e5e-0001-4001-8001-5e5e5e5e5e5e';
const ROW = { id: ID, short_key: 'lsv2_sk_ffff...aaaa' };
let server: RawServer;

beforeAll(async () => {
  server = await startRawServer();
});
afterAll(() => server.close());

/** Deletes a service key at a server that accepts, and lists the keys so from then on. */
async function deleteKey(listedThen: Answer) {
  let isAsked = false;
  server.answer(({ method, path }) => {
    if (method === 'DELETE' && path === `${BASE}/service-keys/${ID}`) isAsked = true;
    if (method === 'DELETE') return { status: path.endsWith(`service-keys/${ID}`) ? 200 : 404, json: {} };
    if (path !== `${BASE}/service-keys`) return { status: 200, json: [] };
    return isAsked ? listedThen : { status: 200, json: [ROW] };
  });
  const room = createRoom();
  const apiKey = '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';
  const provider = openProvider({ provider: 'langsmith', baseUrl: server.url, apiKey, scope: 'organization' });
  const services = {
    ...room.services,
    providers: { ...room.services.providers, names: () => ['langsmith-demo'], open: async () => provider },
  };
  const { attempt } = await room.context(PEOPLE.admin);
  const ref = { profile: 'langsmith-demo', id: ID, name: 'x' };
  const order = { verb: 'delete', tokens: [ref], requester: PEOPLE.admin, requestedAt: attempt.requestedAt } as const;
  const warrant = { rule: 'role:admin', approvedBy: [] };
  return changeToken(services, attempt, { order: { ...order, keepGoing: false }, warrant, ref });
}

attack(
  {
    name: 'absent-because-refused',
    finding: 12,
    does: 'lets a provider accept the deletion of a key without deleting it, and refuse the listing from then on',
    holds: 'nobody says "deleted": it is "accepted, not confirmed"',
    inside: 'a provider that lies is none of the sandbox’s stand-ins',
    without: [
      { file: 'shared/providers/langsmith/lister.ts', replace: 'if (fault !== undefined)', by: 'if (profile === "")' },
    ],
  },
  async () => {
    expect(await deleteKey({ status: 403, json: {} })).toMatchObject({ kind: 'unconfirmed' });
    expect(await deleteKey({ status: 200, json: [] })).toMatchObject({ kind: 'changed', verb: 'delete' });
  },
);

attack(
  {
    name: 'absent-because-unreadable',
    finding: 12,
    does: 'lets a provider accept the deletion of a key without deleting it, and spell the id of its row differently from then on',
    holds: 'nobody says "deleted": a row that cannot be read may be the one',
    inside: 'a provider that lies is none of the sandbox’s stand-ins',
    without: [
      {
        file: 'shared/providers/langsmith/lister.ts',
        replace: 'if (unreadable > 0) {\n    throw',
        by: 'if (profile === "") {\n    throw',
      },
    ],
  },
  async () => {
    const row = { ...ROW, id: `key:${ID}` };
    expect(await deleteKey({ status: 200, json: [row] })).toMatchObject({ kind: 'unconfirmed' });
  },
);
