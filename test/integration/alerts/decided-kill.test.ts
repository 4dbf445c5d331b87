import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEndWait } from '#shared/alerts/end-wait.ts';
import { changeCase } from '#shared/cases/keep-case.ts';
import { isSearchPlanned } from '#shared/cases/search-again.ts';
import { Fault, type FaultCode, FAULTS } from '#shared/core/fault.ts';
import { Secret } from '#shared/core/secret.ts';
import type { Provider } from '#shared/providers/provider.ts';
import type { Case } from '#shared/store/store.ts';
import { caseNext } from '#shared/slack/blocks/case-words.ts';
import { caseTroubleWords } from '#shared/slack/blocks/case-trouble-words.ts';
import type { Services } from '#shared/tokens/services.ts';
import '#test/support/contain-no-secret.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';

let bench: LeakBench;
beforeAll(async () => {
  bench = await startLeakBench();
});
afterAll(() => bench.close());

const leak = (secret: string, more: object = {}, options: object = {}) =>
  bench.jobs([{ secret: new Secret(secret), ...more }], options)[0];
const isAlive = (id: string) => bench.langsmith.tokens().find((token) => token.id === id)?.state === 'active';
const caseOf = async (id: string): Promise<Case> => {
  const cases = await bench.services.store.cases.list({ limit: 1000 });
  const found = cases.find(({ token, mergedInto }) => token?.id === id && mergedInto === undefined);
  if (found === undefined) throw new Error('no case');
  return found;
};
/** Services whose provider reads as ever, and kills nothing. */
const without = (kill: Provider['deactivate']): Services => {
  const { providers } = bench.services;
  const open: typeof providers.open = async (profile) => ({ ...(await providers.open(profile)), deactivate: kill });
  return { ...bench.services, providers: { ...providers, open } };
};
const failing = (code: FaultCode) => without(() => Promise.reject(new Fault(code, 'test', { status: 400 })));
/** What the planned job of a case is to handle, its time having come. */
const planned = async ({ id, search }: Case) => {
  // An answer of the profile may have brought another search forward since, which is no plan.
  const isPlanned = ({ job }: (typeof bench.planned)[number]) =>
    job.kind === 'search-again' && job.caseId === id && job.at === search?.at;
  expect(bench.planned.some(isPlanned)).toBe(true);
  return bench.searchAgain.due({
    v: 1,
    kind: 'search-again',
    receivedAt: search?.at ?? '',
    deliveryKey: 'now',
    caseId: id,
  });
};
const BY_WAIT = { action: 'deactivate', rule: 'owner-wait' } as const;
const nextOn = (kase: Case) => caseNext(kase, { choose: false });
const cardOf = ({ id }: Case) => bench.channel.cards.findLast(({ kase }) => kase.id === id)?.kase as Case;

describe('a kill that is decided', () => {
  it.each(Object.entries(FAULTS))('and ends by %s is made later, or is said not to be', async (key, { later }) => {
    const code = key as FaultCode;
    const token = bench.mint(`ends by ${code}`);
    await bench.handle(leak(token.secret), { attempt: 3, isLast: true }, failing(code)).catch(() => undefined);
    const kase = await caseOf(token.id);
    expect([kase.state, isAlive(token.id)]).toEqual(['not_revoked', true]);
    expect([isSearchPlanned(kase), kase.search !== undefined]).toEqual([later === 'again', later === 'again']);
    // The card that was drawn tells just that.
    expect(cardOf(kase).search).toEqual(kase.search);
    if (later === 'never') {
      expect(nextOn(cardOf(kase))).toBe('Treat it as still working.');
      return;
    }
    expect(nextOn(cardOf(kase))).toMatch(/Patrol also tries again by itself, next .*\.$/);
    expect(caseTroubleWords(cardOf(kase))).not.toMatch(/Given up|trying again by itself/i);
    // It fails once more, and goes on after a longer pause.
    const again = await planned(kase);
    await changeCase(bench.services.store, { id: kase.id, now: new Date() }, (current) =>
      current.search === undefined ? undefined : { ...current, search: { ...current.search, at: current.openedAt } },
    );
    await bench.handle(again, { attempt: 3, isLast: true }, failing(code)).catch(() => undefined);
    const later_ = await caseOf(token.id);
    expect(later_).toMatchObject({ state: 'not_revoked', search: { tries: 2, since: kase.search?.since } });
    expect((await bench.handle(await planned(later_))).state).toBe('dead');
    expect(isAlive(token.id)).toBe(false);
  });

  it('is made later although its provider took it and never did it', async () => {
    const token = bench.mint('accepted and never so');
    const lazy = without(() => Promise.resolve({ kind: 'done', answer: { status: 200 } }));
    await bench.handle(leak(token.secret), { attempt: 3, isLast: true }, lazy).catch(() => undefined);
    const kase = await caseOf(token.id);
    expect([kase.state, isSearchPlanned(kase), isAlive(token.id)]).toEqual(['not_revoked', true, true]);
    expect((await bench.handle(await planned(kase))).state).toBe('dead');
    expect(isAlive(token.id)).toBe(false);
  });

  it('is not taken back by a report that would only ask, and is made by the report that decided it', async () => {
    const token = bench.mint('asked about as well');
    await bench.handle(leak(token.secret), {}, failing('provider_unexpected')).catch(() => undefined);
    const weaker = leak(token.secret, {}, { isAccepted: false, delivery: 'a weaker one', source: 'gitguardian' });
    expect((await bench.handle(weaker)).state).toBe('not_revoked');
    const kase = await caseOf(token.id);
    expect(kase).toMatchObject({ count: 2, decision: { action: 'deactivate' } });
    expect(nextOn(kase)).toMatch(/tries again by itself/);
    expect((await bench.handle(await planned(kase))).state).toBe('dead');
  });

  it.each<[string, Partial<Case>]>([
    ['waits at its provider', {}],
    ['follows the time of its owner, and waits at its provider', { decision: BY_WAIT }],
    ['was asked for by a person, and waits at its provider', { decision: { action: 'ask', rule: 'resembles' } }],
    ['is under way', { state: 'acting', decision: { action: 'deactivate', rule: 'proved', report: 'another' } }],
  ])('and %s is not taken back by a report that would only ask', async (name, as) => {
    const token = bench.mint(name);
    const lazy = without(() => Promise.resolve({ kind: 'pending', answer: { status: 202 } }) as never);
    expect((await bench.handle(leak(token.secret), {}, lazy)).state).toBe('waiting');
    const { id } = await caseOf(token.id);
    await changeCase(bench.services.store, { id, now: new Date() }, (current) => ({ ...current, ...as }));
    const { decision, troubles, state } = await caseOf(token.id);
    const weaker = leak(token.secret, {}, { isAccepted: false, delivery: 'a weaker one', source: 'gitguardian' });
    const policy = structuredClone(bench.services.policy);
    Object.assign(policy.alerts.owner, { afterWait: 'deactivate' });
    await bench.handle(weaker, {}, { ...lazy, policy });
    const { report: _, ...kept } = decision ?? {};
    expect(await caseOf(token.id)).toMatchObject({ state, decision: kept, troubles, count: 2 });
  });

  it('is tried no more once a person has decided', async () => {
    const token = bench.mint('closed meanwhile');
    await bench.handle(leak(token.secret), {}, failing('provider_unexpected')).catch(() => undefined);
    const kase = await caseOf(token.id);
    await changeCase(bench.services.store, { id: kase.id, now: new Date() }, (current) => ({
      ...current,
      state: 'dismissed',
      dismissedBy: { teamId: 'T0SANDBOX01', userId: 'U0OPERATOR1' },
    }));
    expect(await planned(kase)).toBeUndefined();
  });

  it('by the end of the time of its owner is made later by that, whatever the rules say of its report', async () => {
    const token = bench.mint('its owner needed time');
    const job = leak(token.secret, {}, { isAccepted: false, source: 'gitguardian' });
    expect((await bench.handle(job)).state).toBe('asking');
    const { id } = await caseOf(token.id);
    const at = new Date(Date.now() - 1000).toISOString();
    const by = { teamId: 'T0SANDBOX01', userId: 'U0OWNER0001' };
    const policy = structuredClone(bench.services.policy);
    Object.assign(policy.alerts.owner, { afterWait: 'deactivate' });
    await changeCase(bench.services.store, { id, now: new Date() }, (kase) => ({
      ...kase,
      wait: { by, until: at, then: 'deactivate' },
    }));
    const refused = { ...failing('provider_unexpected'), policy };
    const endWait = createEndWait({
      services: refused,
      sendLater: async () => {},
      show: bench.show,
      answerBack: async () => {},
      planLook: async () => {},
      planSearch: bench.searchAgain.plan,
    });
    const over = { v: 1, kind: 'wait-over', receivedAt: at, deliveryKey: 'over', caseId: id, at } as const;
    await endWait(over, { attempt: 1, isLast: false }).catch(() => undefined);
    const kase = await caseOf(token.id);
    expect(kase).toMatchObject({ state: 'not_revoked', decision: { rule: 'owner-wait' } });
    expect(nextOn(cardOf(kase))).toMatch(/tries again by itself, next /);
    // Another report of it, which would only ask, is another try.
    const services = { ...bench.services, policy };
    expect((await bench.handle(await planned(kase), {}, services)).state).toBe('dead');
    expect(await caseOf(token.id)).toMatchObject({ decision: { rule: 'owner-wait' } });
  });
});
