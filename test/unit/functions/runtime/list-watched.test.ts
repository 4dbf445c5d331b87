import { describe, expect, it } from 'vitest';
import { listWatched } from '#functions/runtime/list-watched.ts';
import { Fault } from '#shared/core/fault.ts';
import { Secret } from '#shared/core/secret.ts';

/** Secrets Manager that lists these secrets, with their tags, on one page each. */
const listing = (...pages: readonly { readonly Name: string; readonly tags: Readonly<Record<string, string>> }[]) => ({
  send: async ({ input }: { readonly input: { readonly NextToken?: string } }) => {
    const at = Number(input.NextToken ?? 0);
    const { Name, tags } = pages[at]!;
    return {
      SecretList: [{ Name, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }],
      NextToken: at + 1 < pages.length ? String(at + 1) : undefined,
    };
  },
});

describe('listWatched', () => {
  it('reads what its owners have tagged, hides nothing behind one that cannot be read, and tells of that', async () => {
    const client = listing(
      { Name: 'apps/one', tags: { 'patrol:watch': 'true' } },
      { Name: 'apps/unread', tags: { 'patrol:watch': 'true' } },
      { Name: 'apps/other', tags: { 'patrol:watch': 'false', other: 'true' } },
      { Name: 'apps/two', tags: { 'patrol:watch': 'true' } },
    );
    const refresh = async (name: string) => {
      if (name === 'apps/unread') throw new Fault('secret_unavailable', 'secret apps/unread: ThrottlingException');
      return { current: new Secret(name) };
    };
    const { secrets, failures } = await listWatched(client as never, { refresh });
    expect(secrets.map((secret) => secret.expose())).toEqual(['apps/one', 'apps/two']);
    expect(failures).toMatchObject([{ code: 'secret_unavailable' }]);
  });
});
