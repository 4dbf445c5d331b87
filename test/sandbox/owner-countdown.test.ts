import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { startTestSandbox, type TestSandbox, widePolicy } from '#test/support/sandbox.ts';
import { wordsOf } from '#test/support/slack-talk.ts';

// It is a real minute: both suites wait for it at the same time.

/** A policy by which a proved leak asks, and whose owners get the shortest time that there is. */
const policy = (afterWait: 'ask' | 'deactivate') =>
  widePolicy((text) =>
    text
      .replace(/(name: proved, .*then: )deactivate/, '$1ask')
      .replace(/^alerts:\n/m, `alerts:\n  owner: { waitMinutes: 1, afterWait: ${afterWait} }\n`),
  );
const OVER_MS = 110_000;

interface Rig {
  readonly sandbox: TestSandbox;
  readonly driver: AlertDriver;
}

/** A sandbox under this policy, as long as there are tests of the suite. */
function start(afterWait: 'ask' | 'deactivate'): () => Rig {
  let rig: Rig;
  beforeAll(async () => {
    const sandbox = await startTestSandbox(['--no-page', '--policy', policy(afterWait)]);
    rig = { sandbox, driver: createAlertDriver(sandbox) };
  });
  afterAll(() => rig.sandbox.stop());
  return () => rig;
}

/** A leaked token of somebody who may deactivate nothing, and what they are told of it, after they have asked for time. */
async function held({ sandbox, driver }: Rig, name: string) {
  const token = await driver.issue('langsmith', name, { owner: 'viewer@example.com' });
  await driver.report('generic', token);
  const card = await driver.card(name, /a person must decide/);
  const notice = await sandbox.until('the owner to be told', async () =>
    (await sandbox.messages()).find(
      (one) => one.channel.startsWith('D') && one.text.includes('NOT revoked yet') && wordsOf(one).includes(name),
    ),
  );
  await driver.press(notice, 'I need 1 minute', 'viewer');
  await driver.reads(card, /asked for time until/);
  expect(await driver.stateOf(token)).toBe('active');
  return { token, card, notice };
}

describe.concurrent('the time that an owner has asked for, where the policy stops the token after it', () => {
  const rig = start('deactivate');

  it('ends in one kill, told on the card and to the owner, also where the worker is killed in the midst of it', {
    concurrent: false,
    timeout: 240_000,
  }, async () => {
    const { sandbox, driver } = rig();
    const names = ['calm', 'struck-before', 'struck-after'];
    const [calm, ...struck] = await Promise.all(names.map((name) => held(rig(), name)));
    if (calm === undefined) throw new Error('nothing held');
    // Whichever of them is ended then: its worker dies with the provider's answer on the way.
    await sandbox.post('crash', { function: 'alert-worker', at: 'after-effect' });
    for (const { token, card, notice } of [calm, ...struck]) {
      await driver.reads(card, /Deactivated, confirmed/, OVER_MS);
      expect([await driver.stateOf(token), await driver.mutationsOf(token)]).toEqual(['inactive', 1]);
      await driver.reads(notice, /It was deactivated, and a fresh read confirmed it/);
      const kills = (await driver.thread(card)).filter((one) => /^Deactivated|Deactivated, confirmed/.test(one.text));
      expect(kills.length).toBeLessThanOrEqual(1);
    }
    expect(await sandbox.get<readonly unknown[]>('crashes')).not.toEqual([]);
    await driver.quiet();
    expect(await driver.cards('calm')).toHaveLength(1);
  });

  it('is not offered where the policy protects the token', { concurrent: false, timeout: 240_000 }, async () => {
    const { sandbox, driver } = rig();
    const token = await driver.issue('langsmith', 'break-glass-held', { owner: 'anna@example.com' });
    await driver.report('generic', token);
    const card = await driver.card('break-glass-held', /NOT revoked/);
    await driver.quiet();
    const said = (await sandbox.messages()).filter((one) => wordsOf(one).includes('break-glass-held'));
    expect(said.map(({ ts }) => ts)).toContain(card.ts);
    expect(JSON.stringify(said)).not.toContain('I need 1 minute');
    expect(await driver.stateOf(token)).toBe('active');
  });
});

describe.concurrent('the time that an owner has asked for, where the policy asks after it', () => {
  const rig = start('ask');

  it('ends in the same question, on the same card, and changes no token', {
    concurrent: false,
    timeout: 240_000,
  }, async () => {
    const { driver } = rig();
    const { token, card } = await held(rig(), 'undecided');
    await driver.reads(card, /asked for time, which was over/, OVER_MS);
    await driver.reads(card, /a person must decide/);
    expect([await driver.stateOf(token), await driver.mutationsOf(token)]).toEqual(['active', 0]);
    await driver.quiet();
    expect(await driver.cards('undecided')).toHaveLength(1);
  });
});
