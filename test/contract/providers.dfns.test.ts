import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { leverWords } from '#shared/providers/lever-words.ts';
import { dfnsToken } from '#test/support/leaks.ts';
import { openProvider } from '#test/support/open-provider.ts';
import { type Answer, type RawServer, startRawServer } from '#test/support/raw-server.ts';

const ID = 'to-202a0-cdo33-o65mbt6q758lvvnt';
const USER = 'us-6b58p-r53sr-rlrd3l5cj3uc4ome';
const ORG = 'or-30tnh-itmjs-s235s5ontr3r23h2';
const CREDENTIAL = 'cr-2bcd9-fghij-k1m2n3p4q5r6s7t8';
const ENCODED = Buffer.from(CREDENTIAL).toString('base64url');
const privateKey = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });

let server: RawServer;
let allowed: string[];
let answers: Record<string, Answer>;

beforeAll(async () => {
  server = await startRawServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  allowed = [CREDENTIAL];
  answers = {};
  server.answer(({ method, path }) => {
    const given = answers[`${method} ${path}`];
    if (given) return given;
    if (path === '/auth/action/init') {
      return {
        status: 200,
        json: {
          challenge: 'Y2g',
          challengeIdentifier: 'a.b.c',
          allowCredentials: { key: allowed.map((id) => ({ type: 'public-key', id })) },
        },
      };
    }
    if (path === '/auth/action') return { status: 200, json: { userAction: 'user-action' } };
    return { status: 404, json: { error: { message: 'Not Found' } } };
  });
});

const open = (fields: object = {}, now = () => new Date('2026-06-01T00:00:00Z')) =>
  openProvider(
    { provider: 'dfns', baseUrl: server.url, authToken: dfnsToken(), credentialId: CREDENTIAL, privateKey, ...fields },
    { now },
  );
const pat = (more: object = {}) => ({
  tokenId: ID,
  isActive: true,
  name: 'x',
  credId: 'cr-other',
  orgId: ORG,
  linkedUserId: USER,
  dateCreated: '2024-01-01T00:00:00Z',
  ...more,
});
const list = (...items: unknown[]): Answer => ({ status: 200, json: { items } });
const assertedCredential = () => JSON.parse(server.requests[1]?.body ?? '{}').firstFactor.credentialAssertion.credId;

describe('the credential that signs', () => {
  it.each([
    [CREDENTIAL, [CREDENTIAL], CREDENTIAL],
    [CREDENTIAL, [ENCODED, 'other'], ENCODED],
    [ENCODED, ['cr-other', CREDENTIAL], CREDENTIAL],
    [undefined, [ENCODED], ENCODED],
  ])('configured %j, allowed %j', async (credentialId, keys, asserted) => {
    allowed = keys;
    await open({ credentialId }).deactivate(ID);
    expect(assertedCredential()).toBe(asserted);
  });

  it.each([
    [CREDENTIAL, ['cr-other'], /credentialId is none of the keys that the provider allows/],
    [CREDENTIAL, [], /credentialId is none of the keys that the provider allows/],
    [undefined, [CREDENTIAL, 'cr-other'], /credentialId is missing, and the provider allows 2 keys/],
  ])('is refused here already: configured %j, allowed %j', async (credentialId, keys, detail) => {
    allowed = keys;
    await expect(open({ credentialId }).deactivate(ID)).rejects.toMatchObject({
      code: 'config_invalid',
      detail: expect.stringMatching(detail),
    });
    expect(server.requests).toHaveLength(1);
  });

  it.each<[string, Answer]>([
    ['no challenge', { status: 200, json: {} }],
    [
      'an empty challenge',
      { status: 200, json: { challenge: '', challengeIdentifier: 'x', allowCredentials: { key: [] } } },
    ],
  ])('signs nothing for %s', async (_, answer) => {
    answers['POST /auth/action/init'] = answer;
    await expect(open().delete(ID)).rejects.toMatchObject({ code: 'provider_unexpected' });
    expect(server.requests).toHaveLength(1);
  });

  it('sends no user action that is no header value', async () => {
    answers['POST /auth/action'] = { status: 200, json: { userAction: 'a\r\nx-evil: 1' } };
    await expect(open().delete(ID)).rejects.toMatchObject({ code: 'provider_unexpected' });
    expect(server.requests).toHaveLength(2);
  });

  const asked = () => server.requests.map(({ method, path }) => `${method} ${path.replace(ID, ':id')}`);
  const SIGNED = ['POST /auth/action', 'PUT /auth/pats/:id/deactivate'];
  const prepared = async (then: (tick: (milliseconds: number) => void) => void = () => {}) => {
    let clock = Date.parse('2026-06-01T00:00:00Z');
    answers[`PUT /auth/pats/${ID}/deactivate`] = { status: 200, json: pat({ isActive: false }) };
    const provider = open({}, () => new Date(clock));
    server.requests.length = 0;
    provider.prepare('deactivate', ID);
    while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(asked()).toEqual(['POST /auth/action/init']);
    then((milliseconds) => (clock += milliseconds));
    server.requests.length = 0;
    expect(await provider.deactivate(ID)).toMatchObject({ kind: 'done' });
    return asked();
  };

  it('asks for the challenge ahead, once, for this very change', async () => {
    expect(await prepared()).toEqual(SIGNED);
  });

  it('asks anew where the one from ahead is old, or is refused', async () => {
    expect(await prepared((tick) => tick(10_000))).toEqual(['POST /auth/action/init', ...SIGNED]);
    expect(
      await prepared((tick) => {
        // The clock was set back: nobody knows how old it is.
        tick(-1);
      }),
    ).toEqual(['POST /auth/action/init', ...SIGNED]);
    let refusals = 0;
    const usual = { status: 200, json: { userAction: 'user-action' } };
    const refused = { status: 400, json: { error: { message: 'Challenge token is not valid.' } } };
    Object.defineProperty(answers, 'POST /auth/action', { get: () => (refusals++ === 0 ? refused : usual) });
    expect(await prepared()).toEqual(['POST /auth/action', 'POST /auth/action/init', ...SIGNED]);
  });

  it('opens a fresh challenge when the answer to the last one was lost', async () => {
    let lost = 0;
    server.answer(({ path, method }) => {
      if (path === '/auth/action/init')
        return {
          status: 200,
          json: {
            challenge: 'Y2g',
            challengeIdentifier: `c.${server.requests.length}`,
            allowCredentials: { key: [{ id: CREDENTIAL }] },
          },
        };
      if (path === '/auth/action') return lost++ === 0 ? 'reset' : { status: 200, json: { userAction: 'user-action' } };
      return method === 'PUT' ? { status: 200, json: pat({ isActive: false }) } : { status: 500 };
    });
    expect(await open().deactivate(ID)).toEqual({ kind: 'done', answer: { status: 200, fact: 'inactive' } });
    const identifiers = server.requests
      .filter(({ path }) => path === '/auth/action')
      .map(({ body }) => JSON.parse(body).challengeIdentifier);
    expect(new Set(identifiers).size).toBe(2);
  });
});

describe('what a Dfns credential sees', () => {
  it('marks its own token, leaves out other organisations, and tells what it could not read', async () => {
    answers['GET /auth/pats'] = list(
      pat(),
      pat({ tokenId: 'to-b', credId: ENCODED }),
      pat({ tokenId: 'to-c', orgId: 'or-other' }),
      { tokenId: '../x' },
      { tokenId: 'to-d' },
      null,
    );
    const { tokens, unseen } = await open().list();
    expect(tokens.map(({ id, own }) => [id, own])).toEqual([
      [ID, false],
      ['to-b', true],
    ]);
    expect(unseen).toEqual([
      'Dfns shows only the tokens of the user that this credential belongs to.',
      'Left out: 1 of another organisation.',
      'Left out: 3 that could not be read.',
    ]);
  });

  it('takes neither a token of another organisation for an absent one, nor another token for the one asked for', async () => {
    answers[`GET /auth/pats/${ID}`] = { status: 200, json: pat({ orgId: 'or-other' }) };
    await expect(open().get(ID)).rejects.toMatchObject({ code: 'provider_unexpected' });
    answers[`GET /auth/pats/${ID}`] = { status: 200, json: pat({ tokenId: 'to-b' }) };
    await expect(open().get(ID)).rejects.toMatchObject({ code: 'provider_unexpected' });
  });

  it('takes a token for gone only where its credential would see it', async () => {
    const unseen = { code: 'provider_unexpected' };
    const opaque = { authToken: 'opaque', orgId: ORG };
    const known = { kind: 'pat', owner: { id: USER }, organizationId: ORG } as const;
    expect(await open({ ...opaque, userId: USER }).get(ID, known)).toBeUndefined();
    // The profile works with another user's credential since, or nobody tells whose token or credential it is.
    for (const fields of [{ ...opaque, userId: 'us-other' }, opaque]) {
      await expect(open(fields).get(ID, known)).rejects.toMatchObject(unseen);
    }
    await expect(open({ ...opaque, userId: USER }).get(ID, { kind: 'pat' })).rejects.toMatchObject(unseen);
    const abroad = { ...opaque, orgId: 'or-other', userId: USER };
    await expect(open(abroad).get(ID, known)).rejects.toMatchObject(unseen);
    // What this very credential has shown it sees.
    const provider = open(opaque);
    answers[`GET /auth/pats/${ID}`] = { status: 200, json: pat() };
    await provider.get(ID);
    delete answers[`GET /auth/pats/${ID}`];
    expect(await provider.get(ID, known)).toBeUndefined();
  });

  it('keeps its guard of the user where the token itself says nothing', async () => {
    answers['GET /auth/pats'] = list(pat({ credId: CREDENTIAL }));
    const opaque = { authToken: 'opaque', orgId: ORG };
    await expect(open({ ...opaque, userId: 'us-other' }).list()).rejects.toMatchObject({ code: 'config_invalid' });
    expect((await open({ ...opaque, userId: USER }).list()).tokens).toHaveLength(1);
  });

  it('reads tokens that break the published schema', async () => {
    answers['GET /auth/pats'] = list({
      tokenId: 'to-odd',
      isActive: false,
      name: null,
      credId: '',
      permissionAssignments: 'none',
      dateCreated: 'yesterday',
    });
    expect((await open({ authToken: 'opaque' }).list()).tokens).toEqual([
      {
        provider: 'dfns',
        profile: 'dfns-demo',
        id: 'to-odd',
        name: '',
        kind: 'pat',
        state: 'inactive',
        permissions: [],
        own: true,
      },
    ]);
  });

  it('asks nobody about a clue of another organisation', async () => {
    expect(
      await open().find({ form: 'dfns', provider: 'dfns', organizationId: 'or-other', userId: USER, fingerprint: 'f' }),
    ).toEqual([]);
    expect(server.requests).toEqual([]);
  });

  it('asks nobody about a clue that names nobody, however many there are', async () => {
    const provider = open();
    const blank = (fingerprint: string) => provider.find({ form: 'dfns', provider: 'dfns', fingerprint });
    expect(await Promise.all(Array.from({ length: 60 }, (_, index) => blank(`f${index}`)))).toEqual(
      Array.from({ length: 60 }, () => []),
    );
    expect(server.requests).toEqual([]);
  });
});

describe('the owner of a token', () => {
  it("has the name that Dfns gives the credential's own user, and of anybody else the id alone", async () => {
    answers['GET /auth/pats'] = list(pat(), pat({ tokenId: `${ID.slice(0, -1)}x`, linkedUserId: 'us-other' }));
    const owners = async (authToken: string) => (await open({ authToken }).list()).tokens.map(({ owner }) => owner);
    expect(await owners(dfnsToken())).toEqual([{ id: USER, name: 'anna@example.com' }, { id: 'us-other' }]);
    const nameless = dfnsToken({ claims: { 'https://custom/username': 17 } });
    expect(await owners(nameless)).toEqual([{ id: USER }, { id: 'us-other' }]);
  });
});

describe('the levers of Dfns', () => {
  const accounts = '/auth/service-accounts';
  const token = {
    provider: 'dfns',
    profile: 'p',
    id: ID,
    name: '',
    kind: 'pat',
    state: 'active',
    permissions: [],
    own: false,
  } as const;

  it('name the owner, and warn where Patrol works as that user itself', () => {
    expect(open().levers(token)).toEqual([]);
    expect(open().levers({ ...token, owner: { id: '../x' } })).toEqual([]);
    const [stranger] = open().levers({ ...token, owner: { id: 'us-other' } });
    expect(stranger).toMatchObject({ id: 'deactivate-user:us-other', kind: 'dfns.deactivate-user' });
    expect(stranger && leverWords(stranger)).toBe(
      'Deactivates the Dfns user us-other: every token and login of that user stops.',
    );
    for (const lever of open().levers({ ...token, owner: { id: USER } }))
      expect(leverWords(lever)).toMatch(/lose its own access/);
  });

  it('never force a service account past a policy, and say so while it waits', async () => {
    answers[`PUT ${accounts}/us-1/deactivate`] = { status: 202, json: {} };
    expect(await open().pull('deactivate-service-account:us-1')).toMatchObject({ kind: 'pending' });
    expect(server.requests.at(-1)?.body).toBe('{}');
  });

  it('are done when the reply proves it', async () => {
    answers[`PUT ${accounts}/us-1/deactivate`] = {
      status: 200,
      json: { userInfo: { isActive: false }, accessTokens: [] },
    };
    expect(await open().pull('deactivate-service-account:us-1')).toEqual({
      kind: 'done',
      answer: { status: 200, fact: 'inactive' },
    });
    expect(server.requests).toHaveLength(3);
  });

  it('are done when a fresh read proves it, and not proved when none does or can', async () => {
    answers['PUT /auth/users/us-1/deactivate'] = { status: 204 };
    answers['GET /auth/users/us-1'] = { status: 200, json: { isActive: false } };
    expect(await open().pull('deactivate-user:us-1')).toEqual({
      kind: 'done',
      answer: { status: 204, fact: 'read_agrees' },
    });
    expect(await open().isPulled('deactivate-user:us-1')).toBe(true);
    for (const read of [
      { status: 200, json: { isActive: true } },
      { status: 403, json: {} },
    ]) {
      answers['GET /auth/users/us-1'] = read;
      expect(await open().pull('deactivate-user:us-1')).toEqual({
        kind: 'unproved',
        answer: { status: 204, fact: 'unproved' },
      });
    }
  });

  it('are left open where an answer was lost and the account cannot be read', async () => {
    answers['PUT /auth/users/us-1/deactivate'] = 'reset';
    answers['GET /auth/users/us-1'] = { status: 403, json: {} };
    await expect(open().pull('deactivate-user:us-1')).rejects.toMatchObject({ code: 'provider_unavailable' });
  });
});

describe('the check-up of a Dfns credential', () => {
  it('has a signature accepted for a change that would change nothing, and never makes it', async () => {
    answers['GET /auth/pats'] = {
      status: 200,
      json: { items: [pat(), pat({ tokenId: 'to-own', credId: CREDENTIAL })] },
      headers: { date: 'Mon, 01 Jun 2026 00:00:00 GMT' },
    };
    expect(await open().check()).toMatchObject({
      works: true,
      identity: `user ${USER} of ${ORG}`,
      tokens: 2,
      clockSkewSeconds: 0,
      advice: [],
    });
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /auth/pats',
      'POST /auth/action/init',
      'POST /auth/action',
    ]);
    expect(JSON.parse(server.requests[1]?.body ?? '')).toMatchObject({
      userActionHttpPath: '/auth/pats/to-own/activate',
    });
  });

  it('tells a credential that lists but cannot sign', async () => {
    answers['GET /auth/pats'] = list(pat());
    answers['POST /auth/action'] = { status: 401, json: {} };
    const checkup = await open().check();
    expect(checkup).toMatchObject({ works: false, tokens: 1, can: ['list the tokens of its own user'] });
    expect(checkup.cannot[0]).toMatch(/deactivate/);
    expect(checkup.advice).toEqual([
      'The provider refused the credential (HTTP 401): credentialId and privateKey must be those registered with this token.',
    ]);
  });

  it('warns of a wrong clock, a token about to expire, and a missing credentialId', async () => {
    answers['GET /auth/pats'] = {
      status: 200,
      json: { items: [] },
      headers: { date: 'Fri, 21 May 2028 00:00:00 GMT' },
    };
    const { advice } = await open({ credentialId: undefined }, () => new Date('2028-05-21T00:01:00Z')).check();
    expect(advice).toEqual([
      'The credential expires on 2028-05-27. Replace it.',
      "Our clock is 60 s ahead of the provider's.",
      'Set credentialId, so that Patrol knows its own token for sure.',
    ]);
  });
});
