import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Call, StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import '#test/support/contain-no-secret.ts';
import { silencePolicy, startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';
import { createTalk, type Talk, wordsOf } from '#test/support/slack-talk.ts';

let sandbox: TestSandbox;
let talk: Talk;
let driver: AlertDriver;

beforeAll(async () => {
  sandbox = await startTestSandbox(['--no-page', '--policy', silencePolicy()]);
  talk = createTalk(sandbox);
  driver = createAlertDriver(sandbox);
});
afterEach(async () => {
  for (const target of ['dfns', 'langsmith', 'slack', 'dynamodb', 'secrets', 'sqs']) {
    await sandbox.fault(target, { mode: 'none' });
  }
  expect(await talk.faults()).toEqual([]);
});
afterAll(async () => {
  expect(await driver.everything()).toContainNoSecret((await sandbox.tokens()).map(({ secret }) => secret));
  await sandbox.stop();
});

const MOMENTS = ['before-effect', 'after-effect', 'before-reply'] as const;
type Moment = (typeof MOMENTS)[number];
type Act = (token: StandInToken) => Promise<unknown>;

/** Kills a function at a moment of its work; resolves when that has happened. */
async function killed(
  worker: 'slack-worker' | 'alert-worker',
  at: Moment,
  token: StandInToken,
  act: Act,
): Promise<void> {
  const struck = async () => {
    const calls = [...(await sandbox.get<readonly Call[]>('slack-calls')), ...(await sandbox.calls())];
    return calls.filter(({ status, path, mutation }) => status === 0 || (mutation && path.includes(token.id))).length;
  };
  const before = await struck();
  await sandbox.post('crash', { function: worker, at });
  await act(token);
  await sandbox.until(`the ${worker} to be killed ${at}`, async () => (await struck()) > before, 30_000);
}

/** Every message that speaks of a token, whoever sees it. */
const about = async (name: string) => (await sandbox.messages()).filter((message) => wordsOf(message).includes(name));
/** Changes of a token that its provider was asked for since. */
const since = async (token: StandInToken, before: number) => (await talk.mutationsOf(token)) - before;

describe.each(MOMENTS)('a worker that is killed %s', (at) => {
  it('deactivates once, and says so once and truly', async () => {
    const token = await talk.mint(`off-${at}`);
    await killed('slack-worker', at, token, ({ id }) => sandbox.pat(`deactivate ${id}`, 'operator'));
    await sandbox.said(new RegExp(`^Deactivated: .*${token.name}`), 50_000);
    expect(await talk.stateOf(token)).toBe('inactive');
    expect(await talk.mutationsOf(token)).toBe(1);
    expect((await about(token.name)).map(({ text }) => text)).toEqual([expect.not.stringContaining('already')]);
  });

  it('brings back once, and says so once and truly', async () => {
    const token = await talk.mint(`on-${at}`);
    await talk.ask(`deactivate ${token.id}`, 'operator');
    const before = await talk.mutationsOf(token);
    await killed('slack-worker', at, token, ({ id }) => sandbox.pat(`activate ${id}`, 'operator'));
    await sandbox.said(new RegExp(`^Active again: .*${token.name}`), 50_000);
    expect(await talk.stateOf(token)).toBe('active');
    expect(await since(token, before)).toBe(1);
  });

  it('deletes once, and says so once and truly, although nothing is found by the name any more', async () => {
    const token = await talk.mint(`gone-${at}`);
    const question = await talk.ask(`delete ${token.name}`, 'admin', {
      fits: /Nothing has been done yet|cannot be undone/,
    });
    await killed('slack-worker', at, token, () => talk.press(question, 'Yes, delete', 'admin'));
    await talk.reads(question, new RegExp(`Deleted: .*${token.name}`), 50_000);
    expect(await talk.mutationsOf(token)).toBe(1);
  });

  it('kills a leaked token once, and has one card that says so', async () => {
    const token = await driver.issue('langsmith', `leaked-${at}`);
    await killed('alert-worker', at, token, (leaked) => driver.report('gitleaks', leaked));
    await driver.card(token.name, /Deactivated, confirmed\./, 50_000);
    expect(await driver.stateOf(token)).toBe('inactive');
    expect(await driver.mutationsOf(token)).toBe(1);
    expect(await driver.cards(token.name)).toHaveLength(1);
  });
});

/** What a person reads while a provider is so, and whether it is done by itself when that is over. */
const TROUBLE = [
  ['down', /NOT deactivated yet.*tries again by itself/s, true],
  ['hang', /NOT deactivated yet.*tries again by itself/s, true],
  ['500', /NOT deactivated yet.*tries again by itself/s, true],
  ['429', /NOT deactivated yet.*tries again by itself/s, true],
  ['html', /NOT deactivated yet.*tries again by itself/s, true],
  ['401', /refused our credential/s, false],
  ['202', /NOT deactivated yet.*waits for an approval/s, false],
  ['slow', /^Deactivated: /, false],
] as const;

describe.each(['dfns', 'langsmith'] as const)('a kill while %s', (provider) => {
  it.each(TROUBLE)('is %s: never more than is so, and done when it can be', async (mode, words, isDoneLater) => {
    const profile = `${provider}-demo`;
    const token = await talk.mint(`${provider}-${mode}`, { provider, profile });
    await sandbox.fault(provider, { mode });
    await sandbox.pat(`deactivate ${token.id}`, 'operator');
    const said = await sandbox.until(
      `words while ${provider} is ${mode}`,
      async () => (await sandbox.messages()).find((one) => wordsOf(one).includes(token.id) && words.test(wordsOf(one))),
      40_000,
    );
    const isOver = await talk.stateOf(token);
    expect(isOver).toBe(mode === 'slow' ? 'inactive' : 'active');
    await sandbox.fault(provider, { mode: 'none' });
    if (!isDoneLater) return;
    await talk.reads(said, /^Deactivated: /, 50_000);
    expect(await talk.stateOf(token)).toBe('inactive');
    expect(await talk.mutationsOf(token)).toBe(1);
  });
});

describe('a leaked token while Slack', () => {
  it.each(['down', 'hang', '401', '429', '500', 'html'] as const)(
    'is %s: is dead all the same, and has one card that says so when it can',
    async (mode) => {
      const token = await driver.issue('dfns', `slack-${mode}`);
      await sandbox.fault('slack', { mode });
      await driver.report('trufflehog', token);
      await talk.becomes(token, 'inactive', 30_000);
      expect(await about(token.name)).toEqual([]);
      await sandbox.fault('slack', { mode: 'none' });
      await driver.card(token.name, /Deactivated, confirmed\./, 70_000);
      expect(await driver.cards(token.name)).toHaveLength(1);
      expect(await driver.mutationsOf(token)).toBe(1);
    },
  );
});

describe('a leaked token while the record', () => {
  it.each(['down', 'hang', '429', '500', 'html'] as const)(
    'is %s: is not touched unrecorded, and is dead and told when it can be',
    async (mode) => {
      const token = await driver.issue('langsmith', `record-${mode}`);
      await sandbox.fault('dynamodb', { mode });
      const failures = async () =>
        (await sandbox.logs()).filter(({ text }) => text.includes('store_unavailable')).length;
      const before = await failures();
      await driver.report('gitleaks', token);
      await sandbox.until('an attempt to fail', async () => (await failures()) > before, 40_000);
      expect(await talk.stateOf(token)).toBe('active');
      await sandbox.fault('dynamodb', { mode: 'none' });
      await driver.card(token.name, /Deactivated, confirmed\./, 70_000);
      expect(await driver.mutationsOf(token)).toBe(1);
    },
  );
});
