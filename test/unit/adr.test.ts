import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';

const decisions = globSync('docs/adr/[0-9]*.md').toSorted();
const index = readFileSync('docs/adr/README.md', 'utf8');

describe('the decisions', () => {
  it('are numbered one by one', () => {
    expect(decisions.map((file) => Number(basename(file).slice(0, 4)))).toEqual(decisions.map((_, at) => at + 1));
  });

  it.each(decisions)('%s has a status and a date, and its line in the index', (file) => {
    const [title = '', , state = ''] = readFileSync(file, 'utf8').split('\n');
    const [, number, words] = /^# (\d+)\. (.+)$/.exec(title) ?? [];
    const [, status = '', date] = /^\*(Accepted|Amended|Overtaken by \d{4}), (\d{4}-\d\d-\d\d)\.\*$/.exec(state) ?? [];
    expect(Number(number)).toBe(Number(basename(file).slice(0, 4)));
    const name = `[${basename(file).slice(0, 4)}](${basename(file)})`;
    expect(index).toContain(`| ${name} | ${String(words)} | ${status.toLowerCase()} | ${String(date)} |`);
  });
});
