import type { types } from '@slack/bolt';
import { LIMITS } from './limits.ts';
import { plain } from './text.ts';

/** What stands in one place of a table: words, a number that sorts as one, or people by Slack id. */
export type Cell = string | { readonly number: number } | { readonly people: readonly string[] };

interface TableParts {
  /** What the table is, for who hears it read. */
  readonly caption: string;
  /** The heads, each with the unit of its numbers: "Age, days". */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Which column names its row. */
  readonly nameColumn: number;
  /** Rows shown at a time. */
  readonly page: number;
}

/** What a table may hold in all, so that its plain form stays within a message, too. */
const TABLE_WORDS = LIMITS.tableCharacters - 500;
const CELL_WIDTHS = [300, 120, 60, 40, 28, 20, 14] as const;

/**
 * A table that sorts and turns its pages in Slack; `undefined` without rows. Cells are cut as narrow as makes all rows fit;
 * rows that Slack would not take are left out, so the caller passes no more than `LIMITS.tableRows - 1`. Foreign text in it is inert.
 */
export function dataTable({ caption, columns, rows, nameColumn, page }: TableParts): types.DataTableBlock | undefined {
  if (rows.length === 0) return undefined;
  const shown = rows.slice(0, LIMITS.tableRows - 1);
  const tables = CELL_WIDTHS.map((width) => shown.map((row) => row.map((cell) => cellOf(cell, width))));
  const fitting = tables.find((table) => lengthOf(table) <= TABLE_WORDS) ?? tables.at(-1) ?? [];
  return {
    type: 'data_table',
    caption: plain(caption, LIMITS.header),
    rows: [columns.map((column) => cellOf(column, LIMITS.header)), ...fitting],
    page_size: Math.min(page, LIMITS.tablePage),
    row_header_column_index: nameColumn,
  };
}

type RichCell = types.DataTableBlock['rows'][number][number];

function cellOf(cell: Cell, width: number): RichCell {
  if (typeof cell === 'string') return { type: 'raw_text', text: plain(cell, width) };
  if ('number' in cell) return { type: 'raw_number', value: cell.number, text: String(cell.number) };
  // What is no id of Slack's is shown as it is.
  const elements = cell.people.map((one) =>
    USER_ID.test(one) ? { type: 'user' as const, user_id: one } : { type: 'text' as const, text: plain(one, width) },
  );
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] };
}

function lengthOf(table: readonly (readonly RichCell[])[]): number {
  return table.flat().reduce((sum, cell) => sum + ('text' in cell ? cell.text.length : PERSON_WIDTH), 0);
}

const PERSON_WIDTH = 20;
const USER_ID = /^[UW][A-Z0-9]{2,20}$/;
