import * as s from '#shared/core/schema.ts';
import type { Post } from '#shared/core/post.ts';
import type { Secret } from '#shared/core/secret.ts';
import { tryParseJson } from '#shared/core/try-parse-json.ts';
import type { Reception } from './receive-slack-request.ts';
import type { ModalView } from './skeleton-modal.ts';

interface OpenModalDeps {
  readonly post: Post;
  readonly apiUrl: URL;
}

export interface OpenModal {
  /** Opens a modal on a fresh trigger and gives its view id; `undefined` when Slack did not open it. Never throws. */
  open(what: NonNullable<Reception['open']>, botToken: Secret): Promise<string | undefined>;
  /** Replaces what a modal shows, if Slack lets us. Never throws. */
  update(viewId: string, view: ModalView, botToken: Secret): Promise<void>;
}

/** How long opening a modal may take, in milliseconds: of the three seconds that Slack waits most are left for the queue. */
export const MODAL_PATIENCE_MS = 1000;

const replySchema = s.object({ ok: s.literal(true), view: s.object({ id: s.string }) });

/** Opens modals at the edge, where the trigger's three seconds still run, without a Slack client. */
export function createOpenModal({ post, apiUrl }: OpenModalDeps): OpenModal {
  const call = async (method: string, json: unknown, botToken: Secret): Promise<string | undefined> => {
    try {
      const headers = {
        authorization: `Bearer ${botToken.expose()}`,
        'content-type': 'application/json; charset=utf-8',
      };
      const { status, body } = await post(new URL(method, apiUrl), headers, JSON.stringify(json));
      const reply = replySchema.safeParse(status === 200 ? tryParseJson(body) : undefined);
      return reply.success ? reply.data.view.id : undefined;
    } catch {
      // The job is queued in any case, and the worker tells the person that there is no modal.
      return undefined;
    }
  };
  return {
    open: ({ method, triggerId, view }, botToken) => call(method, { trigger_id: triggerId, view }, botToken),
    update: async (viewId, view, botToken) => {
      await call('views.update', { view_id: viewId, view }, botToken);
    },
  };
}
