import type { ProviderName } from '#shared/core/vocabulary.ts';
import { FACTS } from '#shared/providers/facts.ts';
import type { Members, Named } from './slack-directory.ts';

export const FIRST_ROLES = ['admin', 'operator', 'approver'] as const;
export type FirstRole = (typeof FIRST_ROLES)[number];

export interface FirstProfile {
  readonly name: string;
  readonly provider: ProviderName;
  /** Where a leaked secret may be shown once. */
  readonly issuer: string;
}

/** What a first policy is made of. */
export interface FirstPolicy {
  readonly stage: string;
  readonly mode: 'shadow' | 'enforce';
  readonly team: Named;
  readonly enterprise?: string;
  readonly security: Named;
  readonly mention?: Members;
  readonly roles: Readonly<Record<FirstRole, Members>>;
  readonly profiles: readonly FirstProfile[];
  readonly sources: readonly string[];
}

const MAY: Readonly<Record<FirstRole, string>> = {
  admin: "{ verbs: '*' }",
  operator: '{ verbs: [list, show, deactivate, activate, delete, leak, cases, audit, profiles, stats] }',
  approver: '{ verbs: [list, show, cases, audit, profiles, stats] }',
};

const isEmpty = ({ users, groups }: Members): boolean => users.length + groups.length === 0;

/** An id, and in a comment what people call it. */
const item =
  (sign: string) =>
  ({ id, name }: Named): string =>
    `      - ${id} # ${sign}${name}`;

function role(name: FirstRole, members: Members): readonly string[] {
  if (isEmpty(members)) return [];
  return [
    `  ${name}:`,
    ...(members.users.length === 0 ? [] : ['    users:', ...members.users.map(item('@'))]),
    ...(members.groups.length === 0 ? [] : ['    groups:', ...members.groups.map(item('@'))]),
    `    may: [${MAY[name]}]`,
  ];
}

/** Who agrees: whoever is an approver or an admin. */
function approvals(roles: FirstPolicy['roles']): readonly string[] {
  const by = isEmpty(roles.approver) ? '[admin]' : '[approver, admin]';
  const rule = (name: string, fields: string): string => `  - { name: ${name}, ${fields}, approvers: 1, by: ${by} }`;
  return [
    'approvals: # the first that fits decides; nobody approves their own request',
    rule('second-person-for-delete', 'verbs: [delete], except: [admin], breakGlass: [admin]'),
    rule('bulk', 'verbs: [deactivate, delete, activate], fromTokens: 25, breakGlass: [admin]'),
    rule('levers', 'verbs: [lever]'),
  ];
}

/**
 * Writes a stage's first policy as YAML: everything in it that names something of a workspace or an account, so that
 * nothing of the sandbox's own is left, with what people call it beside every id.
 */
export function writeFirstPolicy(wanted: FirstPolicy): string {
  const { stage, mode, team, enterprise, security, mention, roles, profiles, sources } = wanted;
  const called = [...(mention?.groups ?? []), ...(mention?.users ?? [])][0];
  const levers = [...new Set(profiles.flatMap(({ provider }) => Object.keys(FACTS[provider].levers)))];
  return [
    '# yaml-language-server: $schema=../docs/policy.schema.json',
    `# The rules of stage ${stage}. What is not named here is taken from policy.yml; docs/policy.md explains every field.`,
    'version: 1',
    `mode: ${mode} # shadow: alerts say what they would have done; enforce: they act`,
    '',
    `teams: [${team.id}] # ${team.name}`,
    ...(enterprise === undefined ? [] : [`enterprises: [${enterprise}]`]),
    'channels:',
    `  security: ${security.id} # #${security.name}`,
    ...(called === undefined
      ? []
      : [`  mention: ${called.id} # @${called.name} is called on cards that need a person`]),
    '',
    'profiles: # one credential each; npm run setup asks for it',
    ...profiles.map(
      ({ name, provider, issuer }) => `  ${name}: { provider: ${provider}, issuer: ${JSON.stringify(issuer)} }`,
    ),
    '',
    'roles:',
    ...FIRST_ROLES.flatMap((name) => role(name, roles[name])),
    '',
    ...approvals(roles),
    '',
    '# Tokens that no alert may touch:',
    "#   - { profile: …, name: 'break-glass-*', reason: emergency access }",
    'protected: []',
    '',
    'alerts:',
    `  sources: [${sources.join(', ')}]`,
    ...(levers.length === 0 ? [] : [`  levers: [${levers.join(', ')}]`]),
    '  rules: # the first that fits decides',
    '    - { name: test-messages, when: { test: true }, then: notify }',
    '    - { name: proved, when: { grade: [proved] }, then: deactivate }',
    '    - { name: resembles, when: { grade: [exact, strong, weak] }, then: ask }',
    '',
  ].join('\n');
}
