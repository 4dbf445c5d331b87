import { afterAll, beforeAll, expect } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import { attack } from '#test/support/attack.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';
import { handOut, queued } from '#test/support/fair-queue.ts';
import { langsmithKey } from '#test/support/leaks.ts';

let bench: LeakBench;

beforeAll(async () => {
  bench = await startLeakBench();
});
afterAll(() => bench.close());

attack(
  {
    name: 'sixty-strings-before-the-real-one',
    finding: 10,
    does: 'has a file scanned that holds sixty made-up keys before a genuine one, so that its card drowns among theirs',
    holds: 'the genuine one has its card, and all sixty are told by one message',
    without: [
      {
        file: 'shared/cases/show-case.ts',
        replace: 'if (await rollUps.hasCard(kase)) {',
        by: 'if (kase.id !== "") {',
      },
    ],
  },
  async () => {
    const token = bench.langsmith.mint({ profile: 'langsmith-demo', name: 'drowned' });
    const { policy } = bench.services;
    const flood = { cards: 3, minutes: 10 };
    const services = { ...bench.services, policy: { ...policy, alerts: { ...policy.alerts, flood } } };
    const madeUp = Array.from({ length: 60 }, () => langsmithKey());
    const genuine = bench.jobs([{ secret: new Secret(token.secret) }], { delivery: 'genuine' });
    const others = bench.jobs(
      madeUp.map((secret) => ({ secret: new Secret(secret) })),
      { delivery: 'flood', isAccepted: false },
    );
    expect(others).toHaveLength(60);
    await Promise.all([...others, ...genuine].map((job) => bench.handle(job, {}, services)));
    const carded = new Set(bench.channel.cards.map(({ kase }) => kase.id));
    expect(bench.channel.cards.at(-1)?.kase).toMatchObject({ state: 'dead', token: { id: token.id } });
    expect(carded.size).toBe(1);
    expect(bench.channel.rollUps.at(-1)?.cases).toHaveLength(60);
    expect(new Set(bench.channel.rollUps.map(({ id }) => id)).size).toBeLessThanOrEqual(2);
    expect(bench.channel.rollUps.length).toBeLessThan(20);
  },
);

attack(
  {
    name: 'flood-before-a-person',
    finding: 10,
    does: 'has 500 junk alerts sent through one source, so that what a person pastes, and a proved leak of another source, wait behind them',
    holds: 'the queue hands both out before any job that was not being worked on when they came',
    without: [{ file: 'shared/jobs/send-jobs.ts', replace: 'MessageGroupId: group,', by: '' }],
  },
  async () => {
    const report = (key: string, more: object = {}) =>
      bench.jobs([{ secret: new Secret(langsmithKey()) }], { delivery: key, isAccepted: false }).map((job) => ({
        ...job,
        report: { ...job.report, ...more },
      }));
    const flood = await queued(Array.from({ length: 500 }, (_, index) => report(`junk-${index}`)).flat());
    const pasted = await queued(report('pasted', { reporter: { teamId: 'T0SANDBOX01', userId: 'U0VIEWER001' } }));
    const proved = await queued(bench.jobs([{ secret: new Secret(langsmithKey()) }], { delivery: 'proved' }));
    const out = handOut(flood, { 100: [...pasted, ...proved] });
    for (const [one] of [pasted, proved]) expect(out.indexOf(one?.MessageBody ?? '') - 100).toBeLessThanOrEqual(25);
  },
);
