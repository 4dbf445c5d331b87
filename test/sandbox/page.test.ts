import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';

const BROWSER = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => path !== undefined && existsSync(path));

describe.skipIf(BROWSER === undefined)('the page', () => {
  let sandbox: TestSandbox;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    sandbox = await startTestSandbox([]);
    browser = await chromium.launch({
      executablePath: BROWSER!,
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    });
  });
  afterAll(async () => {
    await browser.close();
    await sandbox.stop();
  });
  beforeEach(async () => {
    await sandbox.post('reset');
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (line) => {
      if (line.type() === 'error' && !line.text().includes('400')) complaints.push(line.text());
    });
    page.on('dialog', (dialog) => {
      complaints.push(`a dialog of the browser: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.setDefaultTimeout(20_000);
    await page.goto(sandbox.ready.url);
  });
  afterEach(async () => {
    expect(complaints).toEqual([]);
    await page.close();
  });

  const type = async (text: string) => {
    await page.getByLabel('Message').fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
  };
  const become = (name: string) => page.locator('nav').getByRole('button', { name }).click();
  const stateOf = (name: string) => page.locator('.tokens li', { hasText: name }).locator('.state').first();

  it('does the main job: list, deactivate from a row, undo by the button', async () => {
    await type('/pat list');
    const row = page.locator('.block-section', { hasText: 'nightly-reports' });
    await row.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Deactivate' }).click();
    await page.getByRole('button', { name: 'Yes, deactivate' }).click();
    await page.getByText('Deactivated: nightly-reports').first().waitFor();
    await expect.poll(() => stateOf('nightly-reports').textContent()).toBe('inactive');
    await page.getByRole('button', { name: /Undo/ }).click();
    await page.getByText('Active again: nightly-reports').first().waitFor();
    await expect.poll(() => stateOf('nightly-reports').textContent()).toBe('active');
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
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
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
    await modal.getByRole('button', { name: 'Seal and report' }).click();
    await modal.getByRole('alert').waitFor();
    await modal.getByLabel('What leaked').fill(`it is ${secret}`);
    await modal.getByRole('button', { name: 'Seal and report' }).click();
    await modal.getByText('1 secret sealed and queued').waitFor();
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
    await page.locator('.block-section').first().waitFor();
    const width = () => page.evaluate('document.documentElement.scrollWidth');
    expect(await width()).toBe(360);
    await page.getByLabel('You are').selectOption({ label: 'viewer' });
    await page.getByRole('button', { name: 'Tokens…' }).click();
    await page.locator('.tokens').getByRole('button', { name: 'laptop-anna' }).click();
    expect(await width()).toBe(360);
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await page.getByLabel('Channel').selectOption('home');
    await page.getByText('Profiles', { exact: true }).waitFor();
  });
});
