import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SUBJECTS } from '#test/mutate/subjects.ts';

const FOLDER = join(import.meta.dirname, '../../../.github/workflows');
const workflows = readdirSync(FOLDER).map((file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  return {
    file,
    text,
    parsed: parse(text) as {
      permissions: unknown;
      jobs: Record<string, { permissions?: unknown; steps: { run?: string; uses?: string }[] }>;
    },
  };
});

describe.each(workflows)('$file', ({ file, text, parsed }) => {
  it('pins every action by its commit, and says which version that is', () => {
    const uses = text.split('\n').filter((line) => line.includes('uses:'));
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('gives no rights but those that a job names', () => {
    expect(parsed.permissions).toEqual({});
    for (const job of Object.values(parsed.jobs)) expect(job.permissions).toBeDefined();
    expect(
      Object.entries(parsed.jobs)
        .filter(([, job]) => JSON.stringify(job.permissions).includes('write'))
        .map(([name]) => name),
    ).toEqual(file === 'ci.yml' ? ['deploy'] : []);
  });

  it('puts no expression into a shell line, and holds no long-lived key', () => {
    const lines = Object.values(parsed.jobs).flatMap(({ steps }) => steps.map(({ run = '' }) => run));
    for (const line of lines) expect(line).not.toContain('${{');
    expect(text).not.toMatch(/aws-access-key-id|AWS_SECRET_ACCESS_KEY|secrets\./);
  });
});

describe('the mutation run', () => {
  const named = Object.entries(SUBJECTS).flatMap(([subject, { mutate, tests }]) =>
    [...mutate, ...tests].flatMap(alternatives).map((pattern) => [subject, pattern] as const),
  );

  it.each(named)('of %s names %s, which is there', (_, pattern) => {
    expect(globSync(pattern).length).toBeGreaterThan(0);
  });
});

/** Each name of `a/{b,c}.ts` by itself, so that one that is gone is not hidden by the other. */
function alternatives(pattern: string): string[] {
  const [, before = '', names = '', after = ''] = /^([^{]*)\{([^}]+)\}(.*)$/.exec(pattern) ?? [];
  return names === '' ? [pattern] : names.split(',').flatMap((name) => alternatives(before + name + after));
}
