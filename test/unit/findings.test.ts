import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const PAGE = readFileSync('docs/findings.md', 'utf8');
const ROWS = PAGE.split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
  .filter(([, found = '']) => found !== 'found' && !/^-+$/.test(found));
const plain = (text: string) => text.replaceAll('\\|', '|');
/** The tests that a line names: their file, and a name as it stands there. */
const testsOf = ([, , , shown = '']: readonly string[]) =>
  [...shown.matchAll(/`(test\/[\w./-]+\.ts)`: `([^`]+)`/g)].map(([, file = '', name = '']) => ({
    file,
    name: plain(name),
  }));
const asWritten = (file: string) => readFileSync(file, 'utf8').replaceAll("\\'", "'");

describe('docs/findings.md', () => {
  it('has every line of both lists: 26 false words, 12 dead ends, 20 rewrites, 19 odd inputs, 14 cases of the field', () => {
    const under = (heading: string) =>
      (PAGE.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| '))
        .length - 2;
    expect(under('The twenty rewrites')).toBe(20);
    expect(under('Cases of the field')).toBe(14);
    expect(under('Odd inputs')).toBeGreaterThanOrEqual(19);
    expect(under('False or misleading words')).toBeGreaterThanOrEqual(26);
    expect(under('Dead ends and missing buttons')).toBeGreaterThanOrEqual(12);
  });

  it('names a test that is there for each line, or says that it is open', () => {
    expect(ROWS.length).toBeGreaterThan(100);
    for (const row of ROWS) {
      const tests = testsOf(row);
      if (row[3] !== 'open') expect(tests, row[1]).not.toEqual([]);
      for (const { file, name } of tests) {
        expect(existsSync(file), file).toBe(true);
        expect(asWritten(file), `${file}: ${name}`).toContain(name);
      }
    }
  });

  it('leaves little open, and says what', () => {
    const open = ROWS.filter(([, , , shown]) => shown === 'open');
    expect(open.length).toBeLessThan(6);
    expect(open.filter(([, , now]) => !/still|partly/.test(now ?? ''))).toEqual([]);
  });
});
