import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openProvider } from '#test/support/open-provider.ts';
import { type Answer, type RawServer, startRawServer } from '#test/support/raw-server.ts';

const BASE = '/api/v1/orgs/current';
const PAT = '7a7a7a7a-0001-4001-8001-7a7a7a7a7a7a';
const SERVICE = '5e5e5e5e-0001-4001-8001-5e5e5e5e5e5e';
const KEY = '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';
const NOW = '2026-06-01T00:00:00.000Z';
const problem = (status: number): Answer => ({
  status,
  json: { type: 'about:blank', title: 'No', status, detail: 'x' },
});

let server: RawServer;
let answers: Record<string, Answer>;

beforeAll(async () => {
  server = await startRawServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  answers = {
    [`GET ${BASE}/personal-access-tokens`]: { status: 200, json: [row(PAT)] },
    [`GET ${BASE}/members/personal-access-tokens`]: { status: 200, json: [row(PAT)] },
    [`GET ${BASE}/service-keys`]: { status: 200, json: [row(SERVICE)] },
  };
  server.answer(({ method, path }) => answers[`${method} ${path}`] ?? { status: 404, json: { detail: 'Not Found' } });
});

const row = (id: string, more: object = {}) => ({
  id,
  short_key: `lsv2_pt_${id.slice(0, 4)}…`,
  description: 'x',
  ...more,
});
const open = (fields: object = {}) =>
  openProvider(
    {
      provider: 'langsmith',
      baseUrl: server.url,
      apiKey: KEY,
      organizationId: 'o-1',
      scope: 'organization',
      ...fields,
    },
    { now: () => new Date(NOW) },
  );
const revocation = `${BASE}/personal-access-tokens/${PAT}/revocation`;

describe('what a LangSmith key sees', () => {
  it.each<[string, Answer, string]>([
    ['may not be seen', problem(403), 'HTTP 403'],
    ['do not exist on the server', { status: 404, json: { detail: 'Not Found' } }, 'HTTP 404'],
    ['break', { status: 500 }, 'HTTP 500'],
    ['are lost on the way', 'reset', 'no answer'],
  ])('lists all personal tokens when the service keys %s, and says so', async (_, answer, why) => {
    answers[`GET ${BASE}/service-keys`] = answer;
    const { tokens, unseen } = await open().list();
    expect(tokens.map(({ id }) => id)).toEqual([PAT]);
    expect(unseen).toContain(`The organisation's service keys could not be read (${why}).`);
  });

  it('never takes unreadable service keys for a token’s absence', async () => {
    answers[`GET ${BASE}/service-keys`] = { status: 500 };
    await expect(open().get(SERVICE)).rejects.toMatchObject({ code: 'provider_unavailable' });
    answers[`GET ${BASE}/service-keys`] = problem(403);
    await expect(open().get(SERVICE)).rejects.toMatchObject({ code: 'provider_unexpected', status: 403 });
  });

  it('never takes a service key for gone that its credential could not see', async () => {
    await expect(open({ scope: 'own' }).get(SERVICE, { kind: 'service-key' })).rejects.toMatchObject({
      code: 'provider_unexpected',
    });
    const known = { kind: 'pat', owner: { id: 'anna' } } as const;
    expect(await open({ scope: 'own', userId: 'anna' }).get(SERVICE, known)).toBeUndefined();
  });

  it('takes a personal token for gone only where its credential would see it', async () => {
    const own = `GET ${BASE}/personal-access-tokens`;
    const theirs = (owner?: string) =>
      ({ kind: 'pat', ...(owner === undefined ? {} : { owner: { id: owner } }) }) as const;
    const unseen = { code: 'provider_unexpected' };
    answers[own] = { status: 200, json: [row(SERVICE, { created_by: 'anna' })] };
    expect(await open({ scope: 'own' }).get(PAT, theirs('anna'))).toBeUndefined();
    // Narrowed since somebody saw another member's token, or nobody tells whose it is.
    for (const owner of ['ben', undefined]) {
      await expect(open({ scope: 'own' }).get(PAT, theirs(owner))).rejects.toMatchObject(unseen);
      answers[`GET ${BASE}/members/personal-access-tokens`] = { status: 200, json: [] };
      expect(await open().get(PAT, theirs(owner))).toBeUndefined();
    }
    const abroad = { ...theirs('anna'), organizationId: 'o-2' };
    await expect(open().get(PAT, abroad)).rejects.toMatchObject(unseen);
    // What this very credential has shown it sees, whosoever it is.
    const provider = open({ scope: 'own' });
    answers[own] = { status: 200, json: [row(PAT)] };
    await provider.list();
    answers[own] = { status: 200, json: [] };
    expect(await provider.get(PAT, theirs())).toBeUndefined();
  });

  it('needs no service keys to tell that a personal token is gone', async () => {
    answers[`GET ${BASE}/service-keys`] = problem(403);
    answers[`GET ${BASE}/members/personal-access-tokens`] = { status: 200, json: [] };
    expect(await open().get(PAT, { kind: 'pat' })).toBeUndefined();
    await expect(open().get(PAT)).rejects.toMatchObject({ code: 'provider_unexpected' });
  });

  it('asks for no service keys in its own scope', async () => {
    const { tokens, unseen } = await open({ scope: 'own' }).list();
    expect(tokens).toHaveLength(1);
    expect(unseen).toEqual(["Only the tokens of this key's own user, and no service keys."]);
    expect(server.requests.map(({ path }) => path)).toEqual([`${BASE}/personal-access-tokens`]);
  });

  it('refuses to list everybody with a key that may not, rather than show a part for the whole', async () => {
    answers[`GET ${BASE}/members/personal-access-tokens`] = problem(403);
    await expect(open().list()).rejects.toMatchObject({ code: 'provider_unauthorized', status: 403 });
    const { advice } = await open().check();
    expect(advice[0]).toMatch(/Organization Admin/);
  });

  it.each([
    [{}, 'active'],
    [{ revoked_at: null, expires_at: null }, 'active'],
    [{ expires_at: '2026-06-01T00:00:01Z' }, 'active'],
    [{ expires_at: '2026-05-31T23:59:59.999999' }, 'expired'],
    [{ revoked_at: '2026-05-01T00:00:00Z' }, 'inactive'],
    [{ revoked_at: '2026-06-01T00:00:30Z' }, 'inactive'],
    [{ revoked_at: '2026-06-02T00:00:00Z' }, 'active'],
    [{ revoked_at: '2026-05-01T00:00:00Z', expires_at: '2026-05-01T00:00:00Z' }, 'inactive'],
  ])('reads %j as %s', async (more, state) => {
    answers[`GET ${BASE}/service-keys`] = { status: 200, json: [] };
    const headers = { date: new Date(NOW).toUTCString() };
    answers[`GET ${BASE}/members/personal-access-tokens`] = { status: 200, headers, json: [row(PAT, more)] };
    expect((await open().list()).tokens).toMatchObject([{ state }]);
  });

  it.each([
    ['2026-06-01T00:05:00Z', 'inactive'],
    ['2026-06-01T00:07:00Z', 'active'],
  ])(
    "judges by its provider's clock whether a revocation (%s) is still to come, since ours may be behind",
    async (at, state) => {
      answers[`GET ${BASE}/service-keys`] = { status: 200, json: [] };
      answers[`GET ${BASE}/members/personal-access-tokens`] = {
        status: 200,
        headers: { date: new Date('2026-06-01T00:05:00Z').toUTCString() },
        json: [row(PAT, { revoked_at: at })],
      };
      expect((await open().list()).tokens).toMatchObject([{ state }]);
    },
  );

  it('counts rows that it cannot read, and keeps the others', async () => {
    answers[`GET ${BASE}/personal-access-tokens`] = {
      status: 200,
      json: [row('nope'), null, row(PAT.toUpperCase(), { created_by: { id: 1 } })],
    };
    const { tokens, unseen } = await open({ scope: 'own' }).list();
    expect(tokens.map(({ id, owner }) => [id, owner])).toEqual([[PAT, undefined]]);
    expect(unseen).toContain('Left out: 2 that could not be read.');
  });

  it('keeps its guard of the user where its own row is known', async () => {
    answers[`GET ${BASE}/personal-access-tokens`] = {
      status: 200,
      json: [row(PAT, { short_key: 'lsv2_pt_1f3a…ed3e', created_by: 'anna' })],
    };
    await expect(open({ scope: 'own', userId: 'ben' }).list()).rejects.toMatchObject({ code: 'config_invalid' });
    expect((await open({ scope: 'own', userId: 'anna' }).list()).tokens).toMatchObject([{ own: true }]);
  });
});

describe('revocation on servers of every age', () => {
  it.each<[string, Answer]>([
    ['404 of FastAPI', { status: 404, json: { detail: 'Not Found' } }],
    ['405', { status: 405, json: { detail: 'Method Not Allowed' } }],
    ['404 without a body', { status: 404 }],
  ])('is unsupported when the route answers %s and the token is there', async (_, answer) => {
    for (const verb of ['deactivate', 'activate'] as const) {
      answers[`${verb === 'deactivate' ? 'POST' : 'DELETE'} ${revocation}`] = answer;
      expect(await open()[verb](PAT)).toMatchObject({ kind: 'unsupported' });
    }
    expect(server.requests.filter(({ method, path }) => method === 'DELETE' && !path.endsWith('/revocation'))).toEqual(
      [],
    );
  });

  it('is refused when the token is there and the server says that it does not know it', async () => {
    answers[`POST ${revocation}`] = problem(404);
    await expect(open().deactivate(PAT)).rejects.toMatchObject({ code: 'provider_unexpected', status: 404 });
  });

  it('is not guessed when the list cannot be read', async () => {
    answers[`GET ${BASE}/members/personal-access-tokens`] = { status: 500 };
    await expect(open().deactivate(PAT)).rejects.toMatchObject({ code: 'provider_unavailable' });
  });
});

describe('deleting', () => {
  it('tries the service keys only for what is one', async () => {
    answers[`DELETE ${BASE}/service-keys/${SERVICE}`] = { status: 200, json: row(SERVICE) };
    expect(await open().delete(SERVICE)).toMatchObject({ kind: 'done' });
    expect(await open().delete('00000000-0000-4000-8000-000000000000')).toEqual({ kind: 'not_found' });
    expect(await open({ scope: 'own' }).delete(SERVICE)).toEqual({ kind: 'not_found' });
    expect(
      server.requests.filter(({ method, path }) => method === 'DELETE' && path.includes('service-keys')),
    ).toHaveLength(1);
  });

  it('is done when a service key is gone after an attempt whose answer was lost', async () => {
    let lost = 0;
    const path = `${BASE}/service-keys/${SERVICE}`;
    server.answer((request) => {
      if (request.path === path && request.method === 'DELETE') return lost++ === 0 ? 'reset' : problem(404);
      return answers[`${request.method} ${request.path}`] ?? problem(404);
    });
    expect(await open().delete(SERVICE)).toEqual({ kind: 'done', answer: { status: 404, fact: 'own_attempt' } });
  });
});

describe('the lever of LangSmith', () => {
  it('is done when a fresh read proves it, and not proved when none does or can', async () => {
    answers[`PATCH ${BASE}/info`] = { status: 200, json: {} };
    answers[`GET ${BASE}/info`] = { status: 200, json: { pat_creation_disabled: true } };
    expect(await open().pull('stop-new-pats')).toEqual({
      kind: 'done',
      answer: { status: 200, fact: 'read_agrees' },
    });
    expect(await open().isPulled('stop-new-pats')).toBe(true);
    expect(server.requests[0]).toMatchObject({
      body: '{"pat_creation_disabled":true}',
      headers: { 'content-type': 'application/json' },
    });
    for (const read of [{ status: 200, json: { pat_creation_disabled: false } }, problem(403)]) {
      answers[`GET ${BASE}/info`] = read;
      expect(await open().pull('stop-new-pats')).toEqual({
        kind: 'unproved',
        answer: { status: 200, fact: 'unproved' },
      });
    }
  });

  it('leaves open whether it is done where its answer was lost, whatever refuses the rest', async () => {
    let tries = 0;
    Object.defineProperty(answers, `PATCH ${BASE}/info`, { get: () => (tries++ === 0 ? 'reset' : problem(403)) });
    answers[`GET ${BASE}/info`] = problem(403);
    await expect(open().pull('stop-new-pats')).rejects.toMatchObject({ code: 'provider_unavailable' });
    tries = 0;
    answers[`GET ${BASE}/info`] = { status: 200, json: { pat_creation_disabled: true } };
    expect(await open().pull('stop-new-pats')).toEqual({ kind: 'done', answer: { fact: 'lost' } });
  });

  it.each<[Answer, object]>([
    [{ status: 202 }, { kind: 'pending' }],
    [{ status: 405, json: {} }, { kind: 'unsupported' }],
    [{ status: 404, json: { detail: 'Not Found' } }, { kind: 'unsupported' }],
  ])('answers %j in our words', async (answer, effect) => {
    answers[`PATCH ${BASE}/info`] = answer;
    expect(await open().pull('stop-new-pats')).toMatchObject(effect);
  });

  it.each<[Answer, string]>([
    [problem(403), 'provider_unauthorized'],
    [{ status: 200, body: '<html>' }, 'provider_unreached'],
    [{ status: 422, json: {} }, 'provider_unexpected'],
  ])('takes %j for a fault', async (answer, code) => {
    answers[`PATCH ${BASE}/info`] = answer;
    answers[`GET ${BASE}/info`] = { status: 200, json: { pat_creation_disabled: false } };
    await expect(open().pull('stop-new-pats')).rejects.toMatchObject({ code });
  });

  it('is offered for any token', () => {
    const [lever] = open().levers({
      provider: 'langsmith',
      profile: 'p',
      id: PAT,
      name: '',
      kind: 'pat',
      state: 'active',
      permissions: [],
      own: false,
    });
    expect(lever).toMatchObject({ id: 'stop-new-pats', kind: 'langsmith.stop-new-pats' });
  });
});

describe('the check-up of a LangSmith key', () => {
  it('tells whose it is, and warns where it cannot tell its own key', async () => {
    answers[`GET ${BASE}/members/personal-access-tokens`] = {
      status: 200,
      json: [row(PAT, { short_key: '***' }), row(PAT.replace('7', '6'), { short_key: '***' })],
    };
    const checkup = await open({ organizationId: undefined }).check();
    expect(checkup).toMatchObject({ works: true, identity: 'key of (unknown) in organisation (its own)', tokens: 3 });
    expect(checkup.advice).toEqual([
      "Any of 2 tokens could be Patrol's own key: none of them is revoked.",
      'Set organizationId: LangSmith asks for it with every call.',
    ]);
  });

  it('warns of its own key’s end', async () => {
    answers[`GET ${BASE}/personal-access-tokens`] = {
      status: 200,
      json: [row(PAT, { short_key: 'lsv2_pt_1f3a…ed3e', created_by: 'anna', expires_at: '2026-06-04T12:00:00Z' })],
    };
    const checkup = await open({ scope: 'own' }).check();
    expect(checkup).toMatchObject({
      identity: 'key of anna in organisation o-1',
    });
    expect(checkup.advice).toContain('The credential expires on 2026-06-04. Replace it.');
  });
});
