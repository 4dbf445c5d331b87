import { afterAll, beforeAll, expect } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import { attack } from '#test/support/attack.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';

let bench: LeakBench;

beforeAll(async () => {
  bench = await startLeakBench();
});
afterAll(() => bench.close());

attack(
  {
    name: 'reinstated-at-the-provider',
    finding: 13,
    does: 'brings a token that Patrol has just killed back at the provider, and waits for the next report to be folded into "nothing was done twice"',
    holds: 'the report reads afresh, and the token is killed again',
    without: [
      {
        file: 'shared/alerts/act-on-case.ts',
        replace: 'if (wasUndone(known, reported.journal)) {',
        by: "if (wasUndone(known, reported.journal) || known.state === 'dead') {",
      },
    ],
  },
  async () => {
    const token = bench.langsmith.mint({ profile: 'langsmith-demo', name: 'reinstated' });
    const report = (delivery: string) => bench.jobs([{ secret: new Secret(token.secret) }], { delivery })[0];
    const stateNow = () => bench.langsmith.tokens().find(({ id }) => id === token.id)?.state;
    await bench.handle(report('first'));
    expect(stateNow()).toBe('inactive');
    const provider = await bench.services.providers.open('langsmith-demo');
    await provider.activate(token.id);
    expect(stateNow()).toBe('active');
    expect(await bench.handle(report('second'))).toMatchObject({ state: 'dead' });
    expect(stateNow()).toBe('inactive');
  },
);

attack(
  {
    name: 'reinstated-and-never-reported-again',
    finding: 13,
    does: 'brings a token that Patrol has just killed back at the provider, and sees to it that nobody reports it again',
    holds: 'Patrol looks again by itself, and the card says that it works',
    without: [
      {
        file: 'shared/cases/read-again.ts',
        replace: "return revived.length > 0 ? 'alive_again' : 'dead';",
        by: "return revived.length < 0 ? 'alive_again' : 'dead';",
      },
    ],
  },
  async () => {
    const token = bench.langsmith.mint({ profile: 'langsmith-demo', name: 'reinstated unseen' });
    const [job] = bench.jobs([{ secret: new Secret(token.secret) }], { delivery: 'only' });
    const { caseId } = await bench.handle(job);
    const provider = await bench.services.providers.open('langsmith-demo');
    await provider.activate(token.id);
    const planned = bench.planned.findLast(({ job: { kind } }) => kind === 'read-again');
    expect(planned?.delaySeconds).toBeCloseTo(300, 0);
    if (planned?.job.kind !== 'read-again') throw new Error('no look is planned');
    const { at } = planned.job;
    // Its time has come.
    const due = new Date(Date.now() - 1).toISOString();
    await bench.services.store.cases.change(caseId, (kase) => ({ ...kase, look: { ...kase.look!, at: due } }));
    expect(at > due).toBe(true);
    expect(await bench.readAgain.read({ ...planned.job, at: due })).toBe('alive_again');
    expect(bench.channel.cards.at(-1)?.kase).toMatchObject({ id: caseId, state: 'not_revoked' });
  },
);
