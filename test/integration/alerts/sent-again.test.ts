import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import '#test/support/contain-no-secret.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';

let bench: LeakBench;
beforeAll(async () => {
  bench = await startLeakBench();
});
afterAll(() => bench.close());

let minted = 0;
const mint = (name: string) => {
  const createdAt = new Date(Date.UTC(2024, 0, 1, 0, 5 * (minted += 1))).toISOString();
  return bench.langsmith.mint({ profile: 'langsmith-demo', name, createdAt });
};
/** One message, as its issuer answered when it came: of a sender that gives a sending no name, so that all are the same. */
const sendingsOf = (secret: string) => (said: 'accepted' | 'nothing') => {
  const [job] = bench.jobs([{ secret: new Secret(secret) }], { isAccepted: said === 'accepted' });
  if (job?.kind !== 'report') throw new Error('no report');
  return job;
};
const isAlive = (id: string) => bench.langsmith.tokens().find((token) => token.id === id)?.state === 'active';
const caseOf = async (id: string) => bench.services.store.cases.get(id);

describe('a message that is sent again because its sender heard no answer', () => {
  it('is handled anew where its secret is proved by now, once, and counted as one report', async () => {
    const token = mint('proved by the second sending');
    const came = sendingsOf(token.secret);
    const { caseId, state } = await bench.handle(came('nothing'));
    expect([state, isAlive(token.id)]).toEqual(['asking', true]);
    expect(await bench.handle(came('accepted'))).toMatchObject({ caseId, state: 'dead', replayed: false });
    expect(isAlive(token.id)).toBe(false);
    expect(await caseOf(caseId)).toMatchObject({ count: 1, validity: { validity: 'valid' } });
    const calls = bench.langsmith.calls.length;
    for (const said of ['accepted', 'nothing', 'accepted'] as const)
      expect(await bench.handle(came(said))).toMatchObject({ caseId, replayed: true });
    expect(bench.langsmith.calls).toHaveLength(calls);
  });

  it('tells nothing new where it was proved before, or is not now', async () => {
    const token = mint('proved by the first sending');
    const came = sendingsOf(token.secret);
    const { caseId } = await bench.handle(came('accepted'));
    const provider = await bench.services.providers.open('langsmith-demo');
    await provider.activate(token.id);
    for (const said of ['accepted', 'nothing'] as const)
      expect(await bench.handle(came(said))).toMatchObject({ caseId, replayed: true });
    expect(isAlive(token.id)).toBe(true);
  });
});
