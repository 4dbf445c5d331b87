import { afterAll, beforeAll, expect } from 'vitest';
import { readTrufflehogRecord } from '#shared/alerts/sources/trufflehog.ts';
import { Secret } from '#shared/core/secret.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { settle } from '#shared/cases/settle.ts';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { attack } from '#test/support/attack.ts';
import { acceptAll } from '#test/support/alerts.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';
import { dfnsToken, langsmithKey } from '#test/support/leaks.ts';
import { reportAsScanner } from '#test/support/report-as-scanner.ts';
import { benchFingerprint } from '#test/support/services.ts';
import { sharedSandbox } from '#test/support/shared-sandbox.ts';

let bench: LeakBench;
let driver: AlertDriver;
beforeAll(async () => {
  [bench, driver] = await Promise.all([startLeakBench(), sharedSandbox().then(createAlertDriver)]);
});
afterAll(() => bench.close());

type ProviderName = 'dfns' | 'langsmith';
const stateOf = (provider: ProviderName, id: string) =>
  bench[provider].tokens().find((token) => token.id === id)?.state;
const mint = (provider: ProviderName, name: string) => bench[provider].mint({ profile: `${provider}-demo`, name });

/** Brings a token back as a person does, who has pressed Undo on its case. */
async function undo(caseId: string, provider: ProviderName, id: string): Promise<void> {
  const opened = await bench.services.providers.open(`${provider}-demo`);
  await opened.activate(id);
  const token = (await opened.get(id)) as Token;
  const at = new Date().toISOString();
  const receipt = { verb: 'activate', requestedAt: at, actedAt: at, confirmedAt: at, read: 'active' } as const;
  const change = { kind: 'changed', verb: 'activate', token, already: false, undo: true, receipt } as const;
  await settle(bench.services, change, { from: caseId });
  expect(await bench.services.store.cases.get(caseId)).toMatchObject({ state: 'restored' });
}

attack(
  {
    name: 'verified-for-something-else',
    finding: 1,
    does: 'has a scanner verify a secret of his own (a URL whose host is his, a JWT that his own issuer signs) in which, or beside which, the copied facts of a victim stand',
    holds: 'the victim lives: a scanner’s word is about the secret that it knows how to try, and about no other text',
    inside: 'its issuer has to be silent at the edge and to answer the worker a moment later',
    without: [
      {
        file: 'shared/alerts/validity-of.ts',
        replace: 'hintedProvider(told.detector) === clue?.provider',
        by: "hintedProvider('') !== clue?.provider",
      },
      {
        file: 'shared/alerts/seal-delivery.ts',
        replace: 'verified: finding.verified === true && isOwn(clue),',
        by: 'verified: finding.verified === true || isOwn === undefined,',
      },
    ],
  },
  async () => {
    const victim = mint('langsmith', 'victim of another secret’s verification');
    const other = mint('dfns', 'victim of a JWT that another issuer signs');
    // Its shown ends are as public as its id.
    const key = victim.secret.slice(0, 16) + langsmithKey().slice(16, -8) + victim.secret.slice(-8);
    const [header = '', claims = ''] = other.secret.split('.');
    const jwt = `${header}.${claims}.${dfnsToken().split('.')[2] ?? ''}`;
    const line = (DetectorName: string, Raw: string, more: object = {}) =>
      readTrufflehogRecord({ DetectorName, Verified: true, Raw, RawV2: '', ...more })!;
    const place = { SourceMetadata: { Data: { Git: { file: `exports/${key}.txt`, email: `${jwt}@example.com` } } } };
    const findings = [
      line('URI', `https://user:${key}@his.example/login`),
      line('JWT', jwt),
      line('LangSmith', mint('langsmith', 'his own').secret, place),
    ];
    await reportAsScanner(bench, findings, { source: 'trufflehog', asksIssuers: false });
    expect([stateOf('langsmith', victim.id), stateOf('dfns', other.id)]).toEqual(['active', 'active']);
  },
);

attack(
  {
    name: 'an-account-of-many-tokens',
    finding: 1,
    does: 'leaks a genuine key of an account of his own that has so many tokens that the issuer’s list of them is not kept, and that resembles a victim',
    holds: 'the victim lives, and what is leaked of such an account is found among its own tokens all the same',
    inside: 'it takes a second account of a provider, and the sandbox has one of each',
    without: [
      {
        file: 'shared/alerts/check-validity.ts',
        replace: 'tokenIds === undefined || tokenIds.length > MANY_TOKENS',
        by: 'tokenIds === undefined',
      },
      {
        file: 'shared/alerts/find-token.ts',
        replace: 'const among = named && new Set(named);',
        by: 'const among = named && named.length < 100 ? new Set(named) : undefined;',
      },
      {
        file: 'shared/alerts/find-token.ts',
        replace: 'return isItsOwn ? { kind',
        by: 'return isItsOwn || by === "issuer" ? { kind',
      },
    ],
  },
  async () => {
    const victim = mint('langsmith', 'victim of a large account');
    const resembling = () =>
      new Secret(victim.secret.slice(0, 16) + langsmithKey().slice(16, -8) + victim.secret.slice(-8));
    const many = (row: object) => Array.from({ length: 150 }, () => ({ id: crypto.randomUUID(), ...row }));
    for (const rows of [many({}), [...many({ short_key: 'lsv2_pt_0000...0000' }), ...many({}).slice(149)]]) {
      const another = { url: 'http://another.example', says: rows };
      await reportAsScanner(bench, [{ secret: resembling() }], { another });
      expect(stateOf('langsmith', victim.id)).toBe('active');
    }
    const crowd = Array.from({ length: 120 }, (_, index) =>
      bench.langsmith.mint({ profile: 'langsmith-demo', name: `crowd ${String(index)}`, owner: 'crowd@example.com' }),
    );
    await reportAsScanner(bench, [{ secret: new Secret(crowd[60]!.secret) }]);
    expect(crowd.filter(({ id }) => stateOf('langsmith', id) !== 'active')).toEqual([crowd[60]]);
  },
);

attack(
  {
    name: 'another-issuers-word',
    finding: 1,
    does: 'holds one server of a provider (a region, a test installation, a proxy before it), and lets it accept every secret and name a token of another server’s',
    holds: 'that token lives: an acceptance speaks for the tokens of its own issuer alone',
    inside: 'it takes a second server of a provider, and the sandbox has one of each',
    without: [
      {
        file: 'shared/alerts/find-token.ts',
        replace: 'return isItsOwn ? { kind',
        by: 'return isItsOwn || by === "issuer" ? { kind',
      },
    ],
  },
  async () => {
    for (const provider of ['langsmith', 'dfns'] as const) {
      const victim = mint(provider, 'victim of another server');
      const rows = { langsmith: [{ id: victim.id }], dfns: { items: [{ tokenId: victim.id }] } };
      const [header = '', claims = ''] = victim.secret.split('.');
      const forged = { langsmith: langsmithKey(), dfns: `${header}.${claims}.${dfnsToken().split('.')[2] ?? ''}` };
      const another = { url: 'http://another.example', says: rows[provider] };
      await reportAsScanner(bench, [{ secret: new Secret(forged[provider]) }], { another });
      expect(stateOf(provider, victim.id)).toBe('active');
    }
  },
);

attack(
  {
    name: 'the-same-signature-spelt-otherwise',
    finding: 1,
    does: 'after somebody has brought a token back, reports it again with the spare bits at the end of its signature changed, which decoders do not look at',
    holds: 'it is the same secret, and what was decided about it holds',
    inside: 'the stand-in of Dfns knows its tokens by their text, and takes no other spelling',
    without: [
      {
        file: 'shared/providers/text/find-jwts.ts',
        replace: 'return spelt.length === own.length ? spelt : own;',
        by: 'return spelt.length === own.length ? own : own;',
      },
    ],
  },
  async () => {
    const token = mint('dfns', 'brought back, then spelt otherwise');
    const [first] = await reportAsScanner(bench, [{ secret: new Secret(token.secret) }]);
    expect(stateOf('dfns', token.id)).toBe('inactive');
    await undo(first!.caseId, 'dfns', token.id);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = alphabet.indexOf(token.secret.at(-1)!);
    for (const spare of [1, 2, 3]) {
      const spelt = token.secret.slice(0, -1) + alphabet[last ^ spare]!;
      const verified = { secret: new Secret(spelt), verified: true, detector: 'dfns' } as const;
      await reportAsScanner(bench, [verified], { asksIssuers: false });
      expect(stateOf('dfns', token.id)).toBe('active');
    }
  },
);

attack(
  {
    name: 'named-beside-a-genuine-key',
    finding: 1,
    does: 'reports a genuine key of his own, and names a victim’s id, quotes a victim’s copied facts, or both, beside it in the same finding',
    holds: 'the victim lives, and his own key dies: each secret is as genuine as its issuer says of that very one',
    without: [
      {
        file: 'shared/alerts/validity-of.ts',
        replace: 'fingerprint === undefined ? undefined : told.validities.get(fingerprint)',
        by: 'fingerprint === "" ? undefined : [...told.validities.values()].find(({ validity }) => validity === "valid")',
      },
    ],
  },
  async () => {
    const own = await driver.issue('langsmith', 'his own, beside others');
    const named = await driver.issue('langsmith', 'named beside a genuine key');
    const quoted = await driver.issue('dfns', 'quoted beside a genuine key');
    const [header = '', claims = ''] = quoted.secret.split('.');
    const copied = `${header}.${claims}.${dfnsToken().split('.')[2] ?? ''}`;
    const finding = { secret: own.secret, tokenId: named.id, provider: 'langsmith', note: `it is this one: ${copied}` };
    await driver.tell([{ ...finding, path: copied, url: `https://e.example/#${copied}` }]);
    await driver.becomes(own, 'inactive');
    expect([await driver.stateOf(named), await driver.stateOf(quoted)]).toEqual(['active', 'active']);
  },
);

attack(
  {
    name: 'a-login-beside-a-new-token',
    finding: 18,
    does: 'leaks the token of a login, within whose minute its user made a token: Dfns accepts it, and lists that one token',
    holds: 'that token lives: what says of itself that it is a login is none of those that are listed, and asks',
    inside: 'the stand-in of Dfns knows no logins',
    without: [
      {
        file: 'shared/providers/dfns/grade-tokens.ts',
        replace: 'if (clue.isOtherKind) return',
        by: 'if (clue.isOtherKind && false) return',
      },
    ],
  },
  async () => {
    const token = mint('dfns', 'made within the minute of a login');
    const [header = '', claims = ''] = token.secret.split('.');
    const metadata = 'https://custom/app_metadata';
    const read = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, object>;
    const login = { ...read, [metadata]: { ...read[metadata], tokenKind: 'Login' } };
    const spelt = Buffer.from(JSON.stringify(login)).toString('base64url');
    const secret = new Secret(`${header}.${spelt}.${dfnsToken().split('.')[2] ?? ''}`);
    // Each is accepted by its issuer.
    const [job] = bench.jobs([{ secret }], { delivery: 'a login' });
    expect(await bench.handle(job)).toMatchObject({ state: 'asking' });
    expect(stateOf('dfns', token.id)).toBe('active');
  },
);

attack(
  {
    name: 'a-login-of-one-token',
    finding: 18,
    does: 'leaks the token of a login, which its issuer accepts and for which it names the only token of that user; it says what it is, or only that it lasts for hours',
    holds: 'that token lives: whoever shows a login is told its user’s tokens, and the login is none of them',
    inside: 'the stand-in of Dfns knows no logins',
    without: [
      {
        file: 'shared/providers/dfns/client.ts',
        replace: 'return clue.isOtherKind',
        by: 'return clue.isOtherKind && among === undefined',
      },
    ],
  },
  async () => {
    const token = mint('dfns', 'the only one of its user');
    const [header = '', claims = ''] = token.secret.split('.');
    const metadata = 'https://custom/app_metadata';
    const read = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { iat: number } & Record<string, object>;
    const { userId, orgId } = read[metadata] as Record<string, string>;
    const about = { userId, orgId };
    for (const login of [
      { ...read, [metadata]: { ...about, tokenKind: 'Login' } },
      { ...read, [metadata]: about, exp: read.iat + 6 * 3600 },
      { ...read, [metadata]: about, exp: read.iat + 6 * 3600, iat: undefined },
    ]) {
      const spelt = Buffer.from(JSON.stringify(login)).toString('base64url');
      const secret = new Secret(`${header}.${spelt}.${dfnsToken().split('.')[2] ?? ''}`);
      const names = { tokenIds: [token.id], acceptedBy: [bench.dfns.url] };
      const validities = new Map(
        [...acceptAll([secret], benchFingerprint)].map(([key, answer]) => [key, { ...answer, ...names }]),
      );
      const [job] = bench.jobs([{ secret }], { delivery: spelt, validities });
      expect(await bench.handle(job)).toMatchObject({ state: 'asking' });
      expect(stateOf('dfns', token.id)).toBe('active');
    }
    const validities = new Map(
      [...acceptAll([new Secret(token.secret)], benchFingerprint)].map(([key, answer]) => [
        key,
        { ...answer, tokenIds: [token.id], acceptedBy: [bench.dfns.url] },
      ]),
    );
    const [own] = bench.jobs([{ secret: new Secret(token.secret) }], { delivery: 'its own', validities });
    expect(await bench.handle(own)).toMatchObject({ state: 'dead' });
  },
);
