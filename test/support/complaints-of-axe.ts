import axe from 'axe-core';
import type { Page } from 'playwright-core';

type Found = { readonly id: string; readonly impact: string; readonly nodes: readonly { readonly html: string }[] };

/** The rules of axe-core that look at colours; all others go by what stands where. */
const BY_COLOUR = ['color-contrast', 'link-in-text-block'];

/** Which rules axe-core goes by: these alone, or all but these. */
type Rules = { readonly only?: readonly string[]; readonly but?: readonly string[] };

/** What axe-core calls serious or critical on a page; an expression is evaluated apart from the page's own content policy. */
export async function complaintsOfAxe(page: Page, { only, but = [] }: Rules = {}): Promise<readonly string[]> {
  if (await page.evaluate<boolean>('typeof axe === "undefined"')) await page.evaluate(axe.source);
  const rules = Object.fromEntries(but.map((rule) => [rule, { enabled: false }]));
  const options = { resultTypes: ['violations'], rules, ...(only !== undefined && { runOnly: only }) };
  const found = await page.evaluate<readonly Found[]>(
    `axe.run(${JSON.stringify(options)}).then(({ violations }) => violations)`,
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

/** What a page of some width looks like: by day, and by night. */
type Looks = Readonly<Record<'light' | 'dark', string>>;

/**
 * The same by day and by night. Where nothing but colours changes between them, only what goes by colours is asked twice; and
 * where everything has the colours that it had at another width (`seen`), nothing that goes by them is asked again.
 */
export async function complaintsByDayAndNight(
  page: Page,
  seen?: Looks,
): Promise<{ readonly found: readonly string[]; readonly looks: Looks }> {
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await coloursOf(page);
  const byDay = await complaintsOfAxe(page, light === seen?.light ? { but: BY_COLOUR } : {});
  const places = await whatStandsWhere(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await coloursOf(page);
  const isPlaced = (await whatStandsWhere(page)) === places;
  const isColoured = dark === seen?.dark;
  const rules = { ...(isPlaced && { only: BY_COLOUR }), ...(isColoured && { but: BY_COLOUR }) };
  const byNight = isPlaced && isColoured ? [] : await complaintsOfAxe(page, rules);
  return { found: [...byDay, ...byNight.map((complaint) => `by night, ${complaint}`)], looks: { light, dark } };
}

/** Every element of a page with its attributes and its place. */
const whatStandsWhere = (page: Page): Promise<string> =>
  page.evaluate<string>(`document.documentElement.outerHTML + [...document.querySelectorAll('*')]
    .map((element) => Object.values(element.getBoundingClientRect().toJSON()).join())
    .join(';')`);

/** Every element of a page that is shown, with all that decides how well its text can be told from what is behind it. */
const coloursOf = (page: Page): Promise<string> =>
  page.evaluate<string>(`[...document.body.querySelectorAll('*')]
    .map((element) => [element, getComputedStyle(element)])
    .filter(([, { display, visibility }]) => display !== 'none' && visibility !== 'hidden')
    .map(([{ localName }, { color, backgroundColor, backgroundImage, opacity, fontSize, fontWeight, textDecorationLine }]) =>
      [localName, color, backgroundColor, backgroundImage, opacity, fontSize, fontWeight, textDecorationLine].join())
    .join(';')`);
