import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { may, profilesFor } from '#shared/policy/may.ts';
import { rolesOf } from '#shared/policy/roles.ts';
import {
  aPolicy,
  groups,
  groupSets,
  members,
  policies,
  profiles,
  PROFILES,
  role,
  strangers,
  verbs,
} from './policies.ts';

const policy = aPolicy({
  roles: {
    admin: { users: ['U0A1'], may: [{ verbs: '*' }] },
    oncall: { groups: ['S0A1'], may: [{ verbs: ['deactivate', 'list'] }] },
    local: { users: ['U0B2'], channels: ['C0A1'], may: [{ verbs: ['delete'], profiles: ['two'] }] },
  },
});
const at = (userId: string, channelId?: string) => ({ teamId: 'T0HOME', userId, ...(channelId && { channelId }) });

describe('may', () => {
  it('names the role that allows', () => {
    expect(may({ policy, actor: at('U0A1'), groups: new Set(), verb: 'lever', profile: 'one' })).toEqual({
      allowed: true,
      role: 'admin',
    });
    expect(may({ policy, actor: at('U0C3'), groups: new Set(['S0A1']), verb: 'list' })).toEqual({
      allowed: true,
      role: 'oncall',
    });
  });

  it('names who may instead when nobody of one’s roles does', () => {
    const refused = { allowed: false, why: 'no_role', roles: ['admin', 'oncall'] };
    expect(may({ policy, actor: at('U0C3'), groups: new Set(['S0ZZ']), verb: 'deactivate' })).toEqual(refused);
    expect(may({ policy, actor: at('U0B2', 'C0A1'), groups: new Set(), verb: 'delete', profile: 'one' })).toEqual({
      ...refused,
      roles: ['admin'],
    });
  });

  it('says that the channel is wrong, also in App Home', () => {
    const wrong = { allowed: false, why: 'wrong_channel', roles: ['admin', 'local'] };
    expect(may({ policy, actor: at('U0B2', 'C0A1'), groups: new Set(), verb: 'delete', profile: 'two' })).toEqual({
      allowed: true,
      role: 'local',
    });
    expect(may({ policy, actor: at('U0B2', 'C0B2'), groups: new Set(), verb: 'delete', profile: 'two' })).toEqual(
      wrong,
    );
    expect(may({ policy, actor: at('U0B2'), groups: new Set(), verb: 'delete', profile: 'two' })).toEqual(wrong);
  });

  it('denies with the reason when the groups cannot be looked up', () => {
    const denied = { allowed: false, why: 'groups_unavailable', roles: ['admin', 'oncall'] };
    expect(may({ policy, actor: at('U0C3'), groups: 'unavailable', verb: 'list' })).toEqual(denied);
    expect(may({ policy, actor: at('U0C3'), groups: 'unavailable', verb: 'delete' })).toMatchObject({ why: 'no_role' });
    expect(may({ policy, actor: at('U0A1'), groups: 'unavailable', verb: 'list' })).toEqual({
      allowed: true,
      role: 'admin',
    });
  });

  it('tells that roles are undecided exactly while groups that would count here are unknown', () => {
    const unknown = (userId: string) => rolesOf(policy, at(userId), 'unavailable');
    expect(unknown('U0A1')).toEqual({ roles: ['admin'], elsewhere: [], undecided: ['oncall'], unavailable: true });
    expect(rolesOf(policy, at('U0B2'), new Set())).toEqual({
      roles: [],
      elsewhere: ['local'],
      undecided: [],
      unavailable: false,
    });
  });

  it('gives nobody a right on a profile that the policy does not know, not even by a star', () => {
    for (const profile of ['four', 'constructor', '__proto__', '']) {
      expect(may({ policy, actor: at('U0A1'), groups: new Set(), verb: 'list', profile })).toEqual({
        allowed: false,
        why: 'no_role',
        roles: [],
      });
    }
  });

  it('refuses every stranger before anything else, and tells them nothing', () => {
    fc.assert(
      fc.property(policies, strangers, groups, verbs, (policy, actor, groups, verb) => {
        expect(may({ policy, actor, groups, verb })).toEqual({ allowed: false, why: 'other_workspace', roles: [] });
        expect(profilesFor({ policy, actor, groups, verb })).toEqual([]);
        expect(rolesOf(policy, actor, groups)).toEqual({ roles: [], elsewhere: [], undecided: [], unavailable: false });
      }),
    );
  });

  it('allows exactly what some role of the actor gives in the channel', () => {
    fc.assert(
      fc.property(policies, members, groups, verbs, profiles, (policy, actor, groups, verb, profile) => {
        const giving = Object.entries(policy.roles).filter(
          ([, { users, groups: of, channels, may }]) =>
            (users.includes(actor.userId) || (groups !== 'unavailable' && of.some((id) => groups.has(id)))) &&
            (channels === '*' || channels.some((id) => id === actor.channelId)) &&
            may.some(
              (grant) =>
                (grant.verbs === '*' || grant.verbs.includes(verb)) &&
                (grant.profiles === '*' || grant.profiles.includes(profile)),
            ),
        );
        const answer = may({ policy, actor, groups, verb, profile });
        expect(answer.allowed).toBe(giving.length > 0);
        if (answer.allowed) expect(answer.role).toBe(giving[0]?.[0]);
      }),
    );
  });

  it('asks for a profile exactly when it is among the profiles for the verb, and without one for any', () => {
    fc.assert(
      fc.property(policies, members, groups, verbs, (policy, actor, groups, verb) => {
        const all = profilesFor({ policy, actor, groups, verb });
        expect(all).toEqual(PROFILES.filter((profile) => may({ policy, actor, groups, verb, profile }).allowed));
        expect(may({ policy, actor, groups, verb }).allowed).toBe(all.length > 0);
      }),
    );
  });

  it('never takes a right away when a role, a user, a group or a channel is added', () => {
    fc.assert(
      fc.property(policies, members, groupSets, verbs, profiles, role, (policy, actor, groups, verb, profile, more) => {
        if (!may({ policy, actor, groups, verb, profile }).allowed) return;
        const wider = aPolicy({
          ...policy,
          roles: {
            more,
            ...Object.fromEntries(
              Object.entries(policy.roles).map(([name, role]) => [
                name,
                { ...role, users: [...role.users, 'U0NEW'], channels: '*' },
              ]),
            ),
          },
        });
        expect(
          may({ policy: wider, actor, groups: new Set([...groups, 'S0A1', 'S0NEW']), verb, profile }).allowed,
        ).toBe(true);
      }),
    );
  });

  it('allows with the groups known whatever it allows with the groups unknown', () => {
    fc.assert(
      fc.property(policies, members, groupSets, verbs, profiles, (policy, actor, known, verb, profile) => {
        const blind = may({ policy, actor, groups: 'unavailable', verb, profile });
        const seeing = may({ policy, actor, groups: known, verb, profile });
        if (blind.allowed) expect(seeing.allowed).toBe(true);
        // And says so whenever knowing them could have changed the answer.
        else if (seeing.allowed) expect(blind.why).toBe('groups_unavailable');
      }),
    );
  });
});
