import { createChatMethods, messageJson } from './chat-methods.ts';
import { createFileMethods } from './file-methods.ts';
import type { SlackFiles } from './files.ts';
import { type Answer, type Args, done, fail, malformed, type Method, missing, text } from './protocol.ts';
import type { SlackView, SlackViews, ViewRefusal } from './views.ts';
import { BOT_ID, BOT_USER_ID, type SlackChannel, type SlackUser, type SlackWorkspace, TEAM_ID } from './workspace.ts';

/** Methods that change nothing that anybody sees; a crash before the reply waits for one of the others. */
export const READ_METHODS: readonly string[] = [
  'auth.test',
  'chat.getPermalink',
  'conversations.history',
  'conversations.info',
  'conversations.members',
  'conversations.open',
  'users.info',
  'users.lookupByEmail',
  'usergroups.list',
  'usergroups.users.list',
  'files.getUploadURLExternal',
];

interface MethodsDeps {
  readonly workspace: SlackWorkspace;
  readonly views: SlackViews;
  readonly files: SlackFiles;
  readonly url: () => string;
  readonly hasScope: (scope: string) => boolean;
  readonly mayPost: (channel: string) => boolean;
  /** Whether the token is one of a whole organisation. */
  readonly isOrgInstall: () => boolean;
}

const READ_CHANNELS = ['channels:read', 'groups:read', 'im:read', 'mpim:read'];

const channelJson = (channel: SlackChannel) => ({
  id: channel.id,
  name: channel.name,
  is_channel: channel.with === undefined,
  is_im: channel.with !== undefined,
  is_group: false,
  is_mpim: false,
  is_private: channel.with !== undefined,
  is_archived: false,
  is_member: channel.members.includes(BOT_USER_ID),
  is_shared: channel.isShared,
  is_ext_shared: channel.isShared,
  is_org_shared: false,
  context_team_id: TEAM_ID,
  num_members: channel.members.length,
  ...(channel.with === undefined ? {} : { user: channel.with }),
});

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

function createViewMethods({ views, workspace }: MethodsDeps): Readonly<Record<string, Method>> {
  const answer = (result: SlackView | ViewRefusal): Answer => {
    if (!('error' in result)) return done({ view: views.toPayload(result) });
    return result.messages === undefined ? fail(result.error) : malformed(result.error, result.messages);
  };
  return {
    'views.open': { run: (args) => answer(views.open(args['trigger_id'], args['view'])) },
    'views.push': { run: (args) => answer(views.push(args['trigger_id'], args['view'])) },
    'views.update': {
      run: (args) =>
        answer(views.update({ viewId: args['view_id'], externalId: args['external_id'] }, args['view'], args['hash'])),
    },
    'views.publish': {
      run: (args) => {
        const user = text(args, 'user_id');
        if (user === undefined) return missing('user_id');
        return workspace.user(user) === undefined
          ? fail('user_not_found')
          : answer(views.publish(user, args['view'], args['hash']));
      },
    },
  };
}

/** Creates every Web API method that the stand-in knows; anything else is `unknown_method`. */
export function createSlackMethods(deps: MethodsDeps): ReadonlyMap<string, Method> {
  const { workspace } = deps;
  const inChannel = (args: Args, run: (channel: SlackChannel) => Answer): Answer => {
    const id = text(args, 'channel');
    if (id === undefined) return missing('channel');
    const channel = workspace.channel(id);
    return channel === undefined ? fail('channel_not_found') : run(channel);
  };
  const groupJson = ([id, users]: readonly [string, readonly string[]]) => ({
    id,
    team_id: TEAM_ID,
    handle: id.toLowerCase(),
    name: id.toLowerCase(),
    date_delete: 0,
    user_count: users.length,
    users,
  });

  const methods: Readonly<Record<string, Method>> = {
    ...createChatMethods(workspace, deps),
    ...createViewMethods(deps),
    ...createFileMethods(deps),
    'auth.test': {
      run: () =>
        done({
          url: 'https://sandbox.slack.com/',
          team: 'Sandbox',
          user: 'patrol',
          team_id: TEAM_ID,
          user_id: BOT_USER_ID,
          bot_id: BOT_ID,
          is_enterprise_install: false,
        }),
    },
    'conversations.info': {
      scope: READ_CHANNELS,
      run: (args) => inChannel(args, (channel) => done({ channel: channelJson(channel) })),
    },
    'conversations.members': {
      scope: READ_CHANNELS,
      run: (args) =>
        inChannel(args, ({ members }) => {
          const from = Number(text(args, 'cursor') ?? 0);
          const to = from + Number(text(args, 'limit') ?? 100);
          if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to)) return fail('invalid_cursor');
          const next_cursor = to < members.length ? String(to) : '';
          return done({ members: members.slice(from, to), response_metadata: { next_cursor } });
        }),
    },
    'conversations.history': {
      scope: ['channels:history', 'groups:history'],
      run: (args) =>
        inChannel(args, ({ id, members }) => {
          if (!members.includes(BOT_USER_ID)) return fail('not_in_channel');
          const from = Number(text(args, 'cursor') ?? 0);
          const to = from + Number(text(args, 'limit') ?? 100);
          const all = workspace
            .messages()
            .filter((one) => one.channel === id && one.deleted === undefined && one.ephemeralTo === undefined)
            .filter(({ threadTs, isBroadcast }) => threadTs === undefined || isBroadcast === true)
            .toReversed();
          const withMetadata = args['include_all_metadata'] === true || args['include_all_metadata'] === 'true';
          const page = all.slice(from, to).map((one) => ({
            ...messageJson(one),
            ...(withMetadata && one.metadata !== undefined ? { metadata: one.metadata } : {}),
          }));
          const next_cursor = to < all.length ? String(to) : '';
          return done({ messages: page, has_more: next_cursor !== '', response_metadata: { next_cursor } });
        }),
    },
    'conversations.open': {
      scope: ['im:write', 'mpim:write'],
      run: (args) => {
        const user = text(args, 'users');
        if (user === undefined) return missing('users');
        if (workspace.user(user) === undefined) return fail('user_not_found');
        return done({ channel: channelJson(workspace.directMessage(user)) });
      },
    },
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
    'usergroups.users.list': {
      scope: 'usergroups:read',
      run: (args) => {
        const id = text(args, 'usergroup');
        if (id === undefined) return missing('usergroup');
        const team = text(args, 'team_id');
        if (deps.isOrgInstall() && team === undefined) return missing('team_id');
        if (deps.isOrgInstall() && team !== TEAM_ID) return fail('team_not_found');
        const users = workspace.groups().get(id);
        return users === undefined ? fail('no_such_subteam') : done({ users });
      },
    },
  };
  return new Map(Object.entries(methods));
}
