import { isDeepStrictEqual } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { beAt } from '#infra/phone-screen.ts';
import type { Message } from '#shared/slack/blocks/bricks.ts';
import { plainForm } from '#shared/slack/plain-form.ts';
import { CASE_STATES } from '#shared/store/store.ts';
import { MESSAGES, VIEWS } from '#test/fixtures/messages.ts';
import { NEWER_BLOCKS } from '#test/fixtures/newer-blocks.ts';
import { hasBrowser } from '#test/support/browser.ts';
import { complaintsByDayAndNight, complaintsOfAxe } from '#test/support/complaints-of-axe.ts';
import { type PageBench, startPageBench } from '#test/support/page-bench.ts';
import type { TestSandbox } from '#test/support/sandbox.ts';
import { sayInstead } from '#test/support/say-instead.ts';

describe.skipIf(!hasBrowser)('whoever cannot see, point or tell colours apart', () => {
  let bench: PageBench;
  let sandbox: TestSandbox;
  let page: Page;

  beforeAll(async () => {
    bench = await startPageBench();
    sandbox = bench.sandbox;
  });
  afterAll(() => bench.stop());
  beforeEach(async () => {
    page = await bench.open();
  });
  afterEach(() => bench.shut(page));

  it('shows nothing serious to axe-core in any main view, by day and by night, on a desk and on a phone', async () => {
    const tabs = ['Tokens', 'Stories', 'Trace', 'Drill', 'Trouble'];
    await sandbox.post('leak', { tokenId: (await sandbox.token('ci-deploy')).id, source: 'github' });
    await sandbox.pat('list', 'admin');
    await sandbox.said(/tokens, 2 profiles/);
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 850 });
      const look = async (view: string) =>
        expect({ view, width, ...(await complaintsByDayAndNight(page)) }).toMatchObject({ found: [] });
      await look('channel');
      if (width < 640) await page.locator('.to-panel').click();
      for (const tab of tabs) {
        await page.getByRole('tab', { name: tab }).click();
        await look(tab);
      }
      if (width < 640) await page.getByRole('button', { name: 'Back', exact: true }).click();
      await bench.type(page, '/pat leak');
      await page.getByRole('dialog').waitFor();
      await look('modal');
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    await page.getByLabel('Channel').selectOption('home');
    await page.getByText('Profiles', { exact: true }).waitFor();
    expect(await complaintsOfAxe(page)).toEqual([]);
  }, 240_000);

  describe.each<[string, (message: Message) => Message]>([
    ['taken', (message) => message],
    ['refused', plainForm],
  ])('shows nothing serious to axe-core, with the newer blocks %s,', (how, form) => {
    /** What has no newer blocks is the same either way, and looked at once. */
    const isNew = (taken: object, shown: object) => how === 'taken' || !isDeepStrictEqual(taken, shown);

    /** By day and by night, on a desk and on a phone. */
    const everywhere = async (what: string) => {
      await page.setViewportSize({ width: 1280, height: 850 });
      const desk = await complaintsByDayAndNight(page);
      await page.setViewportSize({ width: 390, height: 850 });
      const phone = await complaintsByDayAndNight(page, desk.looks);
      expect({ what, desk: desk.found, phone: phone.found }).toMatchObject({ desk: [], phone: [] });
    };

    it('in any kind of message', async () => {
      const said = MESSAGES.flatMap(([, messages]) => messages.slice(0, CASE_STATES.length))
        .map((message) => ({ message, shown: form(message) }))
        .filter(({ message, shown }) => isNew(message, shown))
        .map(({ shown }) => shown);
      await sayInstead(page, sandbox, said);
      await expect.poll(() => page.locator('.message').count()).toBe(said.length);
      expect(await page.locator('.unknown').allTextContents()).toEqual([]);
      await everywhere('messages');
    }, 240_000);

    it('in any window, and in Home', async () => {
      const userId = sandbox.ready.slack.users.admin;
      for (const [name, whole] of Object.entries(VIEWS)) {
        const view = { ...whole, blocks: form({ text: '', blocks: whole.blocks as Message['blocks'] }).blocks };
        if (!isNew(whole, view)) continue;
        const open = {
          id: 'V1',
          userId,
          type: view.type,
          callbackId: view.callback_id ?? '',
          hash: '1',
          view,
        } as const;
        await page.unrouteAll({ behavior: 'wait' });
        await sayInstead(page, sandbox, [], [open]);
        await beAt(page, {
          person: userId,
          place: view.type === 'home' ? 'home' : sandbox.ready.slack.channels.security,
        });
        if (view.type === 'modal') await page.getByRole('dialog', { name: view.title.text }).waitFor();
        else await page.getByText('Profiles', { exact: true }).waitFor();
        expect(await page.locator('.unknown').allTextContents()).toEqual([]);
        await everywhere(name);
      }
    }, 240_000);
  });

  it('shows lists, cards and Home to whoever cannot draw newer blocks, with nothing serious to axe-core', async () => {
    await sandbox.post('slack-unknown-blocks', { types: NEWER_BLOCKS });
    for (const words of ['list', 'audit', 'stats', 'doctor', 'cases']) await sandbox.pat(words, 'admin', 'security');
    await sandbox.post('leak', { tokenId: (await sandbox.token('ci-deploy')).id, source: 'github' });
    await page.locator('.message', { hasText: 'Deactivated, confirmed' }).first().waitFor();
    await page
      .locator('.message', { hasText: /21 tokens/ })
      .first()
      .waitFor();
    expect(await complaintsOfAxe(page)).toEqual([]);
    await page.getByRole('button', { name: 'Patrol Home' }).click();
    await page.getByText('Profiles', { exact: true }).waitFor();
    expect(await complaintsOfAxe(page)).toEqual([]);
  }, 120_000);
});
