import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import type { Provider } from '#shared/providers/provider.ts';
import type { Grade } from '#shared/core/vocabulary.ts';
import { recognise } from '#shared/providers/recognise.ts';
import { type DfnsStandIn, startDfns } from '#infra/sandbox/providers/dfns/dfns.ts';
import { type LangSmithStandIn, startLangSmith } from '#infra/sandbox/providers/langsmith/langsmith.ts';
import type { ProviderStandIn } from '#infra/sandbox/kit/stand-in.ts';
import { fingerprint } from '#test/support/leaks.ts';
import { openProvider } from '#test/support/open-provider.ts';

const clueOf = (secret: string) => recognise(new Secret(secret), fingerprint) ?? expect.fail('not recognised');

/** The whole life of a token, each step read back, and the bot's own token spared by its mark. */
async function live(provider: Provider, standIn: ProviderStandIn, grade: Grade = 'strong'): Promise<void> {
  const { id, secret } = standIn.mint({
    profile: provider.profile,
    name: 'short-lived',
    createdAt: '2025-03-04T05:06:07.890Z',
  });
  const stateOf = () => standIn.tokens().find((token) => token.id === id)?.state;

  const { tokens } = await provider.list();
  expect(tokens.filter(({ own }) => own).map(({ name }) => name)).toEqual(['patrol-bot']);
  expect(tokens.find((token) => token.id === id)).toMatchObject({
    name: 'short-lived',
    state: 'active',
    own: false,
    createdAt: '2025-03-04T05:06:07.890Z',
  });
  expect(await provider.find(clueOf(secret))).toMatchObject([{ grade, token: { id } }]);
  // Once its issuer has named it for the leaked secret, no resemblance is needed.
  expect(await provider.find(clueOf(secret), new Set([id]))).toMatchObject([{ grade: 'exact', token: { id } }]);

  expect(await provider.deactivate(id)).toMatchObject({
    kind: 'done',
    answer: { status: 200, fact: expect.any(String) },
  });
  expect(stateOf()).toBe('inactive');
  expect(await provider.get(id)).toMatchObject({ state: 'inactive' });
  expect(await provider.deactivate(id)).toMatchObject({ kind: 'done' });
  expect(await provider.activate(id)).toMatchObject({ kind: 'done' });
  expect(await provider.get(id)).toMatchObject({ state: 'active' });
  expect(stateOf()).toBe('active');
  expect(await provider.delete(id)).toMatchObject({ kind: 'done' });
  expect(await provider.get(id)).toBeUndefined();
  expect(stateOf()).toBe('deleted');
  expect(await provider.delete(id)).toEqual({ kind: 'not_found' });
  expect(standIn.calls.filter(({ signatureValid }) => signatureValid === false)).toEqual([]);
  expect(await provider.check()).toMatchObject({ works: true, advice: [] });
}

describe('Dfns, as its stand-in speaks it', () => {
  let dfns: DfnsStandIn;
  const profiles = {
    'with-ed25519': { key: 'ed25519' },
    'with-p256': { key: 'p256' },
    'with-rsa': { key: 'rsa' },
    service: { identity: 'service-account' },
  } as const;
  beforeAll(async () => {
    dfns = await startDfns({ profiles, seeded: [] });
  });
  afterAll(() => dfns.close());
  const open = (profile: string) => openProvider(dfns.profileSecret(profile), { profile });

  it.each(['with-ed25519', 'with-p256', 'with-rsa'])('kills and brings back %s', async (profile) => {
    await live(open(profile), dfns);
    expect(dfns.calls.some(({ signatureValid }) => signatureValid === true)).toBe(true);
  });

  it('finds a token of its own user only', async () => {
    const { secret } = dfns.mint({ profile: 'with-p256', name: 'elsewhere' });
    expect(await open('with-ed25519').find(clueOf(secret))).toEqual([]);
    expect(await open('with-p256').find(clueOf(secret))).toHaveLength(1);
  });

  it('knows its own leaked token for sure', async () => {
    const { authToken } = dfns.profileSecret('with-ed25519');
    expect(await open('with-ed25519').find(clueOf(authToken ?? ''))).toMatchObject([
      { grade: 'exact', token: { own: true } },
    ]);
  });

  it('stops a whole user where the credential may, and reads that back', async () => {
    const user = dfns.userId('with-rsa');
    await expect(open('with-p256').pull(`deactivate-user:${user}`)).rejects.toMatchObject({
      code: 'provider_unauthorized',
      status: 403,
    });
    expect(await open('service').pull(`deactivate-user:${user}`)).toEqual({
      kind: 'done',
      answer: { status: 200, fact: 'inactive' },
    });
    expect(dfns.users().find(({ userId }) => userId === user)?.isActive).toBe(false);
    expect(await open('service').pull('deactivate-user:us-00000-00000-0000000000000000')).toEqual({
      kind: 'not_found',
    });
  });

  it('survives a kill between the effect and the answer', async () => {
    const { id } = dfns.mint({ profile: 'with-p256', name: 'unlucky' });
    dfns.crashNext('after-effect', () => {});
    expect(await open('with-p256').deactivate(id)).toEqual({
      kind: 'done',
      answer: { fact: 'lost' },
    });
    expect(dfns.calls.filter(({ path, mutation }) => path.includes(id) && mutation)).toHaveLength(1);
  });

  it('waits for an approval at Dfns', async () => {
    const { id } = dfns.mint({ profile: 'with-p256', name: 'governed' });
    dfns.setFault({ mode: '202' });
    expect(await open('with-p256').deactivate(id)).toMatchObject({ kind: 'pending' });
    dfns.setFault({ mode: 'none' });
    expect(await open('with-p256').get(id)).toMatchObject({ state: 'active' });
  });
});

describe.each(['head-tail', 'head', 'tail'] as const)(
  'LangSmith with short keys of the form %s, as its stand-in speaks it',
  (shortKey) => {
    let langsmith: LangSmithStandIn;
    beforeAll(async () => {
      langsmith = await startLangSmith({
        profiles: { admin: { admin: true }, member: { admin: false } },
        seeded: [],
        shortKey,
      });
    });
    afterAll(() => langsmith.close());
    const open = (profile: string) => openProvider(langsmith.profileSecret(profile), { profile });

    // Four characters are too few even for a list of one row: any foreign key has them once in 65,536 times.
    const grade = shortKey === 'head' ? 'weak' : 'strong';

    it('kills and brings back its own token', () => live(open('member'), langsmith, grade));

    it('sees and kills everybody’s as an admin, and says which is its own', async () => {
      const { id } = langsmith.mint({
        profile: 'member',
        name: 'theirs',
        owner: 'ben@example.com',
        lastUsedAt: '2026-01-01T00:00:00Z',
        expiresAt: '2099-01-01T00:00:00Z',
      });
      const admin = open('admin');
      const { tokens } = await admin.list();
      expect(tokens.filter(({ own }) => own)).toMatchObject([
        { name: 'patrol-bot', owner: { id: 'admin@patrol.example' } },
      ]);
      expect(tokens.find((token) => token.id === id)).toMatchObject({
        owner: { id: 'ben@example.com' },
        lastUsedAt: '2026-01-01T00:00:00.000Z',
        expiresAt: '2099-01-01T00:00:00.000Z',
        organizationId: langsmith.organizationId,
      });
      expect(await admin.deactivate(id)).toEqual({ kind: 'done', answer: { status: 200, fact: 'revoked' } });
      expect(await open('member').get(id)).toBeUndefined();
    });

    it('lists service keys where it may, and can only delete them', async () => {
      const { id, secret } = langsmith.mint({ profile: 'admin', name: 'ingest', kind: 'service' });
      const admin = open('admin');
      expect(await admin.get(id)).toMatchObject({ kind: 'service-key', name: 'ingest' });
      expect(await admin.find(clueOf(secret))).toMatchObject([{ grade, token: { id, kind: 'service-key' } }]);
      expect(await admin.deactivate(id)).toMatchObject({ kind: 'unsupported' });
      expect(await admin.activate(id)).toMatchObject({ kind: 'unsupported' });
      expect(await admin.get(id)).toMatchObject({ state: 'active' });
      expect(await admin.delete(id)).toMatchObject({ kind: 'done' });
      expect(await admin.get(id)).toBeUndefined();
      expect(await open('member').find(clueOf(secret))).toEqual([]);
    });

    it('says "unsupported" of an old server, and deletes nothing instead', async () => {
      const { id } = langsmith.mint({ profile: 'member', name: 'old-server' });
      langsmith.setFault({ mode: 'no-revocation' });
      expect(await open('member').deactivate(id)).toMatchObject({
        kind: 'unsupported',
        answer: { status: 404, fact: 'no_revocation' },
      });
      expect(await open('member').activate(id)).toMatchObject({ kind: 'unsupported' });
      expect(await open('member').deactivate('00000000-0000-4000-8000-000000000000')).toEqual({ kind: 'not_found' });
      langsmith.setFault({ mode: 'none' });
      expect(langsmith.tokens().find((token) => token.id === id)?.state).toBe('active');
    });

    it('stops new tokens, and reads that back', async () => {
      expect(await open('admin').pull('stop-new-pats')).toEqual({
        kind: 'done',
        answer: { status: 200, fact: 'stopped' },
      });
      expect(langsmith.info()).toMatchObject({ pat_creation_disabled: true });
      await expect(open('member').pull('stop-new-pats')).rejects.toMatchObject({ code: 'provider_unauthorized' });
    });

    it('knows its own leaked key for sure', async () => {
      const { apiKey } = langsmith.profileSecret('member');
      expect(await open('member').find(clueOf(apiKey ?? ''))).toMatchObject([{ grade: 'exact', token: { own: true } }]);
    });
  },
);

it('takes a LangSmith key whose UUID is the row’s id for an exact match', async () => {
  const langsmith = await startLangSmith({ profiles: { admin: { admin: true } }, seeded: ['admin'], rowIdInKey: true });
  const { id, secret } = langsmith.mint({ profile: 'admin', name: 'leaked' });
  const provider = openProvider(langsmith.profileSecret('admin'), { profile: 'admin' });
  expect(await provider.find(clueOf(secret))).toMatchObject([{ grade: 'exact', token: { id } }]);
  await langsmith.close();
});
