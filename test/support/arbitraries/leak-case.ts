import { CASE_ACTS } from '#shared/cases/case-press.ts';
import fc from 'fast-check';
import type { Remark } from '#shared/core/remark.ts';
import { GRADES } from '#shared/core/vocabulary.ts';
import { type Case, CASE_STATES, type CaseReport, type CaseTrouble } from '#shared/store/store.ts';
import { foreignText, iso, profile, count, hex64 } from './text.ts';
import { actor, token, mutation, answer, read, receipt } from './token.ts';
import { because } from './match-reason.ts';
import { refusal } from './refusal.ts';

const counted = fc.integer({ min: 1, max: 5000 });

export const remark: fc.Arbitrary<Remark> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('places' as const, 'unknown_forms' as const, 'unread_records' as const),
    count: counted,
  }),
  fc.record({
    kind: fc.constantFrom('tried' as const, 'withheld' as const, 'in_unread_record' as const, 'never_told' as const),
  }),
  fc.record({ kind: fc.constant('refused_for_size' as const), count: counted, most: counted }),
);

export const caseReport: fc.Arbitrary<CaseReport> = fc.record(
  {
    source: fc.constantFrom('github', 'gitguardian', 'generic'),
    key: fc.uuid(),
    at: iso,
    where: fc.record(
      {
        kind: foreignText,
        url: fc.oneof(foreignText, fc.webUrl(), fc.constant('https://github.com/acme/app/security/secret-scanning/7')),
        repository: foreignText,
        path: foreignText,
        commit: foreignText,
        author: foreignText,
      },
      { requiredKeys: [] },
    ),
    detector: foreignText,
    note: foreignText,
    remarks: fc.array(remark, { maxLength: 4 }),
    publiclyLeaked: fc.boolean(),
    test: fc.boolean(),
  },
  { requiredKeys: ['source', 'key', 'at'] },
);

const failure = fc.record(
  {
    fault: fc.constantFrom('provider_unavailable', 'provider_unauthorized', 'slack_rejected'),
    whose: foreignText,
    status: count,
  },
  { requiredKeys: ['fault'] },
);

const again = fc.record({
  next: fc.constantFrom('retrying', 'given_up', 'final'),
  attempt: fc.integer({ min: 1, max: 100 }),
});

const caseTrouble: fc.Arbitrary<CaseTrouble> = fc.oneof(
  fc.tuple(failure, again).map(([what, next]) => ({ kind: 'failed', ...what, ...next }) as const),
  fc.record({ kind: fc.constant('unconfirmed'), read, again }, { requiredKeys: ['kind', 'read'] }),
  fc.record({ kind: fc.constant('waiting'), answer }),
  fc.record({ kind: fc.constant('unsupported'), verb: mutation, answer }),
  refusal.map((why) => ({ kind: 'refused', ...why }) as const),
  fc.constantFrom({ kind: 'not_found' }, { kind: 'unlocated' }, { kind: 'unlisted' }),
  fc.record(
    { kind: fc.constant('alive_again'), confirmedAt: iso, by: actor },
    { requiredKeys: ['kind', 'confirmedAt'] },
  ),
  fc.record({ kind: fc.constant('unread'), profiles: fc.array(failure, { minLength: 1, maxLength: 5 }) }),
);

/** Who could not be asked for a report that came since. */
const unasked: fc.Arbitrary<CaseTrouble> = fc.oneof(
  fc.record({ kind: fc.constant('unread'), profiles: fc.array(failure, { minLength: 1, maxLength: 5 }) }),
  failure.map((what) => ({ kind: 'failed', ...what, next: 'final', attempt: 1 }) as const),
);

export const leakCase: fc.Arbitrary<Case> = fc.record(
  {
    id: fc.constant('C-ABCD2345'),
    version: count,
    key: fc.constant('token:dfns-demo:to-1'),
    state: fc.constantFrom(...CASE_STATES),
    openedAt: iso,
    updatedAt: iso,
    token,
    candidates: fc.array(fc.record({ token, grade: fc.constantFrom(...GRADES), because }), {
      maxLength: 20,
    }),
    clue: fc.oneof(
      fc.record({
        form: fc.constant('langsmith'),
        provider: fc.constant('langsmith'),
        kind: fc.constantFrom('pat', 'service-key'),
        heads: fc.constant(Array.from({ length: 5 }, () => 'ab'.repeat(8))),
        tails: fc.constant(Array.from({ length: 5 }, () => 'cd'.repeat(8))),
        fingerprint: hex64,
      }),
      fc.record(
        {
          form: fc.constant('dfns'),
          provider: fc.constant('dfns'),
          organizationId: foreignText,
          userId: foreignText,
          fingerprint: hex64,
        },
        { requiredKeys: ['form', 'provider', 'fingerprint'] },
      ),
      fc.record({ form: fc.constant('named'), profile, tokenId: foreignText }, { requiredKeys: ['form', 'tokenId'] }),
      fc.record({ form: fc.constant('hashed'), hmsl: hex64 }),
    ),
    grade: fc.constantFrom(...GRADES),
    because,
    decision: fc.record({
      action: fc.constantFrom('deactivate', 'ask', 'notify', 'shadow'),
      rule: fc.constantFrom('sure', 'floor:weak-match'),
    }),
    reports: fc.array(caseReport, { maxLength: 20 }),
    count,
    verb: fc.constantFrom('deactivate', 'delete'),
    receipt,
    troubles: fc.array(caseTrouble, { minLength: 1, maxLength: 3 }),
    deferred: fc.record({ key: fc.uuid(), troubles: fc.array(unasked, { minLength: 1, maxLength: 1 }) }),
    takenBy: actor,
    changedBy: actor,
    returned: fc.record({ by: actor, at: iso }, { requiredKeys: ['at'] }),
    already: fc.boolean(),
    dismissedBy: actor,
    dismissReason: foreignText,
    isPublic: fc.constant(true),
    presses: fc.array(
      fc.record({
        act: fc.constantFrom(...CASE_ACTS.filter((act) => act !== 'open')),
        by: actor,
        at: iso,
      }),
      { maxLength: 20 },
    ),
    generation: count,
    ownerToldAt: iso,
    ownerWord: fc.record({ said: fc.constantFrom('mine', 'not_mine'), by: actor, at: iso, isOwner: fc.boolean() }),
    wait: fc.record(
      { by: actor, until: iso, then: fc.constantFrom('ask', 'deactivate'), isOver: fc.constant(true) },
      { requiredKeys: ['by', 'until', 'then'] },
    ),
  },
  { requiredKeys: ['id', 'version', 'key', 'state', 'openedAt', 'updatedAt', 'reports', 'count', 'generation'] },
);
