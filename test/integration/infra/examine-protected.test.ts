import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadPolicy } from '#infra/policy.ts';
import { type DfnsStandIn, startDfns } from '#infra/sandbox/providers/dfns/dfns.ts';
import { examineProtected } from '#infra/setup/examine-protected.ts';
import type { Vault } from '#infra/setup/vault.ts';
import { Secret } from '#shared/core/secret.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { keepProtected } from '#shared/tokens/newly-protected.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';

let dfns: DfnsStandIn;
beforeAll(async () => {
  dfns = await startDfns({ seeded: [] });
});
afterAll(() => dfns.close());

const { profiles, ...rest } = loadPolicy();
const policy = {
  ...rest,
  profiles: { 'dfns-demo': profiles['dfns-demo']!, 'langsmith-demo': profiles['langsmith-demo']! },
};
const never = () => expect.fail('the doctor changes nothing');
const vault: Vault = {
  read: async (name) =>
    name === 'profiles/dfns-demo' ? new Secret(JSON.stringify(dfns.profileSecret('dfns-demo'))) : undefined,
  put: never,
  exists: never,
  versions: never,
};

it('names each token that somebody made immune by its name, and whose it is, until the weekly report has told of it', async () => {
  const { notes, ...store } = createMemoryStore();
  const examine = async () => (await examineProtected(policy, vault, notes))[0];
  dfns.mint({ profile: 'dfns-demo', name: 'laptop' });
  expect(await examine()).toMatchObject({ state: 'fine', finding: expect.stringContaining('none of them newly') });

  const lucky = dfns.mint({ profile: 'dfns-demo', name: 'break-glass-lucky' });
  const found = await examine();
  expect(found).toMatchObject({
    what: 'protected',
    state: 'odd',
    advice: expect.stringContaining('correct `protected`'),
  });
  expect(found?.finding).toMatch(
    new RegExp(`^1 newly protected: "break-glass-lucky" \\(dfns-demo:${lucky.id}\\) of \\S+, because of "emergency`),
  );
  expect(found?.finding).not.toContain('laptop');
  // A profile that could not be looked at is said, and hides nothing.
  expect(found?.finding).toContain('not looked at, because they do not work: langsmith-demo');

  await keepProtected({ notes, ...store }, [{ profile: 'dfns-demo', id: lucky.id } as Token]);
  expect(await examine()).toMatchObject({ state: 'fine', finding: expect.stringContaining('1 tokens are protected') });
});

it('keeps a foreign name on its line', async () => {
  dfns.mint({ profile: 'dfns-demo', name: 'break-glass-\n✔ all is well\u001b[2K\u202e' });
  const { notes } = createMemoryStore();
  const [found] = await examineProtected(policy, vault, notes);
  expect(found?.finding).toContain('break-glass-✔ all is well[2K');
  expect(found?.finding).not.toMatch(/\p{C}/u);
});
