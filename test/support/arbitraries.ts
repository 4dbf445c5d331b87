import fc from 'fast-check';
import { FAULTS, type FaultCode } from '#shared/core/fault.ts';
import {
  type Actor,
  type AnswerFact,
  type FreshRead,
  GRADES,
  type Mutation,
  type Order,
  type ProviderAnswer,
  type Receipt,
  type Token,
  VERBS,
} from '#shared/core/vocabulary.ts';
import type { MatchReason } from '#shared/providers/match-reason.ts';
import {
  type Approval,
  type AuditEntry,
  type Case,
  CASE_STATES,
  type CaseReport,
  type CaseTrouble,
  type Refusal,
} from '#shared/store/store.ts';
import type { ListQuery } from '#shared/tokens/command.ts';
import type { Right } from '#shared/policy/rights.ts';
import type { Outcome, ProfileTrouble, Trouble } from '#shared/tokens/outcome.ts';

/** Foreign text at its worst: pings, links, formatting, entities, direction marks, broken surrogates, great length. */
export const foreignText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<!channel>',
        '<!here|x>',
        '<!everyone>',
        '<@U0EVIL00001>',
        '<#C0EVIL00001>',
        '<!subteam^S0EVIL00001>',
        '<https://evil.example|click me>',
        'https://evil.example/x',
        '`',
        '```',
        '*bold* _it_ ~no~',
        '&lt;!channel&gt;',
        '&amp;',
        '&',
        '<',
        '>',
        '|',
        '\u202Egnp.exe',
        '\u200B\u2066\u00AD',
        '\r\n> quote\n\n',
        '\t\0\u0007',
        '\uD83D',
        '\uDE00',
        '👩‍👩‍👧‍👦',
        'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢',
        ':fire:',
        '=HYPERLINK("https://evil.example")',
        'Ж漢字',
        'x'.repeat(4000),
        '<'.repeat(1500),
        '',
        ' ',
      ),
      fc.string(),
      fc.string({ unit: 'binary' }),
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(''));

const foreignId = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('to-1a2b3-c4d5e-f6a7b8c9d0e1f2', '3f0a1f0e-6a52-4f59-8c7e-0f6e0e5a9b10') },
  { weight: 1, arbitrary: foreignText.map((text) => text.slice(0, 64)) },
);

const profile = fc.constantFrom('dfns-demo', 'langsmith-demo', `p${'x'.repeat(62)}`, 'team.eu_1');

export const iso: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .date({ min: new Date('2015-01-01T00:00:00Z'), max: new Date('2035-01-01T00:00:00Z'), noInvalidDate: true })
      .map((date) => date.toISOString()),
  },
  { weight: 1, arbitrary: fc.constantFrom('', 'soon', '0000-00-00', '+275760-09-13T00:00:00.000Z', '<!channel>') },
);

export const actor: fc.Arbitrary<Actor> = fc.record(
  {
    enterpriseId: fc.constant('E0SANDBOX01'),
    teamId: fc.constant('T0SANDBOX01'),
    userId: fc.constantFrom('U0ADMIN0001', 'U0OPERATOR1', 'W0APPROVER1'),
    channelId: fc.constantFrom('C0SECURITY1', 'C0GENERAL01'),
  },
  { requiredKeys: ['teamId', 'userId'] },
);

export const token: fc.Arbitrary<Token> = fc.record(
  {
    provider: fc.constantFrom('dfns', 'langsmith'),
    profile,
    id: foreignId,
    name: foreignText,
    kind: fc.constantFrom('pat', 'service-key'),
    state: fc.constantFrom('active', 'inactive', 'expired'),
    owner: fc.record({ id: foreignText, name: foreignText }, { requiredKeys: ['id'] }),
    organizationId: foreignText,
    permissions: fc.array(foreignText, { maxLength: 12 }),
    createdAt: iso,
    lastUsedAt: iso,
    expiresAt: iso,
    deactivatedAt: iso,
    shortKey: foreignText,
    own: fc.boolean(),
  },
  { requiredKeys: ['provider', 'profile', 'id', 'name', 'kind', 'state', 'permissions', 'own'] },
);

const mutation = fc.constantFrom<Mutation>('deactivate', 'activate', 'delete');
const verb = fc.constantFrom(...VERBS);
const count = fc.integer({ min: 0, max: 100_000 });
const tokens = fc.array(token, { maxLength: 60, size: 'medium' });
const ref = fc.record({ profile, id: foreignId, name: foreignText });
const roles = fc.array(fc.constantFrom('admin', 'operator', 'approver'), { maxLength: 3 });

const answer: fc.Arbitrary<ProviderAnswer> = fc.record(
  {
    status: fc.integer({ min: 100, max: 599 }),
    fact: fc.constantFrom<AnswerFact[]>(
      ...(['active', 'inactive', 'revoked', 'stopped', 'so_already', 'own_attempt', 'lost', 'read_agrees'] as const),
      ...(['waits', 'no_revocation', 'no_switch', 'delete_only'] as const),
    ),
  },
  { requiredKeys: [] },
);
const read = fc.constantFrom<FreshRead[]>('active', 'inactive', 'expired', 'absent', 'partial');

export const receipt: fc.Arbitrary<Receipt> = fc.record(
  { verb: mutation, requestedAt: iso, actedAt: iso, confirmedAt: iso, answer, read },
  { requiredKeys: ['verb', 'requestedAt', 'actedAt', 'confirmedAt', 'read'] },
);

export const because: fc.Arbitrary<readonly MatchReason[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constantFrom(
        ...(['named', 'own_credential', 'named_by_issuer', 'spells_id', 'masked_keys', 'spells_another'] as const),
        ...(['claims_agree', 'claims_fit_several', 'claims_half', 'claims_name', 'claims_only_active'] as const),
        ...(['claims_owner', 'several_profiles', 'refused_by_issuer'] as const),
      ),
    }),
    fc.record({ kind: fc.constant('masked_key'), characters: count }),
    fc.record({ kind: fc.constant('few_characters'), characters: count, among: count }),
    fc.record({ kind: fc.constant('proved'), by: fc.constantFrom('watched', 'issuer', 'scanner') }),
    fc.record({ kind: fc.constant('first_of'), count, kept: count }),
  ),
  { minLength: 1, maxLength: 3 },
);

const refusal: fc.Arbitrary<Refusal> = fc.oneof(
  fc.record({ why: fc.constant('protected'), reason: foreignText }),
  fc.record({ why: fc.constant('own'), profile }),
  fc.record({ why: fc.constantFrom('no_right', 'overtaken') }),
);

export const trouble: fc.Arbitrary<Trouble> = fc.record(
  {
    fault: fc.constantFrom(...(Object.keys(FAULTS) as FaultCode[])),
    provider: fc.constantFrom('dfns', 'langsmith'),
    profile,
    status: fc.integer({ min: 100, max: 599 }),
    quoted: foreignText,
    next: fc.constantFrom('retrying', 'given_up', 'final'),
    attempt: fc.integer({ min: 1, max: 20 }),
  },
  { requiredKeys: ['fault', 'next', 'attempt'] },
);

const unread: fc.Arbitrary<ProfileTrouble[]> = fc.array(fc.record({ profile, trouble }), { maxLength: 60 });

export const listQuery: fc.Arbitrary<ListQuery> = fc.record(
  {
    profiles: fc.array(profile, { maxLength: 50 }),
    state: fc.constantFrom('active', 'inactive'),
    owner: foreignText,
    name: foreignText,
    olderThanDays: count,
    unusedDays: count,
    expiresWithinDays: count,
    noExpiry: fc.constant(true),
    sort: fc.constantFrom('age', 'name', 'used', 'expiry'),
  },
  { requiredKeys: ['profiles', 'sort'] },
);

const ordered = {
  tokens: fc.array(ref, { maxLength: 60 }),
  requester: actor,
  requestedAt: iso,
  keepGoing: fc.boolean(),
};
const inOrder = { reason: foreignText, caseId: fc.constant('C-ABCD2345') };
const ORDERED = ['verb', 'tokens', 'requester', 'requestedAt', 'keepGoing'] as const;

export const order: fc.Arbitrary<Order> = fc.oneof(
  fc.record({ verb: mutation, ...ordered, ...inOrder }, { requiredKeys: [...ORDERED] }),
  fc.record(
    {
      verb: fc.constant('lever' as const),
      leverId: foreignText,
      words: foreignText,
      stops: fc.array(ref, { maxLength: 60 }),
      dies: fc.array(ref, { maxLength: 60 }),
      ...ordered,
      ...inOrder,
    },
    { requiredKeys: [...ORDERED, 'leverId'] },
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

export const caseReport: fc.Arbitrary<CaseReport> = fc.record(
  {
    source: fc.constantFrom('github', 'gitguardian', 'generic'),
    key: fc.uuid(),
    at: iso,
    where: fc.record(
      {
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
    publiclyLeaked: fc.boolean(),
    test: fc.boolean(),
  },
  { requiredKeys: ['source', 'key', 'at'] },
);

const hex64 = fc.constant('ab'.repeat(32));

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
  fc.record({ kind: fc.constant('alive_again'), confirmedAt: iso }),
  fc.record({ kind: fc.constant('unread'), profiles: fc.array(failure, { minLength: 1, maxLength: 5 }) }),
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
    takenBy: actor,
    changedBy: actor,
    already: fc.boolean(),
    dismissedBy: actor,
    dismissReason: foreignText,
    isPublic: fc.constant(true),
    presses: fc.array(
      fc.record({
        act: fc.constantFrom('deactivate', 'delete', 'undo', 'dismiss', 'reopen', 'take', 'retry', 'lever'),
        by: actor,
        at: iso,
      }),
      { maxLength: 20 },
    ),
    generation: count,
    ownerToldAt: iso,
  },
  { requiredKeys: ['id', 'version', 'key', 'state', 'openedAt', 'updatedAt', 'reports', 'count', 'generation'] },
);

export const right: fc.Arbitrary<Right> = fc.record(
  {
    verb,
    profiles: fc.oneof(fc.constant<'*'>('*'), fc.array(profile, { maxLength: 20 })),
    channels: fc.oneof(fc.constant<'*'>('*'), fc.array(fc.constant('C0SECURITY1'), { maxLength: 20 })),
    role: fc.constantFrom('admin', 'operator'),
    approval: fc.constant('needs 1 approval by approver, admin'),
  },
  { requiredKeys: ['verb', 'profiles', 'channels', 'role'] },
);

const changed = fc.record({
  kind: fc.constant('changed'),
  verb: mutation,
  token,
  already: fc.boolean(),
  receipt,
  undo: fc.boolean(),
});
const notFound = fc.record({ kind: fc.constant('not_found'), verb: mutation, asked: foreignText });
const failed = fc.record({ kind: fc.constant('failed'), verb: mutation, ref, name: foreignText, trouble });
const answered = <K extends 'unsupported' | 'waiting_on_provider'>(kind: K) =>
  fc.record({ kind: fc.constant(kind), verb: mutation, token, answer });
const unconfirmed = fc.record({ kind: fc.constant('unconfirmed'), verb: mutation, token, read });
const refused = fc
  .tuple(mutation, token, refusal)
  .map(([what, of, why]) => ({ kind: 'refused', verb: what, token: of, ...why }) as const);
const change = fc.oneof(
  changed,
  notFound,
  failed,
  answered('unsupported'),
  answered('waiting_on_provider'),
  unconfirmed,
  refused,
);

type Kinds = { readonly [K in Outcome['kind']]: fc.Arbitrary<Extract<Outcome, { kind: K }>> };

/** One arbitrary per kind of outcome; a new kind does not compile until it has one. */
export const outcomes: Kinds = {
  changed,
  not_found: notFound,
  unsupported: answered('unsupported'),
  waiting_on_provider: answered('waiting_on_provider'),
  unconfirmed,
  refused,
  failed,
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
  passed_on: fc.record(
    {
      kind: fc.constant('passed_on'),
      order,
      approvers: fc.array(fc.constant('U0APPROVER1'), { maxLength: 30 }),
      expiresAt: iso,
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
        'not_an_approver',
        'not_the_requester',
        'too_many',
        'lapsed',
        'settled',
      ),
      roles,
      limit: count,
    },
    { requiredKeys: ['kind', 'verb', 'why', 'roles'] },
  ),
  cancelled: fc.record({ kind: fc.constant('cancelled'), verb, by: actor }),
  bulk: fc
    .record(
      {
        kind: fc.constant('bulk'),
        verb: mutation,
        state: fc.constantFrom('running', 'done', 'stopped'),
        total: fc.constant(0),
        changes: fc.array(change, { maxLength: 120, size: 'medium' }),
        left: fc.array(ref, { maxLength: 120, size: 'medium' }),
        requester: actor,
        approvedBy: fc.array(actor, { maxLength: 3 }),
        reason: foreignText,
        startedAt: iso,
        at: iso,
      },
      {
        requiredKeys: [
          'kind',
          'verb',
          'state',
          'total',
          'changes',
          'left',
          'requester',
          'approvedBy',
          'startedAt',
          'at',
        ],
      },
    )
    .map((bulk) => ({ ...bulk, total: bulk.changes.length + bulk.left.length })),
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
  help: fc.record(
    {
      kind: fc.constant('help'),
      topic: fc.oneof(foreignText, fc.constantFrom('list', 'undo', 'doctor', '__proto__', 'toString')),
      verbs: fc.uniqueArray(verb),
      examples: fc.record({ profile, token: foreignText }, { requiredKeys: [] }),
    },
    { requiredKeys: ['kind', 'verbs', 'examples'] },
  ),
  trouble: fc.record(
    {
      kind: fc.constant('trouble'),
      verb: fc.option(verb, { nil: undefined }),
      trouble,
      asked: fc.array(foreignText, { maxLength: 4 }),
    },
    { requiredKeys: ['kind', 'verb', 'trouble'] },
  ),
  lever: fc.record({
    kind: fc.constant('lever'),
    leverId: foreignText,
    result: fc.constantFrom('done', 'pending', 'unsupported', 'not_found'),
    answer,
    profile,
  }),
  misunderstood: fc.record(
    { kind: fc.constant('misunderstood'), problem: foreignText, suggestion: foreignText, topic: fc.constant('list') },
    { requiredKeys: ['kind', 'problem'] },
  ),
  working: fc.record({ kind: fc.constant('working'), asked: fc.array(foreignText, { maxLength: 5 }) }),
  version: fc.record({ kind: fc.constant('version'), version: foreignText }),
  no_window: fc.constant({ kind: 'no_window' }),
  leak_received: fc.record({ kind: fc.constant('leak_received'), recognised: count, unrecognised: count }),
};
