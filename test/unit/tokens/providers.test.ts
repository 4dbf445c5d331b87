import { describe, expect, it } from 'vitest';
import { loadPolicy } from '#infra/policy.ts';
import { Secret } from '#shared/core/secret.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { recognise } from '#shared/providers/recognise.ts';
import { createProviders } from '#shared/tokens/providers.ts';
import { createCallBudget } from '#shared/tokens/call-budget.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';
import { langsmithKey } from '#test/support/leaks.ts';

const open = (baseUrl: string, allowsLoopback: boolean) => {
  const stored = { current: new Secret(JSON.stringify({ provider: 'langsmith', baseUrl, apiKey: langsmithKey() })) };
  return createProviders({
    policy: loadPolicy(),
    secrets: { read: async () => stored, refresh: async () => stored },
    secretName: (profile) => profile,
    allowsLoopback,
    fetch: globalThis.fetch,
    now: () => new Date(0),
    sleep: async () => undefined,
    random: () => 0,
    fingerprint: (text) => text,
  }).open('langsmith-demo');
};

describe('createProviders', () => {
  it.each(['http://127.0.0.1:9001', 'http://localhost', 'https://127.8.8.8', 'http://[::1]:80', 'http://2130706433'])(
    'opens no provider at %s where a function runs',
    async (baseUrl) => {
      await expect(open(baseUrl, false)).rejects.toMatchObject({
        code: 'config_invalid',
        detail: 'profile langsmith-demo: baseUrl is on this machine',
      });
      await expect(open(baseUrl, true)).resolves.toMatchObject({ profile: 'langsmith-demo' });
    },
  );

  describe('what a profile works with', () => {
    const token = (key: string): Token => ({
      ...{ provider: 'langsmith', profile: 'langsmith-demo', id: key, name: 'patrol', kind: 'pat', state: 'active' },
      ...{ own: false, permissions: [], shortKey: `${key.slice(0, 12)}...${key.slice(-4)}` },
    });
    const stored = (apiKey: string) => ({
      current: new Secret(JSON.stringify({ provider: 'langsmith', baseUrl: 'https://langsmith.test', apiKey })),
    });
    const [old, rotated] = [langsmithKey(), langsmithKey()];
    const asking = (refresh: () => Promise<{ readonly current: Secret }>) =>
      createProviders({
        policy: loadPolicy(),
        secrets: { read: async () => stored(old), refresh },
        secretName: (profile) => profile,
        allowsLoopback: false,
        fetch: async () => Response.json([]),
        now: () => new Date(0),
        sleep: () => new Promise((resolve) => setImmediate(resolve)),
        random: () => 0,
        fingerprint: (text) => text,
      });

    it.each([
      ['is stored by now', async () => stored(rotated), true],
      ['was read last, where what is stored cannot be read', () => Promise.reject(new Error('down')), false],
      ['was read last, where that is not read at once', () => new Promise<never>(() => undefined), false],
    ])('is what %s', async (_, refresh, isKnown) => {
      const providers = asking(refresh);
      expect(await providers.worksWith('langsmith-demo', token(old))).toBe(true);
      expect(await providers.worksWith('langsmith-demo', token(rotated))).toBe(isKnown);
      expect(await providers.worksWith('langsmith-demo', token(langsmithKey()))).toBe(false);
    });
  });

  it('opens a provider elsewhere', async () => {
    await expect(open('https://api.smith.langchain.com', false)).resolves.toMatchObject({ name: 'langsmith' });
  });

  it('refuses searches when their share of the limit is used up, and neither reads nor kills', async () => {
    let calls = 0;
    const secret = new Secret(
      JSON.stringify({ provider: 'langsmith', baseUrl: 'https://langsmith.test', apiKey: langsmithKey() }),
    );
    const providers = createProviders({
      policy: loadPolicy(),
      secrets: { read: async () => ({ current: secret }), refresh: async () => ({ current: secret }) },
      secretName: (profile) => profile,
      allowsLoopback: false,
      fetch: async () => {
        calls += 1;
        return Response.json([]);
      },
      now: () => new Date(0),
      sleep: async () => undefined,
      random: () => 0,
      fingerprint: (text) => text,
      budget: createCallBudget({
        notes: createMemoryStore().notes,
        now: () => new Date(0),
        sleep: async () => undefined,
        random: () => 0,
        side: 'alerts',
      }),
    });
    const provider = await providers.open('langsmith-demo', 'search');
    const clue = recognise(new Secret(langsmithKey()), (text) => text);
    if (clue === undefined) throw new Error('no clue');
    const search = async (left: number): Promise<unknown> => {
      if (left === 0) return undefined;
      return provider.find(clue).then(
        () => search(left - 1),
        (error: unknown) => error,
      );
    };
    expect(await search(1000)).toMatchObject({ code: 'provider_rate_limited' });
    const before = calls;
    expect(before).toBeLessThanOrEqual(2000 / 6 / 3);
    await provider.get('00000000-0000-4000-8000-000000000000');
    expect(calls).toBeGreaterThan(before);
    // What a person reports, and what is proved, does not wait for a flood of strangers.
    for (const urgency of ['person', 'proved'] as const) {
      const urgent = await providers.open('langsmith-demo', urgency);
      expect(await urgent.find(clue)).toEqual([]);
    }
    await expect(provider.find(clue)).rejects.toMatchObject({ code: 'provider_rate_limited' });
  });

  it('reads a credential afresh where it is refused, once, and does the same call with what it got', async () => {
    const [rotated, fresh] = [langsmithKey(), langsmithKey()];
    const secretOf = (apiKey: string) => ({
      current: new Secret(JSON.stringify({ provider: 'langsmith', baseUrl: 'https://langsmith.test', apiKey })),
    });
    let refreshes = 0;
    const used: (string | null)[] = [];
    const openWith = (refreshed: string) =>
      createProviders({
        policy: loadPolicy(),
        secrets: {
          read: async () => secretOf(rotated),
          refresh: async () => {
            refreshes += 1;
            return secretOf(refreshed);
          },
        },
        secretName: (profile) => profile,
        allowsLoopback: false,
        fetch: async (_, init) => {
          const key = new Headers(init?.headers).get('x-api-key');
          used.push(key);
          return key === fresh ? Response.json([]) : Response.json({ detail: 'Unauthorized' }, { status: 401 });
        },
        now: () => new Date(0),
        sleep: async () => undefined,
        random: () => 0,
        fingerprint: (text) => text,
      }).open('langsmith-demo');
    const provider = await openWith(fresh);
    expect((await provider.list()).tokens).toEqual([]);
    expect(refreshes).toBe(1);
    expect(new Set(used)).toEqual(new Set([rotated, fresh]));
    expect(used.indexOf(fresh)).toBeGreaterThan(used.lastIndexOf(rotated));
    // What is no other than before is not tried a second time.
    refreshes = 0;
    await expect((await openWith(rotated)).list()).rejects.toMatchObject({
      code: 'provider_unauthorized',
      status: 401,
    });
    expect(refreshes).toBe(1);
  });
});
