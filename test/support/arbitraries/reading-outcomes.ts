import fc from 'fast-check';
import { digest } from '#shared/hygiene/assess.ts';
import { foreignText, iso, profile, count } from './text.ts';
import { actor, token, mutation, roles } from './token.ts';
import { unread } from './trouble.ts';
import { auditEntry } from './audit-entry.ts';
import { leakCase } from './leak-case.ts';
import { listQuery } from './list-query.ts';
import { right } from './right.ts';

/** What only reads. */
export const readingOutcomes = {
  listed: fc.record({
    kind: fc.constant('listed'),
    query: listQuery,
    tokens: fc.array(token, { maxLength: 12, size: 'max' }),
    offset: count,
    matching: count,
    seen: count,
    profiles: fc.array(profile, { maxLength: 50 }),
    unread,
    unseen: fc.array(foreignText, { maxLength: 50 }),
    private: fc.boolean(),
    at: iso,
  }),
  shown: fc.record({ kind: fc.constant('shown'), token, may: fc.uniqueArray(mutation) }),
  cases: fc.record({
    kind: fc.constant('cases'),
    cases: fc.array(leakCase, { maxLength: 60, size: 'medium' }),
    open: fc.boolean(),
  }),
  case: fc.record({ kind: fc.constant('case'), case: leakCase, entries: fc.array(auditEntry, { maxLength: 30 }) }),
  unknown_case: fc.record({
    kind: fc.constant('unknown_case'),
    asked: foreignText,
    suggestions: fc.array(fc.constant('C-ABCD2345'), { maxLength: 8 }),
  }),
  audited: fc.record(
    {
      kind: fc.constant('audited'),
      entries: fc.array(auditEntry, { maxLength: 60, size: 'medium' }),
      more: fc.boolean(),
      file: fc.constantFrom('jsonl', 'csv'),
      since: iso,
    },
    { requiredKeys: ['kind', 'entries', 'more'] },
  ),
  profiles: fc.record({
    kind: fc.constant('profiles'),
    profiles: fc.array(
      fc.record(
        {
          profile,
          provider: fc.constantFrom('dfns', 'langsmith'),
          note: foreignText,
          secret: fc.record({ readable: fc.boolean(), problem: foreignText }, { requiredKeys: ['readable'] }),
          checkup: fc.record(
            {
              works: fc.boolean(),
              identity: foreignText,
              tokens: count,
              can: fc.array(foreignText, { maxLength: 12 }),
              cannot: fc.array(foreignText, { maxLength: 12 }),
              clockSkewSeconds: fc.integer({ min: -1000, max: 1000 }),
              advice: fc.array(foreignText, { maxLength: 4 }),
            },
            { requiredKeys: ['works', 'can', 'cannot', 'advice'] },
          ),
        },
        { requiredKeys: ['profile', 'provider', 'secret'] },
      ),
      { maxLength: 55, size: 'medium' },
    ),
    slack: fc.record(
      { missingScopes: fc.array(fc.constant('files:write'), { maxLength: 5 }), problem: foreignText },
      { requiredKeys: ['missingScopes'] },
    ),
  }),
  stats: fc.record(
    {
      kind: fc.constant('stats'),
      since: iso,
      revoked: count,
      restored: count,
      failed: count,
      denied: count,
      openCases: count,
      openApprovals: count,
      timeToRevoke: fc.record({ p50: count, p95: count, count }),
    },
    {
      requiredKeys: ['kind', 'since', 'revoked', 'restored', 'failed', 'denied', 'openCases', 'openApprovals'],
    },
  ),
  hygiene: fc.tuple(fc.array(token, { maxLength: 30, size: 'max' }), unread).map(([tokens, missed]) => ({
    kind: 'hygiene' as const,
    digest: digest({
      inventories: [
        {
          profile: 'dfns-demo',
          provider: 'dfns',
          knows: { lastUse: true, expiry: true, undo: true },
          tokens,
          unseen: [],
        },
      ],
      unread: missed,
      revived: tokens.slice(0, 2).map((one) => ({ caseId: 'C-ABCD2345', token: one })),
      thresholds: { staleDays: 180, unusedDays: 60, expiringDays: 14, manyPermissions: 8 },
      now: new Date('2026-11-22T14:00:00.000Z'),
    }),
  })),
  whoami: fc.record(
    {
      kind: fc.constant('whoami'),
      actor,
      roles,
      rights: fc.array(right, { maxLength: 60, size: 'medium' }),
      approves: fc.array(fc.constant('bulk'), { maxLength: 3 }),
      problem: fc.constantFrom('groups_unavailable', 'other_workspace'),
    },
    { requiredKeys: ['kind', 'actor', 'roles', 'rights', 'approves'] },
  ),
};
