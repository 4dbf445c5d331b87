import { describe, expect, it } from 'vitest';
import { adminsOf } from '#shared/slack/admins-of.ts';
import { createRoom } from '#test/support/room.ts';

const everything = { verbs: '*', profiles: '*' } as const;

/** Services whose roles are these, and whose groups have these members. */
function roomOf(roles: Record<string, object>, members: Readonly<Record<string, readonly string[]>> = {}) {
  const { services } = createRoom();
  const policy = { ...services.policy, roles: roles as typeof services.policy.roles };
  return { policy, groups: { ...services.groups, members: async (id: string) => members[id] } };
}

describe('adminsOf', () => {
  it('gives those who may do everything everywhere, of users and groups, each once', async () => {
    const roles = {
      admin: { users: ['U1'], groups: ['S1', 'S-UNREADABLE'], may: [everything] },
      operator: { users: ['U9'], groups: [], may: [{ verbs: ['deactivate'], profiles: '*' }] },
    };
    expect(await adminsOf(roomOf(roles, { S1: ['U1', 'U2'] }))).toEqual(['U1', 'U2']);
  });

  it('gives those who may deactivate where nobody may do everything', async () => {
    const roles = {
      operator: { users: ['U9'], groups: [], may: [{ verbs: ['deactivate'], profiles: '*' }] },
      one: { users: ['U8'], groups: [], may: [{ verbs: '*', profiles: ['langsmith-demo'] }] },
      viewer: { users: ['U7'], groups: [], may: [{ verbs: ['list'], profiles: '*' }] },
    };
    expect(await adminsOf(roomOf(roles))).toEqual(['U9', 'U8']);
  });

  it('tells no more than twenty at once', async () => {
    const users = Array.from({ length: 30 }, (_, index) => `U${index}`);
    expect(await adminsOf(roomOf({ admin: { users, groups: [], may: [everything] } }))).toEqual(users.slice(0, 20));
  });
});
