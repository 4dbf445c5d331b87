import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import { onCommand } from '#shared/slack/listeners/on-command.ts';
import type { Request } from '#shared/slack/listeners/request.ts';
import type { SlackContext } from '#shared/slack/listeners/slack-context.ts';
import type { Services } from '#shared/tokens/services.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';
import { mintApart, stepOf } from '#test/support/provider-steps.ts';
import { createRounds } from '#test/support/rounds.ts';
import { actor, OPERATOR, VIEWER } from '#test/support/services.ts';

const rounds = createRounds();
let bench: LeakBench;
let services: Services;
beforeAll(async () => {
  bench = await startLeakBench({ fetch: rounds.fetch(({ pathname }, method) => stepOf(method, pathname)) });
  services = {
    ...bench.services,
    store: createMemoryStore(),
    groups: {
      ...bench.services.groups,
      of: async (user, how) => {
        if (how?.fresh === true) await rounds.pass('Slack: groups');
        return bench.services.groups.of(user, how);
      },
    },
  };
});
afterAll(() => bench.close());

let jobs = 0;
const mint = mintApart(() => bench);
const leak = (secret: string) => bench.handle(bench.jobs([{ secret: new Secret(secret) }])[0], {}, services);
const command = (text: string, who = OPERATOR) =>
  services.store.remember(`counted-${(jobs += 1)}`, (journal) => {
    const request = { actor: who, job: { sealed: [], unrecognised: 0 }, delivery: { attempt: 1, isLast: false } };
    const attempt = { journal, requestedAt: new Date().toISOString(), progress: () => Promise.resolve() };
    const slack = {
      services,
      attempt,
      request: request as unknown as Request,
      sendLeaks: () => Promise.resolve(),
      again: () => Promise.resolve(false),
    };
    return onCommand(slack satisfies SlackContext, text);
  });
const stateOf = (id: string) =>
  [...bench.dfns.tokens(), ...bench.langsmith.tokens()].find((token) => token.id === id)?.state;

/** What one who waits for a kill waits for, one round after the other; what is in one round is waited for together. */
const KILLS = {
  dfns: {
    alert: [['GET pats'], ['POST action init']],
    command: [['GET pats :id', 'POST action init', 'Slack: groups']],
    bare: [['GET pats :id', 'Slack: groups'], ['POST action init']],
    kill: [['POST action'], ['PUT pats :id deactivate'], ['GET pats :id']],
  },
  langsmith: {
    alert: [['GET personal-access-tokens']],
    command: [['GET personal-access-tokens', 'Slack: groups']],
    bare: [['GET personal-access-tokens', 'Slack: groups']],
    kill: [['POST personal-access-tokens :id revocation'], ['GET personal-access-tokens']],
  },
} as const;

describe.each(['dfns', 'langsmith'] as const)('round trips until a kill at %s is proved', (provider) => {
  const { alert, command: byCommand, bare, kill } = KILLS[provider];
  beforeAll(async () => {
    // A profile's first use opens what later ones have.
    await leak(mint(provider).secret);
  });

  it('of a leaked token', async () => {
    const token = mint(provider);
    expect(await rounds.play(() => leak(token.secret))).toEqual([...alert, ...kill]);
    expect(stateOf(token.id)).toBe('inactive');
  });

  it('of a token that is named with its profile: the rights are asked for beside the first read', async () => {
    const token = mint(provider);
    const made = await rounds.play(() => command(`deactivate ${provider}-demo:${token.id}`));
    expect(made).toEqual([...byCommand, ...kill]);
    expect(stateOf(token.id)).toBe('inactive');
  });

  it('of a token that is named by its id alone', async () => {
    const token = mint(provider);
    expect(await rounds.play(() => command(`deactivate ${token.id}`))).toEqual([...bare, ...kill]);
    expect(stateOf(token.id)).toBe('inactive');
  });

  it('asks no provider for somebody who has no right, nor changes anything for one who has lost it meanwhile', async () => {
    const token = mint(provider);
    const line = `deactivate ${provider}-demo:${token.id}`;
    expect(await rounds.play(() => command(line, VIEWER))).toEqual([['Slack: groups']]);
    const onCall = actor('U0ONCALL999');
    bench.groups.set('S0ONCALL001', [onCall.userId]);
    const made = await rounds.play(() => {
      const answers = command(line, onCall);
      // The rights that were known a moment ago let it be looked up; those of now refuse it.
      queueMicrotask(() => setImmediate(() => bench.groups.set('S0ONCALL001', [])));
      return answers.then(({ value }) => expect(value[0]?.outcome).toMatchObject({ kind: 'denied' }));
    });
    expect(made).toEqual([...byCommand]);
    expect(stateOf(token.id)).toBe('active');
  });
});
