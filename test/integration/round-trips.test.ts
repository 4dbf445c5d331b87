import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '#shared/core/secret.ts';
import { onCommand } from '#shared/slack/listeners/on-command.ts';
import type { Request } from '#shared/slack/listeners/request.ts';
import type { SlackContext } from '#shared/slack/listeners/slack-context.ts';
import type { Actor } from '#shared/core/vocabulary.ts';
import type { Journal } from '#shared/store/store.ts';
import type { Services } from '#shared/tokens/services.ts';
import { type LeakBench, startLeakBench } from '#test/support/leak-bench.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';
import { mintApart, stepOf } from '#test/support/provider-steps.ts';
import { createRounds, inRounds } from '#test/support/rounds.ts';
import { acceptAll } from '#test/support/alerts.ts';
import { actor, benchFingerprint, OPERATOR, VIEWER } from '#test/support/services.ts';

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
/** Answers one typed command, as one attempt of its job. */
const playing = (
  standing: Services,
  journal: Journal,
  { text, who }: { readonly text: string; readonly who: Actor },
) => {
  const request = { actor: who, job: { sealed: [], unrecognised: 0 }, delivery: { attempt: 1, isLast: false } };
  const attempt = { journal, requestedAt: new Date().toISOString(), progress: () => Promise.resolve() };
  const slack = {
    services: standing,
    attempt,
    request: request as unknown as Request,
    sendLeaks: () => Promise.resolve(),
    again: () => Promise.resolve(false),
  };
  return onCommand(slack satisfies SlackContext, text);
};
const command = (text: string, who = OPERATOR, standing = services) =>
  standing.store.remember(`counted-${(jobs += 1)}`, (journal) => playing(standing, journal, { text, who }));
/** The jobs of a leak whose issuer has named the token of its secret. */
const shown = (
  provider: 'dfns' | 'langsmith',
  { secret, id }: { readonly secret: string; readonly id: string },
  more: { readonly likely?: string; readonly tokenIds?: readonly string[] } = {},
) => {
  const accepted = [...acceptAll([new Secret(secret)], benchFingerprint)];
  const named = { tokenIds: [id], likely: id, acceptedBy: [bench[provider].url], ...more };
  const validities = new Map(accepted.map(([print, answer]) => [print, { ...answer, ...named }] as const));
  return bench.jobs([{ secret: new Secret(secret) }], { validities });
};
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

  it('of a leaked token that its issuer’s own list has made likely', async () => {
    const token = mint(provider);
    const made = await rounds.play(() => bench.handle(shown(provider, token)[0], {}, services));
    expect(made).toEqual([alert.flat(), ...kill]);
    expect(stateOf(token.id)).toBe('inactive');
  });

  it('of another one than that: what was prepared for it is not used', async () => {
    const [token, other] = [mint(provider), mint(provider)];
    const validities = shown(provider, token, { likely: other.id, tokenIds: [other.id, token.id] });
    const made = await rounds.play(() => bench.handle(validities[0], {}, services));
    expect(made).toEqual([alert.flat(), ...alert.slice(1), ...kill]);
    expect([token, other].map(({ id }) => stateOf(id))).toEqual(['inactive', 'active']);
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

/** The same with the table: what is read at one moment is one call, and what follows from the proof is not waited for. */
describe.each(['dfns', 'langsmith'] as const)(
  'steps until a kill at %s is proved, those of the table among them',
  (provider) => {
    const { kill } = KILLS[provider];
    const proof = kill.at(-1)?.[0] ?? '';
    const play = async (work: (standing: Services) => Promise<unknown>) => {
      const standing = { ...services, store: inRounds(createMemoryStore(), rounds) };
      // Whether somebody waits for a profile is asked once in ten seconds.
      await bench.handle(bench.jobs([{ secret: new Secret(mint(provider).secret) }])[0], {}, standing);
      const made = await rounds.play(() => work(standing));
      const steps = made.map((round) => [...new Set(round)]);
      return steps.slice(0, steps.findLastIndex((round) => round.includes(proof)) + 1);
    };
    beforeAll(async () => {
      await leak(mint(provider).secret);
    });

    it('of a leaked token: what a kill holds is taken beside the opening of its case', async () => {
      const token = mint(provider);
      const [job] = bench.jobs([{ secret: new Secret(token.secret) }]);
      const made = await play((standing) => bench.handle(job, {}, standing));
      const [[find], ...prepared] = KILLS[provider].alert;
      expect(made).toEqual([
        ['table: begin'],
        [find, 'table: read'],
        [...prepared.flat(), 'table: hold case', 'table: hold token', 'table: open case'].toSorted(),
        ['table: note'],
        ...kill,
      ]);
    });

    it('of a token that is named with its profile: what a change holds is taken beside the first read', async () => {
      const token = mint(provider);
      const made = await play((standing) => command(`deactivate ${provider}-demo:${token.id}`, OPERATOR, standing));
      const [first] = KILLS[provider].command;
      expect(made).toEqual([
        ['table: begin'],
        [...first, 'table: hold recent', 'table: hold token'].toSorted(),
        ['table: note'],
        ...kill,
      ]);
    });
  },
);

describe('what a command takes before it is known whether anything is changed', () => {
  const keysOf = ({ profile, id }: { readonly profile: string; readonly id: string }, who = OPERATOR) => [
    `recent:${who.userId}`,
    `token:${profile}:${id}`,
  ];
  const isFree = (key: string) =>
    services.store.hold(key, async () => true, 'unless_held').catch(() => expect.unreachable(`${key} is held`));

  it('is free again where the rights of now refuse it, and where the person is asked first', async () => {
    const token = mint('langsmith');
    const onCall = actor('U0ONCALL999');
    // Of the group a moment ago, and not any more.
    const of: Services['groups']['of'] = async (_, how) => new Set(how?.fresh === true ? [] : ['S0ONCALL001']);
    const lost = { ...services, groups: { ...services.groups, of } };
    const [denied] = (await command(`deactivate ${token.profile}:${token.id}`, onCall, lost)).value;
    expect(denied?.outcome).toMatchObject({ kind: 'denied' });
    for (const key of keysOf(token, onCall)) await isFree(key);
    // The reason names another token, which may have been meant as well.
    const other = mint('langsmith');
    const [asked] = (await command(`deactivate ${token.profile}:${token.id} not ${other.name}`)).value;
    expect(asked?.outcome).toMatchObject({ kind: 'confirm' });
    for (const key of keysOf(token)) await isFree(key);
    expect([token, other].map(({ id }) => stateOf(id))).toEqual(['active', 'active']);
  });

  it('keeps nobody waiting: two at once for one token both come to an end, with one change', async () => {
    const token = mint('langsmith');
    const from = bench.langsmith.calls.length;
    const line = `deactivate ${token.profile}:${token.id}`;
    const answers = await Promise.all([command(line), command(line), command(line, actor('U0ADMIN0001'))]);
    for (const { value } of answers) expect(value[0]?.outcome).toMatchObject({ kind: 'changed' });
    const made = bench.langsmith.calls.slice(from).filter(({ mutation, path }) => mutation && path.includes(token.id));
    expect(made).toHaveLength(1);
  });

  it('knows on a replay what Slack told of the groups before the change began', async () => {
    const token = mint('langsmith');
    const onCall = actor('U0ONCALL998');
    bench.groups.set('S0ONCALL001', [onCall.userId]);
    const once = (groups: Services['groups'], dies: boolean) =>
      services.store.remember('groups-noted', (journal) => {
        const put: Journal['put'] = async (...args) => {
          await journal.put(...args);
          if (dies) throw new TypeError('the process dies');
        };
        const line = { text: `deactivate ${token.profile}:${token.id}`, who: onCall };
        return playing({ ...services, groups }, { ...journal, put }, line);
      });
    await expect(once(services.groups, true)).rejects.toThrow('the process dies');
    expect(stateOf(token.id)).toBe('active');
    const { value } = await once({ ...services.groups, of: async () => 'unavailable' }, false);
    expect(value[0]?.outcome).toMatchObject({ kind: 'changed', already: false });
    expect(stateOf(token.id)).toBe('inactive');
  });
});
