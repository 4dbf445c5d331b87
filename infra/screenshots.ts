import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import * as z from 'zod';
import { readCommandLine, runMain, Stop } from './command-line.ts';
import { loadPolicy } from './policy.ts';
import type { Message } from './sandbox/page/state.ts';
import type { Ready } from './sandbox/ready.ts';
import { startSandbox } from './sandbox/sandbox.ts';
import { type Hand, SCENES, type Scene } from './screenshot-scenes.ts';
import { shrinkPng } from './small-png.ts';

const NAMES = SCENES.map(({ name }) => name).join(', ');
const USAGE = `npm run screenshots -- [scene …]

Plays the scenes in a sandbox and takes their pictures into docs/images; all of them unless some are named:
${NAMES}
`;
const FOLDER = join(import.meta.dirname, '..', 'docs', 'images');
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const DESKTOP = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 } as const;
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5 } as const;
/** Every way of looking; the dark ones are for the scenes that ask for them. */
const LOOKS = {
  desktop: { ...DESKTOP, colorScheme: 'light' },
  phone: { ...PHONE, colorScheme: 'light' },
  'desktop-dark': { ...DESKTOP, colorScheme: 'dark' },
  'phone-dark': { ...PHONE, colorScheme: 'dark' },
} as const;
type Look = keyof typeof LOOKS;
/** Pictures are in the repository: each must stay small. */
const MOST_BYTES = 150_000;
const PATIENCE_MS = 60_000;

/** Starts the sandbox, plays every scene in it and takes its pictures from the page, on desk and phone, into docs/images. */
async function takeAll(only: readonly string[]): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const sandbox = await startSandbox({ port: 0, policy: loadPolicy({ stage: 'sandbox' }), page: true, rttMs: 0 });
  const browser = await openBrowser();
  try {
    const hand = createHand(sandbox.ready);
    const pages = await openPages(browser, sandbox.ready.url);
    for (const scene of SCENES.filter(({ name }) => only.length === 0 || only.includes(name))) {
      await hand.call('reset', {});
      await scene.play(hand, (name, spot) => take(pages, sandbox.ready, { ...scene, ...spot, name }));
    }
  } finally {
    await browser.close();
    await sandbox.close();
  }
}

async function openBrowser(): Promise<Browser> {
  const executablePath = (process.env['PATH'] ?? '')
    .split(':')
    .flatMap((folder) => BROWSERS.map((name) => join(folder, name)))
    .find((file) => existsSync(file));
  if (executablePath === undefined) throw new Stop(`No browser on the PATH; one of ${BROWSERS.join(', ')} is needed.`);
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-lcd-text'] });
}

async function openPages(browser: Browser, url: string): Promise<ReadonlyMap<Look, Page>> {
  const pages = new Map<Look, Page>();
  for (const [look, options] of Object.entries(LOOKS)) {
    const context = await browser.newContext({ ...options, locale: 'en-GB', timezoneId: 'UTC' });
    const page = await context.newPage();
    await page.goto(url);
    pages.set(look as Look, page);
  }
  return pages;
}

/** Shows the place as the person sees it, waits for the words, and takes one picture of each look. */
async function take(pages: ReadonlyMap<Look, Page>, ready: Ready, scene: Omit<Scene, 'play'>): Promise<void> {
  const { name, user, place, shows, panel = 'tokens', isDarkToo = false } = scene;
  // The page keeps over a reload where one was: so a person is put there.
  const kept = {
    person: ready.slack.users[user],
    place: place === 'home' ? 'home' : ready.slack.channels[place],
    panel,
    story: null,
  };
  for (const [look, page] of pages) {
    if (look.endsWith('-dark') && !isDarkToo) continue;
    await page.evaluate(
      `for (const [key, value] of Object.entries(${JSON.stringify(kept)})) sessionStorage.setItem(key, JSON.stringify(value))`,
    );
    await page.reload();
    if (panel !== 'tokens' && look.startsWith('phone')) await page.getByRole('button', { name: 'Tokens…' }).click();
    const words = page.getByText(shows).last();
    await words.waitFor({ state: 'visible', timeout: PATIENCE_MS });
    await words.evaluate(bringIntoView);
    const picture = shrinkPng(await page.screenshot({ animations: 'disabled' }));
    const file = `${name}-${look}.png`;
    if (picture.length > MOST_BYTES) throw new Error(`${file} has ${picture.length} bytes; ${MOST_BYTES} are allowed.`);
    writeFileSync(join(FOLDER, file), picture);
    console.log(`docs/images/${file}  ${Math.ceil(picture.length / 1000)} kB`);
  }
}

/** As much of the browser's `Element` as is needed; its own types would be in reach of every file. */
interface InPage {
  readonly clientHeight: number;
  readonly parentElement: InPage | null;
  closest(selector: string): InPage | null;
  scrollIntoView(options: { readonly block: 'start' | 'end' }): void;
}

/** Runs in the page: the whole message where there is room for it, its beginning otherwise. */
function bringIntoView(words: InPage): void {
  const message = words.closest('.thread') ?? words;
  const room = message.parentElement?.clientHeight ?? 0;
  message.scrollIntoView({ block: message.clientHeight > room ? 'start' : 'end' });
}

const buttonSchema = z.object({
  type: z.literal('button'),
  action_id: z.string(),
  value: z.string(),
  text: z.object({ text: z.string() }),
});

/** Types and presses through the sandbox's own calls, which sign every request as Slack does. */
function createHand({ url, slack }: Ready): Hand {
  const call = async <T>(path: string, body?: object): Promise<T> => {
    const response = await fetch(`${url}/sandbox/${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as T;
    if (!response.ok) throw new Error(`${path}: HTTP ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  };
  const message = async (place: 'security' | 'general', words: RegExp): Promise<Message> => {
    const end = performance.now() + PATIENCE_MS;
    while (performance.now() < end) {
      const all = await call<Message[]>(`messages?channel=${slack.channels[place]}`);
      const found = all.findLast(({ text }) => words.test(text));
      if (found !== undefined) return found;
      await pause(100);
    }
    throw new Error(`Nobody said ${words} in #${place}.`);
  };
  return {
    call,
    message,
    type: (user, text, place = 'general') =>
      call('slack/command', { userId: slack.users[user], channel: slack.channels[place], text }),
    press: async (user, { channel, ts, blocks }, label) => {
      const elements: unknown[] = blocks.flatMap(
        ({ elements = [], accessory = [] }) => [elements, accessory].flat() as unknown[],
      );
      const button = elements
        .flatMap((element) => buttonSchema.safeParse(element).data ?? [])
        .find(({ text }) => label.test(text.text));
      if (button === undefined) throw new Error(`There is no button ${label}.`);
      const { action_id, value } = button;
      const action = { type: 'button', action_id, value };
      await call('slack/click', { userId: slack.users[user], channel, ts, action });
    },
  };
}

await runMain(async () => {
  const { positionals } = readCommandLine({ usage: USAGE, options: {}, words: SCENES.length });
  const unknown = positionals.find((wanted) => !SCENES.some(({ name }) => name === wanted));
  if (unknown !== undefined) throw new Stop(`There is no scene ${unknown}; there are ${NAMES}.`);
  await takeAll(positionals);
});
