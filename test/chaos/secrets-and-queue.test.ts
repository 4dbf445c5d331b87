import { describe, expect, it } from 'vitest';
import { AILMENTS, openBadDay, PATIENCE_MS, rows } from '#test/support/chaos.ts';

const day = openBadDay();

describe('while Secrets Manager, at a cold start,', () => {
  it.each(rows(AILMENTS))('is %s: a request waits, and is done and told once', async (ailment) => {
    const { driver, sandbox, ail, well } = day();
    const token = await driver.mint(`secrets-${ailment}`);
    await ail('secrets', ailment);
    await sandbox.post('restart', { function: 'slack-worker' });
    await sandbox.pat(`deactivate ${token.id}`, 'operator');
    if (ailment !== 'slow') {
      await sandbox.until('the job to be queued', async () =>
        (await sandbox.history()).some(({ body }) => body.includes(token.id)),
      );
      expect(await driver.stateOf(token)).toBe('active');
    }
    await well();
    await sandbox.said(new RegExp(`^Deactivated: .*${token.name}`), PATIENCE_MS);
    expect(await driver.mutationsOf(token)).toBe(1);
  });

  it.each(rows(AILMENTS))('is %s: an edge takes nothing that it could not verify', async (ailment) => {
    const { driver, sandbox, ail, well } = day();
    const token = await driver.issue('dfns', `sealed-${ailment}`);
    await ail('secrets', ailment);
    await sandbox.post('restart', { function: 'alert-edge' });
    const alert = driver.sign('gitleaks', driver.leakOf(token));
    const answered = await driver.deliver(alert);
    if (answered.status >= 300) {
      expect(answered.status).toBeGreaterThanOrEqual(500);
      expect(await driver.stateOf(token)).toBe('active');
      await well();
      expect((await driver.deliver(alert)).status).toBeLessThan(300);
    }
    await well();
    await driver.card(token.name, /Deactivated, confirmed\./, PATIENCE_MS);
    expect(await driver.mutationsOf(token)).toBe(1);
  });
});

describe('while the queue', () => {
  it.each(rows(AILMENTS))(
    'is %s: an alert is not acknowledged, and one card comes of what is sent again',
    async (ailment) => {
      const { driver, ail, well } = day();
      const token = await driver.issue('langsmith', `queue-${ailment}`);
      const alert = driver.sign('gitleaks', driver.leakOf(token));
      await ail('sqs', ailment);
      const { status } = await driver.deliver(alert);
      // Slower than the edge waits for it, and stored all the same where it was slow or broke off.
      expect(status).toBeGreaterThanOrEqual(500);
      await well();
      expect((await driver.deliver(alert)).status).toBeLessThan(300);
      await driver.card(token.name, /Deactivated, confirmed\./, PATIENCE_MS);
      await driver.quiet(PATIENCE_MS);
      expect(await driver.mutationsOf(token)).toBe(1);
      expect(await driver.cards(token.name)).toHaveLength(1);
    },
  );

  it.each(rows(AILMENTS))(
    'is %s: a typed kill is not acknowledged, and nothing is done unless it was stored',
    async (ailment) => {
      const { driver, sandbox, ail, well, about } = day();
      const token = await driver.mint(`queued-${ailment}`);
      await ail('sqs', ailment);
      const { status } = await sandbox.pat(`deactivate ${token.id}`, 'operator');
      expect(status).toBeGreaterThanOrEqual(500);
      await well();
      const isStored = (await sandbox.history()).some(({ body }) => body.includes(token.id));
      if (!isStored) {
        await driver.idle();
        expect(await driver.stateOf(token)).toBe('active');
        expect(await about(token.name)).toEqual([]);
        await sandbox.pat(`deactivate ${token.id}`, 'operator');
      }
      await sandbox.said(new RegExp(`^Deactivated: .*${token.name}`), PATIENCE_MS);
      expect(await driver.mutationsOf(token)).toBe(1);
    },
  );
});
