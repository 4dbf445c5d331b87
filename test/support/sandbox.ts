import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PrintedLine } from '#infra/sandbox/lambda/cloud.ts';
import type { QueuedBody } from '#infra/sandbox/aws/queue-history.ts';
import type { Ready } from '#infra/sandbox/ready.ts';
import type { SlackAnswer } from '#infra/sandbox/slack/person.ts';
import type { SlackMessage } from '#infra/sandbox/slack/workspace.ts';
import type { SlackView } from '#infra/sandbox/slack/views.ts';
import type { Call, FaultSwitch, StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import { zipsWithPolicy } from './zips-with-policy.ts';

const START = join(import.meta.dirname, '../../infra/sandbox/start.ts');

type User = keyof Ready['slack']['users'];
type Channel = keyof Ready['slack']['channels'];

/** A sandbox in a process of its own, as `npm start` starts it, and its control calls with types. */
export interface TestSandbox {
  readonly ready: Ready;
  readonly pid: number;
  /** A GET on `/sandbox/<path>`. */
  get<T>(path: string): Promise<T>;
  /** A POST on `/sandbox/<path>`; rejects with the sandbox's words for anything but a 2xx. */
  post<T>(path: string, body?: unknown): Promise<T>;
  /** Types `/pat <text>`, signed. */
  pat(text: string, as?: User, where?: Channel): Promise<SlackAnswer>;
  /** Presses the element whose action id starts so, in the newest message that has one. */
  press(actionId: string, as?: User, within?: (message: SlackMessage) => boolean): Promise<SlackAnswer>;
  messages(): Promise<readonly SlackMessage[]>;
  views(): Promise<readonly SlackView[]>;
  tokens(): Promise<readonly StandInToken[]>;
  token(name: string): Promise<StandInToken>;
  calls(): Promise<readonly Call[]>;
  history(): Promise<readonly QueuedBody[]>;
  logs(): Promise<readonly PrintedLine[]>;
  fault(target: string, fault: FaultSwitch): Promise<unknown>;
  /** Waits until something is so, and gives it; rejects and says what was awaited. */
  until<T>(what: string, look: () => Promise<T | undefined | false>, timeoutMs?: number): Promise<T>;
  /** Waits for a message whose text fits. */
  said(pattern: RegExp, timeoutMs?: number): Promise<SlackMessage>;
  /** Sends a signal and waits for the end; gives the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

let requests = 0;

/** How many requests this process has made to sandboxes. */
export const requestsToSandboxes = (): number => requests;

const policyFiles = new Map<string, string>();

/** A file with the project's own policy but for the brake (a test file kills more than three tokens in ten minutes) and one change. */
export function widePolicy(change: (policy: string) => string = (policy) => policy): string {
  return policyFile(change(withWideBrake(readFileSync(new URL('../../infra/policy.yml', import.meta.url), 'utf8'))));
}

/** A file with this policy, the same for the same text, until the process ends. */
export function policyFile(text: string): string {
  const known = policyFiles.get(text);
  if (known !== undefined) return known;
  const folder = mkdtempSync(join(tmpdir(), 'patrol-wide-policy-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'policy.yml');
  writeFileSync(file, text);
  policyFiles.set(text, file);
  return file;
}

/** The same for an owner who lets an issuer's silence be enough: a provider that is down or limits answers no validity check. */
export const silencePolicy = (change: (policy: string) => string = (policy) => policy): string =>
  widePolicy((policy) => change(policy.replace(/(name: issuer-silent.*then: )ask/, '$1deactivate')));

/** Takes the brake off a policy's text. */
export function withWideBrake(policy: string): string {
  return policy
    .replace(/brake: \{ kills: \d+/, 'brake: { kills: 1000')
    .replace(/flood: \{ cards: \d+/, 'flood: { cards: 1000');
}

/** The variable that names a folder of zips with the policy of `widePolicy()`, where they were built once for a whole run. */
export const BUILT_ONCE = 'PATROL_BUILT_ONCE';

/** What a sandbox runs unless it is told: the project's own functions, under the wide policy. */
function ownFunctions(args: readonly string[]): readonly string[] {
  if (args.includes('--profiles')) return [];
  const zips = args.includes('--zips') ? undefined : process.env[BUILT_ONCE];
  const given = args[args.indexOf('--policy') + 1];
  if (given === undefined || !args.includes('--policy'))
    return ['--policy', widePolicy(), ...(zips === undefined ? [] : ['--zips', zips])];
  return zips === undefined ? [] : ['--zips', given === widePolicy() ? zips : zipsWithPolicy(zips, given)];
}

/** Starts a sandbox on a free port and waits until everything answers. The second list is for Node, of its own process alone. */
export async function startTestSandbox(
  args: readonly string[] = ['--no-page'],
  nodeOptions: readonly string[] = [],
): Promise<TestSandbox> {
  const given = [...nodeOptions, START, '--port', '0', '--json', ...ownFunctions(args), ...args];
  const child = spawn(process.execPath, given, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ready = await readReady(child);
  const at = (path: string) => {
    requests += 1;
    return `${ready.url}/sandbox/${path}`;
  };
  const read = async <T>(response: Response): Promise<T> => {
    const answer = (await response.json()) as T & { error?: string };
    if (!response.ok) throw new Error(`${response.url}: ${answer.error ?? response.status}`);
    return answer;
  };
  const known = new Map<string, { readonly etag: string; readonly answer: unknown }>();
  // Asked again and again until something is so: what has not changed is neither sent nor read once more.
  const get = async <T>(path: string): Promise<T> => {
    const before = known.get(path);
    const response = await fetch(at(path), { headers: { 'if-none-match': before?.etag ?? '' } });
    if (response.status === 304) return before?.answer as T;
    const answer = await read<T>(response);
    known.set(path, { etag: response.headers.get('etag') ?? '', answer });
    return answer;
  };
  const post = async <T>(path: string, body: unknown = {}): Promise<T> =>
    read<T>(await fetch(at(path), { method: 'POST', body: JSON.stringify(body) }));

  const sandbox: TestSandbox = {
    ready,
    pid: child.pid!,
    get,
    post,
    pat: (text, as = 'admin', where = 'security') =>
      post('slack/command', { userId: ready.slack.users[as], channel: ready.slack.channels[where], text }),
    press: async (actionId, as = 'admin', within = () => true) => {
      const found = (await sandbox.messages())
        .filter((message) => message.deleted === undefined && within(message))
        .toReversed()
        .flatMap((message) =>
          elementsOf(message)
            .filter(({ element }) => String(element['action_id']).startsWith(actionId))
            .map((each) => ({ message, ...each })),
        )[0];
      if (found === undefined) throw new Error(`nobody can press ${actionId}`);
      const { message, element, blockId } = found;
      const action = {
        type: element['type'],
        action_id: element['action_id'],
        block_id: blockId,
        value: element['value'],
        text: element['text'],
      };
      return post('slack/click', { userId: ready.slack.users[as], channel: message.channel, ts: message.ts, action });
    },
    messages: () => get('messages'),
    views: () => get('views'),
    tokens: () => get('tokens'),
    token: async (name) => {
      const token = (await sandbox.tokens()).find((each) => each.name === name);
      if (token === undefined) throw new Error(`no token ${name}`);
      return token;
    },
    calls: () => get('provider-calls'),
    history: () => get('queue-history'),
    logs: () => get('logs'),
    fault: (target, fault) => post('fault', { target, ...fault }),
    until: async (what, look, timeoutMs = 20_000) => {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const found = await look();
        if (found !== undefined && found !== false) return found;
        if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
        await sleep(50);
      }
    },
    said: (pattern, timeoutMs) =>
      sandbox.until(
        `a message like ${pattern}`,
        async () => (await sandbox.messages()).find(({ text }) => pattern.test(text)),
        timeoutMs,
      ),
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null) return child.exitCode;
      child.kill(signal);
      const [code] = (await once(child, 'exit')) as [number | null];
      return code;
    },
  };
  return sandbox;
}

type Json = Readonly<Record<string, any>>;

/** Everything in a message that can be used, with the id of its block. */
function elementsOf({ blocks }: SlackMessage): { readonly element: Json; readonly blockId: string }[] {
  return (blocks as Json[]).flatMap((block, index) =>
    [
      ...((block['elements'] as Json[] | undefined) ?? []),
      ...(block['accessory'] === undefined ? [] : [block['accessory'] as Json]),
    ]
      .filter((element) => element['action_id'] !== undefined)
      .map((element) => ({ element, blockId: String(block['block_id'] ?? `b${index}`) })),
  );
}

async function readReady(child: ChildProcess): Promise<Ready> {
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const line = Promise.withResolvers<string>();
  createInterface({ input: child.stdout! }).once('line', line.resolve);
  child.once('exit', (code) => line.reject(new Error(`the sandbox ended with ${code}: ${complaint}`)));
  return JSON.parse(await line.promise) as Ready;
}
