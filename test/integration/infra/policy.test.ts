import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPolicy, PolicyError } from '#infra/policy.ts';

const GOOD = readFileSync(join(import.meta.dirname, '../../../infra/policy.yml'), 'utf8');
let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patrol-policy-'));
  file = join(folder, 'policy.yml');
});
afterAll(() => rmSync(folder, { recursive: true }));

function complaint(text: string): string {
  writeFileSync(file, text);
  try {
    loadPolicy({ file });
  } catch (error) {
    if (error instanceof PolicyError) return error.message;
    throw error;
  }
  return '';
}
const lineOf = (text: string, part: string) => text.slice(0, text.indexOf(part)).split('\n').length;

describe('loadPolicy', () => {
  it('reads the policy that the project comes with, defaults filled in', () => {
    const policy = loadPolicy();
    expect(policy.channels.security).toBe('C0SECURITY1');
    expect(policy.enterprises).toEqual([]);
  });

  it('names file, line and field of a wrong value', () => {
    const bad = GOOD.replace('U0VIEWER001', 'viewer');
    expect(complaint(bad)).toMatch(`${file}:${lineOf(bad, '[viewer]')}: roles.viewer.users[0]: `);
  });

  it('names the unknown key itself', () => {
    const bad = GOOD.replace('bulkMax:', 'bulkMux:');
    expect(complaint(bad)).toBe(`${file}:${lineOf(bad, 'bulkMux')}: limits.bulkMux: unknown key`);
  });

  it('refuses a lever that no provider has, which would silently never be offered', () => {
    const bad = GOOD.replace('dfns.deactivate-user', 'dfns.deactivate-users');
    expect(complaint(bad)).toBe(
      `${file}:${lineOf(bad, 'dfns.deactivate-users')}: alerts.levers[0]: is no provider's lever; there are ` +
        'dfns.deactivate-user, dfns.deactivate-service-account, langsmith.stop-new-pats',
    );
  });

  it('looks into alternatives for the one that came closest', () => {
    const bad = GOOD.replace('[list, show, cases, stats]', '[list, show, cases, statz]');
    expect(complaint(bad)).toMatch(`${file}:${lineOf(bad, 'statz')}: roles.viewer.may[0].verbs[3]: `);
  });

  it('names a missing field', () => {
    expect(complaint(GOOD.replace(/^teams:.*$/m, ''))).toMatch(/policy\.yml:\d+: teams: /);
  });

  it('lets the file of a stage replace top-level keys, and says in which of the two a mistake is', () => {
    writeFileSync(file, GOOD);
    const ofStage = join(folder, 'policy.prod.yml');
    writeFileSync(ofStage, 'mode: shadow\nchannels: { security: C0REALONE }\n');
    expect(loadPolicy({ file, stage: 'prod' })).toMatchObject({ mode: 'shadow', channels: { security: 'C0REALONE' } });
    expect(loadPolicy({ file, stage: 'dev' }).mode).toBe('enforce');
    writeFileSync(ofStage, '# ours\nmode: off\n');
    expect(() => loadPolicy({ file, stage: 'prod' })).toThrow(`${ofStage}:2: mode: `);
  });

  it('reports every mistake at once', () => {
    const bad = GOOD.replace('U0VIEWER001', 'viewer').replace('bulkMax:', 'bulkMux:');
    expect(complaint(bad).split('\n')).toHaveLength(2);
  });

  it.each(['roles: [', 'just text', ''])('refuses %j, which is no policy at all', (text) => {
    expect(complaint(text)).toMatch(/policy\.yml:\d+: /);
  });
});
