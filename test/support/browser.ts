import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const BROWSER = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => path !== undefined && existsSync(path));

/** Whether there is a browser on this machine; a test of the page is left out where there is none. */
export const hasBrowser = BROWSER !== undefined;

/** Starts the machine's Chromium, which calls nobody by itself. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: BROWSER!,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
}
