import type { Reply } from '#shared/slack/reply.ts';
import type { Log } from '#shared/telemetry/log.ts';

/** Writes a line for whatever Slack took of us: the last step of a request. Results and faults stay as they are. */
export function tellReplies(reply: Reply, log: Log): Reply {
  const told =
    <A extends readonly unknown[], T>(kind: string, say: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      const value = await say(...args);
      log('info', { event: 'said', kind });
      return value;
    };
  return {
    ...reply,
    post: told('post', reply.post),
    edit: told('edit', reply.edit),
    whisper: told('whisper', reply.whisper),
    tell: told('tell', reply.tell),
    note: told('note', reply.note),
    upload: told('upload', reply.upload),
    updateView: told('view', reply.updateView),
    publishHome: told('home', reply.publishHome),
  };
}
