import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readHeld } from '#shared/cases/held-cases.ts';
import { createReadAgain } from '#shared/cases/read-again.ts';
import { pressHeld } from '#shared/cases/press-held.ts';
import { settle } from '#shared/cases/settle.ts';
import { Secret } from '#shared/core/secret.ts';
import type { Actor } from '#shared/core/vocabulary.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import type { Services } from '#shared/tokens/services.ts';
import { followCases } from '#shared/cases/follow-cases.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';
import { ADMIN, APPROVER, OPERATOR } from '#test/support/services.ts';

let bench: LeakBench;
beforeAll(async () => {
  bench = await startLeakBench();
});
afterAll(() => bench.close());

let profiles = 0;
/** A profile of its own with a brake of two kills, so that no test brakes another. */
function brakedProfile(change: (services: Services['policy']) => void = () => undefined) {
  const profile = `langsmith-${(profiles += 1)}`;
  const secret = JSON.stringify(bench.langsmith.profileSecret('langsmith-demo'));
  bench.secrets.put(`patrol/test/profiles/${profile}`, secret);
  const services = bench.withPolicy((policy) => {
    policy.alerts.brake = { kills: 2, minutes: 10 };
    policy.profiles = { [profile]: policy.profiles['langsmith-demo']! };
    policy.protected = [];
    change(policy);
  });
  return { profile, services };
}

let deliveries = 0;
async function leak(services: Services, many: number) {
  const tokens = Array.from({ length: many }, (_, index) =>
    bench.langsmith.mint({ profile: 'langsmith-demo', name: `leaked ${index}` }),
  );
  const findings = tokens.map(({ secret }) => ({ secret: new Secret(secret) }));
  const jobs = bench.jobs(findings, { delivery: `held ${(deliveries += 1)}` });
  const handled = await Promise.all(jobs.map((job) => bench.handle(job, {}, services)));
  return { tokens, handled };
}

const cardsOf = (profile: string) => bench.channel.held.filter((one) => one.profile === profile);
const lastOf = (profile: string) => cardsOf(profile).at(-1)!.cases;
const alive = (tokens: readonly { readonly id: string }[]) =>
  bench.langsmith.tokens().filter(({ id, state }) => state === 'active' && tokens.some((one) => one.id === id));

async function press(services: Services, who: Actor, wanted: Parameters<typeof pressHeld>[1]): Promise<Outcome> {
  const requestedAt = new Date().toISOString();
  const { value } = await services.store.remember(`press ${crypto.randomUUID()}`, async (journal) => {
    const attempt = { journal, requestedAt, progress: async () => {} };
    const authority = await authorise(services, who, journal);
    const { message } = await readHeld(services.store, wanted.profile);
    const outcome = await pressHeld({ services, authority, attempt }, wanted, message);
    await settle(services, outcome, { by: who });
    return outcome;
  });
  return value;
}

const follow = (ids: readonly string[]) =>
  followCases({ show: bench.show, answerBack: bench.answerBack, planLook: bench.readAgain.plan }, ids);

describe('what the brake holds back', () => {
  it('is told as over when somebody has stopped it at its provider, without a press', async () => {
    const { profile, services } = brakedProfile();
    const { tokens, handled } = await leak(services, 3);
    const [held] = handled.filter(({ rule }) => rule === 'floor:brake');
    const before = await bench.services.store.cases.get(held!.caseId);
    const stopped = tokens.find(({ id }) => id === before?.token?.id)!;
    await (await services.providers.open(profile)).deactivate(stopped.id);
    expect(lastOf(profile).held).toHaveLength(1);
    const look = bench.planned.findLast(({ job }) => 'caseId' in job && job.caseId === held!.caseId)!.job;
    if (look.kind !== 'read-again') return expect.fail(`no look is planned, but a job of the kind ${look.kind}`);
    const { show, answerBack } = bench;
    const atItsTime = { ...services, now: () => new Date(look.at) };
    const { read } = createReadAgain({ services: atItsTime, send: async () => {}, show, answerBack });
    expect(await read(look)).toBe('dead');
    expect(lastOf(profile)).toMatchObject({ held: [], decided: 1 });
    expect(await services.store.cases.get(held!.caseId)).toMatchObject({ state: 'dead', already: true });
  });

  it('is asked about by one card, none of its own, and one press stops it all, each with its proof', async () => {
    const { profile, services } = brakedProfile();
    const { tokens, handled } = await leak(services, 7);
    const held = handled.filter(({ rule }) => rule === 'floor:brake').map(({ caseId }) => caseId);
    expect(held).toHaveLength(5);
    const messages = new Set(
      cardsOf(profile)
        .map(({ cases }) => cases.message?.ts)
        .filter((ts) => ts !== undefined),
    );
    expect(messages.size).toBe(1);
    expect(
      lastOf(profile)
        .held.map(({ caseId }) => caseId)
        .toSorted(),
    ).toEqual(held.toSorted());
    expect(bench.channel.cards.filter(({ kase }) => held.includes(kase.id) && kase.state === 'asking')).toEqual([]);
    expect(bench.channel.owners.filter(({ id }) => held.includes(id))).toHaveLength(5);

    const outcome = await press(services, OPERATOR, { profile, upTo: lastOf(profile).last });
    expect(outcome).toMatchObject({ kind: 'bulk', total: 5, state: 'done', requester: OPERATOR });
    expect(outcome.kind === 'bulk' && outcome.changes.every(({ kind }) => kind === 'changed')).toBe(true);
    expect(alive(tokens)).toEqual([]);
    await follow(held);
    expect(lastOf(profile)).toMatchObject({ held: [], decided: 5 });
    const shown = held.map((id) => bench.channel.cards.findLast(({ kase }) => kase.id === id)?.kase.state);
    expect(new Set(shown)).toEqual(new Set(['dead']));
  });

  it('has no card of its own either where it takes long until the brake is known to hold it back', async () => {
    const { profile, services } = brakedProfile();
    const { notes } = services.store;
    const claimOneOf: typeof notes.claimOneOf = async (...claim) => {
      await pause(300);
      return notes.claimOneOf(...claim);
    };
    // Whatever is told only of what takes long is told at once.
    const slow = { ...services, sleep: async () => {}, store: { ...services.store, notes: { ...notes, claimOneOf } } };
    const { handled } = await leak(slow, 4);
    const held = handled.filter(({ rule }) => rule === 'floor:brake').map(({ caseId }) => caseId);
    expect(held).toHaveLength(2);
    expect(bench.channel.cards.filter(({ kase }) => held.includes(kase.id))).toEqual([]);
    expect(lastOf(profile).held).toHaveLength(2);
  });

  it('is left alone by whoever may not deactivate it, and the card goes on asking', async () => {
    const { profile, services } = brakedProfile();
    const { tokens } = await leak(services, 4);
    expect(await press(services, APPROVER, { profile, upTo: lastOf(profile).last })).toMatchObject({ kind: 'denied' });
    expect(alive(tokens)).toHaveLength(2);
    expect(lastOf(profile).held).toHaveLength(2);
  });

  it('is stopped as far as the pressed card told of it, and no further', async () => {
    const { profile, services } = brakedProfile();
    const { tokens } = await leak(services, 4);
    const upTo = lastOf(profile).last;
    const later = await leak(services, 2);
    expect(await press(services, ADMIN, { profile, upTo })).toMatchObject({ kind: 'bulk', total: 2 });
    expect([alive(tokens).length, alive(later.tokens).length]).toEqual([0, 2]);
    // What is left is asked about by a new message, since the pressed one became the outcome.
    const before = new Set(cardsOf(profile).map(({ cases }) => cases.message?.ts));
    await leak(services, 1);
    expect(before.has(lastOf(profile).message?.ts) && lastOf(profile).message !== undefined).toBe(false);
    expect(lastOf(profile).held.length).toBeGreaterThanOrEqual(3);
  });

  it('is put before others where the policy wants that for so many', async () => {
    const { profile, services } = brakedProfile((policy) => {
      policy.approvals = [{ ...policy.approvals.find(({ name }) => name === 'bulk')!, fromTokens: 3 }];
    });
    const { tokens } = await leak(services, 6);
    const outcome = await press(services, OPERATOR, { profile, upTo: lastOf(profile).last });
    expect(outcome).toMatchObject({ kind: 'approval', approval: { state: 'open' } });
    expect(alive(tokens)).toHaveLength(4);
  });

  it('is decided once: a second press on the same card finds nothing left', async () => {
    const { profile, services } = brakedProfile();
    await leak(services, 3);
    const upTo = lastOf(profile).last;
    await press(services, ADMIN, { profile, upTo });
    expect(await press(services, OPERATOR, { profile, upTo })).toMatchObject({ kind: 'denied', why: 'settled' });
  });
});
