import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { Fault } from '#shared/core/fault.ts';
import { Secret } from '#shared/core/secret.ts';
import type { Actor, Mutation } from '#shared/core/vocabulary.ts';
import { findRevived } from '#shared/cases/find-revived.ts';
import { keepCase } from '#shared/cases/keep-case.ts';
import { readCase } from '#shared/cases/read-cases.ts';
import type { CasePress } from '#shared/cases/case-press.ts';
import { onCase } from '#shared/slack/listeners/on-case.ts';
import { createPerform } from '#shared/slack/listeners/perform.ts';
import type { Request } from '#shared/slack/listeners/request.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import type { Case } from '#shared/store/store.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import type { Services } from '#shared/tokens/services.ts';
import { takeOrder } from '#shared/tokens/take-order.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';
import { ADMIN, OPERATOR } from '#test/support/services.ts';
import { replyTo } from '#test/support/reply-to.ts';

let bench: LeakBench;
let slack: SlackStandIn;
beforeAll(async () => {
  [bench, slack] = await Promise.all([startLeakBench(), startSlack()]);
});
afterAll(() => Promise.all([bench.close(), slack.close()]));

interface Minted {
  readonly profile: 'dfns-demo' | 'langsmith-demo';
  readonly id: string;
  readonly secret: string;
}

let made = 0;
/** A token whose secret tells it from all others. */
const mint = (name: string): Minted => ({ ...bench.mint(name), profile: 'langsmith-demo' });
/** Two tokens that were made at once: of a leaked secret nobody can tell which of them it is. */
function mintPair(name: string): readonly [Minted, Minted] {
  const createdAt = new Date(Date.UTC(2023, 0, 1, 0, 10 * (made += 1))).toISOString();
  const one = (which: string): Minted => {
    const { id, secret } = bench.dfns.mint({ profile: 'dfns-demo', name: `${name}, ${which}`, createdAt });
    return { profile: 'dfns-demo', id, secret };
  };
  return [one('the one'), one('the other')];
}
const refOf = ({ profile, id }: Minted) => `${profile}:${id}`;
const ownOf = (token: Minted) => caseId(tokenKey(token));
const standIn = ({ profile }: Minted) => (profile === 'dfns-demo' ? bench.dfns : bench.langsmith);
const stateOf = (token: Minted) =>
  standIn(token)
    .tokens()
    .find((one) => one.id === token.id)?.state;
const stored = async (id: string) => (await bench.services.store.cases.get(id)) as Case;
/** What the newest draw of each message says, and of which case. */
const messages = () => new Map(bench.channel.cards.map(({ ts, kase }) => [ts, kase]));
const messagesOf = (...ids: string[]) => [...messages().values()].filter(({ id }) => ids.includes(id));

const leak = (token: Minted, more: object = {}, options: object = {}) =>
  bench.handle(
    bench.jobs([{ secret: new Secret(token.secret), ...more }], { delivery: `d-${(made += 1)}`, ...options })[0],
  );

const requestOf = (deliveryKey: string, actor: Actor): Request => ({
  job: { v: 1, kind: 'command', receivedAt: new Date().toISOString(), deliveryKey, sealed: [], unrecognised: 0 },
  payload: {},
  actor,
  place: { channel: 'C0SECURITY1', userId: actor.userId },
  delivery: { attempt: 1, isLast: false },
});

interface By {
  readonly actor?: Actor;
  readonly key?: string;
  readonly services?: Services;
}

/** Presses a button of a case's card, as the queue brings it. */
async function press(wanted: CasePress, { actor = OPERATOR, key = `press-${(made += 1)}`, services }: By = {}) {
  const { show, answerBack, readAgain } = bench;
  const used = services ?? bench.services;
  const cases = { show, answerBack, planLook: readAgain.plan };
  const request = requestOf(key, actor);
  const perform = createPerform({ services: used, reply: replyTo(slack, used), cases });
  let outcomes: readonly Outcome[] = [];
  await perform(request, async ({ journal, requestedAt }) => {
    const answers = await onCase(
      {
        ...{ services: used, request, sendLeaks: async () => {}, again: async () => false },
        attempt: { journal, requestedAt, progress: async () => {} },
      },
      { actionId: `patrol:case:${wanted.act}`, value: JSON.stringify(wanted) },
    );
    outcomes = answers.map(({ outcome }) => outcome);
    return answers;
  });
  return outcomes;
}

const choose = (id: string, token: Minted, by?: By) => press({ case: id, act: 'deactivate', token: refOf(token) }, by);

/** Types a command, and gives what it comes to before anything is agreed to. */
async function type(verb: Mutation, token: Minted): Promise<Outcome> {
  const { services } = bench;
  const authority = await authorise(services, OPERATOR, true);
  const { value } = await services.store.remember(`typed-${(made += 1)}`, async (journal) => {
    const attempt = { journal, requestedAt: new Date().toISOString(), progress: async () => {} };
    return takeOrder(
      { services, authority, attempt },
      { verb, tokens: [refOf(token)], keepGoing: false, ask: 'never' },
    );
  });
  return value;
}

/** A leak of which nobody can tell which of these tokens it is. */
async function ambiguous(...tokens: readonly Minted[]): Promise<string> {
  const { services, show } = bench;
  const candidates = await Promise.all(
    tokens.map(async ({ profile, id }) => ({
      token: (await (await services.providers.open(profile)).get(id))!,
      grade: 'weak' as const,
      because: [{ kind: 'several_profiles' as const }],
    })),
  );
  const key = `clue:${(made += 1)}`;
  const report = { key: `ambiguous-${made}` };
  const evidence = { source: 'gitguardian', report, candidates, receivedAt: new Date().toISOString() };
  const { kase } = await keepCase(services.store, { key, now: services.now() }, evidence);
  await services.store.cases.change(kase.id, (one) => ({
    ...one,
    ...{ state: 'asking', decision: { action: 'ask', rule: 'floor:ambiguous' }, clueKeys: [key] },
  }));
  await show(kase.id);
  return kase.id;
}

describe('a token that a person has chosen on a card', () => {
  it('is told of in its own case, by the one card that asked', async () => {
    const [token] = mintPair('chosen');
    const { caseId: id, state } = await leak(token);
    expect([state, stateOf(token)]).toEqual(['asking', 'active']);
    expect(id).not.toBe(ownOf(token));
    await choose(id, token);
    expect(stateOf(token)).toBe('inactive');
    expect(await stored(ownOf(token))).toMatchObject({
      ...{ state: 'dead', grade: 'weak', count: 1, changedBy: { userId: OPERATOR.userId } },
      ...{ token: { id: token.id, state: 'inactive' }, receipt: { read: 'inactive' }, mergedFrom: [id] },
    });
    expect(await stored(id)).toMatchObject({ state: 'dismissed', mergedInto: ownOf(token) });
    expect(messagesOf(id, ownOf(token)).map((kase) => [kase.id, kase.state])).toEqual([[ownOf(token), 'dead']]);
  });

  it('is not brought back by a typed command without a word of its leak', async () => {
    const [token] = mintPair('chosen, and typed');
    const { caseId: id } = await leak(token);
    await choose(id, token);
    expect(await type('activate', token)).toMatchObject({ kind: 'confirm', leaks: [{ id: ownOf(token) }] });
    expect(stateOf(token)).toBe('inactive');
  });

  it('has its end, and its return, told on that card however either was asked for', async () => {
    const [token] = mintPair('chosen, and brought back');
    const { caseId: id } = await leak(token);
    await choose(id, token);
    const provider = await bench.services.providers.open(token.profile);
    await provider.activate(token.id);
    const read = (await provider.get(token.id))!;
    expect((await findRevived(bench.services, [read])).revived).toMatchObject([{ caseId: ownOf(token) }]);
    await bench.show(ownOf(token));
    expect(messagesOf(id, ownOf(token))).toMatchObject([{ id: ownOf(token), state: 'not_revoked' }]);
  });

  it('is looked at again by itself', async () => {
    const [token] = mintPair('chosen, and looked at');
    const { caseId: id } = await leak(token);
    await choose(id, token);
    const job = bench.planned.map((one) => one.job).findLast((one) => one.kind === 'read-again');
    expect(job).toMatchObject({ caseId: ownOf(token), at: (await stored(ownOf(token))).look?.at });
  });

  it('has all that was done about it in one record', async () => {
    const [token] = mintPair('chosen, and on record');
    const { caseId: id } = await leak(token);
    await choose(id, token);
    const authority = await authorise(bench.services, OPERATOR, true);
    const read = await readCase(bench.services, authority, ownOf(token));
    const entries = read.kind === 'case' ? read.entries : [];
    expect(entries.map(({ what }) => what).sort()).toEqual(['deactivate', 'read']);
    expect(entries.map(({ at }) => at)).toEqual(
      entries
        .map(({ at }) => at)
        .toSorted()
        .reverse(),
    );
  });

  it('is told of once though the press is brought twice, or dies between any two writes', async () => {
    for (let dying = 1; ; dying += 1) {
      const [token] = mintPair(`chosen, dying ${dying}`);
      const { caseId: id } = await leak(token);
      const key = `press-dying-${dying}`;
      let changes = 0;
      const { store } = bench.services;
      const die = async <T>(work: () => Promise<T>): Promise<T> => {
        changes += 1;
        if (changes === dying) throw new Fault('store_unavailable', 'test: died');
        return work();
      };
      const cases = {
        ...store.cases,
        open: (...all: Parameters<typeof store.cases.open>) => die(() => store.cases.open(...all)),
        change: (...all: Parameters<typeof store.cases.change>) => die(() => store.cases.change(...all)),
      };
      const services = { ...bench.services, store: { ...store, cases } };
      const died = await choose(id, token, { key, services }).then(
        () => false,
        () => true,
      );
      if (died) await choose(id, token, { key });
      // A copy that comes at once finds that it is told.
      await expect(choose(id, token, { key })).rejects.toMatchObject({ code: 'delivery_in_progress' });
      expect(stateOf(token)).toBe('inactive');
      expect(await stored(ownOf(token))).toMatchObject({ state: 'dead', count: 1, mergedFrom: [id] });
      expect(await stored(id)).toMatchObject({ state: 'dismissed', mergedInto: ownOf(token) });
      expect(messagesOf(id, ownOf(token)).map((kase) => [kase.id, kase.state])).toEqual([[ownOf(token), 'dead']]);
      if (!died) break;
      expect(dying).toBeLessThan(20);
    }
  });

  it('whose own case is dead already is told there, and the card that asked says where', async () => {
    const token = mint('chosen, and dead');
    const { caseId: own } = await leak(token);
    expect((await stored(own)).state).toBe('dead');
    const id = await ambiguous(token, mint('the other one'));
    await choose(id, token);
    expect(await stored(own)).toMatchObject({ state: 'dead', grade: 'proved', count: 2, mergedFrom: [id] });
    expect(
      messagesOf(id, own)
        .map((kase) => [kase.id, kase.state, kase.mergedInto])
        .sort(),
    ).toEqual(
      [
        [own, 'dead', undefined],
        [id, 'dismissed', own],
      ].sort(),
    );
  });

  it('whose own case a person has closed is open again: it is stopped for another leak', async () => {
    const token = mint('chosen, and closed');
    const { caseId: own } = await leak(token, {}, { isAccepted: false, source: 'gitguardian' });
    await press({ case: own, act: 'dismiss' }, { actor: ADMIN });
    expect((await stored(own)).state).toBe('dismissed');
    const id = await ambiguous(token, mint('not this one'));
    await choose(id, token);
    expect(stateOf(token)).toBe('inactive');
    const kase = await stored(own);
    expect([kase.state, kase.dismissedBy]).toEqual(['dead', undefined]);
    expect(messages().get(kase.message!.ts)).toMatchObject({ id: own, state: 'dead' });
  });

  it('on a card that somebody has closed, is told dead there although the first try failed', async () => {
    const [token, other] = mintPair('closed, and chosen all the same');
    const id = await ambiguous(token, other);
    await press({ case: id, act: 'dismiss' });
    const key = `press-closed-${(made += 1)}`;
    const { providers } = bench.services;
    const limited = () => Promise.reject(new Fault('provider_rate_limited', 'test: limited'));
    const open: typeof providers.open = async (profile) => ({
      ...(await providers.open(profile)),
      deactivate: limited,
    });
    await choose(id, token, { key, services: { ...bench.services, providers: { ...providers, open } } }).catch(
      () => {},
    );
    expect(await stored(id)).toMatchObject({ state: 'not_revoked' });
    await choose(id, token, { key });
    expect([stateOf(token), (await stored(id)).state]).toEqual(['inactive', 'dead']);
  });

  it('is not the one that another person chooses: each is told of in its own case', async () => {
    const [first, second] = [mint('first choice'), mint('second choice')];
    const id = await ambiguous(first, second);
    await choose(id, first);
    await choose(id, second, { actor: ADMIN });
    expect([stateOf(first), stateOf(second)]).toEqual(['inactive', 'inactive']);
    expect(await stored(ownOf(first))).toMatchObject({ state: 'dead', token: { id: first.id } });
    expect(await stored(ownOf(second))).toMatchObject({ state: 'dead', token: { id: second.id }, count: 1 });
    expect(
      messagesOf(id, ownOf(first), ownOf(second))
        .map((kase) => [kase.token?.id, kase.state])
        .sort(),
    ).toEqual(
      [
        [first.id, 'dead'],
        [second.id, 'dead'],
      ].sort(),
    );
  });

  it('stays chosen for the same leak, and one that was chosen by mistake lives again', async () => {
    const [token] = mintPair('chosen by mistake');
    const { caseId: id } = await leak(token);
    await choose(id, token);
    expect(await leak(token)).toMatchObject({ caseId: ownOf(token), state: 'dead' });
    const [asked] = await press({ case: id, act: 'undo' });
    expect(asked).toMatchObject({ kind: 'confirm', leaks: [{ id: ownOf(token) }] });
    expect(stateOf(token)).toBe('inactive');
  });

  it('is not chosen by what nobody did: the card asks on where the token is protected', async () => {
    const [token] = mintPair('protected');
    const services = bench.withPolicy((policy) =>
      policy.protected.push({ profile: token.profile, id: token.id, reason: 'in use' }),
    );
    const { caseId: id } = await leak(token);
    await choose(id, token, { services });
    expect(stateOf(token)).toBe('active');
    expect(await stored(ownOf(token))).toBeUndefined();
    expect(messagesOf(id)).toMatchObject([{ id, state: 'not_revoked' }]);
  });
});

describe('a choice is no evidence', () => {
  it('that a leak was public makes no other report of the token one of a public leak', async () => {
    const [token] = mintPair('chosen, of a public leak');
    const { caseId: id } = await leak(token, { publiclyLeaked: true });
    await choose(id, token);
    await leak(token, { publiclyLeaked: true, note: 'again' });
    const own = await stored(ownOf(token));
    expect(own.isPublic).toBeUndefined();
    expect(own.reports).toMatchObject([{ publiclyLeaked: true }, { publiclyLeaked: true }]);
  });

  it('that its secret is accepted proves nothing of another secret that is found to be the token', async () => {
    const [token, other] = [mint('chosen, of a genuine secret'), mint('the other genuine one')];
    const id = await ambiguous(token, other);
    const checkedAt = new Date().toISOString();
    await bench.services.store.cases.change(id, (kase) => ({
      ...kase,
      ...{
        validity: { validity: 'valid', by: 'issuer', checkedAt },
        clue: { provider: 'langsmith', form: 'hashed', hmsl: 'ab'.repeat(32) },
      },
    }));
    await choose(id, token);
    expect(await stored(ownOf(token))).toMatchObject({ grade: 'weak', state: 'dead' });
    await (await bench.services.providers.open(token.profile)).activate(token.id);
    const { state } = await leak(token, {}, { isAccepted: false, source: 'gitguardian' });
    expect([state, stateOf(token)]).toEqual(['asking', 'active']);
    const own = await stored(ownOf(token));
    expect([own.grade, own.validity?.validity]).not.toContain('proved');
    expect(own.validity?.validity).not.toBe('valid');
  });
});
