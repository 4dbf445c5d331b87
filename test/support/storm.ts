import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { SignedAlert } from '#infra/sandbox/senders/sender.ts';
import type { Call, StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import { defined } from '#shared/core/defined.ts';
import { unpack } from '#shared/store/dynamo/packed.ts';
import type { Case } from '#shared/store/store.ts';
import { createAlertDriver } from './alert-driver.ts';
import type { TestSandbox } from './sandbox.ts';
import { wordsOf } from './slack-talk.ts';

export interface Storm {
  /** What its tokens are called, where there are several storms. */
  readonly name?: string;
  /** Whose the tokens of LangSmith are, in turn; without any, all are one person's. */
  readonly owners?: readonly string[];
  /** Alerts in all; every token is reported twice. */
  readonly alerts: number;
  /** How long both providers answer 429 from the first alert on, in seconds. */
  readonly limitedSeconds: number;
  /** How long Slack does. */
  readonly slackLimitedSeconds: number;
  /** How many alerts are sent at a time. */
  readonly atOnce: number;
  /** How many are sent a second; without it, as fast as they are taken. */
  readonly perSecond?: number;
  readonly timeoutMs: number;
}

/** What a storm did. Times in milliseconds from when the first alert of a token was taken to the confirmed kill. */
export interface Aftermath {
  readonly tokens: number;
  readonly accepted: number;
  readonly acceptedAfterMs: number;
  readonly lastKillMs: number;
  readonly quietAfterMs: number;
  readonly p50: number;
  readonly p95: number;
  readonly longest: number;
  /** Calls to providers, and to Slack, that were answered; and those that were told to come later. */
  readonly providerCalls: number;
  readonly slackCalls: number;
  readonly limited: number;
  /** Calls to the table. */
  readonly tableCalls: number;
  /** Sentences about everything that is not as it must be; empty when all is right. */
  readonly wrong: readonly string[];
}

/** Senders that sign by themselves, so that the storm is bound by Patrol and not by GitHub's side of an alert. */
const SENDERS: readonly string[] = ['generic', 'gitleaks', 'trufflehog', 'gitlab', 'sns', 'github-partner'];

interface Struck {
  readonly token: StandInToken;
  /** How many reports its case must count: a delivery that is sent twice is one report. */
  readonly reports: number;
  /** Signed when they are sent first: a signature is soon too old. */
  readonly alerts: readonly (() => SignedAlert)[];
}

/** Prepares a storm and lets it loose. */
export async function runStorm(sandbox: TestSandbox, storm: Storm): Promise<Aftermath> {
  return (await prepareStorm(sandbox, storm))();
}

/**
 * Issues the tokens of a storm, a fifth of Dfns and the rest of LangSmith; what it gives reports each twice: every other one by
 * two scanners, the rest by the very same delivery. All at once, while both providers and Slack refuse for a while. Then it looks
 * at every token, case and card.
 */
export async function prepareStorm(sandbox: TestSandbox, storm: Storm): Promise<() => Promise<Aftermath>> {
  const { name = 'storm', owners = [] } = storm;
  const driver = createAlertDriver(sandbox);
  const struck: Struck[] = [];
  for (let nth = 0; nth < storm.alerts / 2; nth += 1) {
    const owner = owners[nth % owners.length];
    const provider = nth % 5 === 0 ? 'dfns' : 'langsmith';
    const token = await driver.issue(provider, `${name} ${nth}`, provider === 'dfns' ? {} : defined({ owner }));
    const leak = driver.leakOf(token);
    const [first = 'generic', second = 'gitleaks'] = [
      SENDERS[nth % SENDERS.length],
      SENDERS[(nth + 1) % SENDERS.length],
    ];
    const alert = signedOnce(() => driver.sign(first, leak));
    const isTwoScanners = nth % 2 === 1;
    struck.push({
      token,
      reports: isTwoScanners ? 2 : 1,
      alerts: isTwoScanners ? [alert, () => driver.sign(second, leak)] : [alert, alert],
    });
  }
  return () => letLoose(sandbox, storm, struck);
}

function signedOnce(sign: () => SignedAlert): () => SignedAlert {
  let signed: SignedAlert | undefined;
  return () => (signed ??= sign());
}

async function letLoose(sandbox: TestSandbox, storm: Storm, struck: readonly Struck[]): Promise<Aftermath> {
  const driver = createAlertDriver(sandbox);
  const gate = pLimit(storm.atOnce);
  // Those of one token come one after the other, but many others lie between: as two scanners would send them.
  const deliveries = [...struck.map(({ alerts }) => alerts[0]!), ...struck.map(({ alerts }) => alerts[1]!)];
  const limit = (mode: '429' | 'none') =>
    Promise.all(['dfns', 'langsmith'].map((target) => sandbox.fault(target, { mode, retryAfterSeconds: 2 })));

  if (storm.limitedSeconds > 0) await limit('429');
  const startedAt = Date.now();
  const passing = sleep(storm.limitedSeconds * 1000).then(() => limit('none'));
  const slack = (mode: '429' | 'none') => sandbox.fault('slack', { mode, retryAfterSeconds: 1 });
  if (storm.slackLimitedSeconds > 0) await slack('429');
  const slackPassing = sleep(storm.slackLimitedSeconds * 1000).then(() => slack('none'));
  const { perSecond = Infinity } = storm;
  const answers = await Promise.all(
    deliveries.map(async (alert, nth) => {
      await sleep((nth * 1000) / perSecond);
      return gate(() => driver.deliver(alert()));
    }),
  );
  const acceptedAfterMs = Date.now() - startedAt;
  await Promise.all([passing, slackPassing]);
  await driver.quiet(storm.timeoutMs);
  const quietAfterMs = Date.now() - startedAt;

  const tableCalls = await countTableCalls(sandbox);
  const [cases, providerCalls, slackCalls] = await Promise.all([
    readCases(sandbox),
    sandbox.calls(),
    sandbox.get<readonly Call[]>('slack-calls'),
  ]);
  const answered = (calls: readonly Call[]) => calls.filter(({ status }) => status > 0 && status < 300).length;
  const lived = struck.flatMap(({ token }) => {
    const { receipt, openedAt } = cases.get(token.id) ?? {};
    return receipt === undefined || openedAt === undefined
      ? []
      : [Date.parse(receipt.confirmedAt) - Date.parse(openedAt)];
  });
  const kills = [...cases.values()].flatMap(({ receipt }) =>
    receipt === undefined ? [] : [Date.parse(receipt.confirmedAt)],
  );
  const sorted = lived.toSorted((left, right) => left - right);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return {
    tokens: struck.length,
    accepted: answers.filter(({ status }) => status < 300).length,
    acceptedAfterMs,
    lastKillMs: Math.max(...kills) - startedAt,
    quietAfterMs,
    p50: at(0.5),
    p95: at(0.95),
    longest: at(1),
    providerCalls: answered(providerCalls),
    slackCalls: answered(slackCalls),
    limited: [...providerCalls, ...slackCalls].filter(({ status }) => status === 429).length,
    tableCalls,
    wrong: await findWrong(sandbox, struck, cases),
  };
}

/** How often the functions have called the table so far. */
async function countTableCalls(sandbox: TestSandbox): Promise<number> {
  const counts = await sandbox.get<Readonly<Record<string, number>>>('table-calls');
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

interface Item {
  readonly pk: string;
  /** Text, or compressed bytes as JSON shows them: `{"0": 31, …}`. */
  readonly body?: string | Readonly<Record<string, number>>;
}

/** Every case that has a token, by the token's id. */
async function readCases(sandbox: TestSandbox): Promise<ReadonlyMap<string, Case>> {
  const items = (await sandbox.get<readonly Item[]>('table')).filter(({ pk }) => pk.startsWith('case#'));
  const cases = items.map(({ body }) =>
    unpack<Case>(typeof body === 'object' ? Buffer.from(Object.values(body)) : body),
  );
  return new Map(cases.flatMap((kase) => (kase?.token === undefined ? [] : [[kase.token.id, kase]])));
}

async function findWrong(
  sandbox: TestSandbox,
  struck: readonly Struck[],
  cases: ReadonlyMap<string, Case>,
): Promise<readonly string[]> {
  const driver = createAlertDriver(sandbox);
  const [tokens, calls, cards, dead] = await Promise.all([
    sandbox.tokens(),
    sandbox.calls(),
    driver.cards(),
    driver.dead(),
  ]);
  const states = new Map(tokens.map(({ id, state }) => [id, state]));
  // What people ask for meanwhile is about other tokens.
  const ids = struck.map(({ token }) => token.id);
  const mutations = calls.flatMap(({ mutation, path }) =>
    mutation && ids.some((id) => path.includes(id)) ? [path] : [],
  );
  const words = cards.map(wordsOf);
  return [
    ...(dead === 0 ? [] : [`${dead} messages are in a dead-letter queue`]),
    ...(mutations.length === struck.length ? [] : [`${mutations.length} changes for ${struck.length} tokens`]),
    ...struck.flatMap(({ token: { id, name }, reports }) => {
      const kase = cases.get(id);
      const changed = mutations.filter((path) => path.includes(id)).length;
      const told = words.filter((text) => new RegExp(`\\b${name}\\b`).test(text));
      return [
        states.get(id) === 'inactive' ? [] : [`${name} is ${states.get(id)}`],
        changed === 1 ? [] : [`${name} was changed ${changed} times`],
        kase?.state === 'dead' ? [] : [`the case of ${name} is ${kase?.state}`],
        kase?.count === reports ? [] : [`the case of ${name} counts ${kase?.count} reports, not ${reports}`],
        told.length === 1 ? [] : [`${name} has ${told.length} cards`],
        told.every((text) => /Deactivated, confirmed\./.test(text))
          ? []
          : [`the card of ${name} does not say that it is dead`],
      ].flat();
    }),
  ];
}
