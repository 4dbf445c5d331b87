import fc from 'fast-check';
import type { AuditEntry } from '#shared/store/store.ts';
import { foreignText, foreignId, iso, profile } from './text.ts';
import { actor, verb, answer, read, receipt } from './token.ts';
import { because } from './match-reason.ts';

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
    detail: foreignText,
    because,
    answer,
    read,
    approvedBy: fc.array(actor, { maxLength: 3 }),
    receipt,
  },
  { requiredKeys: ['at', 'id', 'actor', 'what', 'result'] },
);
