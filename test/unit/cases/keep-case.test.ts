import { describe, expect, it } from 'vitest';
import { clueKey } from '#shared/cases/case-keys.ts';
import { withReport } from '#shared/cases/keep-case.ts';
import type { CheckedValidity, Token } from '#shared/core/vocabulary.ts';
import type { Clue } from '#shared/providers/clue.ts';
import { repeatReport } from '#shared/cases/repeat-report.ts';
import type { Case } from '#shared/store/store.ts';
import { unmatched } from '#test/fixtures/outcomes.ts';

const checked = (validity: CheckedValidity['validity']): CheckedValidity => ({
  ...{ validity, by: 'issuer', checkedAt: '2026-11-22T12:00:00.000Z' },
});

describe('what a later report says of whether the secret is genuine', () => {
  const own = unmatched.clue!;
  const other: Clue = { form: 'hashed', hmsl: 'ef'.repeat(32) };

  it.each<[CheckedValidity['validity'], Clue | undefined, CheckedValidity['validity']]>([
    ['unknown', own, 'valid'],
    ['unknown', undefined, 'valid'],
    ['unknown', other, 'unknown'],
    ['invalid', own, 'invalid'],
    ['valid', own, 'valid'],
  ])('(%s) takes a proof away only where it knows better, or is about another secret', (told, clue, becomes) => {
    const report = { key: 'later', validity: checked(told) };
    const evidence = { source: 'gitleaks', report, clue, candidates: [], receivedAt: '2026-11-22T12:01:00.000Z' };
    const kase = withReport({ ...unmatched, state: 'unsearched', validity: checked('valid') }, evidence);
    expect(kase.validity).toEqual(checked(becomes));
  });
});

describe('the reports that a case keeps', () => {
  const at = (key: string) => ({ source: 'gitleaks', key, at: '2026-11-22T12:00:00.000Z' });
  const decided: Case = {
    ...unmatched,
    ...{ state: 'not_revoked', reports: [at('deciding')], count: 1 },
    decision: { action: 'deactivate', rule: 'proved', report: 'deciding' },
  };
  const drill = (key: string) => ({
    ...{ source: 'generic', report: { key, test: true }, candidates: [], receivedAt: '2026-11-22T12:01:00.000Z' },
  });

  it('are the newest, and the one that its kill goes by, which is the one to repeat', () => {
    let kase = decided;
    for (let n = 1; n <= 30; n += 1) kase = { ...withReport(kase, drill(`drill ${n}`)), version: kase.version };
    const newest = Array.from({ length: 19 }, (_, n) => `drill ${n + 12}`);
    expect([kase.reports.map(({ key }) => key), kase.count]).toEqual([['deciding', ...newest], 31]);
    expect(repeatReport(kase, '2026-11-22T13:00:00.000Z')?.report.key).toBe('deciding');
  });

  it('tell by what clues each knew its secret, and are searched for without them', () => {
    const [clue, watched]: Clue[] = [unmatched.clue!, { form: 'hashed', hmsl: 'ef'.repeat(32) }];
    const report = { key: 'later' };
    const evidence = {
      source: 'gitleaks',
      report,
      clue,
      watched,
      candidates: [],
      receivedAt: '2026-11-22T12:01:00.000Z',
    };
    const kase = { ...withReport({ ...unmatched, state: 'unsearched' }, evidence), version: 1 };
    expect(kase.reports.at(-1)?.clueKeys).toEqual([clueKey(clue!), clueKey(watched!)]);
    expect(repeatReport(kase, '2026-11-22T13:00:00.000Z')?.report).toEqual({ key: 'later', clue });
  });

  it("are also a scanner's, however often people paste the same secret after it: its search goes by that", () => {
    const validity = checked('valid');
    let kase: Case = { ...unmatched, state: 'unsearched', validity, reports: [at('scanned')], count: 1 };
    for (let n = 1; n <= 30; n += 1) {
      const report = { key: `pasted ${n}`, reporter: { userId: 'U0STRANGER1', teamId: 'T0SANDBOX01' } };
      const evidence = { source: 'slack', report, candidates: [], receivedAt: '2026-11-22T12:01:00.000Z' };
      kase = { ...withReport(kase, evidence), validity, version: kase.version };
    }
    expect([kase.reports.length, kase.count]).toEqual([20, 31]);
    expect(repeatReport(kase, '2026-11-22T13:00:00.000Z')?.report.key).toBe('scanned');
  });

  it('are also the one that was put off, whose source and reporter its search goes by', () => {
    const deferred = { key: 'put off', validity: checked('valid'), clue: unmatched.clue!, troubles: [] };
    let kase: Case = { ...unmatched, state: 'noted', reports: [at('put off')], count: 1, deferred };
    for (let n = 1; n <= 30; n += 1) kase = { ...withReport(kase, drill(`drill ${n}`)), version: kase.version };
    expect(kase.reports).toHaveLength(20);
    expect(repeatReport(kase, '2026-11-22T13:00:00.000Z')).toMatchObject({
      ...{ source: 'gitleaks', report: { key: 'put off' } },
    });
    expect(repeatReport(kase, '2026-11-22T13:00:00.000Z')?.report.test).toBeUndefined();
  });
});

describe('what is known of one secret', () => {
  const token = { provider: 'dfns', profile: 'dfns-demo', id: 'to-1', name: 'a' } as Token;
  const kase: Case = { ...unmatched, state: 'asking', token, grade: 'weak', validity: checked('valid') };
  const receivedAt = '2026-11-22T12:01:00.000Z';
  const match = { token, grade: 'exact' as const, because: [] };
  const report = { key: 'later', publiclyLeaked: true };
  const other = { provider: 'dfns', form: 'hashed', hmsl: 'ef'.repeat(32) } as const;

  it('says nothing of another one that is found to be the same token', () => {
    const found = withReport(kase, { source: 'gitleaks', report, clue: other, match, candidates: [match], receivedAt });
    expect(found).toMatchObject({ clue: other, grade: 'exact', isPublic: true });
    expect(found.validity).toBeUndefined();
  });

  it('and only resembles the token makes no leak of that a public one', () => {
    const candidates = [{ ...match, grade: 'weak' as const }];
    const found = withReport(kase, { source: 'gitleaks', report, clue: kase.clue, candidates, receivedAt });
    expect(found.isPublic).toBeUndefined();
    expect([found.count, found.validity?.validity]).toEqual([kase.count + 1, 'valid']);
  });
});

describe('the report by which a proved secret is searched for that nobody could look for', () => {
  const reporter = { userId: 'U0STRANGER1', teamId: 'T0SANDBOX01' };
  const scanned = { source: 'gitleaks', key: 'scanned', at: '2026-11-22T12:00:00.000Z' };
  const pasted = { source: 'slack', key: 'pasted', reporter, at: '2026-11-22T12:01:00.000Z' };
  const keyOf = (more: Partial<Case>) =>
    repeatReport({ ...unmatched, state: 'unsearched', ...more }, '2026-11-22T13:00:00.000Z')?.report.key;

  it("is a scanner's, which nobody's missing right holds back, and else the newest", () => {
    const validity = checked('valid');
    expect(keyOf({ validity, reports: [scanned, pasted] })).toBe('scanned');
    expect(keyOf({ validity, reports: [pasted] })).toBe('pasted');
    // What is not proved only asks, unless somebody with the right reports it.
    expect(keyOf({ reports: [scanned, pasted] })).toBe('pasted');
  });
});
