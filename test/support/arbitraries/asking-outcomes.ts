import fc from 'fast-check';
import type { Hindrance } from '#shared/tokens/hindrance.ts';
import { foreignText, iso, profile, count } from './text.ts';
import { actor, token, tokens, mutation, verb, roles } from './token.ts';
import { unread } from './trouble.ts';
import { order, approval } from './order.ts';

const people = fc.uniqueArray(fc.constantFrom('U0ADMIN0001', 'U0OPERATOR1', 'U0APPROVER1'), { minLength: 1 });

const hindrance: fc.Arbitrary<Hindrance> = fc.oneof(
  fc.record({ kind: fc.constant('own'), profile }),
  fc.record({ kind: fc.constant('protected'), reason: foreignText }),
  fc.record({ kind: fc.constantFrom('already', 'only_deleted', 'expired') }),
);

/** What asks somebody, or says who was asked. */
export const askingOutcomes = {
  confirm: fc.record(
    {
      kind: fc.constant('confirm'),
      verb: mutation,
      tokens,
      pending: fc.constant('pe-7Hq2xw'),
      requester: actor,
      reason: foreignText,
      keepGoing: fc.boolean(),
      approvers: fc.record({ needed: fc.integer({ min: 1, max: 10 }), roles }),
      expiresAt: iso,
    },
    { requiredKeys: ['kind', 'verb', 'tokens', 'pending', 'requester', 'keepGoing', 'expiresAt'] },
  ),
  hindered: fc.record(
    {
      kind: fc.constant('hindered'),
      verb: mutation,
      hindered: fc.array(fc.record({ token, why: hindrance }), { minLength: 1, maxLength: 30 }),
      requester: actor,
      reason: foreignText,
      unread,
    },
    { requiredKeys: ['kind', 'verb', 'hindered', 'requester'] },
  ),
  plea: fc.record({ kind: fc.constant('plea'), verb: mutation, by: actor, line: foreignText, people }),
  plea_sent: fc.record({
    kind: fc.constant('plea_sent'),
    verb: mutation,
    people,
    where: fc.constant('C0SECURITY1'),
    isRepeat: fc.boolean(),
  }),
  passed_on: fc.record(
    {
      kind: fc.constant('passed_on'),
      order,
      approvers: fc.array(fc.constant('U0APPROVER1'), { maxLength: 30 }),
      expiresAt: iso,
      settled: approval.filter(({ state }) => state !== 'open'),
      where: fc.constant('C0APPROVAL1'),
    },
    { requiredKeys: ['kind', 'order', 'approvers', 'expiresAt'] },
  ),
  approval: fc.record({
    kind: fc.constant('approval'),
    approval,
    approvers: fc.array(fc.constantFrom('U0APPROVER1', 'S0ONCALL001', 'admin'), { maxLength: 60 }),
    mayBreakGlass: fc.boolean(),
  }),
  no_approver: fc.record(
    {
      kind: fc.constant('no_approver'),
      approvalId: fc.constant('ap-7Hq2xw'),
      verb,
      rule: fc.constant('bulk'),
      roles,
      needed: fc.integer({ min: 1, max: 10 }),
      could: fc.integer({ min: 0, max: 9 }),
      unread: fc.boolean(),
      mayBreakGlass: fc.boolean(),
    },
    { requiredKeys: ['kind', 'verb', 'roles', 'needed', 'could', 'unread', 'mayBreakGlass'] },
  ),
  asked_before: fc.record(
    {
      kind: fc.constant('asked_before'),
      verb,
      by: actor,
      at: iso,
      missing: fc.integer({ min: 0, max: 10 }),
      expiresAt: iso,
      message: fc.record({ channel: fc.constantFrom('C0GENERAL01', '<!channel>'), ts: fc.constantFrom('1.2', '|x') }),
    },
    { requiredKeys: ['kind', 'verb', 'by', 'at', 'missing', 'expiresAt'] },
  ),
  already_voted: fc.record({
    kind: fc.constant('already_voted'),
    verb,
    at: iso,
    missing: fc.integer({ min: 1, max: 10 }),
  }),
  denied: fc.record(
    {
      kind: fc.constant('denied'),
      verb,
      profile,
      why: fc.constantFrom(
        'other_workspace',
        'no_role',
        'wrong_channel',
        'groups_unavailable',
        'own_request',
        'maybe_same',
        'not_an_approver',
        'not_the_requester',
        'too_many',
        'lapsed',
        'settled',
        'overtaken',
        'not_the_owner',
        'held_before',
      ),
      roles,
      limit: count,
      people,
      line: foreignText,
    },
    { requiredKeys: ['kind', 'verb', 'why', 'roles'] },
  ),
  cancelled: fc.record({ kind: fc.constant('cancelled'), verb, by: actor }),
  ambiguous: fc.record(
    {
      kind: fc.constant('ambiguous'),
      verb: fc.oneof(mutation, fc.constant<'show'>('show')),
      asked: foreignText,
      candidates: tokens,
      reason: foreignText,
    },
    { requiredKeys: ['kind', 'verb', 'asked', 'candidates'] },
  ),
  unknown_token: fc.record({
    kind: fc.constant('unknown_token'),
    verb: fc.constantFrom('deactivate', 'activate', 'delete', 'show', 'audit'),
    asked: foreignText,
    suggestions: fc.array(foreignText, { maxLength: 8 }),
    unread,
  }),
};
