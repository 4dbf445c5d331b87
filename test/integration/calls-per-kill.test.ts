import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import type { EarlierRead } from '#shared/tokens/attempt.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import { changeToken } from '#shared/tokens/change-token.ts';
import { takeOrder } from '#shared/tokens/take-order.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';
import { mintApart, stepOf } from '#test/support/provider-steps.ts';
import { OPERATOR } from '#test/support/services.ts';

let bench: LeakBench;
beforeAll(async () => {
  bench = await startLeakBench();
});
afterAll(() => bench.close());

type ProviderName = 'dfns' | 'langsmith';
let jobs = 0;
const mint = mintApart(() => bench);

/** What is called while something is done: at the provider, in order, and how often at the table. */
async function calls(provider: ProviderName, work: () => Promise<unknown>) {
  const [before, table] = [bench[provider].calls.length, bench.tableCalls()];
  const { calls: made } = bench[provider];
  let proof = 0;
  // The last call to the provider is the one that proves the end.
  const push = made.push.bind(made);
  Object.assign(made, {
    push: (...call: typeof made) => {
      proof = bench.tableCalls() - table;
      return push(...call);
    },
  });
  await work();
  Reflect.deleteProperty(made, 'push');
  const steps = bench[provider].calls.slice(before).map(({ method, path }) => stepOf(method, path));
  return { steps, table: [proof, bench.tableCalls() - table] };
}

const leak = (secret: string) => bench.handle(bench.jobs([{ secret: new Secret(secret) }])[0]);
const command = async (profile: string, id: string) => {
  const authority = await authorise(bench.services, OPERATOR, true);
  return bench.services.store.remember(`counted-${id}`, (journal) =>
    takeOrder(
      {
        services: bench.services,
        authority,
        attempt: { journal, requestedAt: new Date().toISOString(), progress: () => Promise.resolve() },
      },
      { verb: 'deactivate', tokens: [`${profile}:${id}`], keepGoing: false },
    ),
  );
};
/** A profile's first use opens what later ones have. */
const warm = async (provider: ProviderName) => leak(mint(provider).secret);

const KILLS = {
  dfns: ['POST action init', 'POST action', 'PUT pats :id deactivate', 'GET pats :id'],
  langsmith: ['POST personal-access-tokens :id revocation', 'GET personal-access-tokens'],
};

// Calls to the table: before the proof, and in all. A figure that goes down is a better one: write it here. One that goes up is
// paid by whoever waits for a kill.
describe.each([
  { provider: 'dfns', find: ['GET pats'], get: 'GET pats :id', table: { alert: [6, 11], command: [4, 6] } },
  {
    provider: 'langsmith',
    find: ['GET personal-access-tokens'],
    get: 'GET personal-access-tokens',
    table: { alert: [6, 11], command: [4, 6] },
  },
] as const)('a kill at $provider', ({ provider, find, get, table }) => {
  it('reads a leaked token once before it acts and once after, and costs an alert so many calls to the table', async () => {
    await warm(provider);
    const token = mint(provider);
    const made = await calls(provider, async () => expect(await leak(token.secret)).toMatchObject({ state: 'dead' }));
    expect(made.steps).toEqual([...find, ...KILLS[provider]]);
    expect(made.table).toEqual(table.alert);
  });

  it('reads a named token once before it acts and once after, and costs a command so many calls to the table', async () => {
    await warm(provider);
    const token = mint(provider);
    const made = await calls(provider, async () =>
      expect(await command(`${provider}-demo`, token.id)).toMatchObject({ value: { kind: 'changed', already: false } }),
    );
    expect(made.steps).toEqual([get, ...KILLS[provider]]);
    expect(made.table).toEqual(table.command);
  });
});

it.each(['dfns', 'langsmith'] as const)(
  "a report that kills at %s costs what docs/scale.md says of the table's write units",
  async (provider) => {
    await warm(provider);
    const token = mint(provider);
    const before = bench.writeUnits();
    expect(await leak(token.secret)).toMatchObject({ state: 'dead' });
    const told = /takes about (\d+) write units/.exec(readFileSync('docs/scale.md', 'utf8'))?.[1];
    // A few of them hang on a text's length.
    expect(Math.abs(bench.writeUnits() - before - Number(told))).toBeLessThanOrEqual(8);
  },
);

// What a storm is made of, besides kills: the table is all that these cost.
describe('what comes of a token after its kill', () => {
  const killed = async () => {
    await warm('langsmith');
    const { secret } = mint('langsmith');
    const [job] = bench.jobs([{ secret: new Secret(secret) }]);
    expect(await bench.handle(job)).toMatchObject({ state: 'dead', replayed: false });
    return { secret, job };
  };
  const cardOf = (id: string) => bench.channel.cards.filter(({ kase }) => kase.id === id).at(-1)?.kase;

  it('is counted and shown by nine calls, where another scanner reports it', async () => {
    const { secret } = await killed();
    const [job] = bench.jobs([{ secret: new Secret(secret) }], { source: 'gitleaks' });
    let caseId = '';
    const { table } = await calls('langsmith', async () => {
      ({ caseId } = await bench.handle(job));
    });
    expect(cardOf(caseId)).toMatchObject({ state: 'dead', count: 2 });
    expect(table[1]).toBe(9);
  });

  it('is asked for by two calls, where the very same message comes again', async () => {
    const { job } = await killed();
    const shown = bench.channel.cards.length;
    const { steps, table } = await calls('langsmith', async () =>
      expect(await bench.handle(job)).toMatchObject({ state: 'dead', replayed: true }),
    );
    expect([steps, bench.channel.cards.length]).toEqual([[], shown]);
    expect(table[1]).toBe(2);
  });
});

describe('what was read before the token was held', () => {
  const now = () => bench.services.now().getTime();
  /** Deactivates a new token with what was read of it, and tells how often it was read before the change. */
  async function readsBefore(
    how: {
      readonly read?: (token: Token) => EarlierRead;
      readonly attempt?: number;
      readonly first?: (token: Token) => Promise<unknown>;
    } = {},
  ): Promise<number> {
    const { id } = mint('langsmith');
    const provider = await bench.services.providers.open('langsmith-demo');
    const token = (await provider.get(id))!;
    await how.first?.(token);
    const at = bench.langsmith.calls.length;
    const read = how.read?.(token) ?? { token, askedAt: now() };
    const change = await changing(asked('deactivate', token), { read, attempt: how.attempt ?? 1 });
    expect(change).toMatchObject({ kind: 'changed', already: false, token: { state: 'inactive' } });
    const steps = bench.langsmith.calls.slice(at);
    return steps.findIndex(({ mutation }) => mutation);
  }
  /** Changes a token in a job of its own. */
  const changing = async (
    change: ReturnType<typeof asked>,
    { attempt = 1, ...more }: { readonly read?: EarlierRead; readonly attempt?: number } = {},
  ) =>
    (
      await bench.services.store.remember(`changing-${(jobs += 1)}`, (journal) =>
        changeToken(bench.services, { journal: { ...journal, attempt }, ...more }, change),
      )
    ).value;
  const asked = (verb: 'deactivate' | 'activate', token: Token) => ({
    order: { verb, tokens: [token], requester: OPERATOR, requestedAt: new Date().toISOString(), keepGoing: false },
    warrant: { rule: 'role:test', approvedBy: [] },
    ref: token,
  });

  it('is enough to act on in a first attempt, and the end is read all the same', async () => {
    expect(await readsBefore()).toBe(0);
  });

  it.each<[string, Parameters<typeof readsBefore>[0]]>([
    ['it is older than two seconds', { read: (token) => ({ token, askedAt: now() - 2001 }) }],
    ['the job is tried again', { attempt: 2 }],
    ['it is another token’s', { read: (token) => ({ token: { ...token, id: 'another' }, askedAt: now() }) }],
    ['it is of another profile', { read: (token) => ({ token: { ...token, profile: 'another' }, askedAt: now() }) }],
    [
      'it says that there is nothing to do',
      { read: (token) => ({ token: { ...token, state: 'inactive' }, askedAt: now() }) },
    ],
    [
      'a change of ours was begun lately',
      {
        first: async (token) => {
          await changing(asked('deactivate', token));
          await changing(asked('activate', token));
        },
      },
    ],
    [
      'somebody held the token',
      {
        first: (token) =>
          new Promise((held) => {
            void bench.services.store.hold(`token:${token.profile}:${token.id}`, async () => {
              held(undefined);
              // Until whoever is next has asked for it in vain.
              const from = bench.tableCalls();
              while (bench.tableCalls() < from + 3) await bench.services.sleep(5);
            });
          }),
      },
    ],
  ])('is read again when %s', async (_, how) => {
    expect(await readsBefore(how)).toBeGreaterThan(0);
  });
});
