import { describe, expect, it } from 'vitest';
import { AILMENTS, openBadDay, PATIENCE_MS, rows } from '#test/support/chaos.ts';

const day = openBadDay();

/** How often something is in the log by now. */
const loggedSince = async (words: string) =>
  (await day().sandbox.logs()).filter(({ text }) => text.includes(words)).length;

describe('while the record', () => {
  it.each(rows(AILMENTS))(
    'is %s: a leaked token is not touched unrecorded, and dead and told when it can be',
    async (ailment) => {
      const { driver, sandbox, ail, well } = day();
      const token = await driver.issue('langsmith', `record-${ailment}`);
      const before = await loggedSince('store_unavailable');
      await ail('dynamodb', ailment);
      await driver.report('gitleaks', token);
      if (ailment !== 'slow') {
        const failed = async () => (await loggedSince('store_unavailable')) > before;
        await sandbox.until('an attempt to fail', failed, PATIENCE_MS);
        expect(await driver.stateOf(token)).toBe('active');
      }
      await well();
      await driver.card(token.name, /Deactivated, confirmed\./, PATIENCE_MS);
      await driver.quiet(PATIENCE_MS);
      expect(await driver.mutationsOf(token)).toBe(1);
      expect(await driver.cards(token.name)).toHaveLength(1);
    },
  );

  it.each(rows(AILMENTS))('is %s: a typed kill waits for it, and is done and told once', async (ailment) => {
    const { driver, sandbox, ail, well, about } = day();
    const token = await driver.mint(`typed-record-${ailment}`);
    const before = await loggedSince('store_unavailable');
    await ail('dynamodb', ailment);
    await sandbox.pat(`deactivate ${token.id}`, 'operator');
    if (ailment !== 'slow') {
      const failed = async () => (await loggedSince('store_unavailable')) > before;
      await sandbox.until('an attempt to fail', failed, PATIENCE_MS);
      expect(await driver.stateOf(token)).toBe('active');
    }
    await well();
    await sandbox.said(new RegExp(`^Deactivated: .*${token.name}`), PATIENCE_MS);
    await driver.idle(PATIENCE_MS);
    expect(await driver.mutationsOf(token)).toBe(1);
    expect((await about(token.name)).filter(({ text }) => text.startsWith('Deactivated'))).toHaveLength(1);
  });
});
