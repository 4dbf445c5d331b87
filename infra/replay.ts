import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';
import { loadPolicy } from './policy.ts';
import { startSandbox } from './sandbox/sandbox.ts';
import { readCommandLine, readText, runMain, Stop } from './command-line.ts';
import { RECORDED_SOURCES, signRecorded } from './sandbox/senders/alert-senders.ts';
import type { SigningSecret } from './sandbox/senders/sender.ts';

const USAGE = `npm run replay -- <folder or file> --source NAME [options]

Signs each recorded payload as its sender would, sends it and prints what became of it.

  --source NAME   ${RECORDED_SOURCES.join(', ')}
  --ready FILE    to a running sandbox: the line that "npm start -- --json" has printed
  --url URL       to a deployed Patrol: its alerts address, e.g. https://….amazonaws.com/alerts;
                  the secret is read from the environment variable PATROL_ALERT_SECRET
  --fail-on-change   exit with 1 when a provider was changed (sandbox only)

Without --ready and --url a sandbox is started for it and stopped afterwards.
`;

/** Where payloads are sent, and where the sandbox tells what came of them. */
interface Target {
  readonly endpoint: string;
  readonly secret: SigningSecret;
  /** The sandbox's own address; absent for a deployed Patrol, which only answers with a status. */
  readonly sandbox?: string;
}

const partnerSchema = z.object({ keyIdentifier: z.string(), privateKeyPem: z.string() });
const snsSchema = z.object({ topicArn: z.string(), privateKeyPem: z.string(), signingCertUrl: z.string() });
const secretSchema = z.union([z.string().min(1), partnerSchema, snsSchema]);
const readySchema = z.object({
  url: z.url(),
  alerts: z.object({ endpoint: z.url(), secrets: z.record(z.string(), z.unknown()) }),
});

/** Finds the sandbox's line in a file; what npm prints around it is passed over. */
function readReady(file: string): unknown {
  const lines = readText(file).split('\n');
  const line = lines.find((each) => each.trimStart().startsWith('{'));
  return line === undefined ? undefined : parse(line);
}

function targetOf(ready: unknown, source: string): Target {
  const parsed = readySchema.safeParse(ready);
  if (!parsed.success) throw new Stop('--ready: this is not the line that "npm start -- --json" prints.');
  const { url, alerts } = parsed.data;
  const secret = secretSchema.safeParse(alerts.secrets[source]);
  if (!secret.success) throw new Stop(`The sandbox has no secret for ${source}.`);
  return { endpoint: alerts.endpoint, secret: secret.data, sandbox: url };
}

function deployedTarget(url: string, source: string): Target {
  if (!URL.canParse(url)) throw new Stop('--url must be a URL.');
  const given = process.env['PATROL_ALERT_SECRET'];
  if (given === undefined || given === '') throw new Stop('Put the secret into PATROL_ALERT_SECRET.');
  const isJson = source === 'github-partner' || source === 'sns';
  const secret = secretSchema.safeParse(isJson ? parse(given) : given);
  if (!secret.success) throw new Stop(`PATROL_ALERT_SECRET: not in the form that ${source} signs with.`);
  return { endpoint: url.replace(/\/$/, ''), secret: secret.data };
}

function filesIn(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/(^|[\\/])\.|\.md$/.test(name))
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile())
    .toSorted();
}

const ANSWERS: Readonly<Record<number, string>> = {
  200: 'nothing to do',
  202: 'queued',
  204: 'taken',
  400: 'not readable',
  401: 'refused',
  404: 'no such source',
  429: 'asked to come again',
  503: 'asked to come again',
};

const logSchema = z.object({ event: z.string(), result: z.string().optional(), caseId: z.string().optional() });

async function ask(sandbox: string, what: string): Promise<unknown> {
  const response = await fetch(`${sandbox}/sandbox/${what}`);
  return response.json();
}

const ENDINGS: Readonly<Record<string, string>> = {
  sns_confirmed: 'subscription confirmed',
  job_dropped: 'given up for good, see the log',
};

/** How the worker's jobs have ended so far, in order, as its log tells. */
async function ended(sandbox: string): Promise<readonly string[]> {
  const printed = z.array(z.unknown()).parse(await ask(sandbox, 'logs'));
  return printed.flatMap((line) => {
    const fields = logSchema.safeParse(parse(typeof line === 'string' ? line : JSON.stringify(line)));
    if (!fields.success) return [];
    const { event, caseId, result } = fields.data;
    return event === 'leak_handled' ? [`${caseId ?? ''} ${result ?? ''}`] : (ENDINGS[event] ?? []);
  });
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    // A line may come wrapped with the name of the function that printed it.
    if (typeof value !== 'object' || value === null || 'event' in value) return value;
    const inner: unknown = Object.values(value).find((each) => typeof each === 'string' && each.startsWith('{'));
    return typeof inner === 'string' ? JSON.parse(inner) : value;
  } catch {
    return undefined;
  }
}

async function changes(sandbox: string): Promise<number> {
  const calls = z.array(z.object({ mutation: z.boolean() })).parse(await ask(sandbox, 'provider-calls'));
  return calls.filter(({ mutation }) => mutation).length;
}

async function jobs(sandbox: string): Promise<number> {
  return z.array(z.unknown()).parse(await ask(sandbox, 'queue-history')).length;
}

/** Waits until as many jobs were handled as a delivery has queued; a worker that takes longer is told as still working. */
async function becameOf(sandbox: string, before: { readonly jobs: number; readonly ended: number }): Promise<string> {
  const queued = (await jobs(sandbox)) - before.jobs;
  if (queued === 0) return '';
  for (let waited = 0; waited < 20_000; waited += 100) {
    const cases = (await ended(sandbox)).slice(before.ended);
    if (cases.length >= queued) return ` → ${[...new Set(cases)].join(', ')}`;
    await pause(100);
  }
  return ' → still being worked on';
}

async function send(file: string, source: string, target: Target): Promise<string> {
  const { sandbox } = target;
  const before =
    sandbox === undefined ? undefined : { jobs: await jobs(sandbox), ended: (await ended(sandbox)).length };
  const { path, headers, body } = signRecorded(source, readFileSync(file), { secret: target.secret, at: new Date() });
  const response = await fetch(`${target.endpoint}${path.replace(/^\/alerts/, '')}`, {
    method: 'POST',
    headers,
    body,
    redirect: 'manual',
  });
  await response.body?.cancel();
  const answer = `${response.status} ${ANSWERS[response.status] ?? 'unexpected'}`;
  return sandbox === undefined || before === undefined ? answer : `${answer}${await becameOf(sandbox, before)}`;
}

async function replay(path: string, source: string, target: Target): Promise<number> {
  const start = target.sandbox === undefined ? 0 : await changes(target.sandbox);
  const folder = statSync(path).isDirectory() ? path : join(path, '..');
  for (const file of filesIn(path)) console.log(`${relative(folder, file)}: ${await send(file, source, target)}`);
  if (target.sandbox === undefined) return 0;
  const changed = (await changes(target.sandbox)) - start;
  console.log(`Changes at providers: ${changed}.`);
  return changed;
}

async function withOwnSandbox(source: string, work: (target: Target) => Promise<number>): Promise<number> {
  const sandbox = await startSandbox({ port: 0, policy: loadPolicy(), page: false, rttMs: 0 });
  try {
    return await work(targetOf(sandbox.ready, source));
  } finally {
    await sandbox.close();
  }
}

async function main(): Promise<void> {
  const { values, positionals } = readCommandLine({
    usage: USAGE,
    options: {
      source: { type: 'string' },
      ready: { type: 'string' },
      url: { type: 'string' },
      'fail-on-change': { type: 'boolean', default: false },
    },
    words: 1,
  });
  const { source, ready, url } = values;
  const [path] = positionals;
  if (path === undefined || source === undefined) throw new Stop(USAGE.trimEnd());
  if (!RECORDED_SOURCES.includes(source))
    throw new Stop(`There is no source ${source}; there are ${RECORDED_SOURCES.join(', ')}.`);
  if (!existsSync(path)) throw new Stop(`${path}: there is no such file or folder.`);
  if (filesIn(path).length === 0) throw new Stop(`${path}: there is nothing to send in it.`);
  const work = (target: Target) => replay(path, source, target);
  const changed =
    ready !== undefined
      ? await work(targetOf(readReady(ready), source))
      : url !== undefined
        ? await work(deployedTarget(url, source))
        : await withOwnSandbox(source, work);
  if (values['fail-on-change'] && changed > 0) process.exitCode = 1;
}

await runMain(main);
