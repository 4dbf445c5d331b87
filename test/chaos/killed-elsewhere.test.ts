import { describe, expect, it } from 'vitest';
import type { StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import { matrix, openBadDay, PATIENCE_MS, rows } from '#test/support/chaos.ts';
import { wordsOf } from '#test/support/slack-talk.ts';

const day = openBadDay();

async function expectOnce(token: StandInToken, state: StandInToken['state'], changes: number): Promise<void> {
  expect([await day().driver.stateOf(token), await day().driver.mutationsOf(token)]).toEqual([state, changes]);
}

describe('a reader that is killed', () => {
  it.each(
    rows(
      matrix(['before-reply', 'during-reply'] as const, [
        'list --private',
        'whoami',
        'audit',
        'cases',
        'show notebook',
      ]),
    ),
  )('%s of %s: answers all the same', async (at, typed) => {
    const { driver, killed, sandbox } = day();
    await driver.idle();
    const before = (await sandbox.messages()).length;
    await killed('slack-worker', at, () => sandbox.pat(typed, 'operator'));
    await sandbox.until('an answer', async () => (await sandbox.messages()).length > before, PATIENCE_MS);
    await driver.idle(PATIENCE_MS);
  });
});

describe('an edge that is killed', () => {
  it.each(['before-effect', 'after-effect'] as const)(
    '%s of a typed kill: nothing untrue, nothing twice',
    async (at) => {
      const { driver, killed, sandbox, about, expectTruth } = day();
      const token = await driver.mint(`edge-${at}`);
      let status = 0;
      await killed('slack-edge', at, async () => {
        ({ status } = await sandbox.pat(`deactivate ${token.id}`, 'operator'));
      });
      // Slack tells the person that the app did not respond.
      expect(status).toBeGreaterThanOrEqual(500);
      await expectTruth(token);
      if (at === 'before-effect') {
        await driver.idle();
        expect(await driver.stateOf(token)).toBe('active');
        expect(await about(token.name)).toEqual([]);
        await sandbox.pat(`deactivate ${token.id}`, 'operator');
      }
      await sandbox.said(new RegExp(`^Deactivated: .*${token.name}`), PATIENCE_MS);
      await expectOnce(token, 'inactive', 1);
      expect(await about(token.name)).toHaveLength(1);
    },
  );

  it.each(['before-effect', 'after-effect'] as const)('%s of a press: the message says what is so', async (at) => {
    const { driver, killed } = day();
    const token = await driver.mint(`pressed-${at}`);
    const question = await driver.ask(`delete ${token.id}`, 'admin', { fits: /cannot be undone/ });
    await killed('slack-edge', at, () =>
      expect(driver.press(question, 'Yes, delete', 'admin')).rejects.toThrow(/"status":500/),
    );
    if (at === 'before-effect') {
      expect(wordsOf(await driver.now(question))).not.toMatch(/^Deleted/);
      await driver.press(question, 'Yes, delete', 'admin');
    }
    await driver.reads(question, new RegExp(`Deleted: .*${token.name}`), PATIENCE_MS);
    await expectOnce(token, 'deleted', 1);
  });

  it.each(['before-effect', 'after-effect'] as const)(
    '%s of an alert: one card, however often it is sent',
    async (at) => {
      const { driver, killed } = day();
      const token = await driver.issue('dfns', `edge-alert-${at}`);
      const alert = driver.sign('gitleaks', driver.leakOf(token));
      let status = 0;
      await killed('alert-edge', at, async () => {
        ({ status } = await driver.deliver(alert));
      });
      expect(status).toBeGreaterThanOrEqual(500);
      // A sender that was answered 5xx sends again.
      expect((await driver.deliver(alert)).status).toBeLessThan(300);
      await driver.card(token.name, /Deactivated, confirmed\./, PATIENCE_MS);
      await driver.quiet();
      await expectOnce(token, 'inactive', 1);
      expect(await driver.cards(token.name)).toHaveLength(1);
    },
  );
});

describe('hygiene that is killed', () => {
  it.each(['before-reply', 'during-reply'] as const)('%s: one report for one firing', async (at) => {
    const { killed, sandbox } = day();
    const firing = { id: `firing-${at}`, 'detail-type': 'Scheduled Event', time: '2026-11-23T08:00:00Z' };
    const digests = async () => (await sandbox.messages()).filter((one) => /Token hygiene/.test(wordsOf(one))).length;
    const before = await digests();
    await killed('hygiene', at, () => sandbox.post('invoke/hygiene', firing));
    // AWS fires again what failed; the run before holds it for as long as its lease lasts.
    await sandbox.until(
      'the report',
      async () => {
        await sandbox.post('invoke/hygiene', firing);
        return (await digests()) > before;
      },
      PATIENCE_MS,
    );
    await sandbox.post('invoke/hygiene', firing);
    expect((await digests()) - before).toBe(1);
  });
});
