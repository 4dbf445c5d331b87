/**
 * Reads a table of RFC 4180 whose first line names its columns, as one object for each row; `undefined` where that line does not
 * name all of the columns that are wanted. Linear; never throws.
 */
export function readCsv(
  text: string,
  wanted: readonly string[],
): readonly Readonly<Record<string, string>>[] | undefined {
  const [heads = [], ...rows] = rowsOf(text.replace(/^\ufeff/, ''), wanted);
  if (!wanted.every((name) => heads.includes(name))) return undefined;
  return rows
    .filter((cells) => cells.some((cell) => cell !== ''))
    .map((cells) => Object.fromEntries(heads.map((name, at) => [name, cells[at] ?? ''])));
}

/** A cell with what ends it; one in quotation marks may hold commas, line breaks and doubled marks. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;

function rowsOf(text: string, wanted: readonly string[]): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = '', end] of text.matchAll(CELL)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ',') continue;
    rows.push(row);
    row = [];
    // Whatever begins otherwise is no such table, and is not read to its end.
    if (rows.length === 1 && !wanted.every((name) => rows[0]?.includes(name))) break;
    if (end === '') break;
  }
  return rows;
}
