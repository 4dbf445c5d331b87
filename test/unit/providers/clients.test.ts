import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fault, isFault } from '#shared/core/fault.ts';
import { parseCredential } from '#shared/providers/clients.ts';
import { dfnsToken, langsmithKey } from '#test/support/leaks.ts';

const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const authToken = dfnsToken();
const apiKey = langsmithKey();
const dfns = { provider: 'dfns', baseUrl: 'https://api.dfns.io', authToken, credentialId: 'cr-1', privateKey: pem };
const langsmith = { provider: 'langsmith', baseUrl: 'https://api.smith.langchain.com', apiKey, organizationId: 'o-1' };

const parse = (fields: unknown) =>
  parseCredential('prod', typeof fields === 'string' ? fields : JSON.stringify(fields));

function faultOf(fields: unknown): Fault {
  try {
    parse(fields);
  } catch (error) {
    if (isFault(error, 'config_invalid')) return error;
    throw error;
  }
  return expect.fail('it should have thrown');
}

const without = (fields: object, name: string) =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));

describe('parseCredential', () => {
  it('reads a Dfns credential, and who it is from its claims', () => {
    expect(parse(dfns)).toMatchObject({
      provider: 'dfns',
      credentialId: 'cr-1',
      organizationId: 'or-30tnh-itmjs-s235s5ontr3r23h2',
      userId: 'us-6b58p-r53sr-rlrd3l5cj3uc4ome',
      baseUrl: new URL('https://api.dfns.io/'),
    });
  });

  it('reads a LangSmith credential for its own scope unless told otherwise', () => {
    expect(parse(langsmith)).toMatchObject({ provider: 'langsmith', scope: 'own', organizationId: 'o-1' });
    expect(parse({ ...langsmith, scope: 'organization', unknown: 1 })).toMatchObject({ scope: 'organization' });
    expect(parse({ ...without(langsmith, 'organizationId'), orgId: 'o-2' })).toMatchObject({ organizationId: 'o-2' });
  });

  it('shows nothing confidential when it is printed', () => {
    for (const fields of [dfns, langsmith]) {
      const credential = parse(fields);
      const shown = inspect(credential, { depth: 10, showHidden: true }) + JSON.stringify(credential);
      for (const secret of [authToken, apiKey, pem.split('\n')[1] ?? '']) expect(shown).not.toContain(secret);
    }
  });

  it.each([
    ['Ed25519', generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })],
    ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'sec1', format: 'pem' })],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' })],
  ])('takes a %s key with real, escaped, doubly escaped, Windows or no line breaks', (_, key) => {
    const text = String(key);
    const forms = [
      text,
      text.replaceAll('\n', '\\n'),
      text.replaceAll('\n', '\\\\n'),
      text.replaceAll('\n', '\r\n'),
      text.replaceAll('\n', ' '),
      `  ${text}  `,
    ];
    for (const privateKey of forms) expect(parse({ ...dfns, privateKey })).toMatchObject({ provider: 'dfns' });
  });

  it.each(['Bearer ', 'bearer  ', ' '])('takes a token with %j before it', (before) => {
    expect(parse({ ...dfns, authToken: `${before}${authToken}\n` })).toMatchObject({
      userId: expect.stringMatching(/^us-/),
    });
  });

  it.each([
    'https://api.dfns.io',
    'https://api.uae.dfns.io/',
    'https://proxy.example:8443/dfns/',
    'http://127.0.0.1:4400',
    'http://localhost',
    'http://[::1]:80/x',
  ])('takes the address %s', (baseUrl) => {
    const { pathname } = parse({ ...dfns, baseUrl }).baseUrl;
    expect(pathname).toBe(new URL(baseUrl).pathname.replace(/\/+$/, '') || '/');
  });

  it.each([
    ['http://api.dfns.io', 'baseUrl must be https'],
    ['http://127.0.0.1.evil.example', 'baseUrl must be https'],
    ['http://10.0.0.1', 'baseUrl must be https'],
    ['ftp://127.0.0.1', 'baseUrl is not an https address'],
    ['api.dfns.io', 'baseUrl is not an https address'],
    ['https://me:pass@api.dfns.io', 'baseUrl must hold no user name, password, query or fragment'],
    ['https://api.dfns.io/?x=1', 'baseUrl must hold no user name, password, query or fragment'],
    ['https://api.dfns.io/#x', 'baseUrl must hold no user name, password, query or fragment'],
  ])('refuses the address %s', (baseUrl, problem) => {
    for (const fields of [dfns, langsmith])
      expect(faultOf({ ...fields, baseUrl }).detail).toBe(`profile prod: ${problem}`);
  });

  it.each([
    [dfns, 'baseUrl'],
    [dfns, 'authToken'],
    [dfns, 'privateKey'],
    [dfns, 'provider'],
    [langsmith, 'baseUrl'],
    [langsmith, 'apiKey'],
  ])('names a missing field: %#', (fields, name) => {
    expect(faultOf(without(fields, name)).detail).toBe(`profile prod: ${name} is missing`);
    expect(faultOf({ ...fields, [name]: 42 }).detail).toBe(`profile prod: ${name} is wrong`);
  });

  it('names every problem at once', () => {
    expect(faultOf({ provider: 'dfns', privateKey: 'x' }).detail).toBe(
      'profile prod: baseUrl is missing; authToken is missing; privateKey is not a private key in PEM',
    );
  });

  it.each<[string, object, string]>([
    ['an empty key', { privateKey: ' ' }, 'privateKey is missing'],
    [
      'a public key',
      {
        privateKey:
          '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAJxDUPFBlXsppMrIt6KnNnvMGpy0Nmn8sZLLHT205X6I=\n-----END PUBLIC KEY-----',
      },
      'privateKey is a public key or a certificate: the private key is needed',
    ],
    [
      'a weak key',
      {
        privateKey: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({
          type: 'pkcs8',
          format: 'pem',
        }),
      },
      'privateKey must be an Ed25519, P-256 or RSA key of 2048 bits or more',
    ],
    [
      'another curve',
      {
        privateKey: generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey.export({
          type: 'pkcs8',
          format: 'pem',
        }),
      },
      'privateKey must be an Ed25519, P-256 or RSA key of 2048 bits or more',
    ],
    [
      'another kind of key',
      { privateKey: generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) },
      'privateKey must be an Ed25519, P-256 or RSA key of 2048 bits or more',
    ],
    ['a token with a line break in it', { authToken: 'eyJ\nabc' }, 'authToken holds characters no header may have'],
    ['an empty token', { authToken: '' }, 'authToken is missing'],
    ['another organisation’s token', { orgId: 'or-other' }, 'authToken belongs to another organisation than orgId'],
    ['another user’s token', { userId: 'us-other' }, 'authToken belongs to another user than userId'],
  ])('refuses %s', (_, change, problem) => {
    expect(faultOf({ ...dfns, ...change }).detail).toBe(`profile prod: ${problem}`);
  });

  it('refuses a LangSmith organisation that contradicts its guard', () => {
    expect(faultOf({ ...langsmith, orgId: 'o-2' }).detail).toBe(
      'profile prod: organizationId is another organisation than orgId',
    );
    expect(faultOf({ ...langsmith, scope: 'all' }).detail).toBe('profile prod: scope is wrong');
  });

  it.each([
    ['not json, but confidential', 'its secret is not JSON'],
    ['["confidential"]', 'its secret is not a JSON object'],
    ['null', 'its secret is not a JSON object'],
    ['{"provider":"confidential"}', 'provider is wrong'],
  ])('refuses %s', (text, problem) => {
    expect(faultOf(text).detail).toBe(`profile prod: ${problem}`);
  });

  it('never quotes a value, whatever is in the fields', () => {
    const values = fc.record(
      Object.fromEntries(
        Object.keys({ ...dfns, ...langsmith, scope: '', orgId: '', userId: '' }).map((name) => [
          name,
          fc.constantFrom('confidential', 'confidential\n', ['confidential'], { confidential: 1 }, 7, null),
        ]),
      ),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(values, fc.constantFrom('dfns', 'langsmith', undefined), (fields, provider) => {
        const fault = faultOf({ ...fields, ...(provider !== undefined && { provider }) });
        expect(inspect(fault, { depth: 10 })).not.toContain('confidential');
      }),
    );
  });
});
