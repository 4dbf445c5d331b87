import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authorise } from '#shared/tokens/authorise.ts';
import { carryOut } from '#shared/tokens/carry-out.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { resolveTokens } from '#shared/tokens/resolve-token.ts';
import type { Services } from '#shared/tokens/services.ts';
import { type Bench, OPERATOR, startBench } from '../support/services.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(() => {
  bench.dfns.reset();
  bench.langsmith.reset();
});

const mint = (count: number) =>
  Array.from({ length: count }, (_, index) => bench.dfns.mint({ profile: 'dfns-demo', name: `many-${index}` }));

/** Services that only note how long they would have slept, on a clock that passes meanwhile. */
function sleepless() {
  const slept: number[] = [];
  let ahead = 0;
  const services: Services = {
    ...bench.services,
    now: () => new Date(Date.now() + ahead),
    sleep: (milliseconds) => {
      slept.push(milliseconds);
      ahead += milliseconds;
      return Promise.resolve();
    },
  };
  return { services, slept };
}

async function deactivate(services: Services, tokens: ReturnType<typeof mint>): Promise<OutcomeOf<'bulk'>> {
  const requestedAt = services.now().toISOString();
  const { value } = await services.store.remember(crypto.randomUUID(), (journal) =>
    carryOut(
      { services, attempt: { journal, requestedAt, progress: () => Promise.resolve() } },
      {
        verb: 'deactivate',
        tokens: tokens.map(({ id, name }) => ({ profile: 'dfns-demo', id, name })),
        requester: OPERATOR,
        requestedAt,
        keepGoing: false,
      },
      { rule: 'role:operator', approvedBy: [] },
    ),
  );
  return value.kind === 'bulk' ? value : expect.fail(value.kind);
}

describe('naming many tokens', () => {
  it('reads each profile once, however many are named and however they are named', async () => {
    const tokens = mint(30);
    const asked = tokens.map(({ id, name }, index) => [id, name, `dfns-demo:${id}`][index % 3]!);
    const authority = await authorise(bench.services, OPERATOR);
    const answers = await resolveTokens(bench.services, authority, { verb: 'deactivate', asked });
    expect(answers.map((answer) => answer.kind === 'resolved' && answer.token.id)).toEqual(tokens.map(({ id }) => id));
    expect(bench.dfns.calls).toHaveLength(1);
  });

  it('still tells each one that is unknown, ambiguous or beyond a profile that cannot be read', async () => {
    mint(1);
    bench.dfns.mint({ profile: 'dfns-demo', name: 'many-0' });
    const authority = await authorise(bench.services, OPERATOR);
    const ask = (asked: readonly string[]) => resolveTokens(bench.services, authority, { verb: 'deactivate', asked });
    const kinds = (await ask(['many-0', 'to-aaaaa-bbbbb-cccccccccccccccc', 'laptop-anna'])).map(({ kind }) => kind);
    expect(kinds).toEqual(['ambiguous', 'unknown_token', 'resolved']);
    bench.dfns.setFault({ mode: 'down' });
    const [unknown] = await ask(['to-aaaaa-bbbbb-cccccccccccccccc', 'laptop-anna']);
    expect(unknown).toMatchObject({ kind: 'unknown_token', unread: [{ profile: 'dfns-demo' }] });
  });
});

describe("a bulk change that meets the provider's limit", () => {
  it('waits it out instead of taking it for a surprise', async () => {
    const { services, slept } = sleepless();
    // Three refusals end one read; the next one gets through.
    bench.dfns.setFault({ mode: '429', count: 3 });
    const done = await deactivate(services, mint(3));
    expect(done).toMatchObject({ state: 'done', total: 3, left: [] });
    expect(done.changes.map(({ kind }) => kind)).toEqual(['changed', 'changed', 'changed']);
    expect(Math.max(...slept)).toBeGreaterThanOrEqual(2000);
  });

  it('gives up after a minute, says so, and has it on record', async () => {
    const { services, slept } = sleepless();
    bench.dfns.setFault({ mode: '429' });
    const tokens = mint(3);
    const stopped = await deactivate(services, tokens);
    const fault = 'provider_rate_limited';
    expect(stopped).toMatchObject({ state: 'stopped', changes: [{ kind: 'failed', trouble: { fault } }] });
    expect(stopped.left).toHaveLength(2);
    expect(slept.reduce((sum, each) => sum + each, 0)).toBeLessThan(90_000);
    const token = { profile: 'dfns-demo', id: tokens[0]!.id };
    expect(await services.store.audit.query({ token, limit: 5 })).toMatchObject([
      { result: 'failed', detail: { kind: 'failed', fault } },
    ]);
  });
});
