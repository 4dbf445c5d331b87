import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LeakJob } from '#shared/jobs/job.ts';
import { leakJobSchema } from '#shared/jobs/job.ts';
import { repeatReport } from '#shared/cases/repeat-report.ts';
import { Secret } from '#shared/core/secret.ts';
import type { Actor } from '#shared/core/vocabulary.ts';
import { encodeCase } from '#shared/slack/blocks/press.ts';
import { onCase } from '#shared/slack/listeners/on-case.ts';
import type { Case } from '#shared/store/store.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';
import { OPERATOR, VIEWER } from '#test/support/services.ts';

let bench: LeakBench;
beforeAll(async () => {
  bench = await startLeakBench();
});
afterAll(() => bench.close());
afterEach(() => {
  for (const standIn of [bench.dfns, bench.langsmith, bench.github]) standIn.setFault({ mode: 'none' });
});

let minutes = 0;
const mint = () =>
  bench.dfns.mint({
    profile: 'dfns-demo',
    name: 'looked for again',
    createdAt: new Date(Date.UTC(2025, 5, 1, 0, 5 * (minutes += 1))).toISOString(),
  });
const stored = async (id: string): Promise<Case> => {
  const kase = await bench.services.store.cases.get(id);
  if (kase === undefined) throw new Error('no such case');
  return kase;
};

/** Presses "Look again" on a case's card. */
async function press(caseId: string, actor: Actor = OPERATOR) {
  const { services } = bench;
  const sent: LeakJob[] = [];
  const said = await onCase(
    {
      services,
      sendLeaks: async (jobs) => void sent.push(...jobs),
      again: async () => false,
      request: {
        job: { v: 1, kind: 'action', receivedAt: '', deliveryKey: 'k', sealed: [], unrecognised: 0 },
        payload: {},
        actor,
        place: { userId: actor.userId },
        delivery: { attempt: 1, isLast: false },
      },
      attempt: {
        journal: {
          attempt: 1,
          get: () => undefined,
          put: async () => {},
          writing: () => ({ isWrite: true }),
          ending: () => ({ isWrite: true }),
          ended: () => undefined,
        },
        requestedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, minutes)).toISOString(),
        progress: async () => {},
      },
    },
    { actionId: 'patrol:case:retry', value: encodeCase({ case: caseId, act: 'retry' }) },
  );
  // What the card shows is not said apart.
  return { said: said.filter(({ to }) => to !== 'card'), sent };
}

describe('looking again at a case that matched nothing', () => {
  it('kills the token when what was in the way is mended, on the same card', async () => {
    const token = mint();
    bench.dfns.setFault({ mode: '401' });
    const { caseId, state } = await bench.handle(bench.jobs([{ secret: new Secret(token.secret) }])[0]);
    expect(state).toBe('unsearched');
    const card = bench.channel.cards.at(-1)?.ts;
    bench.dfns.setFault({ mode: 'none' });

    const { said, sent } = await press(caseId);
    expect(said).toEqual([]);
    expect((await stored(caseId)).state).toBe('received');
    expect(sent.map((job) => leakJobSchema.parse(JSON.parse(JSON.stringify(job))))).toEqual(sent);
    const handled = await bench.handle(sent[0]);
    expect(handled.state).toBe('dead');
    expect(bench.channel.cards.at(-1)).toMatchObject({ ts: card, kase: { id: handled.caseId, state: 'dead' } });
    expect((await stored(handled.caseId)).count).toBe(1);
  });

  it('puts each kill on record, although two of them were asked for in the same millisecond', async () => {
    const token = mint();
    bench.dfns.setFault({ mode: '401' });
    const { caseId } = await bench.handle(bench.jobs([{ secret: new Secret(token.secret) }])[0]);
    bench.dfns.setFault({ mode: 'none' });
    const kase = await stored(caseId);
    const at = new Date().toISOString();
    expect((await bench.handle(repeatReport(kase, at, 'one press'))).state).toBe('dead');
    // Behind Patrol's back.
    await (await bench.services.providers.open('dfns-demo')).activate(token.id);
    expect((await bench.handle(repeatReport(kase, at, 'another'))).state).toBe('dead');
    const record = await bench.services.store.audit.query({ token: { profile: 'dfns-demo', id: token.id }, limit: 20 });
    expect(record.filter(({ what, result }) => what === 'deactivate' && result === 'done')).toHaveLength(2);
  });

  it('fetches a GitHub alert again', async () => {
    const token = mint();
    const [job] = bench.jobs([{ locator: { kind: 'github', repository: 'acme/payments', number: 31 } }], {
      source: 'github',
    });
    const { caseId } = await bench.handle(job);
    bench.github.setAlert({ repository: 'acme/payments', number: 31, secret: token.secret, secret_type: 'x' });
    const { sent } = await press(caseId);
    expect(await bench.handle(sent[0])).toMatchObject({ state: 'dead' });
    expect(bench.github.alerts().find(({ number }) => number === 31)).toMatchObject({ resolution: 'revoked' });
  });

  it('says so where there is nothing to look for, and asks who may', async () => {
    const [job] = bench.jobs([{ secret: new Secret('AKIAIOSFODNN7EXAMPLE') }]);
    const { caseId } = await bench.handle(job);
    expect(repeatReport(await stored(caseId), '2026-01-01T00:00:00.000Z')).toBeUndefined();
    expect((await press(caseId)).said).toMatchObject([{ outcome: { kind: 'unknown_token' } }]);
    expect((await press(caseId, VIEWER)).said).toMatchObject([{ outcome: { kind: 'denied', verb: 'leak' } }]);
  });
});
