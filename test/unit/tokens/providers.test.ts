import { describe, expect, it } from 'vitest';
import { loadPolicy } from '#infra/policy.ts';
import { Secret } from '#shared/core/secret.ts';
import { createProviders } from '#shared/tokens/providers.ts';
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

  it('opens a provider elsewhere', async () => {
    await expect(open('https://api.smith.langchain.com', false)).resolves.toMatchObject({ name: 'langsmith' });
  });
});
