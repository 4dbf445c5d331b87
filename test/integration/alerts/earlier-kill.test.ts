import { afterAll, beforeAll, expect, it } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import type { Provider } from '#shared/providers/provider.ts';
import type { Services } from '#shared/tokens/services.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';

let bench: LeakBench;
beforeAll(async () => {
  bench = await startLeakBench();
});
afterAll(() => bench.close());

/** Services whose process dies right after the provider has done what it was asked for. */
const dying = (): Services => {
  const { providers } = bench.services;
  const die = (act: Provider['deactivate']) => async (id: string) => {
    await act(id);
    throw new Error('dies here');
  };
  const open: typeof providers.open = async (profile) => {
    const provider = await providers.open(profile);
    return { ...provider, deactivate: die(provider.deactivate) };
  };
  return { ...bench.services, providers: { ...providers, open } };
};

/** Services whose process opens the case of a report, and dies before it has decided anything. */
const dyingAtItsCase = (): Services => {
  const { store } = bench.services;
  const open: typeof store.cases.open = async (...asked) => {
    await store.cases.open(...asked);
    throw new Error('dies here');
  };
  return { ...bench.services, store: { ...store, cases: { ...store.cases, open } } };
};
const killsOf = async (id: string) => {
  const record = await bench.services.store.audit.query({ token: { id }, limit: 10 });
  return record.filter(({ verb, result }) => verb === 'deactivate' && result === 'done');
};

it.each([
  ['a drill', { test: true, isAccepted: true }],
  ['one that nobody could check', { test: false, isAccepted: false }],
])(
  'a kill whose process died is told and put on record once by another report that is tried again: %s',
  async (name, how) => {
    const token = bench.mint(`killed before ${name}`);
    const leak = (delivery: string, { test, isAccepted } = { test: false, isAccepted: true }) =>
      bench.jobs([{ secret: new Secret(token.secret), ...(test && { test }) }], {
        delivery: `${name} ${delivery}`,
        isAccepted,
      })[0];
    const other = leak('other', how);
    await expect(bench.handle(other, {}, dyingAtItsCase())).rejects.toThrow('dies here');
    await expect(bench.handle(leak('proved'), {}, dying())).rejects.toThrow('dies here');
    const { state, caseId } = await bench.handle(other, { attempt: 2 });
    expect(state).toBe('dead');
    const kase = await bench.services.store.cases.get(caseId);
    expect(kase?.receipt).toMatchObject({ verb: 'deactivate', read: 'inactive' });
    // Nor does a third try find anything to tell.
    await bench.handle(other, { attempt: 3 });
    expect((await bench.services.store.cases.get(caseId))?.receipt).toEqual(kase?.receipt);
    expect(await killsOf(token.id)).toHaveLength(1);
  },
);
