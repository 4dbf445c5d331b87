import type { MethodsDeps } from './methods-deps.ts';
import { type Answer, type Args, done, fail, type Method, missing, text } from './protocol.ts';
import { type SlackUser, TEAM_ID } from './workspace.ts';

/** Everybody's address in the sandbox. */
const emailOf = ({ name }: SlackUser) => `${name.toLowerCase()}@example.com`;

const userJson = (user: SlackUser) => ({
  id: user.id,
  team_id: user.teamId,
  name: user.name,
  real_name: user.name,
  deleted: false,
  tz: 'Europe/Berlin',
  is_bot: user.isBot === true,
  is_stranger: user.teamId !== TEAM_ID,
  is_restricted: false,
  is_ultra_restricted: false,
  profile: { display_name: user.name, real_name: user.name, team: user.teamId },
});

const groupJson = ([id, users]: readonly [string, readonly string[]]) => ({
  id,
  team_id: TEAM_ID,
  handle: id.toLowerCase(),
  name: id.toLowerCase(),
  date_delete: 0,
  user_count: users.length,
  users,
});

/** The people of a group. A token of a whole organisation has to say of which workspace. */
function groupMembers({ workspace, isOrgInstall }: MethodsDeps, args: Args): Answer {
  const id = text(args, 'usergroup');
  if (id === undefined) return missing('usergroup');
  const team = text(args, 'team_id');
  if (isOrgInstall() && team === undefined) return missing('team_id');
  if (isOrgInstall() && team !== TEAM_ID) return fail('team_not_found');
  const users = workspace.groups().get(id);
  return users === undefined ? fail('no_such_subteam') : done({ users });
}

/** Creates the `users.*` and `usergroups.*` methods. */
export function createPeopleMethods(deps: MethodsDeps): Readonly<Record<string, Method>> {
  const { workspace } = deps;
  return {
    'users.info': {
      scope: 'users:read',
      run: (args) => {
        const user = workspace.user(text(args, 'user') ?? '');
        return user === undefined ? fail('user_not_found') : done({ user: userJson(user) });
      },
    },
    'users.lookupByEmail': {
      scope: 'users:read.email',
      run: (args) => {
        const email = text(args, 'email');
        if (email === undefined) return missing('email');
        const user = workspace.users().find((each) => emailOf(each) === email.toLowerCase());
        return user === undefined ? fail('users_not_found') : done({ user: userJson(user) });
      },
    },
    'usergroups.list': {
      scope: 'usergroups:read',
      run: () => done({ usergroups: [...workspace.groups()].map(groupJson) }),
    },
    'usergroups.users.list': { scope: 'usergroups:read', run: (args) => groupMembers(deps, args) },
  };
}
