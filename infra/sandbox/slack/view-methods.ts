import type { MethodsDeps } from './methods-deps.ts';
import { type Answer, done, fail, malformed, type Method, missing, text } from './protocol.ts';
import { unknownIn } from './unknown-in.ts';
import type { SlackView, ViewRefusal } from './views.ts';

/** Creates the `views.*` methods. */
export function createViewMethods({ views, workspace }: MethodsDeps): Readonly<Record<string, Method>> {
  const answer = (result: SlackView | ViewRefusal): Answer => {
    if (!('error' in result)) return done({ view: views.toPayload(result) });
    return result.messages === undefined ? fail(result.error) : malformed(result.error, result.messages);
  };
  /** What this Slack has against blocks that it does not know comes before all else. */
  const known =
    (run: Method['run']): Method['run'] =>
    (args) => {
      const { blocks } = (args['view'] ?? {}) as { readonly blocks?: unknown };
      const unknown = unknownIn(Array.isArray(blocks) ? blocks : [], workspace.unknownBlocks());
      return unknown.length === 0
        ? run(args)
        : malformed(
            'invalid_arguments',
            unknown.map((one) => `[ERROR] ${one}`),
          );
    };
  return {
    'views.open': { run: known((args) => answer(views.open(args['trigger_id'], args['view']))) },
    'views.push': { run: known((args) => answer(views.push(args['trigger_id'], args['view']))) },
    'views.update': {
      run: known((args) =>
        answer(views.update({ viewId: args['view_id'], externalId: args['external_id'] }, args['view'], args['hash'])),
      ),
    },
    'views.publish': {
      run: known((args) => {
        const user = text(args, 'user_id');
        if (user === undefined) return missing('user_id');
        return workspace.user(user) === undefined
          ? fail('user_not_found')
          : answer(views.publish(user, args['view'], args['hash']));
      }),
    },
  };
}
