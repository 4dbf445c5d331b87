import { describe, expect, it } from 'vitest';
import { type Ailment, AILMENTS, matrix, openBadDay, PATIENCE_MS, rows } from '#test/support/chaos.ts';
import { wordsOf } from '#test/support/slack-talk.ts';

const day = openBadDay();
const PROVIDERS = ['dfns', 'langsmith'] as const;
const ALL: readonly Ailment[] = [...AILMENTS, '202'];

const LOOKED = /Patrol could NOT look for it/;
/** What the card reads while the provider is so; a credential that was refused is looked at by a person. */
const ALERT: Readonly<Record<Ailment, RegExp>> = {
  down: LOOKED,
  slow: /Deactivated, confirmed\./,
  hang: LOOKED,
  half: LOOKED,
  '401': LOOKED,
  '429': LOOKED,
  '500': LOOKED,
  html: LOOKED,
  '202': /NOT revoked.*approv/s,
};

describe('a leaked token', () => {
  it.each(rows(matrix(PROVIDERS, ALL)))(
    'while %s is %s: its card says so, and it dies when that is safe',
    async (provider, ailment) => {
      const { driver, ail, well, heard } = day();
      const token = await driver.issue(provider, `leaked-${provider}-${ailment}`);
      const repository = `acme/${provider}-${ailment}`;
      await ail(provider, ailment);
      await heard(driver.sign('generic', driver.leakOf(token, { repository })));
      const card = await driver.card(repository, ALERT[ailment], PATIENCE_MS);
      if (ailment !== 'slow') {
        expect(await driver.stateOf(token)).toBe('active');
        expect(wordsOf(card)).not.toMatch(/Deactivated, confirmed/);
      }
      await well();
      // A change that waits for an approval at its provider is for a person to go on with.
      if (ailment === '202') return;
      // So is a secret that its issuer has refused, as it refused everything: that it is real is not proved.
      if (ailment === '401') {
        await driver.reads(card, /NOT revoked: a person must decide/, PATIENCE_MS);
        expect(await driver.mutationsOf(token)).toBe(0);
        return;
      }
      await driver.reads(card, /Deactivated, confirmed\./, PATIENCE_MS);
      expect(await driver.stateOf(token)).toBe('inactive');
      expect(await driver.mutationsOf(token)).toBe(1);
      expect(await driver.cards(token.name)).toHaveLength(1);
    },
  );
});
