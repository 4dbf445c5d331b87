import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LangSmithStandIn, startLangSmith } from '#infra/sandbox/providers/langsmith/langsmith.ts';

const PATS = '/api/v1/orgs/current/personal-access-tokens';
const MEMBERS = '/api/v1/orgs/current/members/personal-access-tokens';
const KEYS = '/api/v1/orgs/current/service-keys';
const INFO = '/api/v1/orgs/current/info';
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

let clock: number;
let langsmith: LangSmithStandIn;

beforeEach(async () => {
  clock = Date.parse('2026-11-22T12:00:00.000Z');
  langsmith = await startLangSmith({ now: () => new Date(clock) });
});
afterEach(() => langsmith.close());

interface Options {
  readonly method?: string;
  readonly key?: string;
  readonly organization?: string;
  readonly body?: string;
}

async function call(path: string, { method = 'GET', key, organization, body }: Options = {}) {
  const response = await fetch(langsmith.url + path, {
    method,
    headers: {
      'x-api-key': key ?? langsmith.profileSecret('langsmith-demo')['apiKey'] ?? '',
      'x-organization-id': organization ?? langsmith.organizationId,
    },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: text === '' ? undefined : JSON.parse(text) };
}

const byName = (name: string) => {
  const token = langsmith.tokens().find((candidate) => candidate.name === name);
  if (token === undefined) throw new Error(`no token ${name}`);
  return token;
};
const row = async (id: string) =>
  (await call(MEMBERS)).json.find((candidate: { readonly id: string }) => candidate.id === id);

describe('what the LangSmith stand-in lists', () => {
  it('shows an administrator every member’s tokens, and never a whole key', async () => {
    const { status, json } = await call(MEMBERS);
    expect(status).toBe(200);
    expect(json).toHaveLength(10);
    expect(new Set(json.map((item: { created_by: string }) => item.created_by)).size).toBeGreaterThan(4);
    for (const token of langsmith.tokens()) expect(JSON.stringify(json)).not.toContain(token.secret);
  });

  it('shows a caller its own tokens on the plain route', async () => {
    const { json } = await call(PATS);
    expect(json.map((item: { description: string }) => item.description)).toEqual(['patrol-bot']);
  });

  it('refuses the members’ list to one who is no administrator, as a problem object', async () => {
    const key = byName('notebook').secret;
    expect(await call(MEMBERS, { key })).toMatchObject({ status: 403, json: { title: 'Forbidden', status: 403 } });
    expect((await call(PATS, { key })).json).toHaveLength(3);
  });

  it('makes keys of the known grammar with a version 4 UUID inside', () => {
    for (const { secret, kind } of langsmith.tokens()) {
      const type = kind === 'service' ? 'sk' : 'pt';
      expect(secret).toMatch(new RegExp(`^lsv2_${type}_[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}_[0-9a-f]{10}$`));
    }
  });

  it.each([
    ['head-tail', /^lsv2_pt_[0-9a-f]{4}…[0-9a-f]{4}$/],
    ['head', /^lsv2_pt_[0-9a-f]{4}$/],
    ['tail', /^lsv2_\.\.\._\.{4}[0-9a-f]{6}$/],
  ] as const)('can show short keys as %s', async (shortKey, form) => {
    await langsmith.close();
    langsmith = await startLangSmith({ shortKey });
    for (const item of (await call(MEMBERS)).json) expect(item.short_key).toMatch(form);
  });

  it('can name a row by the UUID inside its key', async () => {
    await langsmith.close();
    langsmith = await startLangSmith({ rowIdInKey: true });
    const token = byName('notebook');
    expect(token.secret).toContain(token.id.replaceAll('-', ''));
  });

  it('refuses unknown, revoked, expired and deleted keys with 401', async () => {
    const deleted = byName('notebook');
    await call(`${PATS}/${deleted.id}`, { method: 'DELETE' });
    for (const key of [
      'lsv2_pt_x',
      '',
      deleted.secret,
      byName('left-the-company').secret,
      byName('hackathon').secret,
    ]) {
      expect((await call(PATS, { key })).status).toBe(401);
    }
  });

  it('refuses another organisation’s id', async () => {
    expect((await call(PATS, { organization: UNKNOWN })).status).toBe(403);
  });

  it('holds and lists ten thousand tokens', async () => {
    for (let i = 0; i < 10_000; i += 1)
      langsmith.mint({ profile: 'langsmith-demo', name: `bulk-${i}`, owner: `u${i % 50}` });
    expect((await call(MEMBERS)).json).toHaveLength(10_010);
  });

  it('gives a profile that it did not know a member of its own without rights over others', async () => {
    const token = langsmith.mint({ profile: 'langsmith-own', name: 'mine' });
    const secret = langsmith.profileSecret('langsmith-own');
    expect(secret['scope']).toBe('own');
    const own = (await call(PATS, { key: secret['apiKey'] ?? '' })).json;
    expect(own.map(({ id }: { id: string }) => id)).toContain(token.id);
    expect(own).toHaveLength(2);
  });
});

describe('what the LangSmith stand-in changes', () => {
  it('revokes and reinstates, and a revoked key stops working until then', async () => {
    const token = byName('notebook');
    const target = `${PATS}/${token.id}/revocation`;
    const revoked = await call(target, { method: 'POST' });
    expect(revoked).toMatchObject({ status: 200, json: { id: token.id, revoked_at: '2026-11-22T12:00:00.000Z' } });
    expect((await call(PATS, { key: token.secret })).status).toBe(401);
    clock += 5_000;
    expect((await call(target, { method: 'POST' })).json.revoked_at).toBe('2026-11-22T12:00:00.000Z');
    expect(await call(target, { method: 'DELETE' })).toMatchObject({ status: 204, json: undefined });
    expect((await row(token.id)).revoked_at).toBeNull();
    expect((await call(PATS, { key: token.secret })).status).toBe(200);
  });

  it('deletes once; afterwards the row is gone and unknown', async () => {
    const token = byName('notebook');
    expect((await call(`${PATS}/${token.id}`, { method: 'DELETE' })).json.id).toBe(token.id);
    expect(await row(token.id)).toBeUndefined();
    expect(await call(`${PATS}/${token.id}`, { method: 'DELETE' })).toMatchObject({
      status: 404,
      json: { type: 'about:blank', title: 'Not Found', status: 404 },
    });
    expect(byName('notebook').state).toBe('deleted');
    expect(langsmith.calls.filter(({ mutation }) => mutation)).toHaveLength(1);
  });

  it('lets a member change its own tokens and hides those of others', async () => {
    const key = byName('eval-runner').secret;
    expect((await call(`${PATS}/${byName('notebook').id}/revocation`, { method: 'POST', key })).status).toBe(404);
    expect((await call(`${PATS}/${byName('eval-runner').id}/revocation`, { method: 'POST', key })).status).toBe(200);
    expect(byName('notebook').state).toBe('active');
    expect(byName('eval-runner').state).toBe('inactive');
  });

  it('answers 422 to an id that is no UUID, in both documented shapes', async () => {
    expect((await call(`${PATS}/nope/revocation`, { method: 'POST' })).json.detail[0]).toMatchObject({
      loc: ['path', 'pat_id'],
    });
    await langsmith.close();
    langsmith = await startLangSmith({ validation: 'strings' });
    const { status, json } = await call(`${PATS}/nope`, { method: 'DELETE' });
    expect([status, typeof json.detail[0]]).toEqual([422, 'string']);
  });

  it('lists and deletes service keys for administrators, and cannot revoke one', async () => {
    expect((await call(KEYS)).json).toHaveLength(2);
    expect((await call(KEYS, { key: byName('notebook').secret })).status).toBe(403);
    const key = byName('ci-evals');
    expect((await call(`${KEYS}/${key.id}/revocation`, { method: 'POST' })).status).toBe(404);
    expect((await call(`${PATS}/${key.id}/revocation`, { method: 'POST' })).status).toBe(404);
    expect((await call(`${KEYS}/${key.id}`, { method: 'DELETE' })).status).toBe(200);
    expect((await call(KEYS)).json).toHaveLength(1);
  });

  it('switches the creation of tokens off for administrators only', async () => {
    const body = '{"pat_creation_disabled":true}';
    expect((await call(INFO, { method: 'PATCH', body, key: byName('notebook').secret })).status).toBe(403);
    expect((await call(INFO)).json.pat_creation_disabled).toBe(false);
    expect((await call(INFO, { method: 'PATCH', body })).json.pat_creation_disabled).toBe(true);
    expect(langsmith.info()['pat_creation_disabled']).toBe(true);
    expect((await call(INFO, { method: 'PATCH', body: '{"pat_creation_disabled":"yes"}' })).status).toBe(422);
    expect((await call(INFO, { method: 'PATCH', body: '{"other":true}' })).status).toBe(422);
  });
});

describe('trouble at the LangSmith stand-in', () => {
  it('answers like an old server that knows no revocation, and changes nothing', async () => {
    langsmith.setFault({ mode: 'no-revocation' });
    const target = `${PATS}/${byName('notebook').id}/revocation`;
    for (const method of ['POST', 'DELETE']) {
      const reply = await call(target, { method });
      expect([reply.status, reply.json]).toEqual([404, { detail: 'Not Found' }]);
    }
    expect((await call(MEMBERS)).status).toBe(200);
    expect(byName('notebook').state).toBe('active');
  });

  it('limits each key by itself and says when to come back', async () => {
    await langsmith.close();
    langsmith = await startLangSmith({ now: () => new Date(clock), callsPerMinute: 2 });
    const other = byName('notebook').secret;
    await call(PATS);
    await call(PATS);
    clock += 15_000;
    const limited = await call(PATS);
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '45']);
    expect((await call(PATS, { key: other })).status).toBe(200);
  });

  it('errs as the fault switch says, once, and recovers', async () => {
    for (const mode of ['401', '429', '500'] as const) {
      langsmith.setFault({ mode, count: 1 });
      expect((await call(PATS)).status).toBe(Number(mode));
      expect((await call(PATS)).status).toBe(200);
    }
  });

  it('kills the caller after the effect and drops the answer', async () => {
    let killed = false;
    langsmith.crashNext('after-effect', () => {
      killed = true;
    });
    await call(MEMBERS);
    await expect(call(`${PATS}/${byName('notebook').id}/revocation`, { method: 'POST' })).rejects.toThrow();
    expect([killed, byName('notebook').state]).toEqual([true, 'inactive']);
  });

  it('goes back to its first state', async () => {
    const before = langsmith.tokens();
    await call(`${PATS}/${byName('notebook').id}`, { method: 'DELETE' });
    await call(INFO, { method: 'PATCH', body: '{"pat_creation_disabled":true}' });
    langsmith.reset();
    expect(langsmith.tokens()).toEqual(before);
    expect((await call(INFO)).json.pat_creation_disabled).toBe(false);
  });
});
