import { readFileSync } from 'node:fs';
import { RE2JS } from 're2js';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';

const read = (file: string) => readFileSync(`detectors/${file}`, 'utf8');
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const SIGNATURE = 'c2lnbmF0dXJlLW9mLW5vYm9keS1pbi1wYXJ0aWN1bGFy';
const jwt = (claims: object) => `${base64url({ typ: 'JWT', alg: 'EdDSA' })}.${base64url(claims)}.${SIGNATURE}`;

const BODY = { aud: 'dfns:auth:user', sub: 'or-1abcd-2efgh-3ijklmnopqrstuv', iat: 1790000000 };
const DFNS = {
  'issuer first': jwt({ iss: 'auth.dfns.io', ...BODY }),
  'issuer after one character more': jwt({ a: 1, iss: 'auth.dfns.io', ...BODY }),
  'issuer after two characters more': jwt({ a: 12, iss: 'auth.dfns.io', ...BODY }),
  'issuer last, as an address': jwt({ ...BODY, iss: 'https://auth.dfns.ninja/' }),
};
const LANGSMITH = {
  'personal access token': `lsv2_pt_${'0123456789abcdef'.repeat(2)}_0a1b2c3d4e`,
  'service key': `lsv2_sk_${'fedcba9876543210'.repeat(2)}_00ff00ff00`,
};
const LOOK_ALIKES = {
  'a JWT of somebody else': jwt({ iss: 'https://accounts.example.com', ...BODY }),
  'the issuer in clear, in no token': 'issuer = "auth.dfns.io"',
  'the issuer in the signature part only': `${base64url({ alg: 'none' })}.${base64url({ sub: 'x' })}.hdXRoLmRmbnMu${SIGNATURE}`,
  'claims without a signature': jwt({ iss: 'auth.dfns.io', ...BODY })
    .split('.')
    .slice(0, 2)
    .join('.'),
  'a masked key': 'lsv2_pt_0123…cdef',
  'a placeholder': 'lsv2_pt_your_key_here',
  'a body of the wrong length': `lsv2_pt_${'a'.repeat(31)}_0a1b2c3d4e`,
  'another prefix': `lsv2_xx_${'0123456789abcdef'.repeat(2)}_0a1b2c3d4e`,
};

interface Rule {
  readonly id: string;
  readonly regex: string;
  readonly secretGroup: number;
  readonly keywords: readonly string[];
}
const rulesOf = (file: string) => (parseToml(read(file)) as unknown as { readonly rules: readonly Rule[] }).rules;
const github = (
  parseYaml(read('github-custom-patterns.yml')) as {
    readonly patterns: readonly { name: string; secretFormat: string; beforeSecret: string; afterSecret: string }[];
  }
).patterns.map(({ name, secretFormat, beforeSecret, afterSecret }) => ({
  id: name,
  regex: `(?:${beforeSecret})(${secretFormat})(?:${afterSecret})`,
  secretGroup: 1,
  keywords: [''],
}));
const trufflehog = (
  parseYaml(read('trufflehog.yml')) as {
    readonly detectors: readonly { name: string; keywords: string[]; regex: { token: string } }[];
  }
).detectors.map(({ name, keywords, regex }) => ({ id: name, regex: regex.token, secretGroup: 1, keywords }));

/** Every match, by RE2's own rules: what Go's scanners run on, and the least that GitHub's Hyperscan understands. */
function matchesOf({ regex, secretGroup }: Rule, text: string): readonly string[] {
  const matcher = RE2JS.compile(regex).matcher(text);
  const found: string[] = [];
  while (matcher.find()) found.push(matcher.group(secretGroup) ?? '');
  return found;
}

/** As the scanners do it: a rule is tried where one of its keywords stands, in any case. */
const find = (rules: readonly Rule[], text: string): readonly string[] =>
  rules
    .filter(({ keywords }) => keywords.some((word) => text.toLowerCase().includes(word.toLowerCase())))
    .flatMap((rule) => matchesOf(rule, text));

const SCANNERS: readonly (readonly [string, readonly Rule[], object])[] = [
  ['gitleaks', rulesOf('gitleaks.toml'), { ...DFNS, ...LANGSMITH }],
  ['Betterleaks', rulesOf('betterleaks.toml'), { ...DFNS, ...LANGSMITH }],
  ['TruffleHog', trufflehog, DFNS],
  ['GitHub', github, DFNS],
];

describe.each(SCANNERS)('the rules for %s', (_scanner, rules, known) => {
  it.each(Object.entries(known))('find a made-up token, whole: %s', (_name, token: string) => {
    for (const text of [token, `TOKEN="${token}"`, `Authorization: Bearer ${token}\n`, `a=1;${token};b=2`])
      expect(find(rules, text)).toEqual([token]);
  });

  it.each(Object.entries(LOOK_ALIKES))('pass over %s', (_name, text) => {
    expect(find(rules, `key: ${text} # x`)).toEqual([]);
  });

  it('use nothing that RE2 or Hyperscan lack', () => {
    for (const { regex } of rules) {
      expect(() => RE2JS.compile(regex)).not.toThrow();
      // What RE2 takes and Hyperscan does not: named groups for their name, \C, and switches in the middle.
      expect(regex).not.toMatch(/\(\?(?!:)|\\C/);
    }
  });

  it.each(Object.entries(known))('find each of two that stand side by side: %s', (_name, token: string) => {
    expect(find(rules, `${token}, ${token}`)).toEqual([token, token]);
  });

  it('have names by which Patrol knows whose token it is', () => {
    for (const { id } of rules) expect(id.toLowerCase()).toMatch(/dfns|langsmith/);
  });
});

it('runs them by an engine that refuses what RE2 refuses', () => {
  for (const regex of ['(?=a)', '(?<!a)b', '(a)\\1', '(?>a)', 'a++']) expect(() => RE2JS.compile(regex)).toThrow();
});

it('gitleaks and Betterleaks have the same rules', () => {
  expect(rulesOf('betterleaks.toml')).toEqual(rulesOf('gitleaks.toml'));
});
