import fc from 'fast-check';
import type { Lever, Order } from '#shared/core/vocabulary.ts';
import type { Approval } from '#shared/store/store.ts';
import { foreignText, iso, count } from './text.ts';
import { actor, token, mutation, ref } from './token.ts';

const ordered = {
  tokens: fc.array(ref, { maxLength: 60 }),
  requester: actor,
  requestedAt: iso,
  keepGoing: fc.boolean(),
};

const inOrder = { reason: foreignText, caseId: fc.constant('C-ABCD2345') };

const ORDERED = ['verb', 'tokens', 'requester', 'requestedAt', 'keepGoing'] as const;

export const lever: fc.Arbitrary<Lever> = fc.record(
  {
    id: foreignText,
    kind: fc.constantFrom('dfns.deactivate-user', 'langsmith.stop-new-pats', 'a kind of before'),
    target: foreignText.map((text) => text.slice(0, 300)),
    stops: fc.constant('owner'),
    stopsUs: fc.constant(true),
  },
  { requiredKeys: ['id', 'kind', 'target'] },
);

export const order: fc.Arbitrary<Order> = fc.oneof(
  fc.record({ verb: mutation, ...ordered, ...inOrder }, { requiredKeys: [...ORDERED] }),
  fc.record(
    {
      verb: fc.constant('lever' as const),
      lever,
      stops: fc.oneof(fc.array(ref, { maxLength: 60 }), fc.constant('unread' as const)),
      dies: fc.array(ref, { maxLength: 60 }),
      ...ordered,
      ...inOrder,
    },
    { requiredKeys: [...ORDERED, 'lever', 'stops', 'dies'] },
  ),
);

export const approval: fc.Arbitrary<Approval> = fc.record(
  {
    id: fc.constant('ap-7Hq2xw'),
    version: count,
    state: fc.constantFrom('open', 'approved', 'refused', 'lapsed', 'withdrawn', 'needless', 'done'),
    order,
    seen: fc.record({
      at: iso,
      tokens: fc.array(token, { maxLength: 20, size: 'medium' }),
      counts: fc.record({ active: count, inactive: count, expired: count, unread: count }),
      leaks: fc.array(fc.record({ caseId: fc.constant('C-ABCD2345'), name: foreignText, isPublic: fc.boolean() }), {
        maxLength: 20,
      }),
    }),
    expiresAt: iso,
    needed: fc.integer({ min: 1, max: 10 }),
    rule: fc.constant('second-person-for-delete'),
    approvedBy: fc.array(fc.record({ actor, at: iso }), { maxLength: 10 }),
    refusedBy: fc.record({ actor, at: iso }),
    brokenGlass: fc.record({ actor, at: iso, reason: foreignText }),
  },
  { requiredKeys: ['id', 'version', 'state', 'order', 'expiresAt', 'needed', 'rule', 'approvedBy'] },
);
