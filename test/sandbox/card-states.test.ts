import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CARD_SCENES } from '#infra/card-scenes.ts';
import { lookAt, onScreen, PHONE_SCREEN } from '#infra/phone-screen.ts';
import { loadPolicy } from '#infra/policy.ts';
import { createSandboxHand } from '#infra/sandbox-hand.ts';
import { type Sandbox, startSandbox } from '#infra/sandbox/sandbox.ts';
import { hasBrowser, launchBrowser } from '#test/support/browser.ts';

/** An id of a user, an organisation or a token: what on a card nobody can read out. */
const BARE_ID = /\b(?:us|or|to)-[a-z0-9]{5}-/;

describe.skipIf(!hasBrowser)('on the first screen of a phone', () => {
  let sandbox: Sandbox;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const policy = { ...loadPolicy(), owners: { 'anna@example.com': 'U0VIEWER001' } };
    sandbox = await startSandbox({ port: 0, policy, page: true, rttMs: 0 });
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: PHONE_SCREEN, locale: 'en-GB', timezoneId: 'UTC' });
    await page.goto(sandbox.ready.url);
  });
  afterAll(async () => {
    await browser.close();
    await sandbox.close();
  });

  const read = async ({ user = 'operator', play }: (typeof CARD_SCENES)[keyof typeof CARD_SCENES][number]) => {
    const hand = createSandboxHand(sandbox.ready);
    await hand.call('reset', {});
    const message = await play(hand);
    await lookAt(page, sandbox.ready, { user, message });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE_SCREEN.width);
    return onScreen(page, message);
  };

  it.each(CARD_SCENES.cases)(
    'a case says what, where, whose and what now, with its first buttons: $name',
    async (scene) => {
      const { words, buttons } = await read(scene);
      for (const answer of scene.answers) expect(words).toMatch(answer);
      for (const press of scene.presses) expect(buttons).toContainEqual(expect.stringMatching(press));
      // What is known of a token has names; only a secret of which nothing else is known shows what it says of itself.
      if (!/The secret: /.test(words)) expect(words).not.toMatch(BARE_ID);
    },
  );

  it.each(CARD_SCENES.others)('is what one has to know first: $name', async (scene) => {
    const { words, buttons } = await read(scene);
    for (const answer of scene.answers) expect(words).toMatch(answer);
    for (const press of scene.presses) expect(buttons).toContainEqual(expect.stringMatching(press));
  });
});
