import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SourceKeys } from '#shared/alerts/source.ts';
import { checkKeys } from '#shared/alerts/verify/check-keys.ts';
import { createKeyring } from '#shared/alerts/verify/keyring.ts';
import { Fault } from '#shared/core/fault.ts';
import { Secret } from '#shared/core/secret.ts';
import type { StoredSecret } from '#shared/secrets/secret-reader.ts';

const good = () => randomBytes(20).toString('hex');
const keys = (current: string, previous?: string): SourceKeys => ({
  current: new Secret(current),
  ...(previous === undefined ? {} : { previous: new Secret(previous) }),
});
const faults = (all: Record<string, SourceKeys>) =>
  Object.fromEntries([...checkKeys(new Map(Object.entries(all)))].map(([name, { detail }]) => [name, detail]));

describe('checkKeys', () => {
  it('accepts distinct secrets of 16 bytes and more, also a weak one from before a rotation', () => {
    expect(faults({ a: keys(good()), b: keys(good(), 'old-and-short'), c: keys('0123456789abcdef') })).toEqual({});
  });

  it.each([
    '${GITHUB_WEBHOOK_SECRET}',
    '$GITHUB_WEBHOOK_SECRET',
    'prefix-${VAR}-suffix-and-more',
    '{{ github_webhook_secret }}',
    '<your webhook secret here>',
    'changeme',
    'change-me-change-me-change-me',
    'CHANGEME1234567890',
    'whsec_placeholder',
    'xxxxxxxxxxxxxxxxxxxxxxxx',
    '************************',
    'undefinedundefined',
    '  changeme  ',
    'whsec_change_me',
    'change me',
    'Replace-Me-please'.slice(0, 10),
    'replace_me',
    'replaceme',
    'todo!',
    'password123456.7!',
    'example-secret-example',
    'null',
    'secret',
    '${',
    'x',
    '<>',
    '$A',
  ])('refuses the placeholder %s', (secret) => {
    expect(faults({ a: keys(secret) })).toEqual({ a: 'source a: its secret is a placeholder' });
  });

  it.each([
    'my-changeme-is-a-real-secret',
    'changeme-not-at-all-0123',
    '$a_dollar_and_a_digit_1',
    'a$UPPER_CASE_IN_THE_MIDDLE',
    '$UPPER_CASE-WITH-DASH',
    'a<b>c<d>e<f>g<h>i',
    '<only-the-beginning',
    'only-the-end-of-it>',
    'whsec_3vX0q9Zt4mN7bR5k',
    'one-{brace}-is-nothing',
    '<a>0123456789abcdef',
    '0123456789abcdef<a>',
    '0123456789abcdef-changeme',
  ])('takes %s for a secret', (secret) => {
    expect(faults({ a: keys(secret) })).toEqual({});
  });

  it.each(['', 'a', '0123456789abcde'])('refuses %j, which is under 16 bytes', (secret) => {
    expect(faults({ a: keys(secret) })).toEqual({ a: 'source a: its secret is under 16 bytes' });
  });

  it('refuses blanks around a secret', () => {
    expect(faults({ a: keys(`${good()}\n`) })).toEqual({ a: 'source a: its secret begins or ends with a blank' });
  });

  it('refuses the same secret for two sources, versions before a rotation included, and leaves others alone', () => {
    const twin = good();
    expect(faults({ a: keys(twin), b: keys(good(), twin), c: keys(good()) })).toEqual({
      a: 'source a: b has the same secret',
      b: 'source b: a has the same secret',
    });
  });

  it('takes two secrets for two that differ only where a prefix could stand', () => {
    expect(faults({ a: keys('abcdef0123456789abcdef'), b: keys('ghijkl0123456789abcdef') })).toEqual({});
  });

  it('refuses one key in two spellings', () => {
    // 25 bytes take 34 letters, of whose last one four bits say nothing.
    const letters = randomBytes(25).toString('base64').slice(0, 33);
    for (const other of [`${letters}B==`, `${letters}A`]) {
      expect(faults({ a: keys(`whsec_${letters}A==`), b: keys(`whsec_${other}`) })).toEqual({
        a: 'source a: b has the same secret',
        b: 'source b: a has the same secret',
      });
    }
  });

  it('names no value', () => {
    const twin = good();
    expect(JSON.stringify(faults({ a: keys(twin), b: keys(twin) }))).not.toContain(twin);
  });
});

describe('createKeyring', () => {
  const ring = (stored: Record<string, SourceKeys | Error>, clock = { at: 0 }) => {
    const read = async (name: string): Promise<StoredSecret> => {
      const found = stored[name];
      if (found === undefined || found instanceof Error) throw found ?? new Fault('secret_unavailable', name);
      return { ...found, madeAt: new Date(0) };
    };
    const keyring = createKeyring({
      names: Object.keys(stored),
      read,
      refresh: read,
      now: () => new Date(clock.at),
    });
    return { keyring };
  };

  it('reads a plain secret and one in JSON', async () => {
    const [plain, wrapped] = [good(), good()];
    const { keyring } = ring({ a: keys(plain), b: keys(JSON.stringify({ secret: wrapped })) });
    expect((await keyring.keys('a')).current.expose()).toBe(plain);
    expect((await keyring.keys('b')).current.expose()).toBe(wrapped);
  });

  it('reads a secret out of blanks and quotes, and JSON with quotes in it', async () => {
    const secret = good();
    const stored = [
      `  ${secret}\n`,
      `"${secret}"`,
      `'${secret}'`,
      JSON.stringify(`'${secret}'`),
      JSON.stringify({ secret: `"${secret}"` }),
      ` ${JSON.stringify({ secret: ` ${secret} ` })} `,
    ];
    for (const text of stored) {
      const { keyring } = ring({ a: keys(text) });
      expect((await keyring.keys('a')).current.expose(), text).toBe(secret);
    }
    for (const plain of [`x"${secret}"`, '12345678901234567890']) {
      expect((await ring({ a: keys(plain) }).keyring.keys('a')).current.expose()).toBe(plain);
    }
  });

  it('refuses JSON without the field, and with something else in it', async () => {
    for (const stored of [{ token: good() }, { secret: 7 }, {}, { secret: null }]) {
      const { keyring } = ring({ a: keys(JSON.stringify(stored)) });
      await expect(keyring.keys('a')).rejects.toThrow('config_invalid: source a: its secret is under 16 bytes');
    }
  });

  it('gives the key before a rotation when the keys are read afresh, for 24 hours', async () => {
    const clock = { at: 0 };
    const { keyring } = ring({ a: keys(good(), good()) }, clock);
    expect(await keyring.keys('a')).not.toHaveProperty('previous');
    clock.at = 24 * 3_600_000;
    expect(await keyring.freshKeys('a')).toHaveProperty('previous');
    clock.at += 1;
    expect(await keyring.freshKeys('a')).not.toHaveProperty('previous');
  });

  it('notices a twin among the keys from before, as soon as one of them could be accepted', async () => {
    const [twin, other] = [good(), good()];
    const { keyring } = ring({ a: keys(good(), twin), b: keys(good(), twin), c: keys(other), d: keys(good(), other) });
    for (const name of ['a', 'b', 'c', 'd']) await expect(keyring.keys(name)).resolves.not.toHaveProperty('previous');
    await expect(keyring.freshKeys('a')).rejects.toThrow('b has the same secret');
    await expect(keyring.freshKeys('d')).rejects.toThrow('c has the same secret');
  });

  it('is not hindered by another source whose secret cannot be read', async () => {
    const { keyring } = ring({ a: keys(good()), b: new Fault('secret_unavailable', 'b') });
    await expect(keyring.keys('a')).resolves.toBeDefined();
    await expect(keyring.keys('b')).rejects.toThrow('secret_unavailable');
  });

  it('notices a twin that came by rotation, when it looks at all again', async () => {
    const clock = { at: 0 };
    const stored: Record<string, SourceKeys> = { a: keys(good()), b: keys(good()) };
    const { keyring } = ring(stored, clock);
    await keyring.keys('a');
    const { a } = stored;
    if (a !== undefined) stored['b'] = a;
    clock.at = 5 * 60_000 - 1;
    await expect(keyring.keys('a')).resolves.toBeDefined();
    clock.at += 1;
    await expect(keyring.keys('a')).rejects.toThrow('b has the same secret');
  });
});
