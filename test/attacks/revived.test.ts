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
        replace: 'if (await wasUndone(kase, work.journal)) return kase;',
        by: "if ((await wasUndone(kase, work.journal)) || kase.state === 'dead') return kase;",
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
