import { EMAILS } from './cast.ts';
import type { Site, SimReply, SimRequest } from './network.ts';
import type { World } from './world.ts';

type Json = Readonly<Record<string, any>>;

/** What a message said from some moment on. */
export interface Version {
  readonly at: number;
  readonly text: string;
  readonly blocks: readonly Json[];
  /** The job that said it. */
  readonly job: string | undefined;
}

export interface SimMessage {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs?: string;
  /** Whom alone it was shown. */
  readonly onlyTo?: string;
  readonly metadata?: Json;
  readonly versions: Version[];
}

export interface SimView {
  readonly id: string;
  readonly userId: string;
  view: Json;
}

export interface SimSlack {
  readonly sites: Readonly<Record<string, Site>>;
  readonly messages: readonly SimMessage[];
  readonly views: ReadonlyMap<string, SimView>;
  readonly homes: ReadonlyMap<string, Json>;
  readonly files: readonly string[];
  /** A fresh `response_url` for a person in a channel; `ts` names the message whose button was pressed. */
  responseUrl(to: { readonly channel: string; readonly userId: string; readonly ts?: string | undefined }): string;
  openView(userId: string, view: Json): string;
  /** User group → members. */
  readonly groups: Map<string, string[]>;
  /** The bot token that Slack accepts. */
  token: string;
}

interface SlackDeps {
  readonly world: World;
  readonly token: string;
  /** Channels in which the bot is not: it may speak there, and reads nothing. */
  readonly outside: ReadonlySet<string>;
  /** Sees every text that comes in. */
  readonly look: (text: string, where: string) => void;
  /** Sees every version of every message. */
  readonly onSaid: (message: SimMessage, version: Version) => void;
}

const ok = (more: Json = {}): SimReply => ({ status: 200, json: { ok: true, ...more } });
const no = (error: string): SimReply => ({ status: 200, json: { ok: false, error } });
const parsed = (text: string | null): any => (text === null || text === '' ? undefined : JSON.parse(text));

/** Reads a call's arguments, which Slack's client sends as a form. */
function argumentsOf({ headers, body }: SimRequest): (name: string) => string | null {
  if (headers['content-type']?.includes('json') === true) {
    const json = JSON.parse(body) as Json;
    return (name) =>
      json[name] === undefined ? null : typeof json[name] === 'string' ? json[name] : JSON.stringify(json[name]);
  }
  const form = new URLSearchParams(body);
  return (name) => form.get(name);
}

/** Slack, as far as Patrol talks to it: keeps each message with all that it ever said. */
export function createSlack({ world, token, outside, look, onSaid }: SlackDeps): SimSlack {
  const messages: SimMessage[] = [];
  const views = new Map<string, SimView>();
  const homes = new Map<string, Json>();
  const files: string[] = [];
  const groups = new Map<string, string[]>();
  const urls = new Map<string, { channel: string; userId: string; ts?: string | undefined; uses: number }>();
  let posts = 0;

  const stamp = () => `${Math.floor(world.now() / 1000)}.${String((posts += 1)).padStart(6, '0')}`;
  const find = (channel: string | null, ts: string | null) =>
    messages.find((message) => message.channel === channel && message.ts === ts && message.onlyTo === undefined);
  const say = (message: SimMessage, text: string, blocks: readonly Json[]): void => {
    const version = { at: world.now(), text, blocks, job: world.job() };
    message.versions.push(version);
    look(JSON.stringify([text, blocks]), 'a Slack message');
    onSaid(message, version);
  };
  const post = (more: Pick<SimMessage, 'channel'> & Partial<SimMessage>, text: string, blocks: readonly Json[]) => {
    const message: SimMessage = { ts: stamp(), versions: [], ...more };
    messages.push(message);
    say(message, text, blocks);
    return message;
  };

  const methods: Readonly<Record<string, (of: (name: string) => string | null) => SimReply>> = {
    'auth.test': () => ok({ user_id: 'U0PATROLBOT', bot_id: 'B0PATROLBOT', team_id: 'T0SANDBOX01' }),
    'chat.postMessage': (of) => {
      const threadTs = of('thread_ts');
      const metadata = parsed(of('metadata'));
      const { ts, channel } = post(
        {
          channel: of('channel') ?? '',
          ...(threadTs === null ? {} : { threadTs }),
          ...(metadata === undefined ? {} : { metadata }),
        },
        of('text') ?? '',
        parsed(of('blocks')) ?? [],
      );
      return ok({ channel, ts, message: { ts } });
    },
    'chat.update': (of) => {
      const message = find(of('channel'), of('ts'));
      if (message === undefined) return no('message_not_found');
      say(message, of('text') ?? '', parsed(of('blocks')) ?? []);
      return ok({ channel: message.channel, ts: message.ts });
    },
    'chat.postEphemeral': (of) => {
      if (outside.has(of('channel') ?? '')) return no('not_in_channel');
      const { ts } = post(
        { channel: of('channel') ?? '', onlyTo: of('user') ?? '' },
        of('text') ?? '',
        parsed(of('blocks')) ?? [],
      );
      return ok({ message_ts: ts });
    },
    'conversations.open': (of) => ok({ channel: { id: `D${of('users') ?? ''}` } }),
    'conversations.history': (of) => unread(of('channel') ?? '') ?? ok({ messages: historyOf(of), has_more: false }),
    'conversations.replies': (of) => ok({ messages: historyOf(of).filter(({ thread_ts }) => thread_ts === of('ts')) }),
    'views.update': (of) => {
      const view = views.get(of('view_id') ?? '');
      if (view === undefined) return no('not_found');
      view.view = parsed(of('view'));
      look(JSON.stringify(view.view), 'a modal');
      return ok();
    },
    'views.publish': (of) => {
      look(of('view') ?? '', 'a Home');
      homes.set(of('user_id') ?? '', parsed(of('view')));
      return ok();
    },
    'usergroups.users.list': (of) => ok({ users: groups.get(of('usergroup') ?? '') ?? [] }),
    'users.info': (of) => ok({ user: { id: of('user'), deleted: false, profile: { email: emailOf(of('user')) } } }),
    'users.lookupByEmail': (of) => {
      world.occur('slack: who has an e-mail address');
      const id = EMAILS[of('email') ?? ''];
      return id === undefined ? no('users_not_found') : ok({ user: { id, deleted: false } });
    },
    'files.getUploadURLExternal': () => ok({ upload_url: 'https://files.slack.com/upload/1', file_id: 'F0SIM' }),
    'files.completeUploadExternal': () => ok({ files: [{ id: 'F0SIM' }] }),
  };

  const emailOf = (userId: string | null) => Object.keys(EMAILS).find((email) => EMAILS[email] === userId);

  /** It asks for no right to read direct messages. */
  function unread(channel: string): SimReply | undefined {
    if (channel.startsWith('D')) return no('missing_scope');
    if (!outside.has(channel)) return undefined;
    world.occur('a message is looked for in a channel in which the bot is not');
    return no('not_in_channel');
  }

  function historyOf(of: (name: string) => string | null): Json[] {
    const [oldest, latest] = [Number(of('oldest') ?? 0), Number(of('latest') ?? Number.POSITIVE_INFINITY)];
    return messages
      .filter(
        ({ channel, ts, onlyTo }) =>
          channel === of('channel') && onlyTo === undefined && Number(ts) >= oldest && Number(ts) <= latest,
      )
      .toReversed()
      .slice(0, Number(of('limit') ?? 100))
      .map(({ ts, threadTs, metadata, versions }) => ({
        type: 'message',
        bot_id: 'B0PATROLBOT',
        user: 'U0PATROLBOT',
        ts,
        text: versions.at(-1)?.text,
        blocks: versions.at(-1)?.blocks,
        ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
        ...(metadata === undefined ? {} : { metadata }),
      }));
  }

  const refuse: Site['refuse'] = (mode) => {
    if (mode === '401') return no('invalid_auth');
    if (mode === '429')
      return { status: 429, headers: { 'retry-after': '20' }, json: { ok: false, error: 'ratelimited' } };
    if (mode === '500') return { status: 503, text: 'upstream connect error' };
    return undefined;
  };
  const answerUrl = (request: SimRequest): SimReply => {
    const known = urls.get(request.url.href);
    if (known === undefined || known.uses >= 5) return { status: 404, text: 'used_url' };
    known.uses += 1;
    const body = JSON.parse(request.body) as Json;
    const target = body['replace_original'] === true ? find(known.channel, known.ts ?? null) : undefined;
    if (target !== undefined) say(target, body['text'], body['blocks'] ?? []);
    else {
      const onlyTo = body['response_type'] === 'in_channel' ? {} : { onlyTo: known.userId };
      post({ channel: known.channel, ...onlyTo }, body['text'], body['blocks'] ?? []);
    }
    return { status: 200, text: 'ok' };
  };
  const methodOf = ({ url }: SimRequest) => url.pathname.replace('/api/', '');
  const slack: SimSlack = {
    sites: {
      'slack.sim': {
        neighbour: 'slack',
        nameOf: methodOf,
        refuse,
        answer: (request) => {
          if (request.headers['authorization'] !== `Bearer ${slack.token}`) return no('invalid_auth');
          const method = methods[methodOf(request)];
          return method === undefined ? no('unknown_method') : method(argumentsOf(request));
        },
      },
      'hooks.slack.sim': {
        neighbour: 'slack',
        nameOf: () => 'response_url',
        // It needs no token.
        refuse: (mode, request) => (mode === '401' ? undefined : refuse(mode, request)),
        answer: answerUrl,
      },
      'files.slack.com': {
        neighbour: 'slack',
        nameOf: () => 'upload',
        refuse,
        answer: ({ body }) => {
          look(body, 'a file');
          files.push(body);
          return { status: 200, text: 'OK' };
        },
      },
    },
    messages,
    views,
    homes,
    files,
    groups,
    token,
    responseUrl: (to) => {
      const url = `https://hooks.slack.sim/commands/T0SANDBOX01/${urls.size + 1}/abc`;
      urls.set(url, { ...to, uses: 0 });
      return url;
    },
    openView: (userId, view) => {
      const id = `V${views.size + 1}`;
      views.set(id, { id, userId, view });
      return id;
    },
  };
  return slack;
}
