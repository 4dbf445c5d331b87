import { afterAll, beforeAll, expect } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import { takeOrder } from '#shared/tokens/take-order.ts';
import { attack } from '#test/support/attack.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';
import { actor } from '#test/support/services.ts';

let bench: LeakBench;
beforeAll(async () => {
  bench = await startLeakBench();
});
afterAll(() => bench.close());

const INSIDERS = [actor('U0INSIDER01'), actor('U0INSIDER02')] as const;
/** The insiders may deactivate; from three tokens on somebody else has to agree. */
const allowThree = (policy: Policy) => {
  policy.roles['operator']!.users.push(...INSIDERS.map(({ userId }) => userId));
  policy.approvals.find(({ name }) => name === 'bulk')!.fromTokens = 3;
};
const mint = (many: number) =>
  Array.from({ length: many }, (_, index) =>
    bench.langsmith.mint({ profile: 'langsmith-demo', name: `bite ${String(index)}` }),
  );
const alive = (tokens: readonly { readonly id: string }[]) =>
  bench.langsmith.tokens().filter(({ id, state }) => state === 'active' && tokens.some((token) => token.id === id));

attack(
  {
    name: 'small-bites',
    finding: 5,
    does: 'has the right to deactivate, and asks for one token after the other, so that no request reaches the limit for a second person',
    holds: 'what one person asks for within minutes counts as one request',
    without: [
      {
        file: 'shared/tokens/place-order.ts',
        replace: 'order.tokens.length + others',
        by: 'order.tokens.length + 0 * others',
      },
    ],
  },
  async () => {
    const services = bench.withPolicy(allowThree);
    const tokens = mint(5);
    for (const { id } of tokens) {
      const authority = await authorise(services, INSIDERS[0], true);
      await services.store.remember(`bite ${id}`, (journal) => {
        const attempt = { journal, requestedAt: new Date().toISOString(), progress: async () => {} };
        return takeOrder({ services, authority, attempt }, { verb: 'deactivate', tokens: [id], keepGoing: false });
      });
    }
    expect(alive(tokens)).toHaveLength(3);
  },
);

attack(
  {
    name: 'pasted-in-small-bites',
    finding: 5,
    does: 'pastes one leaked secret after the other into the window, so that no report reaches the limit for a second person',
    holds: 'they count together, and the one that reaches the limit asks',
    without: [
      {
        file: 'shared/alerts/act-on-case.ts',
        replace: 'Math.max(pasted, others + 1)',
        by: 'Math.max(pasted, 0 * others)',
      },
    ],
  },
  async () => {
    const services = bench.withPolicy(allowThree);
    const tokens = mint(5);
    for (const { secret } of tokens) {
      const [job] = bench.jobs([{ secret: new Secret(secret) }], { source: 'slack' });
      await bench.handle({ ...job!, report: { ...job!.report, reporter: INSIDERS[1] } }, {}, services);
    }
    expect(alive(tokens)).toHaveLength(3);
  },
);
