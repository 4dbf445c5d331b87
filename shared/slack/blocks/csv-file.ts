import { stringify } from 'csv-stringify/sync';

/**
 * Writes rows as CSV with a head; lines end with a line feed. A cell that a spreadsheet would take for a formula is preceded by
 * an apostrophe (OWASP, "CSV Injection"), and no cell has a NUL: what a spreadsheet drops may not hide how a cell begins.
 */
export function csvFile(rows: readonly Readonly<Record<string, string>>[], columns: readonly string[]): string {
  const cells = rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, text]) => [name, plain(text)])));
  return stringify(cells, { header: true, columns: [...columns], escape_formulas: true, record_delimiter: 'unix' });
}

/** Where `;` separates, or a spreadsheet trims, a formula may also begin behind one of these. */
function plain(text: string): string {
  return text.replaceAll('\0', '').replace(/(;\s*|^\s+)([=+@\-])/g, "$1'$2");
}
