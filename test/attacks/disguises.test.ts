import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { attack } from '#test/support/attack.ts';
import '#test/support/contain-no-secret.ts';
import { DISGUISES } from '#test/support/disguises.ts';
import { dfnsToken, langsmithKey } from '#test/support/leaks.ts';
import { BUILT_ONCE, startTestSandbox, type TestSandbox, widePolicy } from '#test/support/sandbox.ts';

let sandbox: TestSandbox;
let driver: AlertDriver;
/** With the edge alone: nobody works off the many reports of which only what is queued is looked at. */
let edge: TestSandbox;
const edgeAlone = mkdtempSync(join(tmpdir(), 'patrol-edge-alone-'));

beforeAll(async () => {
  copyFileSync(join(process.env[BUILT_ONCE] ?? '', 'alert-edge.zip'), join(edgeAlone, 'alert-edge.zip'));
  [sandbox, edge] = await Promise.all([
    startTestSandbox(),
    startTestSandbox(['--no-page', '--policy', widePolicy(), '--zips', edgeAlone]),
  ]);
  driver = createAlertDriver(sandbox);
});
afterAll(async () => {
  await Promise.all([sandbox.stop(), edge.stop()]);
  rmSync(edgeAlone, { recursive: true });
});

/** Sends reports of our own form, and expects that they are taken and that no queue has seen the secrets since. */
async function expectSealed(
  body: object | readonly object[],
  secrets: readonly string[],
  at: TestSandbox = sandbox,
): Promise<void> {
  const scanner = createAlertDriver(at);
  const before = (await at.history()).length;
  expect((await scanner.deliver(scanner.signWebhook('generic', JSON.stringify(body)))).status).toBe(202);
  const queued = JSON.stringify((await at.history()).slice(before));
  expect(queued).not.toBe('[]');
  expect(queued).toContainNoSecret(secrets);
}

attack(
  {
    name: 'secret-for-an-id',
    finding: 15,
    does: 'gives the secret as `tokenId` and as `profile`, as a sender does that mixes up its fields',
    holds: 'it reaches no queue: only what looks like a provider’s id is one',
    without: [
      {
        file: 'shared/alerts/seal-delivery.ts',
        replace: ' || !isTokenId(tokenId, provider) || !isPlain(tokenId)',
        by: ' || isTokenId(tokenId, provider) || provider === undefined',
      },
    ],
  },
  () => {
    const secret = 'Xk29fLq0pZ84mNb7Rt51-of-nobody';
    return expectSealed({ tokenId: secret, profile: secret.toLowerCase(), provider: 'dfns' }, [
      secret,
      secret.toLowerCase(),
    ]);
  },
);

attack(
  {
    name: 'secret-for-a-profile',
    finding: 16,
    does: 'gives a password that looks like the name of a profile as `profile`, beside the id of a token',
    holds: 'it reaches no queue: only the policy’s profiles are some, and the token is looked for in all of them',
    without: [
      {
        file: 'shared/alerts/seal-delivery.ts',
        replace: 'profiles.includes(profile)',
        by: "profile !== ''",
      },
    ],
  },
  async () => {
    const token = await driver.issue('langsmith', 'secret for a profile');
    const profile = 'sommergarten-im-regen';
    await expectSealed({ tokenId: token.id, profile, repository: 'acme/a-profile' }, [profile]);
    await driver.card('acme/a-profile', /secret for a profile/);
  },
);

attack(
  {
    name: 'secret-in-disguise',
    finding: 15,
    does: 'writes a secret into a note in colours, with marks of HTML, in comments, in mathematical letters, with entities',
    holds: 'every disguise of `test/support/disguises.ts` is read through',
    without: [
      {
        file: 'shared/providers/text/unwrap.ts',
        replace: 'return rewrite(bare, { expression: DISGUISE',
        by: 'return bare ?? rewrite(bare, { expression: DISGUISE',
      },
    ],
  },
  async () => {
    for (const secret of [langsmithKey(), dfnsToken()]) {
      const notes = Object.values(DISGUISES).map((disguise) => disguise(secret));
      const middles = notes.map((text) => text.replaceAll('kibana-highlighted-field', '').slice(30, 50).toWellFormed());
      const findings = notes.map((text) => ({ note: text, url: `https://e.example/${text}` }));
      // One by one: of several that nobody knows, one report tells without their texts.
      for (const [at, finding] of findings.entries()) await expectSealed(finding, [secret, middles[at]!], edge);
    }
  },
);

attack(
  {
    name: 'secret-encoded',
    finding: 15,
    does: 'writes a secret into a note in base64 of 76 columns, of UTF-16, twice',
    holds: 'what decodes to text is searched, three levels deep',
    without: [
      {
        file: 'shared/providers/recognise.ts',
        replace: 'if (depth === DEPTH) return',
        by: 'if (depth <= DEPTH) return',
      },
    ],
  },
  async () => {
    for (const secret of [langsmithKey(), dfnsToken()]) {
      for (const name of [
        'in base64 of 76 columns',
        'in base64 of UTF-16, wrapped',
        'in base64 twice, wrapped each time',
      ]) {
        const note = DISGUISES[name]?.(secret) ?? '';
        // Not as a note, in which all that looks drawn is hidden anyway.
        await expectSealed({ note: 'x', path: note }, [secret, note.slice(20, 60)]);
      }
    }
  },
);

attack(
  {
    name: 'value-of-an-assignment',
    finding: 15,
    does: 'gives a whole assignment as the secret, and quotes the bare value in the note',
    holds: 'the value is hidden, too, though nobody knows its form',
    without: [
      { file: 'shared/providers/text/scrub.ts', replace: 'return [whole, ...piecesOf(whole)];', by: 'return [whole];' },
    ],
  },
  () =>
    expectSealed({ secret: 'DB_PASSWORD="Sommergarten-im-Regen"', note: 'it is Sommergarten-im-Regen' }, [
      'Sommergarten-im-Regen',
    ]),
);

attack(
  {
    name: 'password-in-a-url',
    finding: 15,
    does: 'reports a clone URL with user and password as URL, as repository and in the note; escaped in the query of another one, too',
    holds: 'URLs lose their user part',
    without: [
      { file: 'shared/providers/text/scrub.ts', replace: 'wordsOf(rest).flatMap(findUserParts)', by: '[] as Range[]' },
    ],
  },
  async () => {
    const url = 'https://ci:correct-horse-battery@git.example.com/a/b.git';
    const within = `https://proxy.example/?to=${encodeURIComponent(url)}`;
    for (const text of [url, within, url.replace('@', '/x@')])
      await expectSealed({ url: text, repository: text, note: `cloned from ${text}` }, ['correct-horse-battery']);
  },
);

attack(
  {
    name: 'token-behind-a-vendor',
    finding: 15,
    does: 'writes what another vendor’s secrets begin with before a token, and begins a private key that does not end',
    holds: 'the token is found all the same, and looked for',
    without: [
      {
        file: 'shared/providers/recognise.ts',
        replace: 'mergeSpans(spans.filter((span) => !isOfOthers(span)))',
        by: '[]',
      },
      {
        file: 'shared/providers/recognise.ts',
        replace: 'mergeSpans(spans.filter(isOfOthers))',
        by: 'mergeSpans(spans)',
      },
    ],
  },
  async () => {
    for (const [at, before] of [
      ['sk', 'ant', ''].join('-'),
      ['-----BEGIN', 'PRIVATE KEY-----\nMIIE\n'].join(' '),
    ].entries()) {
      const token = await driver.issue('langsmith', `behind a vendor ${at}`);
      await expectSealed({ note: `found ${before}${token.secret}`, repository: `acme/vendor-${at}` }, [token.secret]);
      await driver.quiet();
      expect(await driver.stateOf(token)).toBe('inactive');
    }
  },
);

attack(
  {
    name: 'secret-of-others',
    finding: 15,
    does: 'writes the tokens of other vendors, and a password that a machine drew, into a note',
    holds: 'their prefixes are known, and what looks drawn is hidden',
    without: [
      {
        file: 'shared/providers/text/shapes.ts',
        replace: "  { name: 'foreign', unwrapped: matching(FOREIGN_TOKEN) },\n",
        by: '',
      },
      {
        file: 'shared/providers/text/scrub.ts',
        replace: 'if (also.random === true)',
        by: 'if (also.random === undefined)',
      },
    ],
  },
  () => {
    const secrets = [
      ['npm', 'aB3'.repeat(12)].join('_'),
      ['sk', 'live', 'aB3'.repeat(8)].join('_'),
      'k7f3q9z2m5x8c1v6b4n0j2h8',
    ];
    return expectSealed({ note: secrets.join(' and '), repository: secrets[0] }, secrets);
  },
);
