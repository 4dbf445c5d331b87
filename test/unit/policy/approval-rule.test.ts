import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  approvalFor,
  approvalRule,
  mayApprove,
  mayBreakGlass,
  possibleApprovers,
} from '#shared/policy/approval-rule.ts';
import { VERBS } from '#shared/core/vocabulary.ts';
import { aPolicy, groups, members, policies, profileSets, strangers, USERS, verbs } from './policies.ts';

const nobody = [{ verbs: ['list'] }];
const policy = aPolicy({
  roles: {
    admin: { users: ['U0A1', 'U0B2'], may: nobody },
    approver: { users: ['U0C3'], groups: ['S0A1'], may: nobody },
    local: { users: ['U0D4'], channels: ['C0A1'], may: nobody },
  },
  approvals: [
    {
      name: 'deletes',
      verbs: ['delete'],
      approvers: 1,
      by: ['approver', 'admin'],
      except: ['admin'],
      breakGlass: ['admin'],
    },
    {
      name: 'bulk',
      verbs: ['deactivate', 'delete'],
      fromTokens: 25,
      approvers: 2,
      by: ['admin', 'local'],
      expiresMinutes: 30,
    },
    {
      name: 'one-only',
      verbs: ['activate'],
      profiles: ['one'],
      approvers: 1,
      by: ['admin'],
      breakGlass: ['admin', 'local'],
    },
    {
      name: 'two-only',
      verbs: ['activate'],
      profiles: ['two'],
      approvers: 2,
      by: ['admin', 'local'],
      breakGlass: ['admin'],
    },
  ],
});
const at = (userId: string, channelId?: string) => ({ teamId: 'T0HOME', userId, ...(channelId && { channelId }) });
const name = (request: Partial<Parameters<typeof approvalFor>[1]>) =>
  approvalFor(policy, { verb: 'delete', profiles: ['one'], count: 1, requesterRoles: [], ...request })?.name;

describe('approvalFor', () => {
  it('gives the first rule that fits by verb, profile, number and exception, or none', () => {
    expect(name({})).toBe('deletes');
    expect(name({ count: 30 })).toBe('deletes');
    expect(name({ verb: 'deactivate' })).toBeUndefined();
    expect(name({ verb: 'deactivate', count: 24 })).toBeUndefined();
    expect(name({ verb: 'deactivate', count: 25 })).toBe('bulk');
    expect(name({ verb: 'activate' })).toBe('one-only');
    expect(name({ verb: 'activate', profiles: ['three'] })).toBeUndefined();
    expect(name({ requesterRoles: ['local'] })).toBe('deletes');
  });

  it('lets an exception pass one rule by, not the ones after it', () => {
    expect(name({ requesterRoles: ['admin'] })).toBeUndefined();
    expect(name({ requesterRoles: ['admin'], count: 25 })).toBe('bulk');
  });

  it('wants every rule at once when the profiles’ rules differ, so that mixing makes nothing easier', () => {
    const rule = approvalFor(policy, {
      verb: 'activate',
      profiles: ['two', 'three', 'one'],
      count: 3,
      requesterRoles: [],
    });
    expect(rule).toMatchObject({
      name: 'one-only+two-only',
      approvers: 2,
      by: ['admin'],
      breakGlass: ['admin'],
      profiles: ['one', 'two'],
    });
    expect(approvalRule(policy, 'one-only+two-only')).toEqual(rule);
  });

  it('tells of combined rules what they have in common', () => {
    const role = { users: ['U0A1'], may: nobody };
    const mixed = aPolicy({
      roles: { red: role, green: role, blue: role },
      approvals: [
        {
          name: 'a',
          verbs: ['delete', 'lever'],
          profiles: ['one'],
          fromTokens: 5,
          approvers: 3,
          by: ['red', 'green'],
          except: ['blue', 'red'],
        },
        {
          name: 'b',
          verbs: ['delete', 'activate'],
          approvers: 1,
          by: ['green', 'blue'],
          except: ['red'],
          expiresMinutes: 5,
          breakGlass: ['red'],
        },
      ],
    });
    for (const name of ['a+b', 'b+a']) {
      expect(approvalRule(mixed, name)).toEqual({
        name,
        verbs: ['delete'],
        profiles: '*',
        fromTokens: 5,
        approvers: 3,
        by: ['green'],
        except: ['red'],
        expiresMinutes: 5,
        breakGlass: [],
      });
    }
  });

  it('counts every profile when none is named', () => {
    expect(name({ verb: 'activate', profiles: [] })).toBe('one-only+two-only');
  });

  it('is never easier for tokens of several profiles than for those of one', () => {
    fc.assert(
      fc.property(
        policies,
        verbs,
        profileSets,
        fc.integer({ min: 1, max: 30 }),
        members,
        groups,
        (policy, verb, profiles, count, approver, groups) => {
          const together = approvalFor(policy, { verb, profiles, count, requesterRoles: [] });
          const requester = { teamId: 'T0HOME', userId: 'U0OTHER' };
          for (const profile of profiles) {
            const alone = approvalFor(policy, { verb, profiles: [profile], count, requesterRoles: [] });
            if (alone === undefined) continue;
            expect(together?.approvers).toBeGreaterThanOrEqual(alone.approvers);
            expect(together?.expiresMinutes).toBeLessThanOrEqual(alone.expiresMinutes);
            const agree = (rule: string) => mayApprove({ policy, rule, approver, groups, requester }).allowed;
            if (agree(together?.name ?? '')) expect(agree(alone.name)).toBe(true);
          }
        },
      ),
    );
  });

  it('finds by name again what it gave', () => {
    fc.assert(
      fc.property(policies, verbs, profileSets, fc.integer({ min: 1, max: 30 }), (policy, verb, profiles, count) => {
        const rule = approvalFor(policy, { verb, profiles, count, requesterRoles: ['red'] });
        if (rule !== undefined) expect(approvalRule(policy, rule.name)).toEqual(rule);
      }),
    );
  });

  it('knows no rule that the policy has not, nor a part of one', () => {
    for (const gone of ['', '+', 'gone', 'deletes+gone', 'constructor'])
      expect(approvalRule(policy, gone)).toBeUndefined();
  });
});

describe('mayApprove', () => {
  const ask = (userId: string, options: object = {}) =>
    mayApprove({
      policy,
      rule: 'deletes',
      approver: at(userId, 'C0B2'),
      groups: new Set<string>(),
      requester: at('U0D4'),
      ...options,
    });

  it('names the role that approves', () => {
    expect(ask('U0C3')).toEqual({ allowed: true, role: 'approver' });
    expect(ask('U0A1')).toEqual({ allowed: true, role: 'admin' });
    expect(ask('U0D4', { groups: new Set(['S0A1']), requester: at('U0A1') })).toEqual({
      allowed: true,
      role: 'approver',
    });
  });

  it('refuses who is no approver, who is in the wrong channel, and whom it cannot tell', () => {
    const roles = ['approver', 'admin'];
    expect(ask('U0D4', { requester: at('U0A1') })).toEqual({ allowed: false, why: 'not_an_approver', roles });
    expect(ask('U0D4', { requester: at('U0A1'), groups: 'unavailable' })).toEqual({
      allowed: false,
      why: 'groups_unavailable',
      roles,
    });
    expect(ask('U0D4', { requester: at('U0A1'), rule: 'bulk' })).toEqual({
      allowed: false,
      why: 'wrong_channel',
      roles: ['admin', 'local'],
    });
    expect(ask('U0D4', { requester: at('U0A1'), rule: 'bulk', approver: at('U0D4', 'C0A1') })).toEqual({
      allowed: true,
      role: 'local',
    });
  });

  it('refuses everybody when the policy no longer has the rule', () => {
    for (const rule of ['gone', 'deletes+gone', ''])
      expect(ask('U0A1', { rule })).toEqual({ allowed: false, why: 'not_an_approver', roles: [] });
  });

  it('never lets anybody agree to their own request, from whichever workspace or channel', () => {
    fc.assert(
      fc.property(policies, members, members, groups, (policy, approver, somewhere, groups) => {
        const requester = { ...somewhere, userId: approver.userId };
        for (const rule of policy.approvals.map(({ name }) => name)) {
          expect(mayApprove({ policy, rule, approver, groups, requester })).toMatchObject({
            allowed: false,
            why: 'own_request',
          });
        }
      }),
    );
  });

  it('never lets a stranger agree or break the glass', () => {
    fc.assert(
      fc.property(policies, strangers, members, groups, (policy, stranger, requester, groups) => {
        for (const rule of policy.approvals.map(({ name }) => name)) {
          const refused = { allowed: false, why: 'other_workspace', roles: [] };
          expect(mayApprove({ policy, rule, approver: stranger, groups, requester })).toEqual(refused);
          expect(mayBreakGlass({ policy, rule, actor: stranger, groups })).toEqual(refused);
        }
      }),
    );
  });
});

describe('mayBreakGlass', () => {
  it('is for the roles that the rule names, also in one’s own request', () => {
    const ask = (userId: string, rule: string) =>
      mayBreakGlass({ policy, rule, actor: at(userId, 'C0A1'), groups: new Set() });
    expect(ask('U0A1', 'deletes')).toEqual({ allowed: true, role: 'admin' });
    expect(ask('U0C3', 'deletes')).toEqual({ allowed: false, why: 'not_an_approver', roles: ['admin'] });
    expect(ask('U0A1', 'bulk')).toEqual({ allowed: false, why: 'not_an_approver', roles: [] });
    expect(ask('U0D4', 'one-only')).toMatchObject({ allowed: true });
    expect(ask('U0D4', 'one-only+two-only')).toMatchObject({ allowed: false });
    expect(ask('U0A1', 'gone')).toEqual({ allowed: false, why: 'not_an_approver', roles: [] });
  });
});

describe('possibleApprovers', () => {
  const membersOf = (ids: readonly string[] | undefined) => () => ids;

  it('lists users and members of groups once each, and never the requester', () => {
    const ask = (userId: string, ids?: readonly string[]) =>
      possibleApprovers({ policy, rule: 'deletes', requester: at(userId), groupMembers: membersOf(ids) });
    expect(ask('U0D4', ['U0A1', 'U0X9'])).toEqual(['U0C3', 'U0A1', 'U0X9', 'U0B2']);
    expect(ask('U0C3', ['U0C3'])).toEqual(['U0A1', 'U0B2']);
    expect(ask('U0A1')).toEqual(['U0C3', 'U0B2']);
    expect(
      possibleApprovers({ policy, rule: 'gone', requester: at('U0A1'), groupMembers: membersOf(['U0A1']) }),
    ).toEqual([]);
  });

  it('lists exactly those who may approve from a channel where their role counts', () => {
    fc.assert(
      fc.property(policies, members, fc.subarray([...USERS]), (policy, requester, inGroups) => {
        for (const rule of policy.approvals.map(({ name }) => name)) {
          const possible = possibleApprovers({ policy, rule, requester, groupMembers: () => inGroups });
          for (const userId of USERS) {
            const groups = new Set(inGroups.includes(userId) ? ['S0A1', 'S0B2'] : []);
            const from = [undefined, 'C0A1', 'C0B2'].map((channel) =>
              mayApprove({ policy, rule, approver: at(userId, channel), groups, requester }),
            );
            expect(possible.includes(userId)).toBe(from.some(({ allowed }) => allowed));
          }
        }
      }),
    );
  });
});

it('asks nobody else for reading unless the policy says so', () => {
  for (const verb of VERBS.filter((verb) => !['delete', 'activate'].includes(verb)))
    expect(name({ verb })).toBeUndefined();
});
