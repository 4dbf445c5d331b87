import fc from 'fast-check';
import { FAULTS, type FaultCode } from '#shared/core/fault.ts';
import { type AuditDetail, type AuditEntry, CASE_STATES } from '#shared/store/store.ts';
import { foreignText, foreignId, iso, profile } from './text.ts';
import { actor, verb, answer, read, receipt } from './token.ts';
import { because } from './match-reason.ts';
import { refusal } from './refusal.ts';

const detail: fc.Arbitrary<AuditDetail> = fc.oneof(
  fc.record({ kind: fc.constant('tokens' as const), count: fc.integer({ min: 2, max: 200 }) }),
  fc.record({ kind: fc.constant('lever' as const), id: foreignText }),
  fc.record({ kind: fc.constant('denied' as const), why: fc.constantFrom('no_role' as const, 'lapsed' as const) }),
  fc.record({ kind: fc.constant('refused' as const), refusal }),
  fc.record({ kind: fc.constant('failed' as const), fault: fc.constantFrom(...(Object.keys(FAULTS) as FaultCode[])) }),
  fc.record({ kind: fc.constant('report' as const), state: fc.constantFrom(...CASE_STATES) }),
);

export const auditEntry: fc.Arbitrary<AuditEntry> = fc.record(
  {
    at: iso,
    id: fc.uuid(),
    actor: fc.oneof(actor, fc.record({ source: foreignText })),
    what: fc.constantFrom(
      'deactivate',
      'delete',
      'lever',
      'approve',
      'refuse',
      'request',
      'denied',
      'search',
      'take',
      'read',
    ),
    verb,
    token: fc.record({ profile, id: foreignId }),
    tokenName: foreignText,
    caseId: fc.constant('C-ABCD2345'),
    reason: foreignText,
    rule: foreignText,
    result: fc.constantFrom(
      'done',
      'already',
      'failed',
      'pending',
      'refused',
      'unsupported',
      'not_found',
      'expired',
      'noted',
    ),
    detail,
    because,
    answer,
    read,
    approvedBy: fc.array(actor, { maxLength: 3 }),
    receipt,
  },
  { requiredKeys: ['at', 'id', 'actor', 'what', 'result'] },
);
