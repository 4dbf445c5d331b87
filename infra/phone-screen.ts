import type { Page } from 'playwright-core';
import type { Message } from './sandbox/page/page-state.ts';
import type { Ready } from './sandbox/ready.ts';
import type { SandboxUser } from './sandbox-hand.ts';

/** A phone of today, in the points that its pages are laid out in. */
export const PHONE_SCREEN = { width: 390, height: 844 } as const;

/** How long a page does not move that has come to rest, milliseconds. */
const STILL_MS = 100;

/** Puts a person before a message, its beginning at the top of the screen. */
export async function lookAt(
  page: Page,
  { slack }: Ready,
  { user, message: { channel, ts } }: { readonly user: SandboxUser; readonly message: Message },
): Promise<void> {
  await beAt(page, { person: slack.users[user], place: channel, panel: 'tokens', story: null });
  const message = page.locator(`[data-ts="${ts}"]`);
  await message.waitFor({ state: 'visible' });
  // The page goes to the newest message by itself as long as more arrives: what is looked at lies still.
  const place = async () => {
    await message.evaluate((element: InPage) => element.scrollIntoView({ block: 'start' }));
    await page.waitForTimeout(STILL_MS);
    return JSON.stringify(await message.boundingBox());
  };
  let before = await place();
  for (let now = await place(); now !== before; now = await place()) before = now;
}

/** Sets what the page keeps over a reload, which is how it is told who looks at what, and reloads it. */
export async function beAt(page: Page, kept: Readonly<Record<string, unknown>>): Promise<void> {
  await page.evaluate(
    `for (const [key, value] of Object.entries(${JSON.stringify(kept)})) sessionStorage.setItem(key, JSON.stringify(value))`,
  );
  await page.reload();
}

/** As much of the browser's `Element` as is needed; its own types would be in reach of every file. */
export interface InPage {
  readonly clientHeight: number;
  readonly parentElement: InPage | null;
  closest(selector: string): InPage | null;
  scrollIntoView(options: { readonly block: 'start' | 'end' }): void;
}

/** What of a message is wholly on the screen: its words, and what can be pressed there. It spoils the page for any other use. */
export function onScreen(
  page: Page,
  { ts }: Message,
): Promise<{ readonly words: string; readonly buttons: readonly string[] }> {
  return page.evaluate(`(() => {
    const message = document.querySelector('[data-ts="${ts}"]');
    const bottom = document.querySelector('[role=log]').getBoundingClientRect().bottom;
    const isIn = (place) => place.getBoundingClientRect().bottom <= bottom;
    const buttons = [...message.querySelectorAll('.blocks button')].filter(isIn).map((button) => button.innerText);
    const texts = document.createTreeWalker(message, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
      range.selectNode(text);
      if (!isIn(range)) text.data = '';
    }
    return { words: message.innerText, buttons };
  })()`);
}
