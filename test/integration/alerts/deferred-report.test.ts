import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeCase } from '#shared/cases/keep-case.ts';
import { rememberDecision } from '#shared/cases/remember-decision.ts';
import { isSearchPlanned } from '#shared/cases/search-again.ts';
import { Fault, type FaultCode } from '#shared/core/fault.ts';
import { Secret } from '#shared/core/secret.ts';
import { caseHead, caseNext } from '#shared/slack/blocks/case-words.ts';
import { caseTroubleWords } from '#shared/slack/blocks/case-trouble-words.ts';
import type { Case } from '#shared/store/store.ts';
import type { Services } from '#shared/tokens/services.ts';
import '#test/support/contain-no-secret.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';
import { VIEWER } from '#test/support/services.ts';

let bench: LeakBench;
beforeAll(async () => {
  bench = await startLeakBench();
});
afterAll(() => bench.close());

const leak = (secret: string, delivery: string, { test = false, isAccepted = true, isPasted = false } = {}) => {
  const job = bench.jobs([{ secret: new Secret(secret), ...(test && { test }) }], { delivery, isAccepted })[0]!;
  return isPasted ? { ...job, report: { ...job.report, reporter: VIEWER } } : job;
};
const isAlive = (id: string) => bench.langsmith.tokens().find((token) => token.id === id)?.state === 'active';
/** Behind Patrol's back. */
const bringBack = async (id: string) => (await bench.services.providers.open('langsmith-demo')).activate(id);
/** Services whose provider refuses our credential, or fails in another way. */
const failing = (code: FaultCode): Services => {
  const { providers } = bench.services;
  const find = () => Promise.reject(new Fault(code, 'test', { status: 401 }));
  const open: typeof providers.open = async (profile) => ({ ...(await providers.open(profile)), find });
  return { ...bench.services, providers: { ...providers, open } };
};
const stored = async (id: string): Promise<Case> => (await bench.services.store.cases.get(id)) as Case;
const planned = ({ id: caseId }: Case) => {
  const receivedAt = new Date().toISOString();
  return bench.searchAgain.due({ v: 1, kind: 'search-again', receivedAt, deliveryKey: 'now', caseId });
};
/** What a person or the policy made of the token's case before. */
const settledAs = async (state: Case['state'], job: ReturnType<typeof leak>): Promise<string> => {
  const { caseId } = await bench.handle(job);
  await changeCase(bench.services.store, { id: caseId, now: new Date() }, (kase) => ({ ...kase, state }));
  return caseId;
};

describe('a proved report whose first try could look for nothing', () => {
  it('kills a token whose case a person has closed before, over another secret', async () => {
    const token = bench.mint('closed before');
    // Nobody has issued it, and its masked form is the token's.
    const like = `${token.secret.slice(0, 12)}${'0'.repeat(28)}_${'0'.repeat(6)}${token.secret.slice(-4)}`;
    const { caseId: id, state } = await bench.handle(leak(like, 'another secret', { isAccepted: false }));
    expect([state, (await stored(id)).token?.id]).toEqual(['asking', token.id]);
    await changeCase(bench.services.store, { id, now: new Date() }, (kase) => ({
      ...kase,
      ...{ state: 'dismissed', dismissedBy: VIEWER, generation: kase.generation + 1 },
    }));
    const job = leak(token.secret, 'proved');
    const down = failing('provider_unavailable');
    await expect(bench.handle(job, { attempt: 1 }, down)).rejects.toMatchObject({ isRetryable: true });
    expect(await bench.handle(job, { attempt: 2 })).toMatchObject({ caseId: id, state: 'dead' });
    expect(isAlive(token.id)).toBe(false);
  });
});

describe('a proved report whose search is refused', () => {
  it.each(['noted', 'shadowed', 'restored', 'asking', 'unmatched', 'waiting'] as const)(
    'is searched again when its case was %s before, and its token dies then',
    async (state) => {
      const token = bench.mint(`was ${state}`);
      const id = await settledAs(state, leak(token.secret, `a drill of ${state}`, { test: true }));
      const job = leak(token.secret, `proved after ${state}`);
      await bench.handle(job, {}, failing('provider_unauthorized'));
      const kase = await stored(id);
      expect(kase).toMatchObject({ state, count: 2, deferred: { key: job.report.key } });
      expect(isSearchPlanned(kase)).toBe(true);
      // Its card says so, and when it is searched.
      expect(caseHead(kase)).toMatch(/ Reported once more, and Patrol could NOT look for it\.$/);
      expect(caseTroubleWords(kase)).toMatch(/Could not be searched: The provider refused our credential/);
      expect(caseNext(kase, { choose: false })).toMatch(/Mend it: .*Patrol also searches by itself, next /);
      const sent = bench.planned.length;
      await bench.searchAgain.answered('langsmith-demo', { isChecked: true });
      expect(bench.planned.slice(sent)).toMatchObject([{ job: { kind: 'search-again', caseId: id } }]);
      expect(await bench.handle(await planned(kase))).toMatchObject({ caseId: id, state: 'dead' });
      expect(isAlive(token.id)).toBe(false);
      const dead = await stored(id);
      expect([dead.deferred, isSearchPlanned(dead), dead.count]).toEqual([undefined, false, 2]);
      expect(caseTroubleWords(dead)).toBeUndefined();
    },
  );

  it('is searched again when its token was dead, and kills it once more where it was brought back elsewhere', async () => {
    const token = bench.mint('revived');
    const { caseId } = await bench.handle(leak(token.secret, 'first'));
    await bringBack(token.id);
    await bench.handle(leak(token.secret, 'second'), {}, failing('config_invalid'));
    expect(await stored(caseId)).toMatchObject({ state: 'dead', deferred: {} });
    expect(await bench.handle(await planned(await stored(caseId)))).toMatchObject({ state: 'dead' });
    expect(isAlive(token.id)).toBe(false);
    // One that is dead still is only read.
    await bench.handle(leak(token.secret, 'third'), {}, failing('config_invalid'));
    const calls = bench.langsmith.calls.length;
    expect(await bench.handle(await planned(await stored(caseId)))).toMatchObject({ state: 'dead' });
    expect((await stored(caseId)).deferred).toBeUndefined();
    expect(bench.langsmith.calls.slice(calls).filter(({ mutation }) => mutation)).toEqual([]);
  });

  it('is searched again when its queue has given up, and not while that tries it', async () => {
    const token = bench.mint('given up');
    const id = await settledAs('noted', leak(token.secret, 'a drill', { test: true }));
    const job = leak(token.secret, 'proved');
    const down = failing('provider_unavailable');
    await expect(bench.handle(job, { attempt: 1 }, down)).rejects.toMatchObject({ isRetryable: true });
    expect((await stored(id)).deferred).toBeUndefined();
    await expect(bench.handle(job, { attempt: 100, isLast: true }, down)).rejects.toMatchObject({ isRetryable: true });
    expect(isSearchPlanned(await stored(id))).toBe(true);
    expect(await bench.handle(await planned(await stored(id)))).toMatchObject({ caseId: id, state: 'dead' });
  });

  it('stays put off whatever a weaker report comes to, and is let go of by nothing but its own search or an end', async () => {
    const token = bench.mint('weaker ones come');
    const id = await settledAs('noted', leak(token.secret, 'a drill', { test: true }));
    await bench.handle(leak(token.secret, 'proved'), {}, failing('provider_unauthorized'));
    const { deferred } = await stored(id);
    await bench.handle(leak(token.secret, 'weaker', { isAccepted: false }), {}, failing('provider_unauthorized'));
    await bench.handle(leak(token.secret, 'another drill', { test: true }));
    await bench.handle(leak(token.secret, 'pasted', { isPasted: true }), {}, failing('provider_unauthorized'));
    expect((await stored(id)).deferred).toEqual(deferred);
    expect(await bench.handle(leak(token.secret, 'another proved one'))).toMatchObject({ state: 'dead' });
    const dead = await stored(id);
    expect(dead.deferred).toBeUndefined();
    expect(await planned(dead)).toBeUndefined();
  });

  it('only asks a person who has closed its case, or brought its token back', async () => {
    const token = bench.mint('closed before');
    const id = await settledAs('noted', leak(token.secret, 'a drill', { test: true }));
    await changeCase(bench.services.store, { id, now: new Date() }, (kase) => ({
      ...rememberDecision(kase),
      state: 'dismissed',
      dismissedBy: { teamId: 'T0SANDBOX01', userId: 'U0OPERATOR1' },
    }));
    await bench.handle(leak(token.secret, 'unproved', { isAccepted: false }), {}, failing('provider_unauthorized'));
    expect((await stored(id)).deferred).toBeUndefined();
    await bench.handle(leak(token.secret, 'proved'), {}, failing('provider_unauthorized'));
    expect(await stored(id)).toMatchObject({ state: 'dismissed', deferred: {} });
    expect(await bench.handle(await planned(await stored(id)))).toMatchObject({ caseId: id, state: 'asking' });
    expect([isAlive(token.id), (await stored(id)).deferred]).toEqual([true, undefined]);
  });

  it('is answered at its sender only when its search has shown that the token is dead', async () => {
    const token = bench.mint('whose alert is open');
    const { caseId } = await bench.handle(leak(token.secret, 'first'));
    const where = { repository: 'acme/payments', number: 4712 };
    bench.github.setAlert({ ...where, secret: token.secret, secret_type: 'x' });
    const [alert] = bench.jobs([{ locator: { kind: 'github', ...where } }], { source: 'github' });
    await bench.handle(alert, {}, failing('provider_unauthorized'));
    const isOpen = () => bench.github.alerts().find(({ number }) => number === where.number)?.state === 'open';
    expect([(await stored(caseId)).state, isOpen()]).toEqual(['dead', true]);
    await bench.handle(await planned(await stored(caseId)));
    expect(isOpen()).toBe(false);
  });

  it('is fetched again where GitHub, which keeps its secret, refused us', async () => {
    const token = bench.mint('kept at GitHub');
    const where = { repository: 'acme/payments', number: 4711 };
    const open = () => bench.github.setAlert({ ...where, secret: token.secret, secret_type: 'x' });
    open();
    const alert = (delivery: string) =>
      bench.jobs([{ locator: { kind: 'github', ...where } }], { source: 'github', delivery })[0];
    const { caseId } = await bench.handle(alert('first'));
    await bringBack(token.id);
    open();
    bench.github.setFault({ mode: '401' });
    await bench.handle(alert('second'));
    expect(await stored(caseId)).toMatchObject({ state: 'dead', deferred: { troubles: [{ whose: 'GitHub' }] } });
    bench.github.setFault({ mode: 'none' });
    expect(await bench.handle(await planned(await stored(caseId)))).toMatchObject({ caseId, state: 'dead' });
    expect([isAlive(token.id), (await stored(caseId)).deferred]).toEqual([false, undefined]);
  });
});

describe('a proved report that waits for its search', () => {
  it.each([
    ['nobody could check', { isAccepted: false }],
    ['is a drill', { test: true }],
    ['was pasted by somebody without the right', { isPasted: true }],
  ] as const)('is handled where another one of its secret, which %s, finds the token first', async (_, how) => {
    const token = bench.mint(`found by another: ${JSON.stringify(how)}`);
    const first = await bench.handle(leak(token.secret, 'proved'), {}, failing('provider_unauthorized'));
    expect(first.state).toBe('unsearched');
    const { caseId } = await bench.handle(leak(token.secret, 'another', how));
    expect(await stored(first.caseId)).toMatchObject({ mergedInto: caseId });
    const kase = await stored(caseId);
    expect([isAlive(token.id), isSearchPlanned(kase)]).toEqual([true, true]);
    expect(await bench.handle(await planned(kase))).toMatchObject({ caseId, state: 'dead' });
  });

  it('is searched for by itself, and not by a drill that could not be looked for either', async () => {
    const token = bench.mint('a drill came since');
    const { caseId } = await bench.handle(leak(token.secret, 'proved'), {}, failing('provider_unauthorized'));
    await bench.handle(leak(token.secret, 'a drill', { test: true }), {}, failing('provider_unauthorized'));
    expect(await bench.handle(await planned(await stored(caseId)))).toMatchObject({ state: 'dead' });
  });

  it('is searched for by itself, and not by a paste of somebody without the right', async () => {
    const token = bench.mint('pasted since');
    const refused = failing('provider_unauthorized');
    const { caseId } = await bench.handle(leak(token.secret, 'proved'), {}, refused);
    await bench.handle(leak(token.secret, 'pasted', { isPasted: true }), {}, refused);
    expect(await bench.handle(await planned(await stored(caseId)))).toMatchObject({ state: 'dead' });
  });

  it('is what goes on where its case does, and not a paste that came since', async () => {
    const token = bench.mint('pasted, and found by another');
    const refused = failing('provider_unauthorized');
    await bench.handle(leak(token.secret, 'proved'), {}, refused);
    await bench.handle(leak(token.secret, 'pasted', { isPasted: true }), {}, refused);
    const { caseId } = await bench.handle(leak(token.secret, 'another', { isAccepted: false }));
    expect(await bench.handle(await planned(await stored(caseId)))).toMatchObject({ state: 'dead' });
  });

  it('has no search besides where the one that finds the token is proved', async () => {
    const token = bench.mint('proved twice');
    await bench.handle(leak(token.secret, 'proved'), {}, failing('provider_unauthorized'));
    const { caseId, state } = await bench.handle(leak(token.secret, 'again'));
    expect([state, (await stored(caseId)).deferred]).toEqual(['dead', undefined]);
  });
});
