import { defined } from '#shared/core/defined.ts';
import type { MethodsDeps } from './methods-deps.ts';
import { type Answer, type Args, done, fail, type Method, missing, text } from './protocol.ts';
import { cursorAfter, pageOf } from './page-of.ts';
import { groupHandle, type SlackUser, TEAM_ID } from './workspace.ts';

/** Everybody's address in the sandbox. */
const emailOf = ({ name }: SlackUser) => `${name.toLowerCase()}@example.com`;

const userJson = (user: SlackUser, email?: string) => ({
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
  profile: { display_name: user.name, real_name: user.name, team: user.teamId, ...defined({ email }) },
});

const groupJson = ([id, users]: readonly [string, readonly string[]]) => ({
  id,
  team_id: TEAM_ID,
  handle: groupHandle(id),
  name: groupHandle(id),
  date_delete: 0,
  user_count: users.length,
  users,
});

/** A token of a whole organisation has to say of which workspace it asks. */
function refuseTeam({ isOrgInstall }: MethodsDeps, args: Args): Answer | undefined {
  if (!isOrgInstall()) return undefined;
  const team = text(args, 'team_id');
  if (team === undefined) return missing('team_id');
  return team === TEAM_ID ? undefined : fail('team_not_found');
}

/** The people of a group. */
function groupMembers(deps: MethodsDeps, args: Args): Answer {
  const id = text(args, 'usergroup');
  if (id === undefined) return missing('usergroup');
  const refused = refuseTeam(deps, args);
  if (refused !== undefined) return refused;
  const users = deps.workspace.groups().get(id);
  return users === undefined ? fail('no_such_subteam') : done({ users });
}

/** Everybody of the workspace, page by page; addresses only for who may read them. */
function listUsers(deps: MethodsDeps, args: Args): Answer {
  const refused = refuseTeam(deps, args);
  if (refused !== undefined) return refused;
  const page = pageOf(args);
  if (page === undefined) return fail('invalid_cursor');
  const all = deps.workspace.users();
  const mayReadEmail = deps.hasScope('users:read.email');
  const members = all
    .slice(page.from, page.to)
    .map((user) => userJson(user, mayReadEmail && user.isBot !== true ? emailOf(user) : undefined));
  return done({ members, ...cursorAfter(page.to, all.length) });
}

/** Creates the `users.*` and `usergroups.*` methods. */
export function createPeopleMethods(deps: MethodsDeps): Readonly<Record<string, Method>> {
  const { workspace } = deps;
  return {
    'users.info': {
      scope: 'users:read',
      run: (args) => {
        const user = workspace.user(text(args, 'user') ?? '');
        if (user === undefined) return fail('user_not_found');
        return done({ user: userJson(user, deps.hasScope('users:read.email') ? emailOf(user) : undefined) });
      },
    },
    'users.list': { scope: 'users:read', run: (args) => listUsers(deps, args) },
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
      run: (args) => refuseTeam(deps, args) ?? done({ usergroups: [...workspace.groups()].map(groupJson) }),
    },
    'usergroups.users.list': { scope: 'usergroups:read', run: (args) => groupMembers(deps, args) },
  };
}
