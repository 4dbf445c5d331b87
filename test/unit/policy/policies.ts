import fc from 'fast-check';
import type { Groups } from '#shared/policy/roles.ts';
import { type Policy, policySchema } from '#shared/policy/policy.ts';
import { type Actor, GRADES, PROVIDER_NAMES, VERBS } from '#shared/core/vocabulary.ts';

/** Policies over a small world, so that people, groups, channels and profiles meet often. */
export const USERS = ['U0A1', 'U0B2', 'U0C3', 'U0D4'] as const;
export const GROUPS = ['S0A1', 'S0B2'] as const;
export const CHANNELS = ['C0A1', 'C0B2'] as const;
export const PROFILES = ['one', 'two', 'three'] as const;
const ROLES = ['red', 'green', 'blue'] as const;

const some = <T>(items: readonly T[]) => fc.subarray([...items]);
const scope = <T>(items: readonly T[]) =>
  fc.oneof(fc.constant('*' as const), fc.subarray([...items], { minLength: 1 }));

export const role = fc.record({
  users: some(USERS),
  groups: some(GROUPS),
  channels: scope(CHANNELS),
  may: fc.array(fc.record({ verbs: scope(VERBS), profiles: scope(PROFILES) }), { minLength: 1, maxLength: 3 }),
});

const approval = fc.record({
  verbs: fc.subarray([...VERBS], { minLength: 1 }),
  profiles: scope(PROFILES),
  fromTokens: fc.constantFrom(1, 1, 5, 25),
  approvers: fc.integer({ min: 1, max: 3 }),
  by: fc.subarray([...ROLES], { minLength: 1 }),
  except: some(ROLES),
  expiresMinutes: fc.integer({ min: 1, max: 100 }),
  breakGlass: some(ROLES),
});

const alertRule = fc.record({
  when: fc.record(
    {
      source: scope(['github', 'generic']),
      provider: scope(PROVIDER_NAMES),
      grade: scope(GRADES),
      publiclyLeaked: fc.boolean(),
      test: fc.boolean(),
    },
    { requiredKeys: [] },
  ),
  then: fc.constantFrom('deactivate', 'ask', 'notify', 'shadow'),
});

const named = <T extends object>(items: readonly T[]) =>
  items.map((item, index) => ({ name: `rule-${index}`, ...item }));

/** Any policy of the small world that its schema accepts; every role name of an approval exists. */
export const policies: fc.Arbitrary<Policy> = fc
  .record({
    mode: fc.constantFrom('enforce' as const, 'shadow' as const),
    roles: fc.record({ red: role, green: role, blue: role }),
    approvals: fc.array(approval, { maxLength: 4 }).map(named),
    rules: fc.array(alertRule, { minLength: 1, maxLength: 5 }).map(named),
  })
  .map(({ mode, roles, approvals, rules }) =>
    aPolicy({ mode, roles, approvals, alerts: { sources: ['generic'], rules } }),
  );

/** A policy of the small world with everything else as small as can be. */
export function aPolicy(parts: Partial<Record<keyof Policy, unknown>> = {}): Policy {
  return policySchema.parse({
    version: 1,
    teams: ['T0HOME'],
    enterprises: ['E0HOME'],
    channels: { security: 'C0A1' },
    profiles: { one: { provider: 'dfns' }, two: { provider: 'langsmith' }, three: { provider: 'dfns' } },
    roles: {},
    alerts: { sources: ['generic'], rules: [{ name: 'all', then: 'ask' }] },
    ...parts,
  });
}

/** Somebody of the workspace, in a channel or in App Home. */
export const members: fc.Arbitrary<Actor> = fc.oneof(
  fc.record({
    teamId: fc.constant('T0HOME'),
    userId: fc.constantFrom(...USERS),
    channelId: fc.constantFrom(...CHANNELS),
  }),
  fc.record({ teamId: fc.constant('T0HOME'), userId: fc.constantFrom(...USERS) }),
  fc.record({ enterpriseId: fc.constant('E0HOME'), teamId: fc.constant('T0GRID'), userId: fc.constantFrom(...USERS) }),
);

/** Somebody of another workspace, who may well have the user id of somebody of ours. */
export const strangers: fc.Arbitrary<Actor> = fc.record(
  {
    enterpriseId: fc.constant('E0OTHER'),
    teamId: fc.constantFrom('T0OTHER', 'T0HOME2', ''),
    userId: fc.constantFrom(...USERS),
    channelId: fc.constantFrom(...CHANNELS),
  },
  { requiredKeys: ['teamId', 'userId'] },
);

export const groupSets: fc.Arbitrary<ReadonlySet<string>> = some(GROUPS).map((ids) => new Set(ids));
export const groups: fc.Arbitrary<Groups> = fc.oneof(groupSets, fc.constant('unavailable' as const));
export const verbs = fc.constantFrom(...VERBS);
export const profiles = fc.constantFrom(...PROFILES);
export const profileSets = fc.subarray([...PROFILES], { minLength: 1 });
