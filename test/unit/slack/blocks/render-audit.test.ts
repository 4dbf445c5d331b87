import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditFile, auditLine } from '#shared/slack/blocks/render-audit.ts';
import type { AuditDetail, AuditEntry } from '#shared/store/store.ts';
import { auditEntry } from '#test/support/arbitraries/audit-entry.ts';
import { entries } from '#test/fixtures/outcomes.ts';

/** Reads CSV by its grammar (RFC 4180), so that the test does not trust the writer's own library. */
function cellsOf(csv: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, bare, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? bare ?? '');
    if (end === '\n') rows.push([]);
    if (end === '') break;
  }
  return rows.filter((row) => row.length > 1);
}

describe('what more an entry says', () => {
  it('is the rule, the proof, the request and the case, as columns of the file with what the record has', () => {
    const entry: AuditEntry = {
      ...entries[0]!,
      rule: 'proved',
      caseId: 'C-ABCD2345',
      requestId: 'request-1',
      receipt: {
        verb: 'deactivate',
        requestedAt: '2026-11-22T14:02:10.000Z',
        actedAt: '2026-11-22T14:02:11.000Z',
        confirmedAt: '2026-11-22T14:02:12.000Z',
        read: 'inactive',
      },
    };
    const [head = [], row = []] = cellsOf(auditFile([entry], 'csv'));
    const told = Object.fromEntries(head.map((name, index) => [name, row[index]]));
    expect(told).toMatchObject({
      rule: 'proved',
      case: 'C-ABCD2345',
      request: expect.stringContaining('request-1'),
      actedAt: '2026-11-22T14:02:11.000Z',
      confirmedAt: '2026-11-22T14:02:12.000Z',
    });
  });

  const said = (detail: AuditDetail, more: Partial<AuditEntry> = {}) =>
    auditLine({ ...entries[0]!, ...more, detail }, { discreet: false });

  it.each<[AuditDetail, string]>([
    [{ kind: 'tokens', count: 3 }, '3 tokens'],
    [{ kind: 'lever', id: 'stop-new-pats' }, 'stop-new-pats'],
    [{ kind: 'refused', refusal: { why: 'own', profile: 'prod' } }, 'the token that Patrol itself works with in prod'],
    [{ kind: 'failed', fault: 'provider_unavailable' }, 'The provider does not answer (provider_unavailable)'],
    [{ kind: 'report', state: 'not_revoked' }, 'the case: not revoked'],
  ])('%j is told as %s', (detail, words) => {
    expect(said(detail)).toContain(words);
  });

  it('a refusal names the profile, and what is known of a match stands behind it', () => {
    expect(said({ kind: 'denied', why: 'no_role' }, { profiles: ['prod'] })).toContain('no role allows it in prod');
    const because = [{ kind: 'spells_id' }] as const;
    expect(said({ kind: 'report', state: 'asking' }, { because })).toMatch(/the case: asking; .*id/);
  });
});

describe('the record as a file', () => {
  it('has one JSON object per line, with the receipt and who approved', () => {
    const lines = auditFile(entries, 'jsonl')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatchObject({
      actor: 'U0OPERATOR1',
      what: 'deactivate',
      result: 'done',
      confirmedAt: '2026-11-22T14:02:12.900Z',
    });
    expect(lines[1]).toMatchObject({ actor: 'alert:github', case: 'C-ABCD2345' });
    expect(lines[2]).toMatchObject({ approvedBy: 'U0APPROVER1', tokenName: '=HYPERLINK("https://evil.example")' });
  });

  it.each(['\0=1+1', '\0\r=1+1', ' \0=1+1', ';\0=1+1'])(
    'hides no formula behind what a spreadsheet drops: %j',
    (reason) => {
      const [head = [], row = []] = cellsOf(auditFile([{ ...entries[0]!, reason }], 'csv'));
      expect(row[head.indexOf('reason')]).toMatch(/^\s*'|^;'/);
      expect(row[head.indexOf('reason')]).not.toContain('\0');
    },
  );

  it('has one row per entry in CSV, and no cell that a spreadsheet takes for a formula', () => {
    const [head, ...rows] = cellsOf(auditFile(entries, 'csv'));
    expect(head?.slice(0, 6)).toEqual(['at', 'id', 'actor', 'team', 'channel', 'what']);
    expect(rows).toHaveLength(3);
    expect(rows[2]?.[head?.indexOf('tokenName') ?? -1]).toBe(`'=HYPERLINK("https://evil.example")`);
    fc.assert(
      fc.property(fc.array(auditEntry, { maxLength: 8 }), (some) => {
        const [columns, ...cells] = cellsOf(auditFile(some, 'csv'));
        expect(columns).toHaveLength(20);
        expect(cells).toHaveLength(some.length);
        for (const cell of cells.flat()) expect(cell).not.toMatch(/(?:^|;)\s*[=+\-@]|^[\t\r\uFF1D\uFF0B\uFF0D\uFF20]/);
      }),
    );
  });
});
