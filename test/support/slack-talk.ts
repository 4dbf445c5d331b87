import { unpack } from '#shared/store/dynamo/packed.ts';
import type { SlackAnswer } from '#infra/sandbox/slack/person.ts';
import { checkBlocks } from '#infra/sandbox/slack/block-check/check-blocks.ts';
import type { Sender, SignedRequest } from '#infra/sandbox/slack/sign.ts';
import type { SlackMessage } from '#infra/sandbox/slack/workspace.ts';
import type { SlackView } from '#infra/sandbox/slack/views.ts';
import type { StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import type { TestSandbox } from './sandbox.ts';
import { readAloud } from './slack-text.ts';

type User = Parameters<TestSandbox['pat']>[1] & string;
type Channel = Parameters<TestSandbox['pat']>[2] & string;
type Json = Readonly<Record<string, any>>;
type Fits = RegExp | ((message: SlackMessage) => boolean);

/** People talking to Patrol in a running sandbox: what they type and press, and what they then read. */
export interface Talk {
  /** Types `/pat <text>` and waits for the first message that it brings (of those that fit). */
  ask(text: string, as?: User, options?: { where?: Channel; fits?: Fits }): Promise<SlackMessage>;
  /** Does something and waits for the first message that was not there before. */
  next(doing: () => Promise<unknown>, fits?: Fits, timeoutMs?: number): Promise<SlackMessage>;
  /** Waits until a message reads so, and gives it as it is then. */
  reads(message: SlackMessage, pattern: RegExp, timeoutMs?: number): Promise<SlackMessage>;
  /** The message as it is now. */
  now(message: SlackMessage): Promise<SlackMessage>;
  /** Presses a button, or chooses an option of a row's menu, by its words. */
  press(message: SlackMessage, words: string, as?: User, row?: RegExp): Promise<SlackAnswer>;
  /** Presses a button in a modal or on a Home tab. */
  pressIn(view: SlackView, words: string, as?: User): Promise<SlackAnswer>;
  /** Waits for a view of this person. */
  view(as: User, fits: (view: SlackView) => boolean, timeoutMs?: number): Promise<SlackView>;
  submit(view: SlackView, values: Json, as?: User): Promise<SlackAnswer>;
  /** Delivers a signed request as it is. */
  send(request: SignedRequest): Promise<{ readonly status: number; readonly body: string }>;
  /** Who signs as this user. */
  sender(as?: User, more?: Partial<Sender>): Sender;
  mint(name: string, more?: Json): Promise<StandInToken>;
  stateOf(token: StandInToken): Promise<StandInToken['state']>;
  becomes(token: StandInToken, state: StandInToken['state'], timeoutMs?: number): Promise<StandInToken>;
  /** The accepted changes of one token at its provider. */
  mutationsOf(token: StandInToken): Promise<number>;
  /** Waits until slack-worker has finished all that was queued for it. */
  idle(timeoutMs?: number): Promise<void>;
  /** Everything that is written down or said: logs, queues, table (unpacked), messages, views, files. */
  everything(): Promise<unknown>;
  /** What the checker has against any message or view, with the message's first words. */
  faults(): Promise<readonly string[]>;
}

/** What stands where an answer will be, after two seconds of work: no answer. */
const SIGN_OF_LIFE = /^Received[:.] /;

/** All that a person reads in a message: its fallback and its blocks. */
export const wordsOf = (message: SlackMessage): string => `${message.text}\n${readAloud(message)}`;

/** Lets people talk in a sandbox. */
export function createTalk(sandbox: TestSandbox): Talk {
  const { slack } = sandbox.ready;
  const fitsTo = (fits: Fits | undefined) => (message: SlackMessage) =>
    fits === undefined
      ? !SIGN_OF_LIFE.test(message.text)
      : fits instanceof RegExp
        ? fits.test(wordsOf(message))
        : fits(message);
  const key = ({ channel, ts }: SlackMessage) => `${channel}:${ts}`;

  const talk: Talk = {
    // What is said in a thread answers no command.
    ask: (text, as, { where, fits } = {}) =>
      talk.next(
        () => sandbox.pat(text, as, where),
        (one) => one.threadTs === undefined && fitsTo(fits)(one),
      ),
    next: async (doing, fits, timeoutMs = 30_000) => {
      // An answer to what was done before must not be taken for the answer to this.
      await talk.idle();
      const before = new Set((await sandbox.messages()).map(key));
      await doing();
      return sandbox.until(
        `a new message${fits instanceof RegExp ? ` like ${fits}` : ''}`,
        async () => (await sandbox.messages()).find((one) => !before.has(key(one)) && fitsTo(fits)(one)),
        timeoutMs,
      );
    },
    reads: async (message, pattern, timeoutMs = 30_000) => {
      const look = async () => {
        const now = await talk.now(message);
        return pattern.test(wordsOf(now)) && now;
      };
      const waiting = sandbox.until(`"${message.text.slice(0, 80)}" to read ${pattern}`, look, timeoutMs);
      return waiting.catch(async (error: unknown) => {
        const [now, messages, logs] = await Promise.all([talk.now(message), sandbox.messages(), sandbox.logs()]);
        const since = messages.filter(({ ts }) => ts > message.ts).map(({ text }) => text);
        const lines = logs.slice(-20).map((line) => `${line.function}: ${line.text}`);
        throw new Error(
          `${String(error)}\nIt reads: ${wordsOf(now)}\nSaid since: ${since.join(' | ')}\nLogs:\n${lines.join('\n')}`,
        );
      });
    },
    now: async (message) => (await sandbox.messages()).find((one) => key(one) === key(message)) ?? message,
    press: async (message, words, as = 'admin', row) => {
      const { channel, ts } = message;
      const action = findAction(message.blocks, words, row);
      if (action === undefined) throw new Error(`nothing says "${words}" in: ${wordsOf(message).slice(0, 500)}`);
      return accepted(words, sandbox.post('slack/click', { userId: slack.users[as], channel, ts, action }));
    },
    pressIn: async ({ id, view }, words, as = 'admin') => {
      const action = findAction((view['blocks'] ?? []) as Json[], words);
      if (action === undefined) throw new Error(`nothing says "${words}" in the view`);
      return accepted(words, sandbox.post('slack/click', { userId: slack.users[as], viewId: id, action }));
    },
    view: (as, fits, timeoutMs) =>
      sandbox.until(
        `a view of ${as}`,
        async () => (await sandbox.views()).find((one) => one.userId === slack.users[as] && fits(one)),
        timeoutMs,
      ),
    submit: ({ id }, values, as = 'admin') =>
      accepted('submit', sandbox.post('slack/submit', { userId: slack.users[as], viewId: id, values })),
    send: async ({ headers, body }) => {
      const response = await fetch(slack.endpoint, { method: 'POST', headers, body });
      return { status: response.status, body: await response.text() };
    },
    sender: (as = 'admin', more = {}) => ({
      signingSecret: slack.signingSecret,
      userId: slack.users[as],
      channelId: slack.channels.security,
      responseUrl: `${slack.responseUrl}/${crypto.randomUUID()}`,
      ...more,
    }),
    mint: (name, more = {}) => sandbox.post('tokens', { provider: 'dfns', profile: 'dfns-demo', name, ...more }),
    stateOf: async ({ id }) => (await sandbox.tokens()).find((one) => one.id === id)?.state ?? 'deleted',
    becomes: (token, state, timeoutMs = 30_000) =>
      sandbox.until(
        `${token.name} to be ${state}`,
        async () => (await sandbox.tokens()).find((one) => one.id === token.id && one.state === state),
        timeoutMs,
      ),
    mutationsOf: async ({ id }) =>
      (await sandbox.calls()).filter(({ path, mutation }) => mutation && path.includes(id)).length,
    idle: async (timeoutMs) => {
      await sandbox.until(
        'slack-worker to have nothing left to do',
        async () => {
          const [history, logs] = await Promise.all([sandbox.history(), sandbox.logs()]);
          const jobs = history.filter(({ queue, deadLettered }) => /commands/i.test(queue) && !deadLettered).length;
          const ends = logs.filter(
            (line) =>
              line.function === 'slack-worker' && /"event":"job_(done|dropped|unknown|unreadable)"/.test(line.text),
          );
          return ends.length >= jobs;
        },
        timeoutMs,
      );
    },
    everything: async () => {
      const [logs, history, table, messages, views, files] = await Promise.all([
        sandbox.logs(),
        sandbox.history(),
        sandbox.get<readonly Json[]>('table'),
        sandbox.messages(),
        sandbox.views(),
        sandbox.get<unknown>('files'),
      ]);
      return { logs, history, table: table.map(readable), messages, views, files };
    },
    faults: async () => {
      const [messages, views] = await Promise.all([sandbox.messages(), sandbox.views()]);
      return [
        ...messages.flatMap((one) => checkBlocks(one.blocks).map((fault) => `${one.text.slice(0, 60)}: ${fault}`)),
        ...messages.filter(({ text }) => text.trim() === '').map(({ ts }) => `${ts}: no fallback text`),
        ...views.flatMap(({ view, callbackId }) => checkBlocks(view).map((fault) => `${callbackId}: ${fault}`)),
      ];
    },
  };
  return talk;
}

/** A press that the edge did not take would otherwise show only as a message that never changes. */
async function accepted(words: string, answering: Promise<SlackAnswer>): Promise<SlackAnswer> {
  const answer = await answering;
  if (answer.status !== 200) throw new Error(`"${words}" was answered with ${JSON.stringify(answer)}`);
  return answer;
}

/** An item of the table with its packed values as text, so that a search finds what is in them. */
function readable(item: Json): Json {
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => {
      const bytes = bytesOf(value);
      return [name, bytes === undefined ? value : unpack(bytes)];
    }),
  );
}

/** Bytes as JSON shows them: `{"0": 31, "1": 139, …}`. */
function bytesOf(value: unknown): Buffer | undefined {
  if (typeof value !== 'object' || value === null || !('0' in value) || !('1' in value)) return undefined;
  return Buffer.from(Object.values(value) as number[]);
}

/** The action of a button with these words, or of a menu's option; in a row whose text fits, if one is asked for. */
/** A button by its words, or by the first of them where it names its verb: "Approve" of "Approve delete". */
function isCalled(text: string | undefined, words: string): boolean {
  return text === words || (words === 'Approve' && text?.startsWith('Approve ') === true);
}

function findAction(blocks: readonly unknown[], words: string, row?: RegExp): Json | undefined {
  const all = (blocks as readonly Json[]).flatMap((block) => [block, ...((block['child_blocks'] as Json[]) ?? [])]);
  for (const block of all) {
    const isRow = row === undefined || row.test(block['text']?.text ?? '');
    const blockId = String(block['block_id'] ?? 'block');
    const elements = [...((block['elements'] as Json[] | undefined) ?? []), ...[block['accessory'] ?? []].flat()];
    for (const element of elements as Json[]) {
      const base = { type: element['type'], action_id: element['action_id'], block_id: blockId };
      if (isRow && isCalled(element['text']?.text, words))
        return { ...base, text: element['text'], value: element['value'] };
      const options = (element['options'] as Json[] | undefined) ?? [];
      // Of a menu over all rows, the one that names the row.
      const isOverRows = element['placeholder']?.text === words && row !== undefined;
      const option = isOverRows
        ? options.find((one) => row.test(one['text']?.text ?? ''))
        : options.find((one) => isRow && one['text']?.text === words);
      if (option !== undefined) return { ...base, selected_option: option };
    }
  }
  return undefined;
}
