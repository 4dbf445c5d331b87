import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sendingOf } from '#shared/alerts/sending-of.ts';
import { Fault } from '#shared/core/fault.ts';
import { Secret } from '#shared/core/secret.ts';
import type { ReportJob } from '#shared/jobs/job.ts';
import type { Services } from '#shared/tokens/services.ts';
import '#test/support/contain-no-secret.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';

let bench: LeakBench;
beforeAll(async () => {
  bench = await startLeakBench();
});
afterAll(() => bench.close());

/** One message, as its issuer answered when it came: of a sender that gives a sending no name, so that all are the same. */
const sendingsOf = (secret: string) => (said: 'accepted' | 'nothing') => {
  const [job] = bench.jobs([{ secret: new Secret(secret) }], { isAccepted: said === 'accepted' });
  if (job?.kind !== 'report') throw new Error('no report');
  return job;
};
const isAlive = (id: string) => bench.langsmith.tokens().find((token) => token.id === id)?.state === 'active';
const later = (job: ReportJob, minutes: number): ReportJob => ({
  ...job,
  receivedAt: new Date(Date.parse(job.receivedAt) + minutes * 60_000).toISOString(),
});
/** Services whose provider kills nothing just now. */
const killless = (): Services => {
  const { providers } = bench.services;
  const deactivate = () => Promise.reject(new Fault('provider_unavailable', 'test: away'));
  const open: typeof providers.open = async (profile) => ({ ...(await providers.open(profile)), deactivate });
  return { ...bench.services, providers: { ...providers, open } };
};
const caseOf = async (id: string) => bench.services.store.cases.get(id);

describe('a message that is sent again because its sender heard no answer', () => {
  it('is handled anew where its secret is proved by now, once, and counted as one report', async () => {
    const token = bench.mint('proved by the second sending');
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
    const token = bench.mint('proved by the first sending');
    const came = sendingsOf(token.secret);
    const { caseId } = await bench.handle(came('accepted'));
    const provider = await bench.services.providers.open('langsmith-demo');
    await provider.activate(token.id);
    for (const said of ['accepted', 'nothing'] as const)
      expect(await bench.handle(came(said))).toMatchObject({ caseId, replayed: true });
    expect(isAlive(token.id)).toBe(true);
  });
});

describe('a kill that the queue tries again', () => {
  it.each([
    ['long after', 'accepted', 12],
    ['long after, and could not be checked then', 'nothing', 12],
    ['at once, and could not be checked then', 'nothing', 0],
  ] as const)('is made also where its message was sent again %s', async (name, said, minutes) => {
    const token = bench.mint(`killed later: ${name}`);
    const came = sendingsOf(token.secret);
    const first = came('accepted');
    await expect(bench.handle(first, {}, killless())).rejects.toThrow('away');
    // It goes on with what the first sending had begun.
    await expect(bench.handle(later(came(said), minutes), {}, killless())).rejects.toThrow('away');
    const { caseId, state } = await bench.handle(first, { attempt: 2 });
    expect([state, isAlive(token.id)]).toEqual(['dead', false]);
    expect(await caseOf(caseId)).toMatchObject({ count: 1 });
  });

  it('is made where only the second sending was proved, whichever of them is tried again', async () => {
    const token = bench.mint('proved while it was tried again');
    const came = sendingsOf(token.secret);
    bench.langsmith.setFault({ mode: '500' });
    await expect(bench.handle(came('nothing'))).rejects.toThrow();
    bench.langsmith.setFault({ mode: 'none' });
    await expect(bench.handle(came('accepted'), {}, killless())).rejects.toThrow('away');
    expect(await bench.handle(came('nothing'), { attempt: 2 })).toMatchObject({ state: 'dead' });
  });

  it('is made where GitHub was away, and sent its message again meanwhile', async () => {
    const token = bench.mint('of a thin alert');
    const locator = { kind: 'github', repository: 'acme/payments', number: 11 } as const;
    bench.github.setAlert({ ...locator, secret: token.secret, secret_type: 'x' });
    const [job] = bench.jobs([{ locator, where: { repository: locator.repository } }], { source: 'github' });
    if (job?.kind !== 'report') throw new Error('no report');
    bench.github.setFault({ mode: '500' });
    await expect(bench.handle(job)).rejects.toThrow();
    await expect(bench.handle(later(job, 12))).rejects.toThrow();
    bench.github.setFault({ mode: 'none' });
    expect(await bench.handle(later(job, 12), { attempt: 3 })).toMatchObject({ state: 'dead' });
  });

  it('is none where its message came a month ago and is forgotten, however often that is tried', async () => {
    const token = bench.mint('a month ago');
    const job = sendingsOf(token.secret)('accepted');
    const { notes } = bench.services.store;
    await notes.put(...(await sendingOf(notes, later(job, -31 * 24 * 60))).note!);
    bench.langsmith.setFault({ mode: '500' });
    await expect(bench.handle(job)).rejects.toThrow();
    bench.langsmith.setFault({ mode: 'none' });
    const again = await bench.handle(job, { attempt: 2 });
    expect(again).toMatchObject({ state: 'asking', rule: 'floor:came-before' });
  });
});
