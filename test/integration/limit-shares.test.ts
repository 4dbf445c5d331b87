import { afterEach, expect, it } from 'vitest';
import { type DfnsStandIn, startDfns } from '#infra/sandbox/providers/dfns/dfns.ts';
import { loadPolicy } from '#infra/policy.ts';
import { isFault } from '#shared/core/fault.ts';
import { Secret } from '#shared/core/secret.ts';
import { FACTS } from '#shared/providers/facts.ts';
import { recognise } from '#shared/providers/recognise.ts';
import { createCallBudget } from '#shared/tokens/call-budget.ts';
import type { Side } from '#shared/tokens/room-for.ts';
import { createProviders } from '#shared/tokens/providers.ts';
import type { Urgency } from '#shared/tokens/services.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';

const PROCESSES = 5;
const SECONDS = 100;

let dfns: DfnsStandIn;
afterEach(() => dfns.close());

/** Two workers' processes before one organisation, which takes as many calls as is published; time passes when a test says so. */
async function start(isShared: boolean) {
  const clock = { ms: Date.parse('2026-03-01T10:00:07Z') };
  const now = () => new Date(clock.ms);
  const store = createMemoryStore(now);
  dfns = await startDfns({ now, callsPerMinute: FACTS.dfns.callsPerMinute });
  const stored = { current: new Secret(JSON.stringify(dfns.profileSecret('dfns-demo'))) };
  const open = (side: Side) =>
    createProviders({
      policy: loadPolicy(),
      secrets: { read: async () => stored, refresh: async () => stored },
      secretName: (profile) => profile,
      allowsLoopback: true,
      fetch: globalThis.fetch,
      now,
      sleep: async () => undefined,
      random: () => 0,
      fingerprint: (text) => text,
      ...(isShared && {
        budget: createCallBudget({ notes: store.notes, now, sleep: async () => undefined, random: () => 0, side }),
      }),
    });
  return { clock, of: (side: Side) => Array.from({ length: PROCESSES }, () => open(side)) };
}

/** Whether something was done, and not put off for the provider's limit. */
const isDone = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    (error: unknown) => {
      if (isFault(error, 'provider_rate_limited')) return false;
      throw error;
    },
  );

type Opened = ReturnType<typeof createProviders>;
const mint = (nth: number) =>
  dfns.mint({
    profile: 'dfns-demo',
    name: `shared ${nth}`,
    createdAt: new Date(Date.UTC(2025, 0, 1, 0, nth)).toISOString(),
  });
const kill = async (providers: Opened, nth: number): Promise<void> => {
  const { secret } = mint(nth);
  const clue = recognise(new Secret(secret), (text) => text);
  const provider = await providers.open('dfns-demo', 'proved');
  const [found] = await provider.find(clue!);
  await provider.deactivate(found!.token.id);
  expect(await provider.get(found!.token.id)).toMatchObject({ state: 'inactive' });
};
const ask = async (providers: Opened, id: string): Promise<void> => {
  expect(await (await providers.open('dfns-demo')).get(id)).toMatchObject({ id });
};
const change = async (providers: Opened, id: string, urgency: Urgency): Promise<void> => {
  const provider = await providers.open('dfns-demo', urgency);
  await provider.deactivate(id);
  await provider.get(id);
};

/** Alerts about more tokens than the provider allows kills, while people ask five times a second, and one in ten for a change. */
async function floodPeople(isShared: boolean) {
  const { clock, of } = await start(isShared);
  const [people, alerts] = [of('people'), of('alerts')];
  const { id } = mint(0);
  const wanted = Math.ceil(FACTS.dfns.callsPerMinute / FACTS.dfns.callsPerKill / 60) + 2;
  const refused = { people: 0, alerts: 0 };
  let [asked, kills] = [0, 0];
  for (let second = 0; second < SECONDS; second += 1, clock.ms += 1000) {
    for (let nth = 0; nth < wanted; nth += 1) {
      const isKilled = await isDone(kill(alerts[kills % PROCESSES]!, (kills += 1)));
      if (!isKilled) refused.alerts += 1;
    }
    for (let nth = 0; nth < 5; nth += 1) {
      const process = people[(asked += 1) % PROCESSES]!;
      if (!(await isDone(asked % 10 === 0 ? change(process, id, 'person') : ask(process, id)))) refused.people += 1;
    }
  }
  return { asked, kills: kills - refused.alerts, refused };
}

it('refuses nobody who asks while alerts kill as many as they can, and kills all the same', async () => {
  const { asked, kills, refused } = await floodPeople(true);
  expect(asked).toBe(SECONDS * 5);
  expect(refused.people).toBe(0);
  // What people leave of three quarters of the limit.
  expect(kills).toBeGreaterThan(100);
});

it('would refuse people without shares, so that the test above shows something', async () => {
  const { asked, refused } = await floodPeople(false);
  expect(refused.people).toBeGreaterThan(asked / 5);
});

it('puts off no kill for a change of very many that a person has begun', async () => {
  const { clock, of } = await start(true);
  const [people, alerts] = [of('people'), of('alerts')];
  const { id } = mint(0);
  const refused = { people: 0, alerts: 0 };
  for (let second = 0; second < SECONDS; second += 1, clock.ms += 1000) {
    if (!(await isDone(kill(alerts[second % PROCESSES]!, second + 1)))) refused.alerts += 1;
    for (let nth = 0; nth < PROCESSES; nth += 1) {
      if (!(await isDone(change(people[nth]!, id, 'many')))) refused.people += 1;
    }
  }
  expect(refused.alerts).toBe(0);
  expect(refused.people).toBeGreaterThan(SECONDS);
});
