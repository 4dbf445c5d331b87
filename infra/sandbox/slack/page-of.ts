import { type Args, text } from './protocol.ts';

/** Tells where a page begins and ends, by cursor and limit; `undefined` for a cursor that is none. */
export function pageOf(args: Args): { readonly from: number; readonly to: number } | undefined {
  const from = Number(text(args, 'cursor') ?? 0);
  const to = from + Number(text(args, 'limit') ?? 100);
  return Number.isSafeInteger(from) && Number.isSafeInteger(to) ? { from, to } : undefined;
}

/** The cursor of what follows, as Slack gives it; empty when nothing does. */
export const cursorAfter = (to: number, count: number) => ({
  response_metadata: { next_cursor: to < count ? String(to) : '' },
});
