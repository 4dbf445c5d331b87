import { defined } from '#shared/core/defined.ts';
import { readContent } from './chat-methods.ts';
import type { Json } from './protocol.ts';
import type { SlackWorkspace } from './workspace.ts';

/** Where a `response_url` leads. `messageTs` is the message whose button was pressed. */
export interface ResponseTarget {
  readonly channel: string;
  readonly user: string;
  readonly messageTs?: string | undefined;
}

const LIFETIME_MINUTES = 30;
const USES = 5;
const UNKNOWN: ResponseTarget = { channel: 'unknown', user: 'unknown' };

/**
 * Keeps the life of `response_url`s: five uses within thirty minutes of the request that carried it. A path that no
 * request carried still shows its messages, in the channel `unknown`.
 */
export function createResponseUrls(workspace: SlackWorkspace, now: () => Date) {
  const known = new Map<string, { readonly target: ResponseTarget; readonly since: number; uses: number }>();

  const learn = (path: string, target: ResponseTarget): void => {
    if (!known.has(path)) known.set(path, { target, since: now().getTime(), uses: 0 });
  };

  const post = (target: ResponseTarget, message: Json): string | undefined => {
    const original = target.messageTs === undefined ? undefined : workspace.message(target.channel, target.messageTs);
    if (message['delete_original'] === true) {
      if (original === undefined) return 'message_not_found';
      workspace.remove(original);
      return undefined;
    }
    const content = readContent(message, { unknown: workspace.unknownBlocks() });
    if ('ok' in content) return String(content['error']);
    if (message['replace_original'] === true && original !== undefined) {
      workspace.revise(original, content);
      return undefined;
    }
    const threadTs = typeof message['thread_ts'] === 'string' ? message['thread_ts'] : undefined;
    const isPublic = message['response_type'] === 'in_channel';
    workspace.say({
      channel: target.channel,
      ...content,
      ...defined({ threadTs }),
      ...(isPublic ? {} : { ephemeralTo: target.user }),
    });
    return undefined;
  };

  return {
    learn,
    post,
    /** Takes what was posted to a `response_url`; returns Slack's error, or nothing. */
    use: (path: string, body: Buffer): string | undefined => {
      learn(path, UNKNOWN);
      const entry = known.get(path);
      if (entry === undefined || now().getTime() - entry.since > LIFETIME_MINUTES * 60_000) return 'expired_url';
      if (entry.uses >= USES) return 'used_url';
      let message: unknown;
      try {
        message = JSON.parse(body.toString());
      } catch {
        return 'invalid_payload';
      }
      if (typeof message !== 'object' || message === null) return 'invalid_payload';
      const problem = post(entry.target, message as Json);
      if (problem === undefined) entry.uses += 1;
      return problem;
    },
    reset: (): void => known.clear(),
  };
}

export type ResponseUrls = ReturnType<typeof createResponseUrls>;
