import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startDfns } from '#infra/sandbox/providers/dfns/dfns.ts';
import { Fault } from '#shared/core/fault.ts';
import type { NamedRef, Token } from '#shared/core/vocabulary.ts';
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

/** Services for which a second takes half a minute: what they count is the same on a slow machine. */
function unhurried(services: Services): Services {
  const begun = Date.now();
  return {
    ...services,
    now: () => new Date(begun + (Date.now() - begun) / 30),
    sleep: (milliseconds) => services.sleep(30 * milliseconds),
  };
}

const deactivate = (services: Services, tokens: ReturnType<typeof mint>) =>
  run(
    services,
    tokens.map(({ id, name }) => ({ profile: 'dfns-demo', id, name })),
  );

async function run(services: Services, tokens: readonly NamedRef[]): Promise<OutcomeOf<'bulk'>> {
  const requestedAt = services.now().toISOString();
  const { value } = await services.store.remember(crypto.randomUUID(), (journal) =>
    carryOut(
      { services, attempt: { journal, requestedAt, progress: () => Promise.resolve() } },
      {
        verb: 'deactivate',
        tokens,
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

describe('a bulk change of many profiles', () => {
  /** Fifty profiles: forty-nine users of one Dfns organisation and one of LangSmith, with four tokens each. */
  async function startMany() {
    const names = Array.from({ length: 49 }, (_, index) => `dfns-${index}`);
    const many = await startDfns({ profiles: Object.fromEntries(names.map((name) => [name, {}])), seeded: [] });
    for (const name of names) {
      bench.secrets.put(`patrol/test/profiles/${name}`, JSON.stringify(many.profileSecret(name)));
    }
    const services = bench.withPolicy((policy) =>
      Object.assign(policy.profiles, Object.fromEntries(names.map((name) => [name, policy.profiles['dfns-demo']]))),
    );
    // As a person names them: in no order.
    const minted = Array.from({ length: 200 }, (_, index) => {
      const profile = names[index % 50];
      return profile === undefined
        ? bench.langsmith.mint({ profile: 'langsmith-demo', name: `many-${index}` })
        : many.mint({ profile, name: `many-${index}` });
    });
    return { many, services, minted };
  }

  it('of 200 tokens in 50 profiles costs no more than 700 calls', async () => {
    const { many, services, minted } = await startMany();
    try {
      const refs = minted.map(({ profile, id, name }) => ({ profile, id, name }));
      const done = await run(unhurried(services), refs);
      expect(done).toMatchObject({ state: 'done', total: 200, left: [] });
      expect(done.changes.every((change) => change.kind === 'changed' && !change.already)).toBe(true);
      const calls = [...many.calls, ...bench.langsmith.calls];
      expect(calls.length).toBeLessThanOrEqual(700);
      expect(calls.filter(({ mutation }) => mutation)).toHaveLength(200);
      // One listing of each profile before its changes and one after them; the first token of all goes alone.
      const reads = calls.filter(({ method }) => method === 'GET');
      expect(reads.length).toBeGreaterThanOrEqual(100);
      expect(reads.length).toBeLessThanOrEqual(110);
    } finally {
      await many.close();
    }
  }, 120_000);

  it('says of none that it is deactivated which a listing after its change still shows as active', async () => {
    const tokens = mint(4);
    const stubborn = tokens[2]!.id;
    const opened = await bench.services.providers.open('dfns-demo');
    const alive = (token: Token): Token => (token.id === stubborn ? { ...token, state: 'active' } : token);
    const services: Services = {
      ...bench.services,
      sleep: () => Promise.resolve(),
      providers: {
        ...bench.services.providers,
        open: async () => ({
          ...opened,
          list: async () => {
            const listing = await opened.list();
            return { ...listing, tokens: listing.tokens.map(alive) };
          },
          get: async (id) => {
            const token = await opened.get(id);
            return token && alive(token);
          },
        }),
      },
    };
    const done = await deactivate(services, tokens);
    const ended = new Map(
      done.changes.map((change) => ['token' in change ? change.token.id : '', change.kind] as const),
    );
    expect(ended.get(stubborn)).toBe('unconfirmed');
    expect([...ended.values()].filter((kind) => kind === 'changed')).toHaveLength(3);
  });
});

describe("a bulk change that meets the provider's limit", () => {
  it('waits it out instead of taking it for a surprise', async () => {
    const { services, slept } = sleepless();
    // Three refusals end one read: the look ahead, and the first under the lock. The next one gets through.
    bench.dfns.setFault({ mode: '429', count: 6 });
    const done = await deactivate(services, mint(3));
    expect(done).toMatchObject({ state: 'done', total: 3, left: [] });
    expect(done.changes.map(({ kind }) => kind)).toEqual(['changed', 'changed', 'changed']);
    expect(Math.max(...slept)).toBeGreaterThanOrEqual(2000);
  });

  it('goes on for as long as something goes through, and asks for each of its changes as for one of many', async () => {
    const { services, slept } = sleepless();
    const refused = new Map<string, number>();
    const urgencies = new Set<string | undefined>();
    const sparing: Services = {
      ...services,
      providers: {
        ...services.providers,
        open: async (profile, urgency) => {
          const opened = await bench.services.providers.open(profile, urgency);
          return {
            ...opened,
            deactivate: async (id) => {
              urgencies.add(urgency);
              const times = refused.get(id) ?? 0;
              refused.set(id, times + 1);
              if (times < 2) throw new Fault('provider_rate_limited', 'a share is used up', { retryAfterSeconds: 5 });
              return opened.deactivate(id);
            },
          };
        },
      },
    };
    const done = await deactivate(sparing, mint(9));
    expect(done.changes.map(({ kind }) => kind)).toEqual(Array.from({ length: 9 }, () => 'changed'));
    expect(slept.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(61_000);
    expect([...urgencies]).toEqual(['many']);
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
