/** A table as far as it is one. */
interface CsvTable {
  readonly rows: readonly Readonly<Record<string, string>>[];
  /** From the first row on that cannot be read, as it stands: one that is cut off in a cell, say. */
  readonly unread: readonly string[];
}

/**
 * Reads a table of RFC 4180 whose first line names its columns, as one object for each row; `undefined` where that line does not
 * name all of the columns that are wanted. Linear; never throws.
 */
export function readCsv(text: string, wanted: readonly string[]): CsvTable | undefined {
  const { rows, rest } = rowsOf(text.replace(/^\ufeff/, ''), wanted);
  const [heads = [], ...lines] = rows;
  if (!wanted.every((name) => heads.includes(name))) return undefined;
  return {
    rows: lines
      .filter((cells) => cells.some((cell) => cell !== ''))
      .map((cells) => Object.fromEntries(heads.map((name, at) => [name, cells[at] ?? '']))),
    unread: rest === '' ? [] : [rest],
  };
}

/** A cell with what ends it; one in quotation marks may hold commas, line breaks and doubled marks. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;

function rowsOf(
  text: string,
  wanted: readonly string[],
): { readonly rows: readonly (readonly string[])[]; readonly rest: string } {
  const rows: string[][] = [];
  let [row, from]: [string[], number] = [[], 0];
  for (const { 0: whole, 1: quoted, 2: plain = '', 3: end, index } of text.matchAll(CELL)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ',') continue;
    rows.push(row);
    [row, from] = [[], index + whole.length];
    // Whatever begins otherwise is no such table, and is not read to its end.
    if (rows.length === 1 && !wanted.every((name) => rows[0]?.includes(name))) break;
    if (end === '') break;
  }
  return { rows, rest: text.slice(from) };
}
