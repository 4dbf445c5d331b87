import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPolicy } from '#infra/policy.ts';
import { POLICY_WORDS } from '#infra/policy-words.ts';
import { policyFields, reference } from '#infra/reference.ts';
import { VERB_WORDS } from '#shared/slack/grammar/verb-words.ts';

const PROJECT = join(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(join(PROJECT, file), 'utf8');

describe('the generated documents', () => {
  it.each(Object.entries(reference()))('%s is what `npm run reference` writes', (file, text) => {
    expect(read(file)).toBe(text);
  });

  it('explain every field of the policy, and no other', () => {
    expect(Object.keys(POLICY_WORDS).toSorted()).toEqual(
      policyFields()
        .map(({ path }) => path)
        .toSorted(),
    );
  });

  it('say something of every verb', () => {
    const parts = read('docs/commands.md').split(/^## /m);
    for (const verb of new Set(Object.values(VERB_WORDS)))
      expect(
        parts
          .find((part) => part.startsWith(`${verb}\n`))
          ?.trim()
          .split('\n').length,
      ).toBeGreaterThan(1);
  });
});

describe.each(readdirSync(join(PROJECT, 'docs/policies')))('docs/policies/%s', (file) => {
  it('is a whole policy', () => {
    expect(loadPolicy({ file: join(PROJECT, 'docs/policies', file) }).version).toBe(1);
  });
});

describe('docs/troubleshooting.md', () => {
  const page = read('docs/troubleshooting.md');
  const code = read('shared/slack/blocks/render-audit.ts');

  it('names every column of the record', () => {
    const columns = [...(/COLUMNS = \[([^\]]*)\]/.exec(code)?.[1] ?? '').matchAll(/'(\w+)'/g)];
    expect(columns.length).toBeGreaterThan(10);
    for (const [, column = ''] of columns) expect(page).toMatch(new RegExp(`^\\|[^|]*\`${column}\``, 'm'));
  });

  it('names every result and every deed of the record', () => {
    const entry = /interface AuditEntry \{[^]*?\n\}/.exec(read('shared/store/store.ts'))?.[0] ?? '';
    const words = [...entry.matchAll(/\| '([a-z_-]+)'/g)];
    expect(words.length).toBeGreaterThan(10);
    for (const [, word = ''] of words) expect(page).toContain(`\`${word}\``);
  });
});
