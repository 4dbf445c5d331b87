import { createChatMethods } from './chat-methods.ts';
import { createConversationMethods } from './conversation-methods.ts';
import { createFileMethods } from './file-methods.ts';
import type { MethodsDeps } from './methods-deps.ts';
import { createPeopleMethods } from './people-methods.ts';
import { done, type Method } from './protocol.ts';
import { createViewMethods } from './view-methods.ts';
import { BOT_ID, BOT_USER_ID, ENTERPRISE_ID, TEAM_ID } from './workspace.ts';

/** Methods that change nothing that anybody sees; a crash before the reply waits for one of the others. */
export const READ_METHODS: readonly string[] = [
  'auth.test',
  'chat.getPermalink',
  'conversations.history',
  'conversations.info',
  'conversations.list',
  'conversations.members',
  'conversations.open',
  'users.info',
  'users.list',
  'users.lookupByEmail',
  'usergroups.list',
  'usergroups.users.list',
  'files.getUploadURLExternal',
];

const authTest = ({ isOrgInstall }: MethodsDeps): Method => ({
  run: () =>
    done({
      url: 'https://sandbox.slack.com/',
      team: 'Sandbox',
      user: 'patrol',
      team_id: TEAM_ID,
      user_id: BOT_USER_ID,
      bot_id: BOT_ID,
      ...(isOrgInstall() ? { enterprise_id: ENTERPRISE_ID } : {}),
      is_enterprise_install: isOrgInstall(),
    }),
});

/** Creates every Web API method that the stand-in knows; anything else is `unknown_method`. */
export function createSlackMethods(deps: MethodsDeps): ReadonlyMap<string, Method> {
  return new Map(
    Object.entries({
      'auth.test': authTest(deps),
      ...createChatMethods(deps),
      ...createConversationMethods(deps),
      ...createFileMethods(deps),
      ...createPeopleMethods(deps),
      ...createViewMethods(deps),
    }),
  );
}
