import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasBrowser } from '#test/support/browser.ts';
import { complaintsOfAxe } from '#test/support/complaints-of-axe.ts';
import { type PageBench, startPageBench } from '#test/support/page-bench.ts';
import type { TestSandbox } from '#test/support/sandbox.ts';
import { sayInstead } from '#test/support/say-instead.ts';

describe.skipIf(!hasBrowser)('the page', () => {
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

  const type = (text: string) => bench.type(page, text);
  const become = (name: string) => page.locator('nav').getByRole('button', { name }).click();
  const stateOf = (name: string) => page.locator('.tokens li', { hasText: name }).locator('.state').first();

  const menuEntry = (name: string) => page.getByRole('menuitem', { name });
  const focused = () => page.evaluate<string>('document.activeElement?.textContent ?? ""');

  it('does the main job: list, deactivate from a row, undo by the button', async () => {
    await type('/pat list');
    await page.getByRole('button', { name: 'Age, days' }).click();
    await page.getByRole('columnheader', { name: 'Age, days' }).getByText('↑').waitFor();
    const chosen = await page.locator('option', { hasText: 'nightly-reports' }).getAttribute('value');
    await page.getByLabel('Act on a token…').selectOption(chosen);
    const shown = page.locator('.message', { hasText: 'nightly-reports at Dfns is active' });
    await shown.getByRole('button', { name: 'Deactivate' }).click();
    await page.getByRole('button', { name: 'Yes, deactivate' }).click();
    await page.getByText('Deactivated: nightly-reports').first().waitFor();
    await expect.poll(() => stateOf('nightly-reports').textContent()).toBe('inactive');
    await page.getByRole('button', { name: /Undo/ }).click();
    await page.getByText('Active again: nightly-reports').first().waitFor();
    await expect.poll(() => stateOf('nightly-reports').textContent()).toBe('active');
  });

  it('ticks several of a list in a window, and does to them what stands chosen there at first', async () => {
    await type('/pat list --older-than 180d --active');
    await page.getByRole('button', { name: 'Choose several…' }).click();
    const modal = page.getByRole('dialog', { name: 'Choose several' });
    const tokens = modal.getByRole('group', { name: 'Tokens' });
    await tokens.getByRole('checkbox').first().waitFor();
    await modal.getByRole('button', { name: 'Show what would happen' }).click();
    await modal.getByRole('alert').waitFor();
    for (const name of ['nightly-reports', 'proof-of-concept']) await tokens.getByLabel(name).check();
    await modal.getByRole('button', { name: 'Show what would happen' }).click();
    await page
      .locator('.message', { hasText: '2 tokens' })
      .getByRole('button', { name: /^Yes, deactivate/ })
      .click();
    await expect.poll(() => stateOf('nightly-reports').textContent()).toBe('inactive');
    await expect.poll(() => stateOf('proof-of-concept').textContent()).toBe('inactive');
  });

  it('asks before a delete, and lets another person approve', async () => {
    await become('operator');
    await type('/pat delete staging-backfill old');
    await page.getByRole('button', { name: 'Yes, delete' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Leave it' }).click();
    expect((await sandbox.token('staging-backfill')).state).toBe('inactive');
    await page.getByRole('button', { name: 'Yes, delete' }).click();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await become('approver');
    await page.getByRole('button', { name: 'Approve delete', exact: true }).click();
    await dialog.getByText('You approve: delete staging-backfill').waitFor();
    await dialog.getByRole('button', { name: 'Yes, delete' }).click();
    await page.getByText('Deleted: staging-backfill').first().waitFor();
    await expect.poll(() => stateOf('staging-backfill').textContent()).toBe('deleted');
  });

  it('leaks a token and shows its card change until the token is dead', async () => {
    await page.locator('.tokens').getByRole('button', { name: 'grafana-exporter' }).click();
    await page.locator('.details').getByRole('button', { name: 'trufflehog', exact: true }).click();
    await page.getByText('Leaked: grafana-exporter. Deactivated, confirmed').first().waitFor();
    expect(await stateOf('grafana-exporter').textContent()).toBe('inactive');
  });

  it('takes a pasted secret through the modal, and holds an empty form back', async () => {
    const { secret } = await sandbox.token('notebook');
    await type('/pat leak');
    const modal = page.getByRole('dialog');
    await modal.getByRole('button', { name: 'Report' }).click();
    await modal.getByRole('alert').waitFor();
    await modal.getByLabel('What leaked').fill(`it is ${secret}`);
    await modal.getByRole('button', { name: 'Report' }).click();
    await modal.getByText('Received 1 secret').waitFor();
    await page.keyboard.press('Escape');
    await modal.waitFor({ state: 'detached' });
    await expect.poll(() => stateOf('notebook').textContent()).toBe('inactive');
    expect(JSON.stringify(await sandbox.messages())).not.toContain(secret);
  });

  it('shows what is meant for one person to that person only', async () => {
    await become('viewer');
    await type('/pat whoami');
    const reply = page.locator('.message.ephemeral');
    await reply.getByText('Only visible to you').waitFor();
    await become('admin');
    await expect.poll(() => reply.count()).toBe(0);
  });

  it('shows hostile names as text', async () => {
    await sandbox.post('tokens', {
      provider: 'dfns',
      profile: 'dfns-demo',
      name: '<img src=x onerror=alert(1)><!channel>',
    });
    await type('/pat list --name *onerror*');
    await page.locator('.message').getByText('<img src=x onerror=alert(1)><!channel>').first().waitFor();
    expect(await page.locator('img').count()).toBe(0);
  });

  it('opens the Home tab', async () => {
    await page.getByRole('button', { name: 'Patrol Home' }).click();
    await page.getByText('Profiles', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Refresh' }).click();
  });

  it('switches a fault on, and the reply says that nothing was revoked', async () => {
    await page.getByRole('tab', { name: 'Trouble' }).click();
    await page.getByLabel('dfns', { exact: true }).selectOption('down');
    await expect.poll(() => page.getByLabel('dfns', { exact: true }).inputValue()).toBe('down');
    await type('/pat deactivate laptop-anna');
    await page
      .getByText(/NOT deactivated yet/)
      .first()
      .waitFor();
    await page.getByLabel('dfns', { exact: true }).selectOption('none');
    await page.getByText('Deactivated: laptop-anna').first().waitFor({ timeout: 40_000 });
  });

  it('times a fire drill', async () => {
    await page.getByRole('tab', { name: 'Drill' }).click();
    await page.getByRole('button', { name: 'Leak one of dfns-demo' }).click();
    await page.getByText(/dead at dfns within \d+ ms/).waitFor();
    await page.getByText(/told in the channel within \d+ ms/).waitFor();
  });

  it('fits a phone: nothing is wider than the screen, and everything can be reached', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await type('/pat list');
    await page.locator('.block-table').first().waitFor();
    const width = () => page.evaluate('document.documentElement.scrollWidth');
    expect(await width()).toBe(360);
    // Only the messages scroll, never the page with its header.
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBe(740);
    await page.getByLabel('You are').selectOption({ label: 'viewer' });
    await page.getByRole('button', { name: 'Tokens…' }).click();
    await page.locator('.tokens').getByRole('button', { name: 'laptop-anna' }).click();
    expect(await width()).toBe(360);
    for (const tab of ['Stories', 'Trace', 'Drill', 'Trouble']) {
      await page.getByRole('tab', { name: tab }).click();
      expect(await width()).toBe(360);
    }
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await page.getByLabel('Channel').selectOption('home');
    await page.getByText('Profiles', { exact: true }).waitFor();
  });

  it('marks what one has not read, for each person apart, and counts no edit', async () => {
    const general = page.locator('nav').getByRole('button', { name: /general/ });
    expect(await general.textContent()).not.toContain('unread');
    await sandbox.pat('whoami', 'viewer', 'general');
    await sandbox.pat('list', 'admin', 'general');
    await sandbox.said(/21 tokens/);
    await general.getByText('1 unread').waitFor();
    expect(await page.title()).toMatch(/^\(1\)/);
    await general.click();
    await page.getByText('1 unread').waitFor({ state: 'detached' });
    await become('viewer');
    await page
      .locator('nav')
      .getByRole('button', { name: /security/ })
      .click();
    await become('approver');
    await general.getByText('1 unread').waitFor();
    await page.reload();
    await general.getByText('1 unread').waitFor();
  });

  it('opens a direct message to its person only', async () => {
    const { secret } = await sandbox.token('notebook');
    await become('viewer');
    await type('/pat leak');
    const modal = page.getByRole('dialog');
    await modal.getByLabel('What leaked').fill(secret);
    await modal.getByRole('button', { name: 'Report' }).click();
    const direct = await sandbox.until('a direct message', async () =>
      (await sandbox.messages()).find(({ channel }) => channel.startsWith('D')),
    );
    await page.keyboard.press('Escape');
    const own = page.locator('nav').getByRole('button', { name: /^● Patrol|^Patrol\b(?! Home)/ });
    await own.click();
    await page.getByRole('log', { name: 'Patrol' }).waitFor();
    await page.locator(`[data-ts="${direct.ts}"]`).waitFor();
    await become('admin');
    await page.locator(`[data-ts="${direct.ts}"]`).waitFor({ state: 'detached' });
    await page.getByRole('log', { name: '# security' }).waitFor();
    expect(await own.count()).toBe(0);
  });

  it('repeats what one typed to oneself, goes through it by arrows, and keeps draft, place and person', async () => {
    await become('operator');
    await page
      .locator('nav')
      .getByRole('button', { name: /general/ })
      .click();
    await type('/pat whoami');
    await page.locator('.echo', { hasText: '/pat whoami' }).waitFor();
    await type('/pat profiles');
    const field = page.getByLabel('Message');
    await field.press('ArrowUp');
    await field.press('ArrowUp');
    expect(await field.inputValue()).toBe('/pat whoami');
    await field.press('ArrowDown');
    expect(await field.inputValue()).toBe('/pat profiles');
    await field.press('ArrowDown');
    expect(await field.inputValue()).toBe('/pat ');
    await field.fill('/pat deactivate not yet sent');
    await page.reload();
    await page.getByRole('log', { name: '# general' }).waitFor();
    expect(await field.inputValue()).toBe('/pat deactivate not yet sent');
    expect(await page.locator('nav [aria-pressed=true]').textContent()).toContain('operator');
    await become('viewer');
    expect(await page.locator('.echo').count()).toBe(0);
    expect(await field.inputValue()).toBe('/pat ');
  });

  it('keeps the focus in a dialog that has a name, and gives it back', async () => {
    await type('/pat leak');
    const modal = page.getByRole('dialog', { name: 'Report a leak' });
    await modal.waitFor();
    for (let press = 0; press < 12; press += 1) {
      await page.keyboard.press(press < 6 ? 'Tab' : 'Shift+Tab');
      expect(await page.evaluate('document.activeElement.closest("dialog") !== null')).toBe(true);
    }
    await page.keyboard.press('Escape');
    await modal.waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.tagName')).not.toBe('BODY');
  });

  it('goes through menus and tabs by keys', async () => {
    const option = (text: string) => ({ text: { type: 'plain_text', text }, value: text });
    const accessory = { type: 'overflow', action_id: 'row', options: ['Show', 'Deactivate', 'Delete'].map(option) };
    const section = { type: 'section', text: { type: 'mrkdwn', text: 'nightly-reports' }, accessory };
    await sayInstead(page, sandbox, [{ text: 'nightly-reports', blocks: [section] }]);
    const more = page.getByRole('button', { name: 'More actions' });
    await more.focus();
    await page.keyboard.press('Enter');
    await menuEntry('Show').waitFor();
    expect(await complaintsOfAxe(page)).toEqual([]);
    expect(await focused()).toBe('Show');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('Deactivate');
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('Show');
    await page.keyboard.press('Escape');
    expect(await menuEntry('Show').count()).toBe(0);
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('More actions');
    await page.getByRole('tab', { name: 'Tokens' }).focus();
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('tab', { name: 'Trouble', selected: true }).waitFor();
    await page.getByRole('tabpanel', { name: 'Trouble' }).waitFor();
    await page.keyboard.press('Home');
    await page.getByRole('tabpanel', { name: 'Tokens' }).waitFor();
  });

  it('finds tokens by what is told of them', async () => {
    const rows = page.locator('.tokens li');
    await page.getByLabel('Search tokens').fill('anna@example ACTIVE note');
    await expect.poll(() => rows.count()).toBe(1);
    expect(await rows.textContent()).toContain('notebook');
    await page.getByText(/^1 of \d+ tokens/).waitFor();
  });

  it('traces a command from the message back to every call', async () => {
    await type('/pat deactivate laptop-anna laptop left in cab');
    await page.getByText('Deactivated: laptop-anna').first().waitFor();
    await page.getByRole('button', { name: 'Trace this message' }).last().click();
    const steps = page.getByRole('region', { name: 'Every step' });
    await steps.getByText('slack-edge').waitFor();
    await steps.getByText('waits for a worker').waitFor();
    await steps.getByText('slack-worker').waitFor();
    await steps.getByText(/PUT .*deactivate → 200/).waitFor();
    await steps.getByText(/chat.postMessage → 200/).waitFor();
    await page.getByRole('heading', { name: '/pat deactivate laptop-anna laptop left in cab' }).waitFor();
  });

  describe('plays its stories to the end:', () => {
    const start = async (title: string) => {
      await page.getByRole('tab', { name: 'Stories' }).click();
      await page.getByRole('button', { name: `Start: ${title}` }).click();
      await page.getByRole('heading', { name: title }).waitFor();
    };
    const step = () => page.locator('.steps [aria-current=step]');
    /** Presses what the story offers, sends what it put into the field, and waits until the step is ticked. */
    const follow = async (number: number, offered: string, sends = false) => {
      await expect.poll(() => page.locator('.steps li.done').count()).toBe(number);
      await step().getByRole('button', { name: offered }).click();
      if (sends) await page.getByRole('button', { name: 'Send' }).click();
    };
    const end = () => page.getByText('The end.').waitFor();
    const bar = () => page.getByRole('region', { name: 'Story' });

    it('kill a leaked token', async () => {
      await start('Kill a leaked token');
      await follow(0, 'Become operator');
      await follow(1, 'Leak it');
      await page.getByText('Leaked: ci-deploy. Deactivated, confirmed').first().waitFor();
      expect(await bar().isVisible()).toBe(false);
      await follow(2, 'Open the trace');
      // The trace stands where the story was: the step, and the way back, are above the conversation.
      await bar().getByText('Step 4 of 5').waitFor();
      expect(await complaintsOfAxe(page)).toEqual([]);
      await bar().getByRole('button', { name: 'All steps' }).click();
      await follow(3, 'Put it into the field', true);
      await page.locator('.message').getByRole('button', { name: 'Yes, activate' }).last().click();
      await follow(4, 'Put it into the field', true);
      await end();
      expect((await sandbox.token('ci-deploy')).state).toBe('inactive');
    });

    it('kill a leaked token, on a phone, without ever leaving the conversation for the next step', async () => {
      await page.setViewportSize({ width: 390, height: 844 });
      await page.getByRole('button', { name: 'open Stories' }).click();
      await start('Kill a leaked token');
      await follow(0, 'Become operator');
      await page.getByRole('log').waitFor();
      const next = async (number: number, offered: string) => {
        await bar().getByText(`Step ${number} of 5`).waitFor();
        await bar().getByRole('button', { name: offered }).click();
      };
      await next(2, 'Leak it');
      await next(3, 'Open the trace');
      await page.getByRole('heading', { name: 'One request on its way' }).waitFor();
      await next(4, 'Put it into the field');
      await page.getByRole('button', { name: 'Send' }).click();
      await page.locator('.message').getByRole('button', { name: 'Yes, activate' }).last().click();
      await next(5, 'Put it into the field');
      await page.getByRole('button', { name: 'Send' }).click();
      await bar().getByText('Told to its end').waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
      expect(await complaintsOfAxe(page)).toEqual([]);
      await bar().getByRole('button', { name: 'Close' }).click();
      await bar().waitFor({ state: 'detached' });
    });

    it('clean up stale ones', async () => {
      await start('Clean up stale ones');
      await follow(0, 'Become operator');
      await follow(1, 'Put it into the field', true);
      await follow(2, 'Put it into the field', true);
      await expect.poll(() => page.locator('.steps li.done').count()).toBe(3);
      await page
        .locator('.message')
        .getByRole('button', { name: /deactivate/i })
        .last()
        .click();
      await follow(4, 'Put it into the field', true);
      await end();
      expect((await sandbox.token('proof-of-concept')).state).toBe('inactive');
      expect((await sandbox.token('eval-runner')).state).toBe('active');
    });

    it('delete with a second person', async () => {
      await start('Delete with a second person');
      await follow(0, 'Become operator');
      await follow(1, 'Put it into the field', true);
      await expect.poll(() => page.locator('.steps li.done').count()).toBe(2);
      await page
        .locator('.message')
        .getByRole('button', { name: /delete/i })
        .last()
        .click();
      await page
        .getByRole('dialog')
        .getByRole('button', { name: /delete/i })
        .last()
        .click();
      await follow(3, 'Become approver');
      await page
        .locator('.message')
        .getByRole('button', { name: /^Approve/ })
        .last()
        .click();
      await page.getByRole('dialog').getByRole('button', { name: /yes/i }).click();
      await end();
      expect((await sandbox.token('contractor-2024')).state).toBe('deleted');
    });
  });
});
