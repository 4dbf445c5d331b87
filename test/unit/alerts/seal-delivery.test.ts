import { findOnce } from '#shared/providers/find-once.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leakJobSchema } from '#shared/jobs/job.ts';
import { findingsIn, sealDelivery, textsOf } from '#shared/alerts/seal-delivery.ts';
import type { Finding } from '#shared/alerts/source.ts';
import { Secret } from '#shared/core/secret.ts';
import '#test/support/contain-no-secret.ts';
import { fingerprint, NOW } from '#test/support/alerts.ts';
import { langsmithKey, ourSecret, surroundingText } from '#test/support/leaks.ts';

const deliver = (findings: readonly Finding[], more: object = {}) =>
  sealDelivery({
    source: 'generic',
    content: Buffer.from('the bytes'),
    findings,
    skipped: 0,
    receivedAt: NOW.toISOString(),
    fingerprint,
    find: findOnce(),
    profiles: ['one', 'o'.repeat(63)],
    validities: new Map(),
    ...more,
  });
const reports = (findings: readonly Finding[], more: object = {}) =>
  deliver(findings, more).jobs.map((job) => ('report' in job ? job.report : undefined));

describe('sealDelivery', () => {
  it('hides a secret wherever its own finding quotes it, also one that nobody knows', () => {
    const secret = 'hunter2-hunter2-hunter2';
    const [report] = reports([
      {
        secret: new Secret(secret),
        note: `it is ${secret}`,
        where: { url: `https://x.example/?k=${secret}`, path: secret },
      },
    ]);
    expect(report).toMatchObject({ unrecognised: true, note: 'it is [sealed]', where: { path: '[sealed]' } });
    expect(report).toContainNoSecret([secret]);
  });

  it('cuts a text only after it was sealed, so that no half of a secret stays', () => {
    const secret = langsmithKey('pt');
    const [report] = reports([{ secret: new Secret('x'.repeat(20)), note: `${'n'.repeat(1970)}${secret}` }]);
    expect(report).toContainNoSecret([secret]);
    expect(report?.note?.length).toBeLessThanOrEqual(2000);
  });

  it('takes the token that is quoted around a secret or in a note', () => {
    const [around, note] = [langsmithKey('pt'), langsmithKey('sk')];
    const [first, second] = reports([
      { secret: new Secret(around.slice(0, 30)), around: new Secret(`key = "${around}"`) },
      { note: `somebody posted ${note}` },
    ]);
    expect(first).toMatchObject({ clue: { form: 'langsmith', kind: 'pat' } });
    expect(second).toMatchObject({ clue: { form: 'langsmith', kind: 'service-key' } });
    expect([first, second]).toContainNoSecret([around, note]);
  });

  it('makes one report of many places, and says how many', () => {
    const secret = new Secret(langsmithKey('pt'));
    const found = reports(['a', 'b', 'c'].map((path) => ({ secret, where: { path } })));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ remarks: [{ kind: 'places', count: 3 }], where: { path: 'a' } });
  });

  it('keeps of many places the surest word, and that one of them is public', () => {
    const secret = new Secret(langsmithKey('pt'));
    const place = { secret, detector: 'LangSmith' };
    fc.assert(
      fc.property(
        fc.array(fc.record({ verified: fc.boolean(), publiclyLeaked: fc.boolean() }), { minLength: 2, maxLength: 4 }),
        (told) => {
          const [report, ...more] = reports(told.map((one, at) => ({ ...place, ...one, where: { path: String(at) } })));
          expect(more).toEqual([]);
          expect(report?.validity?.validity === 'valid').toBe(told.some(({ verified }) => verified));
          expect(report?.publiclyLeaked === true).toBe(told.some(({ publiclyLeaked }) => publiclyLeaked));
          expect(report?.where).toEqual({ path: '0' });
        },
      ),
    );
  });

  it('takes many places for a new report unless each is one more place of a known alert', () => {
    const secret = new Secret(langsmithKey('pt'));
    const isPlaceOf = (...told: readonly (true | undefined)[]) =>
      reports(told.map((isPlace) => ({ secret, ...(isPlace && { isPlace }) })))[0]?.isPlace;
    expect([isPlaceOf(true, true), isPlaceOf(true, undefined), isPlaceOf(undefined, true)]).toEqual([
      true,
      undefined,
      undefined,
    ]);
  });

  it('keeps a real leak apart from a test message of the same secret', () => {
    const secret = new Secret(langsmithKey('pt'));
    expect(reports([{ secret }, { secret, test: true }])).toHaveLength(2);
  });

  it('tells leftovers together and names their detectors, and a hinted one by itself', () => {
    const found = reports(
      [
        { secret: new Secret('AKIAIOSFODNN7EXAMPLE'), detector: 'aws', where: { repository: 'a/b' } },
        { secret: new Secret('not-a-key-of-ours-1'), detector: 'stripe', where: { repository: 'a/b' } },
        { detector: 'langchain_api_personal_key', where: { path: 'x' } },
      ],
      { skipped: 2 },
    );
    expect(found).toMatchObject([
      { clue: { form: 'hashed', provider: 'langsmith' }, where: { path: 'x' } },
      {
        unrecognised: true,
        detector: 'aws, stripe',
        remarks: [
          { kind: 'unknown_forms', count: 2 },
          { kind: 'unread_records', count: 2 },
        ],
        where: { repository: 'a/b' },
      },
    ]);
  });

  it('passes a single leftover on as it is', () => {
    expect(reports([{ secret: new Secret('AKIAIOSFODNN7EXAMPLE'), detector: 'aws', note: 'n' }])).toMatchObject([
      { unrecognised: true, detector: 'aws', note: 'n' },
    ]);
    expect(reports([{ secret: new Secret('AKIAIOSFODNN7EXAMPLE') }], { skipped: 1 })[0]?.remarks).toEqual([
      { kind: 'unknown_forms', count: 1 },
      { kind: 'unread_records', count: 1 },
    ]);
  });

  it('tells one unknown secret from another, and knows the same one again', () => {
    const place = { where: { path: 'a.env' }, detector: 'x' };
    const keyed = (...texts: string[]) => reports(texts.map((text) => ({ ...place, secret: new Secret(text) })))[0];
    const [one, other] = [keyed('hunter2-hunter2'), keyed('hunter3-hunter3')];
    expect(one?.rawFingerprint).not.toBe(other?.rawFingerprint);
    expect(keyed('hunter2-hunter2')).toEqual({ ...one, key: expect.any(String) });
    expect(keyed('aaaa-1111', 'bbbb-2222')?.rawFingerprint).toBe(keyed('bbbb-2222', 'aaaa-1111')?.rawFingerprint);
    expect(keyed('aaaa-1111', 'bbbb-2222')?.rawFingerprint).not.toBe(keyed('aaaa-1111', 'cccc-3333')?.rawFingerprint);
    const unread = (text: string) => reports([], { skipped: 1, unread: [new Secret(text)] })[0]?.rawFingerprint;
    expect(unread('{"a"')).not.toBe(unread('{"b"'));
  });

  it('does not take a secret for an id', () => {
    const secret = langsmithKey('pt');
    const [report] = reports([{ tokenId: secret, provider: 'langsmith' }]);
    expect(report?.clue?.form).not.toBe('named');
    expect(report).toContainNoSecret([secret]);
  });

  it('keys a delivery by source, signed id and content, never by time', () => {
    const finding = { secret: new Secret(langsmithKey('pt')) };
    const keyOf = (more: object) =>
      deliver([finding], more).jobs.map((job) => ('deliveryKey' in job ? job.deliveryKey : ''));
    const plain = keyOf({});
    expect(keyOf({ receivedAt: '2030-01-01T00:00:00.000Z' })).toEqual(plain);
    for (const more of [{ source: 'gitleaks' }, { deliveryId: 'msg_1' }, { content: Buffer.from('other') }]) {
      expect(keyOf(more)).not.toEqual(plain);
    }
  });

  it('keeps what its sender told besides, and leaves out what is empty', () => {
    const told = {
      remarks: [{ kind: 'unread_records', count: 1 }],
      publiclyLeaked: false,
      test: true,
      isPlace: true,
    } as const;
    const [report] = reports([
      {
        ...told,
        secret: new Secret(langsmithKey()),
        detector: '',
        note: '',
        where: { path: '', url: 'https://x.example' },
      },
    ]);
    expect(report).toMatchObject({ ...told, where: { url: 'https://x.example' } });
    for (const field of ['detector', 'note', 'locator', 'validity', 'unrecognised', 'among', 'rawFingerprint'])
      expect(report).not.toHaveProperty(field);
    expect(report?.where).not.toHaveProperty('path');
    const [plain] = reports([{ secret: new Secret(langsmithKey()), where: { path: '' } }]);
    expect(Object.keys(plain ?? {}).toSorted()).toEqual(['clue', 'key']);
  });

  it('cuts every text to what the queue’s contract allows', () => {
    const long = 'word '.repeat(600);
    const where = { kind: long, url: long, repository: long, path: long, commit: long, author: long };
    const [report] = reports([{ secret: new Secret(langsmithKey()), where, detector: long, note: long }]);
    const lengths = Object.entries({ ...report?.where, detector: report?.detector, note: report?.note });
    expect(Object.fromEntries(lengths.map(([name, text]) => [name, text?.length]))).toEqual({
      kind: 100,
      url: 2000,
      repository: 300,
      path: 1000,
      commit: 100,
      author: 300,
      detector: 200,
      note: 2000,
    });
  });

  it('takes a hash for a clue where nothing says more, with the provider that is told or hinted at', () => {
    const hmsl = 'c0ffee'.repeat(8);
    const clue = { form: 'hashed', hmsl: fingerprint(hmsl) };
    expect(reports([{ hmsl }])[0]?.clue).toEqual(clue);
    expect(reports([{ hmsl, provider: 'dfns' }])[0]?.clue).toEqual({ ...clue, provider: 'dfns' });
    expect(reports([{ hmsl, detector: 'langsmith_key' }])[0]?.clue).toEqual({ ...clue, provider: 'langsmith' });
    expect(reports([{ hmsl, provider: 'dfns', detector: 'langsmith_key' }])[0]?.clue).toMatchObject({
      provider: 'dfns',
    });
    expect(reports([{ hmsl, note: langsmithKey() }])).toMatchObject([{ clue: { form: 'langsmith' } }]);
  });

  it('takes a name for a clue that its provider could have given, beside the secret itself', () => {
    const tokenId = '7a7a7a7a-0001-4001-8001-7a7a7a7a7a7a';
    expect(reports([{ tokenId, provider: 'langsmith', profile: 'one' }])[0]?.clue).toEqual({
      form: 'named',
      tokenId,
      provider: 'langsmith',
      profile: 'one',
    });
    expect(reports([{ tokenId, provider: 'dfns' }])[0]?.clue).toEqual({ form: 'hashed', provider: 'dfns' });
    const theirs = 'to-202a0-cdo33-o65mbt6q758lvvnt';
    expect(reports([{ tokenId: theirs, provider: 'langsmith' }])[0]?.clue).toEqual({
      form: 'hashed',
      provider: 'langsmith',
    });
    expect(reports([{ tokenId: theirs }])[0]?.clue).toEqual({ form: 'named', tokenId: theirs });
    for (const profile of ['', '-one', 'One', 'o'.repeat(64), 'one two', 'one\n', 'sommergarten']) {
      expect(reports([{ tokenId, profile }])[0]?.clue).toEqual({ form: 'named', tokenId });
    }
    const longest = 'o'.repeat(63);
    expect(reports([{ tokenId, profile: longest }])[0]?.clue).toMatchObject({ profile: longest });
    const both = reports([{ tokenId, secret: new Secret(langsmithKey()) }]);
    expect(both.map((report) => report?.clue?.form)).toEqual(['langsmith', 'named']);
    expect(both.map((report) => report?.among)).toEqual([2, 2]);
    // Named by its own secret, it is no name.
    expect(reports([{ tokenId, secret: new Secret(tokenId) }])[0]?.clue).toBeUndefined();
  });

  it('leaves to whoever fetches a secret which token is meant', () => {
    const locator = { kind: 'github', repository: 'acme/pay', number: 7 } as const;
    const [report] = reports([{ locator, note: langsmithKey(), tokenId: '7a7a7a7a-0001-4001-8001-7a7a7a7a7a7a' }]);
    expect(report).toMatchObject({ locator, note: '[sealed]' });
    expect(report).not.toHaveProperty('clue');
    expect(report).not.toHaveProperty('unrecognised');
  });

  it('believes a sender that tried a secret of its own only, and an issuer in any case', () => {
    const [secret, quoted] = [langsmithKey(), langsmithKey()];
    const finding: Finding = { secret: new Secret(secret), note: quoted, verified: true, detector: 'LangSmith' };
    expect(reports([finding]).map((report) => report?.validity?.validity)).toEqual(['valid', undefined]);
    expect(reports([{ ...finding, verified: false }]).map((report) => report?.validity)).toEqual([
      undefined,
      undefined,
    ]);
    const hashed: Finding = { hmsl: 'c0ffee'.repeat(8), verified: true, detector: 'LangSmith' };
    expect(reports([hashed])[0]?.validity).toMatchObject({ validity: 'valid', by: 'scanner' });
    const validities = new Map([[fingerprint(quoted), { validity: 'invalid', checkedAt: NOW.toISOString() }]]);
    expect(reports([finding], { validities }).map((report) => report?.validity?.validity)).toEqual([
      'valid',
      'invalid',
    ]);
  });

  it('tells which findings one of our providers issued', () => {
    const [ours, hinted, foreign]: Finding[] = [
      { secret: new Secret(langsmithKey()) },
      { secret: new Secret('not-a-key-of-ours'), detector: 'langsmith' },
      { secret: new Secret('not-a-key-of-ours') },
    ];
    const place: Finding = { locator: { kind: 'github', repository: 'a/b', number: 1 } };
    expect(deliver([ours!, hinted!, foreign!, place]).verdicts).toEqual([
      { finding: ours, recognised: true },
      { finding: hinted, recognised: false },
      { finding: foreign, recognised: false },
      { finding: place, recognised: true },
    ]);
  });

  it('names of leftovers at most five detectors, a repository only where it is everybody’s, and a test where all are', () => {
    const leftover = (detector: string | undefined, more: object = {}): Finding => ({
      secret: new Secret(`foreign secret ${detector}`),
      ...(detector !== undefined && { detector }),
      ...more,
    });
    const names = ['a', 'b', 'a', 'c', 'd', 'e', 'f'];
    const [many] = reports(names.map((name) => leftover(name)));
    expect(many).toMatchObject({ detector: 'a, b, c, d, e', remarks: [{ kind: 'unknown_forms', count: 7 }] });
    const long = ['a', 'b', 'c', 'd'].map((name) => leftover(`${name} rule `.repeat(9)));
    expect(reports(long)[0]?.detector).toHaveLength(200);
    expect(many).not.toHaveProperty('where');
    expect(many).not.toHaveProperty('test');
    const [bare] = reports([leftover(undefined), leftover(undefined)]);
    expect(bare).not.toHaveProperty('detector');
    const where = { where: { repository: 'a/b' } };
    expect(reports([leftover('a', where), leftover('b')])[0]).not.toHaveProperty('where');
    expect(reports([leftover('a', where), leftover('b', { where: { repository: 'a/c' } })])[0]).not.toHaveProperty(
      'where',
    );
    expect(reports([leftover('a', { test: true }), leftover('b', { test: true })])[0]).toMatchObject({ test: true });
    expect(reports([leftover('a', { test: true }), leftover('b')])[0]).not.toHaveProperty('test');
    const [unread] = reports([], { skipped: 3, unread: [] });
    expect(unread).toMatchObject({ unrecognised: true, remarks: [{ kind: 'unread_records', count: 3 }] });
    for (const field of ['test', 'where', 'detector', 'rawFingerprint']) expect(unread).not.toHaveProperty(field);
    expect(reports([])).toEqual([]);
  });

  it('folds no two that are nameless, nor an alert in two places to look', () => {
    const hinted = { detector: 'langsmith', where: { path: 'a' } };
    expect(reports([hinted, { ...hinted, where: { path: 'b' } }])).toHaveLength(2);
    expect(reports([hinted, hinted])).toMatchObject([{ remarks: [{ kind: 'places', count: 2 }] }]);
    const locator = { kind: 'github', repository: 'a/b', number: 1 } as const;
    expect(reports([{ locator }, { locator: { ...locator, number: 2 } }, { locator }])).toHaveLength(2);
    const hmsl = 'c0ffee'.repeat(8);
    expect(
      reports([
        { hmsl, where: { path: 'a' } },
        { hmsl, where: { path: 'b' } },
      ]),
    ).toHaveLength(1);
    const secret = new Secret(langsmithKey());
    const remarks = [{ kind: 'unread_records', count: 1 }] as const;
    expect(reports([{ secret, remarks }, { secret }])[0]?.remarks).toEqual([{ kind: 'places', count: 2 }, ...remarks]);
    expect(reports([{ secret }])[0]).not.toHaveProperty('remarks');
  });

  it('knows a summary again by its one secret, or by all of them in whatever order', () => {
    const summary = (texts: readonly string[], unread: readonly string[], skipped = 1) =>
      reports(
        texts.map((text) => ({ secret: new Secret(text) })),
        { skipped, unread: unread.map((text) => new Secret(text)) },
      )[0]?.rawFingerprint;
    const raw = (text: string) => fingerprint(JSON.stringify([text]));
    const both = (...prints: string[]) => fingerprint(JSON.stringify(prints.toSorted()));
    expect(summary(['foreign one'], [])).toBe(raw('foreign one'));
    expect(summary([' foreign one\n'], [])).toBe(raw('foreign one'));
    expect(summary(['foreign one', 'foreign one'], [])).toBe(raw('foreign one'));
    expect(summary([], ['unread'])).toBe(fingerprint('unread'));
    expect(summary(['foreign one'], ['unread'])).toBe(both(raw('foreign one'), fingerprint('unread')));
    expect(summary(['b', 'a'], [], 0)).toBe(both(raw('a'), raw('b')));
    expect(reports([{ note: 'no secret at all' }])[0]).not.toHaveProperty('rawFingerprint');
    const around = reports([{ secret: new Secret('a b c'), around: new Secret('x a b c y') }])[0];
    expect(around?.rawFingerprint).toBe(fingerprint(JSON.stringify(['a b c', 'x a b c y'])));
  });

  it('numbers the jobs of a delivery, each with the name of its source', () => {
    const jobs = deliver([{ secret: new Secret(langsmithKey()) }, { secret: new Secret(langsmithKey()) }]).jobs;
    const keys = jobs.map((job) => ('report' in job ? job.report.key : ''));
    expect(keys.map((key) => key.replace(/:[0-9a-f]{40}:/, ':…:'))).toEqual(['generic:…:0', 'generic:…:1']);
    expect(jobs[0]).toMatchObject({ v: 1, kind: 'report', source: 'generic', deliveryKey: keys[0] });
  });

  it('never lets a secret into a job, whatever it is given', () => {
    const noise = fc.oneof(surroundingText, fc.string());
    const finding = fc
      .tuple(ourSecret, noise, noise, fc.boolean())
      .map(([secret, before, after, isInside]) => ({ secret, text: `${before}${secret}${after}`, isInside }));
    fc.assert(
      fc.property(fc.array(finding, { minLength: 1, maxLength: 4 }), (given) => {
        const { jobs } = deliver(
          given.map(({ secret, text, isInside }) => ({
            secret: new Secret(isInside ? text : secret),
            note: text,
            detector: text,
            where: { kind: text, url: text, path: text, repository: text, commit: text, author: text },
          })),
        );
        for (const job of jobs) expect(leakJobSchema.parse(JSON.parse(JSON.stringify(job)))).toEqual(job);
        expect(jobs).toContainNoSecret(given.map(({ secret }) => secret));
      }),
      { numRuns: 60 },
    );
  });
});

describe('the texts of findings', () => {
  const plain = (findings: readonly Finding[]) => textsOf(findings).map((text) => text.expose());

  it('are all in which a secret may stand, but those of a test and empty ones', () => {
    const finding: Finding = {
      secret: new Secret('a'),
      around: new Secret('b'),
      record: new Secret('c'),
      note: 'd',
      detector: 'e',
      tokenId: 'f',
      profile: 'g',
      where: { url: 'h', path: '' },
    };
    expect(plain([finding, { ...finding, test: true }, { note: 'i', test: false }, {}])).toEqual([...'abcdefghi']);
  });
});

describe('what could not be read', () => {
  it('is a finding where a token stands in it', () => {
    const [ours, other] = [new Secret(`x ${langsmithKey()}`), new Secret('nothing')];
    expect(findingsIn([other, ours], { fingerprint, find: findOnce() })).toEqual([
      { record: ours, remarks: [{ kind: 'in_unread_record' }] },
    ]);
  });
});
