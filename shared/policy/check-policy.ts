import type * as z from 'zod';
import { Fault } from '#shared/core/fault.ts';
import { type AlertRule, type ApprovalRule, type Policy, policySchema } from './policy.ts';
import { isScopeWithin, type Scope } from './scope.ts';

/** One mistake in a policy: the field it is in, and what is wrong with it. */
export interface PolicyProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Reads a policy and finds everything wrong with it: first its shape, then whether its parts agree with each other. */
export function inspectPolicy(
  value: unknown,
): { readonly policy: Policy } | { readonly problems: readonly PolicyProblem[] } {
  const parsed = policySchema.safeParse(value);
  if (!parsed.success) {
    return { problems: parsed.error.issues.flatMap(unfold) };
  }
  const problems = [
    ...unknownNames(parsed.data),
    ...twins(parsed.data),
    ...neverReached(parsed.data),
    ...neverMet(parsed.data),
    ...halfIssued(parsed.data),
  ];
  return problems.length > 0 ? { problems } : { policy: parsed.data };
}

/** Gives a policy that is sound as a whole; otherwise throws `config_invalid`, whose detail names every bad field. */
export function checkPolicy(value: unknown): Policy {
  const inspected = inspectPolicy(value);
  if ('policy' in inspected) return inspected.policy;
  const problems = inspected.problems.map(({ path, message }) => `${path.join('.') || 'policy'}: ${message}`);
  throw new Fault('config_invalid', `policy: ${problems.join('; ')}`);
}

/** An unknown key is a mistake at that key; of the alternatives of a union the one that came furthest tells the mistake. */
function unfold(issue: z.core.$ZodIssue): PolicyProblem[] {
  const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], message: 'unknown key' }));
  }
  if (issue.code === 'invalid_key')
    return issue.issues.map(({ message }) => ({ path, message: `this name wants ${message}` }));
  if (issue.code !== 'invalid_union') return [{ path, message: issue.message }];
  const inner = issue.errors.flat();
  const deeper = inner.filter((error) => error.path.length > 0);
  if (deeper.length > 0) return deeper.flatMap((error) => unfold({ ...error, path: [...issue.path, ...error.path] }));
  return [{ path, message: [...new Set(inner.map(({ message }) => message))].join(', or ') }];
}

function unknownNames(policy: Policy): PolicyProblem[] {
  const check = (kind: 'roles' | 'profiles', path: (string | number)[], names: Scope<string>) =>
    (names === '*' ? [] : names).flatMap((name, index) =>
      Object.hasOwn(policy[kind], name)
        ? []
        : [{ path: [...path, index], message: `there is no "${name}" under ${kind}` }],
    );
  return [
    ...Object.entries(policy.roles).flatMap(([name, role]) =>
      role.may.flatMap((grant, index) => check('profiles', ['roles', name, 'may', index, 'profiles'], grant.profiles)),
    ),
    ...policy.approvals.flatMap((rule, index) => [
      ...check('profiles', ['approvals', index, 'profiles'], rule.profiles),
      ...(['by', 'except', 'breakGlass'] as const).flatMap((field) =>
        check('roles', ['approvals', index, field], rule[field]),
      ),
    ]),
    ...policy.alerts.rules.flatMap(({ when }, index) =>
      check('profiles', ['alerts', 'rules', index, 'when', 'profile'], when.profile),
    ),
    ...policy.protected.flatMap(({ profile, id, owner, name }, index) => [
      ...(profile === '*' ? [] : check('profiles', ['protected', index, 'profile'], [profile]).map(withoutLast)),
      ...(id || owner || name ? [] : [{ path: ['protected', index], message: 'name the token by id, owner or name' }]),
      ...(name !== undefined && owner === undefined && (profile === '*' || /^[*?]*$/.test(name))
        ? [
            {
              path: ['protected', index, 'name'],
              message: 'whoever mints a token names it: add the owner, or one profile and more than wildcards',
            },
          ]
        : []),
    ]),
  ];
}

function withoutLast({ path, message }: PolicyProblem): PolicyProblem {
  return { path: path.slice(0, -1), message };
}

/** An audit entry carries a rule's name only, so one name must mean one rule. */
function twins(policy: Policy): PolicyProblem[] {
  const find = (path: string[], rules: readonly { name: string }[]) =>
    rules.flatMap(({ name }, index) =>
      rules.findIndex((rule) => rule.name === name) < index
        ? [{ path: [...path, index, 'name'], message: `"${name}" is the name of an earlier rule` }]
        : [],
    );
  return [...find(['approvals'], policy.approvals), ...find(['alerts', 'rules'], policy.alerts.rules)];
}

function neverReached(policy: Policy): PolicyProblem[] {
  const find = <R extends { name: string }>(
    path: string[],
    rules: readonly R[],
    covers: (earlier: R, later: R) => boolean,
  ) =>
    rules.flatMap((rule, index) => {
      const cover = rules.slice(0, index).find((earlier) => covers(earlier, rule));
      return cover
        ? [{ path: [...path, index], message: `is never reached: "${cover.name}" fits everything it fits` }]
        : [];
    });
  return [
    ...find(['approvals'], policy.approvals, coversApproval),
    ...find(['alerts', 'rules'], policy.alerts.rules, coversAlert),
  ];
}

function coversApproval(earlier: ApprovalRule, later: ApprovalRule): boolean {
  return (
    isScopeWithin(later.verbs, earlier.verbs) &&
    isScopeWithin(later.profiles, earlier.profiles) &&
    later.fromTokens >= earlier.fromTokens &&
    isScopeWithin(earlier.except, later.except)
  );
}

function coversAlert({ when: earlier }: AlertRule, { when: later }: AlertRule): boolean {
  return (
    isScopeWithin(later.source, earlier.source) &&
    isScopeWithin(later.provider, earlier.provider) &&
    isScopeWithin(later.grade, earlier.grade) &&
    isScopeWithin(later.validity, earlier.validity) &&
    (['profile', 'name', 'kind', 'detector', 'repository'] as const).every((field) =>
      isScopeWithin<string>(later[field], earlier[field]),
    ) &&
    (earlier.publiclyLeaked === undefined || earlier.publiclyLeaked === later.publiclyLeaked) &&
    (earlier.test === undefined || earlier.test === later.test)
  );
}

/** Members of a group are known to Slack only, so a rule with one group among its approvers is taken on trust. */
function neverMet(policy: Policy): PolicyProblem[] {
  return policy.approvals.flatMap((rule, index) => {
    const roles = rule.by.flatMap((name) => (Object.hasOwn(policy.roles, name) ? (policy.roles[name] ?? []) : []));
    const people = new Set(roles.flatMap((role) => role.users));
    if (people.size >= rule.approvers || roles.some((role) => role.groups.length > 0)) return [];
    return [
      {
        path: ['approvals', index, 'approvers'],
        message: `wants ${rule.approvers}, and only ${people.size} could approve`,
      },
    ];
  });
}

/**
 * A secret that every issuer refuses counts as dead or not ours. Where a provider has servers in several regions, that of
 * the secret must be among those asked: so each profile of a provider names its issuer, or none does.
 */
function halfIssued({ profiles }: Policy): PolicyProblem[] {
  return Object.entries(profiles).flatMap(([name, { provider, issuer }]) => {
    if (issuer !== undefined) return [];
    const other = Object.entries(profiles).find(([, each]) => each.provider === provider && each.issuer !== undefined);
    return other === undefined
      ? []
      : [
          {
            path: ['profiles', name, 'issuer'],
            message: `is missing, and "${other[0]}" has one: name it for each profile of ${provider}, or for none`,
          },
        ];
  });
}
