import { describe, expect, it } from 'vitest';
import { AILMENTS, openBadDay, PATIENCE_MS, rows } from '#test/support/chaos.ts';
import { wordsOf } from '#test/support/slack-talk.ts';

const day = openBadDay();

/** Slack takes or may take an answer all the same: one that refuses the bot's token still has the request's own address. */
const MAY_TELL: readonly string[] = ['slow', 'half', '401'];

describe('a typed kill while Slack', () => {
  it.each(rows(AILMENTS))('is %s: happens all the same, and is told once when it can be', async (ailment) => {
    const { driver, sandbox, ail, well, about } = day();
    const token = await driver.mint(`typed-${ailment}`);
    await ail('slack', ailment);
    await sandbox.pat(`deactivate ${token.id}`, 'operator');
    await driver.becomes(token, 'inactive', PATIENCE_MS);
    if (!MAY_TELL.includes(ailment)) expect(await about(token.name)).toEqual([]);
    await well();
    await sandbox.said(new RegExp(`^Deactivated: .*${token.name}`), PATIENCE_MS);
    await driver.idle(PATIENCE_MS);
    expect(await driver.mutationsOf(token)).toBe(1);
    const told = await about(token.name);
    expect(told.map(({ text }) => text)).toEqual([expect.not.stringContaining('already')]);
  });
});

describe('a leaked token while Slack', () => {
  it.each(rows(AILMENTS))('is %s: is dead all the same, and has one card that says so', async (ailment) => {
    const { driver, ail, well, about } = day();
    const token = await driver.issue('dfns', `slack-${ailment}`);
    await ail('slack', ailment);
    await driver.report('trufflehog', token);
    await driver.becomes(token, 'inactive', PATIENCE_MS);
    if (ailment !== 'slow' && ailment !== 'half') expect(await about(token.name)).toEqual([]);
    await well();
    await driver.card(token.name, /Deactivated, confirmed\./, PATIENCE_MS);
    await driver.quiet(PATIENCE_MS);
    expect(await driver.cards(token.name)).toHaveLength(1);
    expect(await driver.mutationsOf(token)).toBe(1);
  });
});

describe('an alert whose secret GitHub keeps, while it', () => {
  it.each(rows(AILMENTS))('is %s: the card says that nobody could look, until it is well', async (ailment) => {
    const { driver, sandbox, ail, well, heard } = day();
    const token = await driver.issue('langsmith', `github-${ailment}`);
    const alert = driver.sign('github', driver.leakOf(token, { repository: `acme/github-${ailment}` }));
    await sandbox.post('github/alerts', alert.github);
    await ail('github', ailment);
    const { github: _, ...sent } = alert;
    await heard(sent);
    if (ailment !== 'slow') {
      const card = await driver.card(`acme/github-${ailment}`, /could NOT look for it.*GitHub/s, PATIENCE_MS);
      expect(wordsOf(card)).not.toMatch(/Deactivated, confirmed/);
      expect(await driver.stateOf(token)).toBe('active');
    }
    await well();
    await driver.card(token.name, /Deactivated, confirmed\./, PATIENCE_MS);
    expect(await driver.mutationsOf(token)).toBe(1);
    await sandbox.until(
      'the alert to be closed',
      async () =>
        (await driver.githubAlerts()).some(({ secret, state }) => secret === token.secret && state === 'resolved'),
      PATIENCE_MS,
    );
  });
});
