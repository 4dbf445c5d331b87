import type { Browser } from 'playwright-core';
import { PHONE_SCREEN } from './phone-screen.ts';

interface Shot {
  readonly name: string;
  /** A PNG of the phone's screen. */
  readonly picture: Buffer;
}

const COLUMNS = 4;
const WIDTH = 312;

/** Draws phone screens side by side, each under its name, as one PNG. */
export async function drawContactSheet(browser: Browser, shots: readonly Shot[]): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: COLUMNS * (WIDTH + 16) + 16, height: 800 } });
  try {
    await page.setContent(`<style>
      body { margin: 0; padding: 16px; display: grid; grid-template-columns: repeat(${COLUMNS}, ${WIDTH}px); gap: 16px; }
      body { font: 600 15px 'DejaVu Sans', sans-serif; background: #e8e8ea; color: #1d1c1d; }
      figure { margin: 0; } figcaption { padding: 0 0 6px; }
      img { width: ${WIDTH}px; height: ${Math.round((WIDTH * PHONE_SCREEN.height) / PHONE_SCREEN.width)}px; display: block; border-radius: 6px; }
    </style>${shots.map(figure).join('')}`);
    return await page.screenshot({ fullPage: true });
  } finally {
    await page.close();
  }
}

function figure({ name, picture }: Shot): string {
  return `<figure><figcaption>${name}</figcaption><img src="data:image/png;base64,${picture.toString('base64')}"></figure>`;
}
