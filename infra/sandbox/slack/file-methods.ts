import { defined } from '#shared/core/defined.ts';
import { readContent } from './chat-methods.ts';
import type { SlackFiles } from './files.ts';
import { type Answer, type Args, done, fail, type Json, type Method, missing, text } from './protocol.ts';
import { BOT_USER_ID, type SlackWorkspace } from './workspace.ts';

/** Creates the methods of Slack's three-step upload; a completed file is shared as a message. */
export function createFileMethods({
  files,
  workspace,
  url,
}: {
  readonly files: SlackFiles;
  readonly workspace: SlackWorkspace;
  readonly url: () => string;
}): Readonly<Record<string, Method>> {
  const complete = (args: Args): Answer => {
    const wanted = args['files'];
    if (!Array.isArray(wanted) || wanted.length === 0) return missing('files');
    const found = wanted.map((one: Json) => ({ file: files.find(text(one, 'id') ?? ''), title: text(one, 'title') }));
    if (found.some(({ file }) => file?.content === undefined)) return fail('file_not_found');
    const target = text(args, 'channel_id') ?? text(args, 'channels');
    const channel = target === undefined ? undefined : workspace.channel(target);
    if (target !== undefined && channel === undefined) return fail('channel_not_found');
    if (channel !== undefined && !channel.members.includes(BOT_USER_ID)) return fail('not_in_channel');
    const content = readContent({ text: args['initial_comment'], blocks: args['blocks'] }, { mayBeEmpty: true });
    if ('ok' in content) return content;
    const threadTs = text(args, 'thread_ts');
    if (channel !== undefined && threadTs !== undefined && workspace.message(channel.id, threadTs) === undefined) {
      return fail('thread_not_found');
    }
    const shared = found.flatMap(({ file, title }) =>
      file === undefined ? [] : [files.complete(file, title, channel?.id)],
    );
    const shown = shared.map(({ id, name, title }) => ({ id, name, title }));
    if (channel !== undefined) {
      workspace.say({ channel: channel.id, ...content, files: shown, ...defined({ threadTs }) });
    }
    return done({ files: shown });
  };
  return {
    'files.getUploadURLExternal': {
      scope: 'files:write',
      run: (args) => {
        const name = text(args, 'filename');
        const length = Number(args['length']);
        if (name === undefined) return missing('filename');
        if (!Number.isSafeInteger(length) || length < 1) return missing('length');
        const { id } = files.announce(name, length);
        return done({ upload_url: `${url()}/upload/v1/${id}`, file_id: id });
      },
    },
    'files.completeUploadExternal': { scope: 'files:write', run: complete },
  };
}
