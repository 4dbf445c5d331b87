import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCase, readCases } from '#shared/cases/read-cases.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import { readAudit } from '#shared/tokens/commands/read-audit.ts';
import type { Services } from '#shared/tokens/services.ts';
import { ADMIN, type Bench, OPERATOR, startBench, VIEWER } from '../support/services.ts';

let bench: Bench;
let narrow: Services;
const PROFILES = ['dfns-demo', 'langsmith-demo'] as const;
const CASES = { 'dfns-demo': 'C-AAAA2222', 'langsmith-demo': 'C-BBBB3333' } as const;

beforeAll(async () => {
  bench = await startBench();
  narrow = bench.withPolicy((policy) => {
    policy.roles['viewer']!.may = [{ verbs: ['cases', 'audit'], profiles: ['dfns-demo'] }];
  });
  const at = '2026-11-22T12:00:00.000Z';
  for (const profile of PROFILES) {
    const token: Token = {
      provider: profile === 'dfns-demo' ? 'dfns' : 'langsmith',
      profile,
      id: `id-in-${profile}`,
      name: 'x',
      kind: 'pat',
      state: 'active',
      permissions: [],
      own: false,
    };
    await bench.services.store.cases.open({
      id: CASES[profile],
      key: `token:${profile}:x`,
      state: 'asking',
      openedAt: at,
      updatedAt: at,
      token,
      reports: [],
      count: 1,
      generation: 0,
    });
    await bench.services.store.audit.append({
      at,
      id: `entry-${profile}`,
      actor: OPERATOR,
      what: 'deactivate',
      token: { profile, id: token.id },
      result: 'done',
    });
  }
});
afterAll(() => bench.close());

async function seenBy(who: typeof VIEWER) {
  const authority = await authorise(narrow, who);
  const [cases, audit, foreign] = await Promise.all([
    readCases(narrow, authority, false),
    readAudit(narrow, authority, { verb: 'audit' }),
    readCase(narrow, authority, CASES['langsmith-demo']),
  ]);
  return {
    cases: cases.kind === 'cases' ? cases.cases.map(({ id }) => id).toSorted() : cases.kind,
    audit:
      audit.kind === 'audited' ? audit.entries.flatMap(({ token }) => token?.profile ?? []).toSorted() : audit.kind,
    foreign: foreign.kind,
  };
}

describe('the right to see cases and the record of one profile', () => {
  it('shows nothing of another profile', async () => {
    expect(await seenBy(VIEWER)).toEqual({
      cases: [CASES['dfns-demo']],
      audit: ['dfns-demo'],
      foreign: 'unknown_case',
    });
  });

  it('shows all to whoever may see all', async () => {
    expect(await seenBy(ADMIN)).toEqual({ cases: Object.values(CASES), audit: [...PROFILES], foreign: 'case' });
  });

  it('hides nothing of a profile that the policy no longer names from whoever may see all', async () => {
    const smaller = bench.withPolicy((policy) => {
      delete policy.profiles['langsmith-demo'];
      policy.protected = [];
    });
    const authority = await authorise(smaller, ADMIN);
    expect((await readCase(smaller, authority, CASES['langsmith-demo'])).kind).toBe('case');
  });
});
