import { findOnce } from '#shared/providers/find-once.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leakJobSchema } from '#shared/jobs/job.ts';
import { sealDelivery } from '#shared/alerts/seal-delivery.ts';
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
