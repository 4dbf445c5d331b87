import axe from 'axe-core';
import type { Page } from 'playwright-core';

type Found = { readonly id: string; readonly impact: string; readonly nodes: readonly { readonly html: string }[] };

/** The rules of axe-core that look at colours; all others go by what stands where. */
const BY_COLOUR = ['color-contrast', 'link-in-text-block'];

/** What axe-core calls serious or critical on a page; an expression is evaluated apart from the page's own content policy. */
export async function complaintsOfAxe(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  if (await page.evaluate<boolean>('typeof axe === "undefined"')) await page.evaluate(axe.source);
  const options = { resultTypes: ['violations'], ...(rules !== undefined && { runOnly: rules }) };
  const found = await page.evaluate<readonly Found[]>(
    `axe.run(${JSON.stringify(options)}).then(({ violations }) => violations)`,
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** The same by day and by night: where nothing but colours changes between them, only what goes by colours is asked twice. */
export async function complaintsByDayAndNight(page: Page): Promise<readonly string[]> {
  await page.emulateMedia({ colorScheme: 'light' });
  const byDay = await complaintsOfAxe(page);
  const places = await whatStandsWhere(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  const isTheSame = (await whatStandsWhere(page)) === places;
  const byNight = await complaintsOfAxe(page, isTheSame ? BY_COLOUR : undefined);
  return [...byDay, ...byNight.map((complaint) => `by night, ${complaint}`)];
}

/** Every element of a page with its attributes and its place. */
const whatStandsWhere = (page: Page): Promise<string> =>
  page.evaluate<string>(`document.documentElement.outerHTML + [...document.querySelectorAll('*')]
    .map((element) => Object.values(element.getBoundingClientRect().toJSON()).join())
    .join(';')`);
