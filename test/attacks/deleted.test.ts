import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect } from 'vitest';
import { createReadAgain } from '#shared/cases/read-again.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import { changeToken } from '#shared/tokens/change-token.ts';
import { attack } from '#test/support/attack.ts';
import { openProvider } from '#test/support/open-provider.ts';
import { type Answer, type RawServer, startRawServer } from '#test/support/raw-server.ts';
import { addToken, createRoom, NOW, PEOPLE } from '#test/support/room.ts';

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

/** Looks again at a token of somebody else than this credential's user, whose card says "NOT revoked". */
async function lookAgain(credential: Readonly<Record<string, unknown>>, ownerId: string) {
  server.answer(({ path }) =>
    path.endsWith('/personal-access-tokens')
      ? { status: 200, json: [{ id: ID, short_key: 'lsv2_pt_ffff...aaaa', created_by: 'anna' }] }
      : { status: 404, json: { error: { message: 'Not Found' } } },
  );
  const room = createRoom();
  const provider = openProvider({ ...credential, baseUrl: server.url });
  const id = provider.name === 'dfns' ? 'to-202a0-cdo33-o65mbt6q758lvvnt' : ID.replace(/^5/, '6');
  const token = { ...addToken(room, id), provider: provider.name, profile: provider.profile, owner: { id: ownerId } };
  const at = NOW.toISOString();
  const look = { after: 'asking:0', looks: 1, at };
  const key = tokenKey(token);
  await room.store.cases.open({
    ...{ id: caseId(key), key, state: 'asking', token, look },
    ...{ openedAt: at, updatedAt: at, reports: [], count: 1, generation: 0 },
  });
  const services = {
    ...room.services,
    providers: { ...room.services.providers, open: async () => provider },
  };
  const telling = { send: async () => {}, show: async () => {}, answerBack: async () => {} };
  const job = { v: 1, kind: 'read-again', receivedAt: at, deliveryKey: 'look', caseId: caseId(key), at } as const;
  const seen = await createReadAgain({ services, ...telling }).read(job);
  return [seen, (await room.store.cases.get(caseId(key)))?.state];
}

attack(
  {
    name: 'absent-because-not-theirs',
    finding: 12,
    does: 'waits until a profile works with the credential of another user, or with one that sees only its own tokens',
    holds: 'nobody says that a leaked token is gone: whoever is not shown other users’ tokens cannot tell',
    inside: 'a profile would have to get another credential, and hours to pass',
    without: [
      {
        file: 'shared/providers/kit/sight.ts',
        replace: 'if (isAbroad || isAnothers)',
        by: 'if (isAbroad && isAnothers)',
      },
    ],
  },
  async () => {
    const apiKey = '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';
    const langsmith = { provider: 'langsmith', apiKey, scope: 'own' };
    const privateKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
    const dfns = { provider: 'dfns', privateKey, authToken: 'opaque', userId: 'us-anna' };
    for (const [credential, own, another] of [
      [langsmith, 'anna', 'ben'],
      [dfns, 'us-anna', 'us-ben'],
    ] as const) {
      expect(await lookAgain(credential, another)).toEqual(['unread', 'asking']);
      expect(await lookAgain(credential, own)).toEqual(['dead', 'dead']);
    }
  },
);
