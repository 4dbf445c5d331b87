import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';

const PAGES = [...globSync('*.md'), ...globSync('docs/**/*.md'), ...globSync('detectors/*.md')];

/** The snippets of a page that are in this language. */
const snippets = (page: string, language: string): readonly string[] =>
  [...readFileSync(page, 'utf8').matchAll(/^```(\w+)\n([^]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , text = '']) => text);

/** A snippet may leave something out; what stands there instead is no part of the language. */
const isWhole = (text: string): boolean => !/…|<[a-z]+>/.test(text);

describe.each(PAGES)('%s', (page) => {
  it('has shell commands that a shell can read', () => {
    for (const text of snippets(page, 'sh').filter(isWhole)) execFileSync('bash', ['-n'], { input: text });
  });

  it('has JSON and YAML that can be read', () => {
    for (const text of snippets(page, 'json').filter(isWhole)) JSON.parse(text);
    for (const text of snippets(page, 'yaml'))
      expect(parseAllDocuments(text).flatMap(({ errors }) => errors.map(({ message }) => message))).toEqual([]);
  });
});
