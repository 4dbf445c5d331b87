import type { Page } from 'playwright-core';
import type { PageState } from '#infra/sandbox/page/page-state.ts';
import type { TestSandbox } from './sandbox.ts';

type Said = readonly { readonly text: string; readonly blocks: readonly object[] }[];

/** Has a page show these messages and windows instead of those that are there. */
export function sayInstead(
  page: Page,
  sandbox: TestSandbox,
  said: Said,
  views: PageState['views'] = [],
): Promise<unknown> {
  return page.route('**/sandbox/page/state', async (route) => {
    // Read apart from the page: what a page has fetched is gone as soon as it is closed, in the middle of this or not.
    const { 'if-none-match': _, ...headers } = route.request().headers();
    const state = (await (await fetch(route.request().url(), { headers })).json()) as PageState;
    const messages = said.map((message, index) => ({
      ...message,
      channel: sandbox.ready.slack.channels.security,
      ts: `${1_795_000_000 + index}.000001`,
      user: state.botUserId,
    }));
    await route.fulfill({ json: { ...state, messages, views } }).catch((error: unknown) => {
      if (!page.isClosed()) throw error;
    });
  });
}
