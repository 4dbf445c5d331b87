import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Policy } from '#shared/policy/policy.ts';
import { CARD_SCENES, type CardScene } from './card-scenes.ts';
import { readCommandLine, runMain, Stop } from './command-line.ts';
import { drawContactSheet } from './draw-contact-sheet.ts';
import { beAt, type InPage, lookAt, PHONE_SCREEN } from './phone-screen.ts';
import { loadPolicy } from './policy.ts';
import { createSandboxHand } from './sandbox-hand.ts';
import type { Ready } from './sandbox/ready.ts';
import { startSandbox } from './sandbox/sandbox.ts';
import { tellSteps } from './tell-steps.ts';
import { SCENES, type Scene } from './screenshot-scenes.ts';
import { shrinkPng } from './shrink-png.ts';

const NAMES = SCENES.map(({ name }) => name).join(', ');
const CARD_NAMES = Object.values(CARD_SCENES).flatMap((scenes) => scenes.map(({ name }) => name));
const USAGE = `npm run screenshots -- [scene …] [--cards [--whole FOLDER]]

Plays the scenes in a sandbox and takes their pictures into docs/images; all of them unless some are named:
${NAMES}

  --cards         instead, each state of a card and all else that is read on a phone, as sheets of phone screens:
                  ${CARD_NAMES.join(', ')}
  --whole FOLDER  puts each of these screens into that folder too, as large as it is
`;
const FOLDER = join(import.meta.dirname, '..', 'docs', 'images');
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const DESKTOP = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1 } as const;
const PHONE = { viewport: PHONE_SCREEN, deviceScaleFactor: 1.5 } as const;
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
/** A sheet is many pictures. */
const MOST_SHEET_BYTES = 400_000;
const PATIENCE_MS = 60_000;
const SCREENS_ON_SHEET = 8;

interface Stage {
  readonly browser: Browser;
  readonly ready: Ready;
  readonly step: (words: string) => void;
}

/** Starts a browser and a sandbox with its page, for as long as something is done with them. */
async function withStage(policy: Policy, doing: (stage: Stage) => Promise<void>): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const step = tellSteps();
  const browser = await openBrowser();
  const sandbox = await startSandbox({ port: 0, policy, page: true, rttMs: 0, onStep: step });
  try {
    await doing({ browser, ready: sandbox.ready, step });
  } finally {
    await browser.close();
    await sandbox.close();
  }
}

/** Plays scenes and takes their pictures from the page, on desk and phone, into docs/images. */
async function takeScenes({ browser, ready, step }: Stage, only: readonly string[]): Promise<void> {
  const hand = createSandboxHand(ready);
  const pages = await openPages(browser, ready.url);
  for (const scene of SCENES.filter(({ name }) => only.length === 0 || only.includes(name))) {
    step(`Playing ${scene.name}`);
    await hand.call('reset', {});
    await scene.play(hand, (name, spot) => take(pages, ready, { ...scene, ...spot, name }));
  }
}

/** The policy with owners whom it knows as people, as a company's own has. */
function policyWithOwners(): Policy {
  const policy = loadPolicy({ stage: 'sandbox' });
  return { ...policy, owners: { 'anna@example.com': 'U0VIEWER001', 'ben@example.com': 'U0OPERATOR1' } };
}

/** Plays what is read on a phone, screen by screen; where it is all of it, draws the screens on sheets into docs/images. */
async function takeCards(
  { browser, ready, step }: Stage,
  { only, whole }: { readonly only: readonly string[]; readonly whole: string | undefined },
): Promise<void> {
  const page = await browser.newPage({ ...PHONE, colorScheme: 'light', locale: 'en-GB', timezoneId: 'UTC' });
  await page.goto(ready.url);
  if (whole !== undefined) mkdirSync(whole, { recursive: true });
  for (const [group, scenes] of Object.entries(CARD_SCENES)) {
    const shots = [];
    for (const scene of scenes.filter(({ name }) => only.length === 0 || only.includes(name))) {
      step(`Playing ${scene.name}`);
      const picture = await takeCard(page, ready, scene);
      shots.push({ name: scene.name, picture });
      if (whole !== undefined)
        writeFileSync(join(whole, `${group}-${scene.name.replaceAll(/\W+/g, '-')}.png`), picture);
    }
    for (let sheet = 0; only.length === 0 && sheet * SCREENS_ON_SHEET < shots.length; sheet += 1) {
      const some = shots.slice(sheet * SCREENS_ON_SHEET, (sheet + 1) * SCREENS_ON_SHEET);
      keep(`cards-${group}-${sheet + 1}.png`, await drawContactSheet(browser, some), MOST_SHEET_BYTES);
    }
  }
}

async function takeCard(page: Page, ready: Ready, scene: CardScene): Promise<Buffer> {
  const hand = createSandboxHand(ready);
  await hand.call('reset', {});
  await lookAt(page, ready, { user: scene.user ?? 'operator', message: await scene.play(hand) });
  return page.screenshot({ animations: 'disabled' });
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
  const { users, channels } = ready.slack;
  for (const [look, page] of pages) {
    if (look.endsWith('-dark') && !isDarkToo) continue;
    const where = place === 'home' ? 'home' : channels[place];
    await beAt(page, { person: users[user], place: where, panel, story: null });
    if (panel !== 'tokens' && look.startsWith('phone')) await page.locator('.to-panel').click();
    const words = page.getByText(shows).last();
    await words.waitFor({ state: 'visible', timeout: PATIENCE_MS });
    await words.evaluate(bringIntoView);
    keep(`${name}-${look}.png`, await page.screenshot({ animations: 'disabled' }), MOST_BYTES);
  }
}

/** Writes a picture into docs/images. Throws where it would be too large for a repository. */
function keep(file: string, taken: Buffer, most: number): void {
  const picture = shrinkPng(taken);
  if (picture.length > most) throw new Error(`${file} has ${picture.length} bytes; ${most} are allowed.`);
  writeFileSync(join(FOLDER, file), picture);
  console.log(`docs/images/${file}  ${Math.ceil(picture.length / 1000)} kB`);
}

/** Runs in the page: the whole message where there is room for it, its beginning otherwise. */
function bringIntoView(words: InPage): void {
  const message = words.closest('.thread') ?? words;
  const room = message.parentElement?.clientHeight ?? 0;
  message.scrollIntoView({ block: message.clientHeight > room ? 'start' : 'end' });
}

await runMain(async () => {
  const options = { cards: { type: 'boolean', default: false }, whole: { type: 'string' } } as const;
  const { positionals: only, values } = readCommandLine({
    usage: USAGE,
    options,
    words: SCENES.length + CARD_NAMES.length,
  });
  const names = values.cards ? CARD_NAMES : SCENES.map(({ name }) => name);
  const unknown = only.find((wanted) => !names.includes(wanted));
  if (unknown !== undefined) throw new Stop(`There is no scene ${unknown}; there are ${names.join(', ')}.`);
  if (values.cards) await withStage(policyWithOwners(), (stage) => takeCards(stage, { only, whole: values.whole }));
  else await withStage(loadPolicy({ stage: 'sandbox' }), (stage) => takeScenes(stage, only));
});
