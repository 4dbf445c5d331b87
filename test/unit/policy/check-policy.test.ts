import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isFault } from '#shared/core/fault.ts';
import { checkPolicy, inspectPolicy, type PolicyProblem } from '#shared/policy/check-policy.ts';

type Loose = Record<string, any>;

const deployed = () => parse(readFileSync(new URL('../../../infra/policy.yml', import.meta.url), 'utf8')) as Loose;

function problemsAfter(change: (policy: Loose) => void): readonly PolicyProblem[] {
  const policy = deployed();
  change(policy);
  const inspected = inspectPolicy(policy);
  return 'problems' in inspected ? inspected.problems : [];
}

describe('checkPolicy', () => {
  it('finds nothing wrong with the policy that is deployed', () => {
    expect(checkPolicy(deployed()).approvals.map(({ name }) => name)).toContain('second-person-for-delete');
  });

  it.each<[string, (policy: Loose) => void, (string | number)[], RegExp]>([
    ['an unknown key', (p) => (p.roles.admin.user = []), ['roles', 'admin', 'user'], /unknown key/],
    [
      'an unknown verb',
      (p) => (p.roles.viewer.may[0].verbs = ['list', 'lsit']),
      ['roles', 'viewer', 'may', 0, 'verbs', 1],
      /expected one of/,
    ],
    [
      'a list that is none',
      (p) => (p.roles.viewer.may[0].verbs = 'list'),
      ['roles', 'viewer', 'may', 0, 'verbs'],
      /"\*", or .*array/,
    ],
    ['a name with capitals', (p) => (p.roles.Admin = p.roles.admin), ['roles', 'Admin'], /wants lower case/],
    [
      'a name that is no Slack id',
      (p) => (p.roles.admin.users = ['@ann']),
      ['roles', 'admin', 'users', 0],
      /Slack user id/,
    ],
    [
      'a profile nobody has, in a role',
      (p) => (p.roles.viewer.may[0].profiles = ['dfns-demo', 'gone']),
      ['roles', 'viewer', 'may', 0, 'profiles', 1],
      /no "gone" under profiles/,
    ],
    [
      'a profile nobody has, in an approval',
      (p) => (p.approvals[0].profiles = ['gone']),
      ['approvals', 0, 'profiles', 0],
      /no "gone" under profiles/,
    ],
    [
      'a profile nobody has, in a protection',
      (p) => (p.protected[0].profile = 'gone'),
      ['protected', 0, 'profile'],
      /no "gone" under profiles/,
    ],
    [
      'an approver role nobody has',
      (p) => p.approvals[0].by.push('boss'),
      ['approvals', 0, 'by', 2],
      /no "boss" under roles/,
    ],
    [
      'an excepted role nobody has',
      (p) => (p.approvals[0].except = ['constructor']),
      ['approvals', 0, 'except', 0],
      /no "constructor" under roles/,
    ],
    [
      'a break-glass role nobody has',
      (p) => (p.approvals[1].breakGlass = ['boss']),
      ['approvals', 1, 'breakGlass', 0],
      /no "boss" under roles/,
    ],
    [
      'a profile without an issuer beside one of the same provider that has one',
      (p) => (p.profiles['dfns-uae'] = { provider: 'dfns' }),
      ['profiles', 'dfns-uae', 'issuer'],
      /"dfns-demo" has one.*each profile of dfns, or for none/,
    ],
    ['a protection by a bare name', (p) => (p.protected[0].profile = '*'), ['protected', 0, 'name'], /add the owner/],
    ['a protection of a whole profile', (p) => (p.protected[0].name = '*'), ['protected', 0, 'name'], /add the owner/],
    ['a protection of nothing', (p) => delete p.protected[0].name, ['protected', 0], /by id, owner or name/],
    ['two approvals of one name', (p) => (p.approvals[2].name = 'bulk'), ['approvals', 2, 'name'], /earlier rule/],
    [
      'two alert rules of one name',
      (p) => (p.alerts.rules[2].name = 'proved'),
      ['alerts', 'rules', 2, 'name'],
      /earlier rule/,
    ],
    [
      'an alert rule after a catch-all',
      (p) => p.alerts.rules.splice(1, 0, { name: 'all', then: 'ask' }),
      ['alerts', 'rules', 2],
      /"all" fits everything/,
    ],
    [
      'an alert rule inside an earlier one',
      (p) => p.alerts.rules.push({ name: 'late', when: { grade: ['strong'], source: ['sns'] }, then: 'ask' }),
      ['alerts', 'rules', 4],
      /"resembles" fits/,
    ],
    [
      'an approval inside an earlier one',
      (p) =>
        p.approvals.push({ name: 'late', verbs: ['delete'], fromTokens: 30, approvers: 2, by: ['admin', 'approver'] }),
      ['approvals', 3],
      /"bulk" fits/,
    ],
    [
      'more approvers than there are people',
      (p) => (p.approvals[0].approvers = 3),
      ['approvals', 0, 'approvers'],
      /wants 3, and only 2/,
    ],
    [
      'approvers of whom there are none',
      (p) => (p.roles.approver.users = p.roles.admin.users = []),
      ['approvals', 0, 'approvers'],
      /only 0/,
    ],
  ])('names the field of %s', (_mistake, change, path, message) => {
    expect(problemsAfter(change)).toContainEqual({ path, message: expect.stringMatching(message) });
  });

  it.each<[string, (policy: Loose) => void]>([
    [
      'more approvers than users where a group is among them',
      (p) => ((p.approvals[0].approvers = 9), p.approvals[0].by.push('operator')),
    ],
    ['no issuer for any profile of a provider', (p) => delete p.profiles['dfns-demo'].issuer],
    [
      'an approval that an earlier one’s exception leaves to it',
      (p) => p.approvals.push({ name: 'l', verbs: ['delete'], approvers: 1, by: ['admin'], except: [] }),
    ],
    [
      'an alert rule that only overlaps an earlier one',
      (p) => p.alerts.rules.push({ name: 'l', when: { publiclyLeaked: true }, then: 'ask' }),
    ],
    [
      'an alert rule for what an earlier one leaves open',
      (p) => p.alerts.rules.push({ name: 'l', when: { test: false }, then: 'ask' }),
    ],
    ['a policy without approvals', (p) => delete p.approvals],
  ])('accepts %s', (_case, change) => {
    expect(problemsAfter(change)).toEqual([]);
  });

  it('tells everything that is wrong at once, in one fault that owners are told of', () => {
    const policy = deployed();
    policy.approvals[0].by = ['boss'];
    policy.approvals[1].profiles = ['gone'];
    policy.alerts.rules[1].name = 'issuer-silent';
    const check = () => checkPolicy(policy);
    expect(check).toThrow(/approvals\.0\.by\.0: .*approvals\.1\.profiles\.0: .*alerts\.rules\.2\.name: /);
    expect(() => checkPolicy(null)).toThrow(/config_invalid: policy: policy: /);
    try {
      check();
    } catch (error) {
      expect(isFault(error, 'config_invalid')).toBe(true);
    }
  });

  it('refuses anything that is no policy without falling over', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(inspectPolicy(value)).toHaveProperty('problems');
      }),
    );
  });

  it('never falls over a policy with a value replaced by something else', () => {
    const keys = [
      'teams',
      'profiles',
      'roles',
      'approvals',
      'limits',
      'protected',
      'alerts',
      'hygiene',
      'owners',
      'channels',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...keys), fc.jsonValue(), (key, value) => {
        inspectPolicy({ ...deployed(), [key]: value });
      }),
    );
  });
});
