import { describe, expect, it } from 'vitest';
import { createPartnerKey, type GithubPublicKey } from '#infra/sandbox/github/github.ts';
import type { FetchPublic } from '#shared/alerts/verify/fetch-public.ts';
import { createPartnerKeys } from '#shared/alerts/verify/partner-keys.ts';
import { Fault } from '#shared/core/fault.ts';
import { sha256Hex } from '#shared/core/hmac-sha256.ts';

const published = (more: Partial<GithubPublicKey> = {}): GithubPublicKey => {
  const { keyIdentifier, publicKeyPem } = createPartnerKey();
  return { key_identifier: keyIdentifier, key: publicKeyPem, is_current: true, ...more };
};

/** A key list that can change, fail and count how often it was asked. */
function startList(keys: GithubPublicKey[]) {
  const list = { keys, asked: [] as (string | undefined)[], status: 200, clock: 0 };
  const fetchPublic: FetchPublic = async (_url, etag) => {
    list.asked.push(etag);
    if (list.status === 0) throw new Fault('keys_unavailable', 'no answer');
    return { status: list.status, etag: '"1"', text: JSON.stringify({ public_keys: list.keys }) };
  };
  const find = createPartnerKeys({
    url: new URL('https://api.github.com/meta/public_keys/secret_scanning'),
    fetchPublic,
    now: () => new Date(list.clock),
  });
  return { list, find };
}

describe('createPartnerKeys', () => {
  it('gives a current key, and asks once for many deliveries', async () => {
    const key = published();
    const { list, find } = startList([key]);
    const found = await Promise.all(Array.from({ length: 5 }, () => find(key.key_identifier)));
    expect(new Set(found)).toEqual(new Set([key.key]));
    await find(key.key_identifier);
    expect(list.asked).toHaveLength(1);
  });

  it.each([
    ['is not current any more', published({ is_current: false })],
    ['stands under the identifier of another', { ...published(), key: published().key }],
  ])('refuses a key that %s', async (_name, key) => {
    const { find } = startList([key]);
    await expect(find(key.key_identifier)).rejects.toThrow('signature_invalid');
  });

  it('asks again for an unknown identifier once per cool-down, and finds a new key then', async () => {
    const [old, fresh] = [published(), published()];
    const { list, find } = startList([old]);
    await find(old.key_identifier);
    list.clock = 61_000;
    for (let index = 0; index < 50; index += 1) {
      await expect(find('0'.repeat(64))).rejects.toThrow('signature_invalid');
    }
    expect(list.asked).toEqual([undefined, '"1"']);
    list.keys.push(fresh);
    list.clock = 130_000;
    expect(await find(fresh.key_identifier)).toBe(fresh.key);
    expect(list.asked).toHaveLength(3);
  });

  it('keeps working with what it knows while GitHub does not answer', async () => {
    const key = published();
    const { list, find } = startList([key]);
    await find(key.key_identifier);
    list.status = 0;
    list.clock = 2 * 60 * 60_000;
    expect(await find(key.key_identifier)).toBe(key.key);
  });

  it('believes no key for longer than a day that GitHub does not name again: it may be withdrawn since it leaked', async () => {
    const key = published();
    const { list, find } = startList([key]);
    await find(key.key_identifier);
    const hour = 3_600_000;
    list.status = 304;
    list.clock = 20 * hour;
    await find(key.key_identifier);
    list.status = 0;
    list.clock = 43 * hour;
    expect(await find(key.key_identifier)).toBe(key.key);
    list.clock = 45 * hour;
    const asked = list.asked.length;
    for (let index = 0; index < 5; index += 1) await expect(find(key.key_identifier)).rejects.toThrow('no answer');
    expect(list.asked.length - asked).toBe(1);
    list.status = 200;
    list.clock = 46 * hour;
    expect(await find(key.key_identifier)).toBe(key.key);
  });

  it('cannot tell of an unknown identifier while GitHub does not answer, and asks once per cool-down', async () => {
    const [old, fresh] = [published(), published()];
    const { list, find } = startList([old]);
    await find(old.key_identifier);
    list.status = 0;
    list.clock = 61_000;
    for (let index = 0; index < 3; index += 1) {
      await expect(find(fresh.key_identifier)).rejects.toThrow('keys_unavailable');
    }
    expect(list.asked).toHaveLength(2);
    list.status = 200;
    list.keys = [fresh];
    list.clock = 122_000;
    expect(await find(fresh.key_identifier)).toBe(fresh.key);
    await expect(find(old.key_identifier)).rejects.toThrow('signature_invalid');
  });

  it('believes a list for no longer than an hour once GitHub answers again', async () => {
    const [old, fresh] = [published(), published()];
    const { list, find } = startList([old]);
    await find(old.key_identifier);
    list.status = 0;
    list.clock = 61 * 60_000;
    expect(await find(old.key_identifier)).toBe(old.key);
    list.status = 200;
    list.keys = [fresh];
    list.clock += 60_000;
    await expect(find(old.key_identifier)).rejects.toThrow('signature_invalid');
  });

  it('believes an unchanged list again', async () => {
    const key = published();
    const { list, find } = startList([key]);
    await find(key.key_identifier);
    list.status = 304;
    list.clock = 2 * 60 * 60_000;
    expect(await find(key.key_identifier)).toBe(key.key);
    expect(list.asked.at(-1)).toBe('"1"');
  });

  it.each([0, 500, 403])('says that keys are unavailable while it knows none (%i), and tries again', async (status) => {
    const key = published();
    const { list, find } = startList([key]);
    list.status = status;
    await expect(find(key.key_identifier)).rejects.toThrow('keys_unavailable');
    list.status = 200;
    expect(await find(key.key_identifier)).toBe(key.key);
  });

  it('knows a key whose identifier is the hash of its text as it stands, as well as with a final line break', async () => {
    const { key } = published();
    const bare = key.trimEnd();
    for (const hashed of [bare, `${bare}\n`]) {
      const { find } = startList([{ key_identifier: sha256Hex(hashed), key: bare, is_current: true }]);
      expect(await find(sha256Hex(hashed))).toBe(bare);
    }
  });

  it('tells our log why there is no key', async () => {
    const key = published();
    const { list, find } = startList([key]);
    list.status = 500;
    const why = (id: string) =>
      find(id).then(
        () => 'found',
        (error: unknown) => (error as Error).message,
      );
    expect(await why(key.key_identifier)).toBe('keys_unavailable: api.github.com: HTTP 500');
    list.status = 304;
    expect(await why(key.key_identifier)).toBe('keys_unavailable: api.github.com: HTTP 304');
    list.status = 200;
    expect(await why('0'.repeat(64))).toBe('signature_invalid: the key identifier is not a current one');
    const { find: odd } = startList('nonsense' as never);
    await expect(odd('0'.repeat(64))).rejects.toThrow('keys_unavailable: the list of keys is of an unknown form');
  });

  it('reads a list of a hundred keys and none that is longer', async () => {
    const key = published();
    const { find } = startList(Array.from({ length: 100 }, () => key));
    expect(await find(key.key_identifier)).toBe(key.key);
    const { find: more } = startList(Array.from({ length: 101 }, () => key));
    await expect(more(key.key_identifier)).rejects.toThrow('keys_unavailable');
  });

  it('asks no more than once an hour for a key that it knows, and once a minute for one that it does not', async () => {
    const key = published();
    const { list, find } = startList([key]);
    await find(key.key_identifier);
    list.clock = 60 * 60_000 - 1;
    await find(key.key_identifier);
    expect(list.asked).toHaveLength(1);
    list.clock += 1;
    await find(key.key_identifier);
    expect(list.asked).toHaveLength(2);
    const unknown = () => find('0'.repeat(64)).catch(() => undefined);
    list.clock += 60_000 - 1;
    await unknown();
    expect(list.asked).toHaveLength(2);
    list.clock += 1;
    await unknown();
    expect(list.asked).toHaveLength(3);
  });

  it('believes a list for a day after GitHub fell silent', async () => {
    const key = published();
    const { list, find } = startList([key]);
    await find(key.key_identifier);
    list.status = 0;
    list.clock = 24 * 3_600_000 - 1;
    expect(await find(key.key_identifier)).toBe(key.key);
    list.clock += 60 * 60_000;
    await expect(find(key.key_identifier)).rejects.toThrow('no answer');
  });

  it('refuses a list of another form', async () => {
    const { find } = startList('nonsense' as never);
    await expect(find('0'.repeat(64))).rejects.toThrow('keys_unavailable');
  });
});
