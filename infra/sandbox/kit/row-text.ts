import type { Reply } from './exchange.ts';

/** Renders one row of a listing as JSON. */
export type RowText<R extends object> = (row: R) => string;

/**
 * Makes what renders rows, each again only where its mark has changed: of a listing of a thousand that is most of what a
 * stand-in would do.
 */
export function createRowText<R extends object>(render: (row: R) => object, markOf: (row: R) => string): RowText<R> {
  const known = new WeakMap<R, { readonly mark: string; readonly text: string }>();
  return (row) => {
    const mark = markOf(row);
    const before = known.get(row);
    if (before?.mark === mark) return before.text;
    const text = JSON.stringify(render(row));
    known.set(row, { mark, text });
    return text;
  };
}

/** A plain 200 with JSON that is text already. */
export function okText(body: string): Reply {
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body };
}
