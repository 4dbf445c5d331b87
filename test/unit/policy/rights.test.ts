import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Actor } from '#shared/core/vocabulary.ts';
import { approvalFor } from '#shared/policy/approval-rule.ts';
import { may } from '#shared/policy/may.ts';
import { type Right, rightsOf } from '#shared/policy/rights.ts';
import { rolesOf } from '#shared/policy/roles.ts';
import { aPolicy, groups, members, policies, PROFILES, profiles, strangers, verbs } from './policies.ts';

/** The actor, where the right counts. */
const there = ({ teamId, userId, enterpriseId }: Actor, { channels }: Right): Actor => ({
  teamId,
  userId,
  ...(enterpriseId !== undefined && { enterpriseId }),
  ...(channels !== '*' && { channelId: channels[0]! }),
});

describe('rolesOf', () => {
  it('gives a role to whoever is in any one of its groups', () => {
    const policy = aPolicy({ roles: { operator: { groups: ['S0ONE', 'S0TWO'], may: [{ verbs: ['list'] }] } } });
    const of = (...known: string[]) => rolesOf(policy, { teamId: 'T0HOME', userId: 'U0A1' }, new Set(known)).roles;
    expect(of('S0TWO')).toEqual(['operator']);
    expect(of('S0ONE', 'S0TWO')).toEqual(['operator']);
    expect(of('S0THREE')).toEqual([]);
  });
});

describe('rightsOf', () => {
  it('tells verb, profiles, channels, role and whose agreement is needed', () => {
    const policy = aPolicy({
      roles: {
        operator: {
          users: ['U0A1'],
          channels: ['C0A1'],
          may: [
            { verbs: ['list'], profiles: ['one'] },
            { verbs: ['list', 'deactivate'], profiles: ['one', 'two'] },
            { verbs: ['delete'] },
          ],
        },
        admin: { users: ['U0B2'], may: [{ verbs: ['delete'] }] },
      },
      approvals: [
        { name: 'a', verbs: ['delete'], profiles: ['two'], approvers: 2, by: ['admin'], except: ['admin'] },
        { name: 'b', verbs: ['delete', 'deactivate'], fromTokens: 25, approvers: 1, by: ['admin', 'operator'] },
        { name: 'c', verbs: ['deactivate'], profiles: ['three'], approvers: 1, by: ['admin'] },
      ],
    });
    const of = (userId: string) => rightsOf(policy, { teamId: 'T0HOME', userId }, new Set());
    const operator = { channels: ['C0A1'], role: 'operator' };
    expect(of('U0A1')).toEqual([
      { verb: 'list', profiles: ['one', 'two'], ...operator },
      {
        verb: 'deactivate',
        profiles: ['one', 'two'],
        ...operator,
        approval: 'needs 1 approval by admin, operator from 25 tokens on',
      },
      {
        verb: 'delete',
        profiles: '*',
        ...operator,
        approval: 'needs 2 approvals by admin on two; 1 approval by admin, operator from 25 tokens on',
      },
    ]);
    expect(of('U0B2')).toEqual([
      {
        verb: 'delete',
        profiles: '*',
        channels: '*',
        role: 'admin',
        approval: 'needs 1 approval by admin, operator from 25 tokens on',
      },
    ]);
  });

  it('stops telling of agreements at the rule that always fits', () => {
    const rule = { verbs: ['delete'], approvers: 1, by: ['admin'] };
    const approval = (approvals: object[]) =>
      rightsOf(
        aPolicy({
          roles: { admin: { users: ['U0A1'], may: [{ verbs: ['delete'], profiles: ['one', 'two'] }] } },
          approvals,
        }),
        { teamId: 'T0HOME', userId: 'U0A1' },
        new Set(),
      )[0]?.approval;
    const late = { ...rule, name: 'late', approvers: 9 };
    expect(approval([{ ...rule, name: 'all' }, late])).toBe('needs 1 approval by admin');
    expect(approval([{ ...rule, name: 'both', profiles: ['one', 'two'] }, late])).toBe(
      'needs 1 approval by admin on one, two',
    );
    expect(approval([{ ...rule, name: 'some', profiles: ['one'] }, late])).toBe(
      'needs 1 approval by admin on one; 9 approvals by admin',
    );
    expect(approval([{ ...rule, name: 'many', fromTokens: 2 }, late])).toBe(
      'needs 1 approval by admin from 2 tokens on; 9 approvals by admin',
    );
  });

  it('gives a stranger none', () => {
    fc.assert(
      fc.property(policies, strangers, groups, (policy, actor, groups) => {
        expect(rightsOf(policy, actor, groups)).toEqual([]);
      }),
    );
  });

  it('lists what may be done and nothing else', () => {
    fc.assert(
      fc.property(policies, members, groups, verbs, profiles, (policy, actor, groups, verb, profile) => {
        const rights = rightsOf(policy, actor, groups);
        const covering = rights.filter(
          (right) =>
            right.verb === verb &&
            (right.profiles === '*' || right.profiles.includes(profile)) &&
            (right.channels === '*' || right.channels.some((id) => id === actor.channelId)),
        );
        expect(may({ policy, actor, groups, verb, profile }).allowed).toBe(covering.length > 0);
        for (const right of rights) {
          for (const each of right.profiles === '*' ? PROFILES : right.profiles) {
            expect(may({ policy, actor: there(actor, right), groups, verb: right.verb, profile: each }).allowed).toBe(
              true,
            );
          }
        }
      }),
    );
  });

  it('keeps silent about approvals only where none is asked for', () => {
    fc.assert(
      fc.property(policies, members, groups, fc.integer({ min: 1, max: 50 }), (policy, actor, groups, count) => {
        for (const right of rightsOf(policy, actor, groups).filter(({ approval }) => approval === undefined)) {
          const requesterRoles = rolesOf(policy, there(actor, right), groups).roles;
          const of = right.profiles === '*' ? [...PROFILES] : right.profiles;
          expect(approvalFor(policy, { verb: right.verb, profiles: of, count, requesterRoles })).toBeUndefined();
        }
      }),
    );
  });
});
