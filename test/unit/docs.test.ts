import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { FAULTS } from '#shared/core/fault.ts';
import { VERB_WORDS } from '#shared/slack/grammar/verb-words.ts';

/** Files that a reader makes. */
const TO_BE_MADE = new Set(['infra/policy.dev.yml']);
const PAGES = [...globSync('*.md'), ...globSync('docs/**/*.md'), ...globSync('detectors/*.md')];
const read = (file: string) => readFileSync(file, 'utf8');
const all = (text: string, expression: RegExp) => [...text.matchAll(expression)].map((match) => match[1] ?? '');
/** The anchors of a page's headings, as GitHub makes them. */
const anchorsOf = (page: string) =>
  all(read(page), /^#{1,6} (.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;

describe.each(PAGES)('%s', (page) => {
  const text = read(page);

  it('links only to what is there', () => {
    const targets = all(text, /\]\(([^)\s#]+)(?:#[^)]*)?\)/g).filter((target) => !/^[a-z]+:/.test(target));
    expect(targets.filter((target) => !existsSync(join(dirname(page), target)))).toEqual([]);
  });

  it('links only to headings that are there, and to addresses that are some', () => {
    const anchors = [...text.matchAll(/\]\(([^)\s#]*)#([^)]+)\)/g)].filter(
      ([, target = '']) => !/^[a-z]+:/.test(target),
    );
    for (const [, target = '', anchor] of anchors)
      expect(anchorsOf(target === '' ? page : join(dirname(page), target)), `${target}#${anchor}`).toContain(anchor);
    const outside = all(text, /\]\(((?:https?|mailto):[^)\s]+)\)/g);
    expect(outside.filter((address) => !URL.canParse(address) || address.startsWith('http:'))).toEqual([]);
  });

  it('names only files that are there', () => {
    const files = all(
      text,
      /(?<![\w./-])((?:functions|shared|infra|test|docs|\.github)\/[\w./-]+\.(?:ts|tsx|yml|md|png))\b/g,
    );
    expect(files.filter((file) => !existsSync(file) && !TO_BE_MADE.has(file))).toEqual([]);
  });

  it('gives commands only flags that they know', () => {
    const calls = [...text.matchAll(/\bnpm (?:run )?([a-z:]+) -- ((?:[^`\n|]|\\\n)*)/g)];
    for (const [, script = '', words = ''] of calls) {
      const file = /(?:node|vitest) (\S+\.ts)/.exec(scripts[script] ?? '')?.[1];
      if (file === undefined) continue;
      const unknown = all(words, /(?<![\w-])--([a-z-]+)/g).filter(
        (flag) => flag !== 'help' && !read(file).includes(`--${flag}`),
      );
      expect(unknown, script).toEqual([]);
    }
  });

  it('prints only snippets that their reader can parse', () => {
    const snippets = [...text.matchAll(/^( *)```(json|yaml)\n([^]*?)^ *```$/gm)].map(
      ([, indent = '', kind = '', body = '']) => ({ kind, body: body.replaceAll(new RegExp(`^${indent}`, 'gm'), '') }),
    );
    for (const { kind, body } of snippets) {
      if (kind === 'json') expect(() => JSON.parse(body) as unknown, body).not.toThrow();
      else expect(parseDocument(body).errors, body).toEqual([]);
    }
  });

  it('names only commands that there are', () => {
    expect(all(text, /\bnpm run ([a-z:]+)/g).filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
  });
});

describe('docs/ARCHITECTURE.md', () => {
  const text = read('docs/ARCHITECTURE.md');

  it('calls functions what the code calls them', () => {
    const code = globSync('{functions,shared}/**/*.ts').map(read).join('\n');
    const names = all(text, /`(?:\w+\.)?([a-z]+(?:[A-Z][a-z]+)+)(?:\(\w*\))?`/g);
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
  });

  it('tells each walk-through in at most eight hops', () => {
    const walks = text.split(/^## /m).filter((part) => part.startsWith('Walk-through'));
    expect(walks).toHaveLength(2);
    for (const walk of walks) expect(all(walk, /^(\d+)\. /gm).length).toBeLessThanOrEqual(8);
  });

  it('states the consequences of every fault as the code does', () => {
    const rows = all(text, /^\| (`[a-z_`\s]+) \|/gm).filter((codes) => codes.includes('_'));
    const told = rows.flatMap((codes) => all(codes, /`(\w+)`/g));
    expect(told.toSorted()).toEqual(Object.keys(FAULTS).toSorted());
    for (const [code, { http, queue, page }] of Object.entries(FAULTS)) {
      const row = text.split('\n').find((line) => line.startsWith('|') && line.includes(`\`${code}\``));
      expect(row?.split('|').map((cell) => cell.trim())).toMatchObject({ 2: String(http), 3: queue, 4: page });
    }
  });
});

describe('docs/slack.md', () => {
  it('names every verb', () => {
    const text = read('docs/slack.md');
    const table = text.split('\n').filter((line) => line.startsWith('| `/pat'));
    const told = table.join(' ');
    expect(
      Object.keys(VERB_WORDS).filter((verb) => !new RegExp(`\\b${verb}\\b`).test(told) && verb !== 'help'),
    ).toEqual([]);
    expect(text).toContain('/pat help');
  });
});

describe('docs/sandbox.md', () => {
  const text = read('docs/sandbox.md');

  it('describes every call for scripts, and no other', () => {
    const routes = globSync('infra/sandbox/control/routes/*.ts').flatMap((file) =>
      all(read(file), /^ {2}'((?:GET|POST) [\w/-]+)'/gm),
    );
    const told = all(text, /`((?:GET|POST) [\w/-]+)/g).map((call) => call.replace(/^(POST (?:invoke|run))\/.*/, '$1'));
    expect(routes.length).toBeGreaterThan(20);
    expect([...new Set(told)].toSorted()).toEqual(routes.toSorted());
  });

  it('knows every flag of `npm start`', () => {
    const flags = all(read('infra/sandbox/start.ts'), /^ {2}--([a-z-]+)/gm);
    expect(flags.length).toBeGreaterThan(5);
    for (const flag of flags) expect(text).toContain(`--${flag}`);
  });
});

it('every picture stands in a page', () => {
  const shown = new Set(PAGES.flatMap((page) => all(read(page), /images\/([\w-]+\.png)/g)));
  expect(globSync('docs/images/*').filter((file) => !shown.has(basename(file)))).toEqual([]);
});
