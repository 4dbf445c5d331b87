import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import { defined } from '#shared/core/defined.ts';
import type { SlackMessage } from '#infra/sandbox/slack/workspace.ts';
import { type AlertDriver, createAlertDriver } from './alert-driver.ts';
import './contain-no-secret.ts';
import { silencePolicy, startTestSandbox, type TestSandbox } from './sandbox.ts';
import { wordsOf } from './slack-talk.ts';

/** What can happen to a neighbour. A provider may also answer 202, which is no yes. */
export const AILMENTS = ['down', 'slow', 'hang', 'half', '401', '429', '500', 'html'] as const;
export type Ailment = (typeof AILMENTS)[number] | '202';

/**
 * After how long something that never comes is called so. A row waits for what is said and so, not for this: on a machine with
 * nothing else to do none takes a minute, on one that has too much they take as long as they need.
 */
export const PATIENCE_MS = 170_000;
/** A sender tries again when it is told that we are in trouble, as an edge is that starts on a crowded machine. */
const SENT_AGAIN_MS = 1000;

const NEIGHBOURS = ['dfns', 'langsmith', 'github', 'slack', 'dynamodb', 'secrets', 'sqs'] as const;
export type Neighbour = (typeof NEIGHBOURS)[number];

/** The one sandbox that all rows of a file share; each has a token of its own. */
export interface BadDay {
  readonly sandbox: TestSandbox;
  readonly driver: AlertDriver;
  /** The secrets that were reported so far. */
  readonly leaked: readonly string[];
  /** Makes a neighbour ail until `well`. */
  ail(neighbour: Neighbour, mode: Ailment): Promise<void>;
  well(): Promise<void>;
  /** Sends an alert as a scanner does: again, until it is told that we have it. */
  heard(alert: Parameters<AlertDriver['deliver']>[0]): Promise<void>;
  /** Messages that speak of something now, whoever sees them. */
  about(words: string): Promise<readonly SlackMessage[]>;
  /** Kills a function at a moment of what is done then; resolves when that has happened. */
  killed(name: string, at: string, doing: () => Promise<unknown>): Promise<void>;
  /** Expects that no message claims of a token what its provider does not say. */
  expectTruth(token: StandInToken): Promise<void>;
}

/** Half of the rows, of each moment and each ailment about as many, where `CHAOS=half` asks for it; otherwise all. */
export function rows<T>(all: readonly T[]): readonly T[] {
  return process.env['CHAOS'] === 'half' ? all.filter((_, place) => place % 2 === Math.floor(place / 6) % 2) : all;
}

/** Every combination. */
export function matrix<A, B>(left: readonly A[], right: readonly B[]): readonly (readonly [A, B])[] {
  return left.flatMap((one) => right.map((other) => [one, other] as const));
}

/** Starts the sandbox of a file's rows; after each the neighbours are well again, and every message has been valid. */
export function openBadDay(): () => BadDay {
  let day: BadDay | undefined;
  beforeAll(async () => {
    const sandbox = await startTestSandbox(['--no-page', '--policy', silencePolicy()]);
    day = createBadDay(sandbox);
  });
  afterEach(async () => {
    await day!.well();
    expect(await day!.driver.faults()).toEqual([]);
  });
  afterAll(async () => {
    expect(await day!.driver.everything()).toContainNoSecret(day!.leaked);
    await day!.sandbox.stop();
  });
  return () => day!;
}

function createBadDay(sandbox: TestSandbox): BadDay {
  const all = createAlertDriver(sandbox);
  const leaked: string[] = [];
  const leakOf: AlertDriver['leakOf'] = (token, more) => {
    leaked.push(token.secret);
    return all.leakOf(token, more);
  };
  const heard: BadDay['heard'] = async ({ github, ...alert }) => {
    let given = github;
    await sandbox.until(
      'an alert to be heard',
      async () => {
        const { status } = await all.deliver({ ...alert, ...defined({ github: given }) });
        given = undefined;
        return status < 300 || sleep(SENT_AGAIN_MS, false);
      },
      PATIENCE_MS,
    );
  };
  const report: AlertDriver['report'] = async (sender, token, options) => {
    await heard(all.sign(sender, leakOf(token), options));
    return { status: 202, body: '' };
  };
  const driver: AlertDriver = { ...all, leakOf, report };
  const about = async (words: string) =>
    (await sandbox.messages()).filter((one) => one.deleted === undefined && wordsOf(one).includes(words));
  return {
    sandbox,
    driver,
    leaked,
    heard,
    about,
    ail: async (neighbour, mode) => void (await sandbox.fault(neighbour, { mode })),
    well: async () => {
      for (const neighbour of NEIGHBOURS) await sandbox.fault(neighbour, { mode: 'none' });
    },
    killed: async (name, at, doing) => {
      const struck = async () => (await sandbox.get<readonly unknown[]>('crashes')).length;
      const before = await struck();
      await sandbox.post('crash', { function: name, at });
      await doing();
      await sandbox.until(`${name} to be killed ${at}`, async () => (await struck()) > before, PATIENCE_MS);
    },
    expectTruth: async (token) => {
      const state = await driver.stateOf(token);
      const claims = (await about(token.name)).map(({ text }) => text);
      if (state !== 'inactive') for (const text of claims) expect(text).not.toMatch(/^Deactivated: /);
      if (state !== 'deleted') for (const text of claims) expect(text).not.toMatch(/^Deleted: /);
    },
  };
}
