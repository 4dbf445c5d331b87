import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { Secret } from '#shared/core/secret.ts';
import type { Mutation } from '#shared/core/vocabulary.ts';
import { onCase } from '#shared/slack/listeners/on-case.ts';
import { changeCase } from '#shared/cases/keep-case.ts';
import { without } from '#shared/core/without.ts';
import { caseId as nameOf, tokenKey } from '#shared/store/case-id.ts';
import { createPerform } from '#shared/slack/listeners/perform.ts';
import type { Request } from '#shared/slack/listeners/request.ts';
import { changeToken } from '#shared/tokens/change-token.ts';
import { leakName } from '#shared/tokens/leaks-of.ts';
import { type LeakBench, slackDown, startLeakBench } from '#test/support/leak-bench.ts';
import { OPERATOR } from '#test/support/services.ts';
import { replyTo } from '#test/support/reply-to.ts';

let bench: LeakBench;
let slack: SlackStandIn;
beforeAll(async () => {
  [bench, slack] = await Promise.all([startLeakBench(), startSlack()]);
});
afterAll(() => Promise.all([bench.close(), slack.close()]));

let made = 0;
const mint = () =>
  bench.dfns.mint({
    profile: 'dfns-demo',
    name: 'followed',
    createdAt: new Date(Date.UTC(2024, 0, 1, 0, (made += 1))).toISOString(),
  });
const leak = (secret: string, more: object = {}) =>
  bench.handle(bench.jobs([{ secret: new Secret(secret), ...more }], { delivery: `d-${(made += 1)}` })[0]);
const stateOf = (id: string) => bench.dfns.tokens().find((token) => token.id === id)?.state;
const shownOf = (id: string) => bench.channel.cards.findLast(({ kase }) => kase.id === id)?.kase.state;

const requestOf = (deliveryKey: string): Request => ({
  job: {
    v: 1,
    kind: 'command',
    receivedAt: new Date().toISOString(),
    deliveryKey,
    sealed: [],
    unrecognised: 0,
  },
  payload: {},
  actor: OPERATOR,
  place: { channel: 'C0GENERAL01', userId: OPERATOR.userId },
  delivery: { attempt: 1, isLast: false },
});

/** What a person asks for outside every card: by typing it, or by a button of another message. */
function ask(verb: Mutation, id: string, key = `follow-${(made += 1)}`) {
  const { services } = bench;
  const reply = replyTo(slack, services);
  const request = requestOf(key);
  const { show, answerBack } = bench;
  const cases = { show, answerBack, planLook: bench.readAgain.plan };
  return createPerform({ services, reply, cases })(request, async ({ journal, requestedAt }) => {
    const ref = { profile: 'dfns-demo', id, name: 'followed' };
    // Whoever brings it back was told of its leak.
    const kase = await services.store.cases.get(nameOf(tokenKey(ref)));
    const leaks = kase === undefined ? [] : [leakName(kase)];
    const order = { verb, tokens: [ref], requester: OPERATOR, requestedAt, keepGoing: false, leaks };
    const warrant = { rule: 'role:operator', approvedBy: [] };
    const outcome = await changeToken(services, { journal }, { order, warrant, ref });
    return [{ outcome, to: 'channel' }];
  });
}

describe('a token that is changed outside its card', () => {
  it('is brought back on its card too, and asked about when the same leak is reported again a moment later', async () => {
    const token = mint();
    const { caseId } = await leak(token.secret);
    expect([stateOf(token.id), shownOf(caseId)]).toEqual(['inactive', 'dead']);
    await ask('activate', token.id);
    expect([stateOf(token.id), shownOf(caseId)]).toEqual(['active', 'restored']);
    const { state } = await leak(token.secret);
    expect([state, stateOf(token.id), shownOf(caseId)]).toEqual(['asking', 'active', 'asking']);
  });

  it('is told as dead on a card that only told of it', async () => {
    const token = mint();
    const { caseId, state } = await leak(token.secret, { test: true });
    expect(state).toBe('noted');
    await ask('deactivate', token.id);
    expect(shownOf(caseId)).toBe('dead');
  });

  it('is told as brought back although the kill had not been told yet, and old news do not kill it again', async () => {
    const token = mint();
    const { caseId } = await leak(token.secret);
    // As a process leaves it that died right after the provider had acted.
    await changeCase(bench.services.store, { id: caseId, now: new Date() }, (kase) => ({
      ...without(kase, 'receipt', 'verb'),
      state: 'acting',
    }));
    const before = await bench.services.store.cases.get(caseId);
    await ask('activate', token.id);
    const after = await bench.services.store.cases.get(caseId);
    expect([stateOf(token.id), after?.state]).toEqual(['active', 'restored']);
    expect(after?.generation).toBeGreaterThan(before?.generation ?? 0);
  });

  it('is not told as brought back where nothing was undone', async () => {
    const token = mint();
    const { caseId } = await leak(token.secret, { test: true });
    await ask('activate', token.id);
    expect(shownOf(caseId)).toBe('noted');
  });

  it('has its card mended by the queue when Slack is away, and whoever asked is not told that nothing was done', async () => {
    const token = mint();
    const { caseId } = await leak(token.secret);
    bench.channel.trouble = slackDown;
    const before = slack.messages().length;
    await expect(ask('activate', token.id, 'again')).rejects.toMatchObject({ code: 'slack_unavailable' });
    bench.channel.trouble = undefined;
    await ask('activate', token.id, 'again');
    expect(shownOf(caseId)).toBe('restored');
    expect(slack.messages().slice(before)).toHaveLength(1);
  });
});

describe('"Not ours" on a card that is older than its case', () => {
  it('closes nothing that has been killed meanwhile', async () => {
    const token = mint();
    const { caseId } = await leak(token.secret);
    const { services } = bench;
    const press = { actionId: 'patrol:case:dismiss', value: JSON.stringify({ case: caseId, act: 'dismiss' }) };
    const said = await services.store.remember(`dismiss-${caseId}`, (journal) =>
      onCase(
        {
          services,
          sendLeaks: () => Promise.resolve(),
          again: () => Promise.resolve(false),
          request: requestOf(`dismiss-${caseId}`),
          attempt: { journal, requestedAt: new Date().toISOString(), progress: () => Promise.resolve() },
        },
        press,
      ),
    );
    expect(said.value).toMatchObject([{ outcome: { kind: 'denied', why: 'settled' }, to: 'me' }]);
    expect((await services.store.cases.get(caseId))?.state).toBe('dead');
  });
});
