import type { MethodsDeps } from './methods-deps.ts';
import { type Answer, done, fail, malformed, type Method, missing, text } from './protocol.ts';
import type { SlackView, ViewRefusal } from './views.ts';

/** Creates the `views.*` methods. */
export function createViewMethods({ views, workspace }: MethodsDeps): Readonly<Record<string, Method>> {
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
