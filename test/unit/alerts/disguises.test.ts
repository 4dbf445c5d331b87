import { findOnce } from '#shared/providers/find-once.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sealDelivery } from '#shared/alerts/seal-delivery.ts';
import type { Finding } from '#shared/alerts/source.ts';
import { Secret } from '#shared/core/secret.ts';
import type { Report } from '#shared/jobs/job.ts';
import { looksRandom } from '#shared/providers/text/looks-random.ts';
import { SEALED, scrub } from '#shared/providers/text/scrub.ts';
import { fingerprint, NOW } from '#test/support/alerts.ts';
import { dearness, LINEAR } from '#test/support/costs.ts';
import { DISGUISES } from '#test/support/disguises.ts';
import { dfnsToken, langsmithKey } from '#test/support/leaks.ts';
import '#test/support/contain-no-secret.ts';

function reportsOf(...findings: readonly Finding[]): readonly Report[] {
  const { jobs } = sealDelivery({
    source: 'generic',
    content: Buffer.from('the bytes'),
    findings,
    skipped: 0,
    receivedAt: NOW.toISOString(),
    fingerprint,
    find: findOnce(),
    profiles: ['langsmith-demo'],
    validities: new Map(),
  });
  return jobs.flatMap((job) => (job.kind === 'report' ? [job.report] : []));
}

/** Every free text of a finding, given and as it is told. */
const FIELDS: Readonly<
  Record<string, { readonly give: (text: string) => Finding; readonly told: (report: Report) => string | undefined }>
> = {
  note: { give: (note) => ({ note }), told: ({ note }) => note },
  detector: { give: (detector) => ({ detector }), told: ({ detector }) => detector },
  kind: { give: (kind) => ({ where: { kind } }), told: ({ where }) => where?.kind },
  url: { give: (url) => ({ where: { url } }), told: ({ where }) => where?.url },
  repository: { give: (repository) => ({ where: { repository } }), told: ({ where }) => where?.repository },
  path: { give: (path) => ({ where: { path } }), told: ({ where }) => where?.path },
  commit: { give: (commit) => ({ where: { commit } }), told: ({ where }) => where?.commit },
  author: { give: (author) => ({ where: { author } }), told: ({ where }) => where?.author },
};

const SECRETS: Readonly<Record<string, () => string>> = {
  'a personal key': () => langsmithKey('pt'),
  'a service key': () => langsmithKey('sk'),
  'a token of EdDSA': () => dfnsToken(),
  'a token of RSA': () => dfnsToken({ alg: 'RS256', signatureBytes: 256 }),
};

/** What may stay around the mark: quotes, tags, colours, a URL without its user part, what was encoded with it. */
const REST = /^see (?:\S{0,40}\[sealed\][^\n]{0,40}|https:\/\/example\.com\/a\.git) please$/;

describe.each(Object.keys(DISGUISES))('a secret %s', (name) => {
  const disguise = DISGUISES[name] ?? String;
  it.each(Object.keys(SECRETS))('is hidden and recognised in every text: %s', (kind) => {
    const secret = SECRETS[kind]?.() ?? '';
    for (const [field, { give, told }] of Object.entries(FIELDS)) {
      const [report, ...others] = reportsOf(give(`see ${disguise(secret)} please`));
      expect(others, field).toEqual([]);
      expect(report?.clue, field).toMatchObject({ fingerprint: fingerprint(secret) });
      if (field !== 'commit') expect(told(report as Report), field).toMatch(REST);
      expect(report, field).toContainNoSecret([secret]);
    }
    expect(reportsOf({ secret: new Secret(disguise(secret)) })[0]?.clue).toMatchObject({
      fingerprint: fingerprint(secret),
    });
    expect(reportsOf({ around: new Secret(`key: ${disguise(secret)}`) })[0]?.clue).toMatchObject({
      fingerprint: fingerprint(secret),
    });
  });
});

describe('the seal', () => {
  it('is not fooled by two disguises one upon the other', () => {
    const some = fc.constantFrom(
      // In bytes a letter beyond ASCII is several: what is encoded with such ones in it is not found.
      ...Object.entries(DISGUISES).filter(
        ([name, disguise]) =>
          !/base64|hex digits/.test(name) && !/[^\0-\x7f]/.test(disguise('a_-123bcdefghijklmnopqrstABC')),
      ),
    );
    const encoded = fc.constantFrom(
      'in base64 of 76 columns',
      'in base64 of UTF-16',
      'in base64 twice',
      'in hex digits',
    );
    fc.assert(
      fc.property(some, encoded, fc.constantFrom(...Object.values(SECRETS)), ([, inner], outer, make) => {
        const secret = make();
        const text = (DISGUISES[outer] ?? String)(inner(secret));
        expect(scrub(`see ${text} please`, fingerprint).clues).toMatchObject([{ fingerprint: fingerprint(secret) }]);
      }),
      { numRuns: 100 },
    );
  });

  it.each(['password=', 'export PW="', 'Authorization: Bearer ', 'Basic ', "client.login('"])(
    'hides the value that a secret of unknown form holds behind %j',
    (before) => {
      const value = 'Sommergarten-im-Regen';
      for (const [field, { give, told }] of Object.entries(FIELDS)) {
        const [report] = reportsOf({ secret: new Secret(`${before}${value}`), ...give(`it is ${value}, twice`) });
        expect(told(report as Report), field).toBe(`it is ${SEALED}, twice`);
      }
    },
  );

  it.each([
    ['in capitals', (secret: string) => secret.toUpperCase()],
    ['in base64', (secret: string) => Buffer.from(secret).toString('base64')],
    ['in base64 with a name', (secret: string) => Buffer.from(`ci:${secret}`).toString('base64')],
    ['in hex digits', (secret: string) => Buffer.from(secret).toString('hex')],
    ['wrapped', (secret: string) => `${secret.slice(0, 9)}\n${secret.slice(9)}`],
  ])('hides a secret of unknown form %s, too', (_, disguise) => {
    const value = 'Sommergarten-im-Regen';
    for (const [field, { give, told }] of Object.entries(FIELDS)) {
      const [report] = reportsOf({ secret: new Secret(`PW=${value}`), ...give(`it is ${disguise(value)}, twice`) });
      expect(told(report as Report), field).toBe(`it is ${SEALED}, twice`);
    }
  });

  it('finds every token of ours where those of others are thought to be', () => {
    const secrets = [langsmithKey('pt'), dfnsToken()];
    const begin = ['-----BEGIN', 'PRIVATE KEY-----'].join(' ');
    for (const text of [
      `${begin}\n${secrets.join('\n')}\nand so on`,
      secrets.map((secret) => ['sk', secret].join('-')).join(' and '),
      ['glpat', `0123456789abcdef${secrets.join('-')}`].join('-'),
      ['xoxb', '1234567890', ...secrets].join('-'),
    ]) {
      const reports = reportsOf({ note: `see ${text}` });
      expect(reports.map(({ clue }) => clue)).toMatchObject(secrets.map((one) => ({ fingerprint: fingerprint(one) })));
      expect(reports[0]?.note).toMatch(/^see (?:\[sealed\]| and |-)+$/);
    }
  });

  it('does not tear words out of a note because the secret holds them', () => {
    const [report] = reportsOf({
      secret: new Secret('password: production-x1y2z3w4'),
      note: 'the password of production',
    });
    expect(report?.note).toBe('the password of production');
  });

  it('takes for an id only what looks like one, and searches the rest for secrets', () => {
    const [key, token] = [langsmithKey(), 'Xk29fLq0pZ84mNb7Rt51'];
    for (const unlike of ['hunter2-hunter2', token, key.slice(8), 'a b', '../users', key, dfnsToken()]) {
      expect(reportsOf({ tokenId: unlike })[0]?.clue?.form ?? 'none', unlike).not.toBe('named');
      expect(reportsOf({ tokenId: unlike, secret: new Secret(unlike) })).toContainNoSecret([unlike]);
    }
    expect(reportsOf({ tokenId: key })[0]?.clue).toMatchObject({ fingerprint: fingerprint(key) });
    const tokenId = '7a7a7a7a-0001-4001-8001-7a7a7a7a7a7a';
    expect(reportsOf({ tokenId, profile: 'langsmith-demo' })[0]?.clue).toEqual({
      form: 'named',
      tokenId,
      profile: 'langsmith-demo',
    });
    for (const profile of [token, key, 'Not A Profile', `p-${token.toLowerCase()}`, 'sommergarten-im-regen']) {
      expect(reportsOf({ tokenId, profile }), profile).toContainNoSecret([profile]);
      // It is looked for everywhere, then: a profile that is none would hide it.
      const named = reportsOf({ tokenId, profile }).filter(({ clue }) => clue?.form === 'named');
      expect(named, profile).toMatchObject([{ clue: { form: 'named', tokenId } }]);
      expect(named[0]?.clue, profile).not.toHaveProperty('profile');
    }
  });

  it.each([
    ['https://anna:hunter2@git.example.com/a/b.git', 'https://git.example.com/a/b.git'],
    ['see ssh://git@github.com/a/b, please', 'see ssh://github.com/a/b, please'],
    ['postgres://u:p%40ss@db.example:5432/x', 'postgres://db.example:5432/x'],
    ['<https://github.com@evil.example/a|github.com>', '<https://evil.example/a|github.com>'],
    ['"url":"https:\\/\\/u:pw@h.example\\/x"', '"url":"https:\\/\\/h.example\\/x"'],
    ['//u:pw@h.example/x', '//h.example/x'],
    ['see https%3A%2F%2Fu%3Apw%40h.example%2Fx', 'see https%3A%2F%2Fh.example%2Fx'],
    ['https://u:pw%40h.example/', 'https://h.example/'],
    ['https:&#x2F;&#x2F;u:pw@h.example/', 'https:&#x2F;&#x2F;h.example/'],
    ['https:\\u002f\\u002fu:pw\\u0040h.example/', 'https:\\u002f\\u002fh.example/'],
    ['https:/\u200b/u:pw\uff20h.example/', 'https:/\u200b/h.example/'],
    ['https://u:pw<wbr>@h.example/', 'https://h.example/'],
    ['https:u:pw@h.example/ or https:/u:pw@h.example/', 'https:h.example/ or https:/h.example/'],
    ['https:\\\\u:pw@h.example/', 'https:\\\\h.example/'],
    ['https://u:p/w@h.example/ and https://u:p#w?x@h.example/', 'https://h.example/ and https://h.example/'],
    ["https://u:'pw@h.example/", 'https://h.example/'],
    [`https://AWS:${'eyJwYXlsb2Fk'.repeat(200)}@1.dkr.ecr.example/a`, 'https://1.dkr.ecr.example/a'],
    ['root:p/w@tcp(db:3306)/x', 'tcp(db:3306)/x'],
    ['https://example.com:8080/@anna?to=b@c.example', 'https://example.com:8080/@anna?to=b@c.example'],
    ['http://[::1]:80/@anna', 'http://[::1]:80/@anna'],
    ['{"a":"http://b:80","c":"d@e"}', '{"a":"http://b:80","c":"d@e"}'],
    ['acme/app:1.2@sha256:0011', 'acme/app:1.2@sha256:0011'],
    ['https://example.com/@anna', 'https://example.com/@anna'],
    ['anna@example.com', 'anna@example.com'],
  ])('drops the user part of a URL in every text: %s', (given, told) => {
    for (const [field, { give, told: read }] of Object.entries(FIELDS)) {
      expect(read(reportsOf(give(given))[0] as Report), field).toBe(told);
    }
  });

  // Written in halves, so that no scanner takes this file for a leak.
  it.each([
    ['npm', 'np' + `m_${'aB3'.repeat(12)}`],
    ['AWS', 'AK' + 'IAIOSFODNN7EXAMPL2'],
    ['OpenAI', 's' + `k-proj-${'aB3_'.repeat(12)}`],
    ['Anthropic', 's' + `k-ant-api03-${'aB3-'.repeat(12)}`],
    ['Stripe', 'sk' + `_live_${'aB3'.repeat(8)}`],
    ['Stripe (restricted)', 'rk' + `_test_${'aB3'.repeat(8)}`],
    ['Google', 'AI' + `za${'aB3_-'.repeat(7)}`],
    ['a Slack webhook', 'hooks.sl' + `ack.com/services/T0AAAAAAA/B0AAAAAAA/${'aB3'.repeat(8)}`],
    ['GitLab CI', 'glcbt' + `-64_${'aB3'.repeat(7)}`],
    ['GitLab deploy', 'gldt' + `-${'aB3'.repeat(7)}`],
    ['a Dfns webhook', 'wh' + `s-${'ab3'.repeat(8)}`],
    ['Hugging Face', 'h' + `f_${'aBc'.repeat(12)}`],
    ['SendGrid', 'S' + `G.${'aB3'.repeat(7)}.${'aB3'.repeat(14)}`],
    ['Vault', 'hv' + `s.${'aB3'.repeat(9)}`],
    ['Docker', 'dckr' + `_pat_${'aB3'.repeat(9)}`],
  ])('hides a secret of others in every text: %s', (_, secret) => {
    for (const [field, { give, told }] of Object.entries(FIELDS)) {
      const [report] = reportsOf(give(`see ${secret} please`));
      expect(told(report as Report), field).not.toContain(secret.slice(-16));
      expect(told(report as Report), field).toMatch(/^see \S*\[sealed\] please$/);
    }
  });

  it.each(['note', 'detector', 'author'])('hides what looks drawn in a %s', (field) => {
    const alphabet = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789');
    const drawn = fc.string({ unit: alphabet, minLength: 24, maxLength: 60 }).filter((word) => looksRandom(word));
    const { give, told } = FIELDS[field] ?? { give: () => ({}), told: () => '' };
    fc.assert(
      fc.property(drawn, (secret) => {
        expect(told(reportsOf(give(`see ${secret} please`))[0] as Report)).toBe(`see ${SEALED} please`);
      }),
    );
  });

  it.each([
    ['AWS’s own example', 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY'],
    ['32 hex digits', '8f14e45fceea167a5a36dedd4bea2543'],
    ['letters and digits', 'k7f3q9z2m5x8c1v6b4n0j2h8'],
    ['base64url', 'dGhpc-kXz92_Qm4RtY7uIoP0aSdF'],
  ])('takes %s for drawn', (_, word) => {
    expect(looksRandom(word)).toBe(true);
  });

  it.each([
    'getUserByIdAndOrganizationName',
    'feature/JIRA-1234-add-new-login-page',
    'to-202a0-cdo33-o65mbt6q758lvvnt',
    '7a7a7a7a-0001-4001-8001-7a7a7a7a7a7a',
    '0123456789abcdef0123456789abcdef01234567',
    'langchain-langsmith-personal-access-token',
    'LANGCHAIN_API_PERSONAL_KEY',
    '2026-11-20T08:15:02.123456+00:00',
    'kingfisher.langchain.1',
    'https://github.com/acme/api/blob/main/src/index.ts',
  ])('does not take %s for drawn', (word) => {
    expect(looksRandom(word)).toBe(false);
    expect(reportsOf({ note: `see ${word} please` })[0]?.note).toBe(`see ${word} please`);
  });

  it.each([
    ['<b '],
    ['<'],
    ['\n# '],
    ['", "'],
    ['\u001b[31m'],
    ['\u001b]'],
    ['\\u{'],
    ['&amp;'],
    ['&#0000'],
    ['://'],
    ['://a'],
    ['://a:b'],
    ['//a:b@'],
    ['http:'],
    ['http:a:'],
    ['a:b@'],
    [' a:@tcp('],
    ['","'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'],
    ['aaaa ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'],
    ['abcdefgh '],
    ['2VfUX3uB'],
    [`${'2VfUX3uB'.repeat(240)} `],
    [['sk', 'ant', 'lsv2_pt_0123456789abcdef0123456789abcdef '].join('-')],
    ['sk-'],
    ['gh' + 'p_'],
    ['SGVsbG8gd29ybGQg'],
    ['6c73'],
    ['AAAA\n'],
    ['aB3'],
    ['e\u0301'],
    ['\u{1d5ba}'],
  ])('takes as long for one text of %j as for its pieces', (unit) => {
    const secret = new Secret('password=hunter2-hunter2');
    const seal = (text: string) => scrub(text, fingerprint, { secrets: [secret], random: true });
    expect(dearness(seal, unit, 200_000)).toBeLessThan(LINEAR);
  });
});
