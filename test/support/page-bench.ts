import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { launchBrowser } from './browser.ts';
import { startTestSandbox, type TestSandbox } from './sandbox.ts';

/** A sandbox with its page, and a browser before it. */
export interface PageBench {
  readonly sandbox: TestSandbox;
  /** Puts the sandbox back to its beginning, and opens its page as somebody who was never there. */
  open(): Promise<Page>;
  /** Closes a page; throws when it complained, or asked by a dialog of the browser. */
  shut(page: Page): Promise<void>;
  /** Types this into the field, and sends it. */
  type(page: Page, text: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a sandbox with its page, and Chromium. */
export async function startPageBench(): Promise<PageBench> {
  const [sandbox, browser] = await Promise.all([startTestSandbox([]), launchBrowser()]);
  let complaints: string[] = [];
  return {
    sandbox,
    open: async () => {
      await sandbox.post('reset');
      const page = await openPage(browser, (complaint) => complaints.push(complaint));
      await page.goto(sandbox.ready.url);
      return page;
    },
    shut: async (page) => {
      const heard = complaints;
      complaints = [];
      expect(heard).toEqual([]);
      await page.close();
    },
    type: async (page, text) => {
      await page.getByLabel('Message').fill(text);
      await page.getByRole('button', { name: 'Send' }).click();
    },
    stop: async () => {
      await browser.close();
      await sandbox.stop();
    },
  };
}

async function openPage(browser: Browser, complain: (complaint: string) => void): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on('pageerror', (error) => complain(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error' && !line.text().includes('400')) complain(line.text());
  });
  page.on('dialog', (dialog) => {
    complain(`a dialog of the browser: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.setDefaultTimeout(20_000);
  return page;
}
