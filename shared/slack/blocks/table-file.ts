import { stringify } from 'csv-stringify/sync';

interface TableFile {
  /** The columns of the CSV, in order; the JSON Lines have the same names. */
  readonly columns: readonly string[];
  readonly format: 'jsonl' | 'csv';
}

/**
 * Writes rows as a file: one JSON object or one line of CSV each, same fields in both; lines end with a line feed. In the CSV a
 * cell that a spreadsheet would take for a formula is preceded by an apostrophe (OWASP, "CSV Injection"), and no cell has a NUL:
 * what a spreadsheet drops may not hide how a cell begins.
 */
export function tableFile(rows: readonly Readonly<Record<string, string>>[], { columns, format }: TableFile): string {
  if (format === 'jsonl') return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const cells = rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, text]) => [name, plain(text)])));
  return stringify(cells, { header: true, columns: [...columns], escape_formulas: true, record_delimiter: 'unix' });
}

/** Where `;` separates, or a spreadsheet trims, a formula may also begin behind one of these. */
function plain(text: string): string {
  return text.replaceAll('\0', '').replace(/(;\s*|^\s+)([=+@\-])/g, "$1'$2");
}
