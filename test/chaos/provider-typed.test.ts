import { describe, expect, it } from 'vitest';
import { type Ailment, AILMENTS, matrix, openBadDay, PATIENCE_MS, rows } from '#test/support/chaos.ts';
import { wordsOf } from '#test/support/slack-talk.ts';

const day = openBadDay();
const PROVIDERS = ['dfns', 'langsmith'] as const;
const ALL: readonly Ailment[] = [...AILMENTS, '202'];

const LATER = /NOT deactivated yet.*tries again by itself/s;
/** What a person reads while the provider is so, and what must be so afterwards without another word from anybody. */
const PERSON: Readonly<Record<Ailment, { readonly words: RegExp; readonly then: 'done' | 'nothing' }>> = {
  down: { words: LATER, then: 'done' },
  slow: { words: /^Deactivated: /, then: 'done' },
  hang: { words: LATER, then: 'done' },
  half: { words: LATER, then: 'done' },
  '401': { words: /refused our credential/s, then: 'nothing' },
  '429': { words: LATER, then: 'done' },
  '500': { words: LATER, then: 'done' },
  html: { words: LATER, then: 'done' },
  '202': { words: /NOT deactivated yet.*waits for an approval/s, then: 'nothing' },
};

describe('a typed kill', () => {
  it.each(rows(matrix(PROVIDERS, ALL)))('while %s is %s: never more than is so', async (provider, ailment) => {
    const { driver, sandbox, ail, well } = day();
    const token = await driver.mint(`typed-${provider}-${ailment}`, { provider, profile: `${provider}-demo` });
    const { words, then } = PERSON[ailment];
    await ail(provider, ailment);
    await sandbox.pat(`deactivate ${token.id}`, 'operator');
    const said = await sandbox.until(
      `words while ${provider} is ${ailment}`,
      async () => (await sandbox.messages()).find((one) => wordsOf(one).includes(token.id) && words.test(wordsOf(one))),
      PATIENCE_MS,
    );
    expect(await driver.stateOf(token)).toBe(ailment === 'slow' ? 'inactive' : 'active');
    await well();
    if (then === 'nothing') {
      await driver.idle(PATIENCE_MS);
      expect(await driver.stateOf(token)).toBe('active');
      return;
    }
    await driver.reads(said, /^Deactivated: /, PATIENCE_MS);
    expect(await driver.stateOf(token)).toBe('inactive');
    expect(await driver.mutationsOf(token)).toBe(1);
  });
});
