import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { RichText } from './rich-text.tsx';
import { SignedText } from './signed-text.tsx';
import type { Block } from './page-state.ts';

type Cell = Block;
interface Order {
  readonly column: number;
  readonly isDown: boolean;
}

/** What Slack shows of a data table at a time when the message does not say. */
const PAGE_SIZE = 5;

/** Shows a `table`, and a `data_table` with sorting and pages, both of which happen here as they happen in Slack's client. */
export function TableView({ block }: { readonly block: Block }): VNode {
  const [order, setOrder] = useState<Order | undefined>();
  const [page, setPage] = useState(0);
  const isData = block['type'] === 'data_table';
  const [head = [], ...rows] = (block['rows'] as Cell[][] | undefined) ?? [];
  const size = isData ? Number(block['page_size'] ?? PAGE_SIZE) : Number.POSITIVE_INFINITY;
  const sorted = order === undefined ? rows : rows.toSorted((left, right) => compare(left, right, order));
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const shown = sorted.slice(page * size, (page + 1) * size);
  const sortBy = (column: number): void => {
    setOrder({ column, isDown: order?.column === column && !order.isDown });
    setPage(0);
  };
  return (
    <div class="block-table" tabIndex={0} role="region" aria-label={String(block['caption'] ?? 'Table')}>
      <table>
        {isData && <caption>{String(block['caption'] ?? '')}</caption>}
        <thead>
          <tr>
            {head.map((cell, column) => (
              <th key={column} scope="col" aria-sort={sortState(order, column)}>
                {isData ? (
                  <button type="button" onClick={() => sortBy(column)}>
                    <CellView cell={cell} /> <span aria-hidden="true">{arrow(order, column)}</span>
                  </button>
                ) : (
                  <CellView cell={cell} />
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, index) => (
            <Row key={index} row={row} head={isData ? Number(block['row_header_column_index'] ?? 0) : undefined} />
          ))}
        </tbody>
      </table>
      {pages > 1 && <Pages page={page} pages={pages} turn={setPage} />}
    </div>
  );
}

function Row({ row, head }: { readonly row: readonly Cell[]; readonly head: number | undefined }): VNode {
  return (
    <tr>
      {row.map((cell, column) =>
        column === head ? (
          <th key={column} scope="row">
            <CellView cell={cell} />
          </th>
        ) : (
          <td key={column} class={cell['type'] === 'raw_number' ? 'number' : ''}>
            <CellView cell={cell} />
          </td>
        ),
      )}
    </tr>
  );
}

interface PagesProps {
  readonly page: number;
  readonly pages: number;
  turn(page: number): void;
}

function Pages({ page, pages, turn }: PagesProps): VNode {
  return (
    <div class="line pages">
      <button type="button" class="button" disabled={page === 0} onClick={() => turn(page - 1)}>
        Previous
      </button>
      <span>
        {page + 1} of {pages}
      </span>
      <button type="button" class="button" disabled={page + 1 >= pages} onClick={() => turn(page + 1)}>
        Next
      </button>
    </div>
  );
}

function CellView({ cell }: { readonly cell: Cell }): VNode {
  return cell['type'] === 'rich_text' ? <RichText block={cell} /> : <SignedText text={textOf(cell)} />;
}

const textOf = (cell: Cell): string => String(cell['text'] ?? cell['value'] ?? '');

function compare(left: readonly Cell[], right: readonly Cell[], { column, isDown }: Order): number {
  const [one, other] = [left[column] ?? {}, right[column] ?? {}];
  const isNumber = one['type'] === 'raw_number' && other['type'] === 'raw_number';
  const up = isNumber ? Number(one['value']) - Number(other['value']) : wordsOf(one).localeCompare(wordsOf(other));
  return isDown ? -up : up;
}

/** All the words of a cell, also of a rich one. */
function wordsOf(cell: Cell): string {
  if (cell['type'] !== 'rich_text') return textOf(cell);
  const inner = (cell['elements'] as Block[] | undefined) ?? [];
  return inner
    .map((each) => (each['elements'] === undefined ? textOf(each) : wordsOf({ ...each, type: 'rich_text' })))
    .join('');
}

const sortState = (order: Order | undefined, column: number): 'ascending' | 'descending' | undefined =>
  order?.column !== column ? undefined : order.isDown ? 'descending' : 'ascending';
const arrow = (order: Order | undefined, column: number): string =>
  order?.column !== column ? '↕' : order.isDown ? '↓' : '↑';
