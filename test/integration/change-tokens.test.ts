import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Fault, isFault } from '#shared/core/fault.ts';
import type { Actor, Token } from '#shared/core/vocabulary.ts';
import type { Attempt } from '#shared/tokens/attempt.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import { carryOut } from '#shared/tokens/carry-out.ts';
import { changeToken } from '#shared/tokens/change-token.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { takeOrder } from '#shared/tokens/take-order.ts';
import { answerConfirmation } from '#shared/tokens/ask-confirmation.ts';
import { type ApprovalPress, resolveApproval } from '#shared/tokens/resolve-approval.ts';
import type { Services } from '#shared/tokens/services.ts';
import { ADMIN, APPROVER, actor, type Bench, OPERATOR, startBench, VIEWER } from '../support/services.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(() => {
  bench.dfns.reset();
  bench.langsmith.reset();
  bench.groups.set('S0ONCALL001', []);
});

let jobs = 0;
/** Runs one delivery of one job; the same key again is a redelivery. */
async function job<T>(services: Services, work: (attempt: Attempt) => Promise<T>, key = `test-${jobs++}`): Promise<T> {
  const requestedAt = new Date().toISOString();
  const { value } = await services.store.remember(key, (journal) =>
    work({ journal, requestedAt, progress: () => Promise.resolve() }),
  );
  return value;
}

async function ask(
  who: Actor,
  verb: 'deactivate' | 'activate' | 'delete',
  tokens: readonly string[],
  services = bench.services,
): Promise<Outcome> {
  const authority = await authorise(services, who, true);
  return job(services, (attempt) => takeOrder({ services, authority, attempt }, { verb, tokens, keepGoing: false }));
}

async function confirm(who: Actor, pending: string, yes = true, services = bench.services): Promise<Outcome> {
  const authority = await authorise(services, who, true);
  return (await job(services, (attempt) => answerConfirmation({ services, authority, attempt }, { pending, yes })))
    .outcome;
}

async function press(who: Actor, answer: ApprovalPress['answer'], approvalId: string, services = bench.services) {
  const authority = await authorise(services, who, true);
  const lever = () => Promise.reject(new Error('no lever here'));
  return job(services, (attempt) =>
    resolveApproval({ services, authority, attempt }, { approvalId, answer, reason: 'test' }, lever),
  );
}

/** A token of its own, so that no request of another test waits for it. */
async function victim(profile: 'dfns-demo' | 'langsmith-demo'): Promise<Token> {
  const name = `victim ${(victims += 1)}`;
  const { id } = bench[profile === 'dfns-demo' ? 'dfns' : 'langsmith'].mint({ profile, name });
  const token = await (await bench.services.providers.open(profile)).get(id);
  if (token === undefined) throw new Error('the stand-in does not show what it has minted');
  return token;
}
let victims = 0;

const stateOf = (id: string) =>
  [...bench.dfns.tokens(), ...bench.langsmith.tokens()].find((token) => token.id === id)?.state;

describe.each(['dfns-demo', 'langsmith-demo'] as const)('changing a token of %s', (profile) => {
  it('deactivates, says so after reading back, and brings it back', async () => {
    const token = await victim(profile);
    const dead = await ask(OPERATOR, 'deactivate', [token.id]);
    expect(dead).toMatchObject({ kind: 'changed', already: false, undo: true, token: { state: 'inactive' } });
    expect(stateOf(token.id)).toBe('inactive');
    expect(await ask(OPERATOR, 'deactivate', [`${profile}:${token.id}`])).toMatchObject({
      kind: 'changed',
      already: true,
    });
    expect(await ask(OPERATOR, 'activate', [token.name])).toMatchObject({ kind: 'changed', verb: 'activate' });
    expect(stateOf(token.id)).toBe('active');
  });

  it('deletes after the confirmation of an admin, and a second press does nothing', async () => {
    const token = await victim(profile);
    const asked = await ask(ADMIN, 'delete', [token.id]);
    if (asked.kind !== 'confirm') throw new Error(asked.kind);
    expect(stateOf(token.id)).toBe('active');
    expect(await confirm(ADMIN, asked.pending)).toMatchObject({ kind: 'changed', verb: 'delete', undo: false });
    expect(stateOf(token.id)).toBe('deleted');
    expect(await confirm(ADMIN, asked.pending)).toMatchObject({ kind: 'denied', why: 'settled' });
  });

  it('makes one change for the same job delivered again, and for twenty jobs at once', async () => {
    const token = await victim(profile);
    const before = bench.mutations();
    const change = async (key: string): Promise<Outcome> =>
      job(
        bench.services,
        (attempt) =>
          changeToken(bench.services, attempt, {
            order: {
              verb: 'deactivate',
              tokens: [token],
              requester: OPERATOR,
              requestedAt: attempt.requestedAt,
              keepGoing: false,
            },
            warrant: { rule: 'role:test', approvedBy: [] },
            ref: token,
          }),
        key,
      ).catch((error: unknown) => {
        // Twenty in a row may take longer than one of them waits for its turn: the queue brings it again.
        if (!isFault(error, 'delivery_in_progress')) throw error;
        return change(key);
      });
    const key = `same-${token.id}-${before}`;
    const first = await change(key);
    expect(await change(key)).toEqual(first);
    await Promise.all(Array.from({ length: 20 }, (_, index) => change(`${key}-${index}`)));
    // Dfns counts the init and sign calls as changes of nothing: only the last call of each signing is a mutation.
    expect(bench.mutations() - before).toBe(1);
  }, 60_000);

  it('puts on record who did it what nobody could prove at first, as soon as somebody reads it as done', async () => {
    const token = await victim(profile);
    const services = { ...bench.services, sleep: () => Promise.resolve() };
    const unreadable = () => Promise.reject(new Fault('provider_unexpected', 'test: a reply that cannot be read'));
    const by = (requester: typeof OPERATOR, more: object = {}) =>
      job(services, (attempt) =>
        changeToken(
          services,
          { ...attempt, ...more },
          {
            order: {
              verb: 'deactivate',
              tokens: [token],
              requester,
              requestedAt: attempt.requestedAt,
              keepGoing: false,
            },
            warrant: { rule: 'role:test', approvedBy: [] },
            ref: token,
          },
        ),
      );
    expect(await by(OPERATOR, { readBack: unreadable })).toMatchObject({ kind: 'unconfirmed' });
    const other = { ...OPERATOR, userId: 'U0OTHER0001' };
    expect(await by(other)).toMatchObject({ kind: 'changed', already: true });
    const entries = await services.store.audit.query({ token: { profile, id: token.id }, limit: 10 });
    expect(entries.filter(({ result }) => result === 'done').map(({ actor }) => actor)).toEqual([OPERATOR]);
  });

  it('asks as the press demands, and carries the case that it is about into the record', async () => {
    const token = await victim(profile);
    const { services } = bench;
    const authority = await authorise(services, OPERATOR, true);
    const from = (more: { readonly ask: 'always' | 'never' }) =>
      job(services, (attempt) =>
        takeOrder(
          { services, authority, attempt },
          { verb: 'deactivate', tokens: [token.id], keepGoing: false, caseId: 'C-TESTCASE', ...more },
        ),
      );
    expect(await from({ ask: 'always' })).toMatchObject({ kind: 'confirm', verb: 'deactivate' });
    expect(stateOf(token.id)).toBe('active');
    expect(await from({ ask: 'never' })).toMatchObject({ kind: 'changed', token: { state: 'inactive' } });
    const [entry] = await services.store.audit.query({ token: { profile, id: token.id }, limit: 1 });
    expect(entry).toMatchObject({ what: 'deactivate', caseId: 'C-TESTCASE' });
  });

  it('refuses the token that it works with in another profile, through whichever profile it is named', async () => {
    const [standIn, field] = profile === 'dfns-demo' ? [bench.dfns, 'authToken'] : [bench.langsmith, 'apiKey'];
    const minted = standIn.mint({ profile, name: 'second bot', createdAt: '2023-05-06T07:08:09.000Z' });
    const bystander = standIn.mint({ profile, name: 'no bot', createdAt: '2023-05-06T07:19:09.000Z' });
    const secret = { ...standIn.profileSecret(profile), [field]: minted.secret };
    bench.secrets.put('patrol/test/profiles/second', JSON.stringify(secret));
    const services = bench.withPolicy((policy) => {
      policy.profiles['second'] = {
        ...policy.profiles[profile],
        provider: profile === 'dfns-demo' ? 'dfns' : 'langsmith',
      };
    });
    const refused = await ask(ADMIN, 'deactivate', [`${profile}:${minted.id}`], services);
    expect(refused).toMatchObject({ kind: 'refused', why: 'own', token: { profile: 'second' } });
    expect(stateOf(minted.id)).toBe('active');
    expect(await ask(ADMIN, 'deactivate', [`${profile}:${bystander.id}`], services)).toMatchObject({ kind: 'changed' });
  });

  it('refuses the token that it works with', async () => {
    const provider = await bench.services.providers.open(profile);
    const own = (await provider.list()).tokens.find((token) => token.own);
    expect(own).toBeDefined();
    expect(await ask(ADMIN, 'deactivate', [own?.id ?? ''])).toMatchObject({ kind: 'refused', why: 'own' });
  });
});

describe('a confirmation', () => {
  it('is not lost to itself when the process dies right after the press was counted', async () => {
    const token = await victim('dfns-demo');
    const asked = await ask(ADMIN, 'delete', [token.id]);
    if (asked.kind !== 'confirm') throw new Error(asked.kind);
    const { pending } = asked;
    const { notes } = bench.services.store;
    const claimed = async (...args: Parameters<typeof notes.claim>) => {
      await notes.claim(...args);
      throw new Error('the process is gone');
    };
    const dying = { ...bench.services, store: { ...bench.services.store, notes: { ...notes, claim: claimed } } };
    const authority = await authorise(bench.services, ADMIN, true);
    const once = (services: Services) =>
      job(
        services,
        (attempt) => answerConfirmation({ services, authority, attempt }, { pending, yes: true }),
        `dies-${pending}`,
      );
    await expect(once(dying)).rejects.toThrow('the process is gone');
    expect((await once(bench.services)).outcome).toMatchObject({ kind: 'changed', verb: 'delete' });
    expect(await confirm(ADMIN, pending)).toMatchObject({ kind: 'denied', why: 'settled' });
  });
});

describe('a provider that is down', () => {
  it('ends as "retrying" and leaves the token as it was; the replay does it when the provider is back', async () => {
    const token = await victim('dfns-demo');
    bench.dfns.setFault({ mode: '500' });
    const authority = await authorise(bench.services, OPERATOR, true);
    const command = { verb: 'deactivate', tokens: [token.id], keepGoing: false } as const;
    const outcome = await job(bench.services, (attempt) =>
      takeOrder({ services: bench.services, authority, attempt }, command),
    );
    expect(outcome).toMatchObject({ kind: 'trouble', trouble: { fault: 'provider_unavailable', next: 'retrying' } });
    bench.dfns.setFault({ mode: 'none' });
    expect(stateOf(token.id)).toBe('active');
    expect(await ask(OPERATOR, 'deactivate', [token.id])).toMatchObject({ kind: 'changed', already: false });
  });
});

describe('rights', () => {
  it('denies a viewer and names who may', async () => {
    const token = await victim('dfns-demo');
    expect(await ask(VIEWER, 'deactivate', [token.id])).toMatchObject({
      kind: 'denied',
      why: 'no_role',
      roles: ['admin', 'operator'],
    });
    expect(stateOf(token.id)).toBe('active');
  });

  it('counts a user group that is read now, and nothing while it cannot be read', async () => {
    const token = await victim('dfns-demo');
    bench.groups.set('S0ONCALL001', [VIEWER.userId]);
    expect(await ask(VIEWER, 'deactivate', [token.id])).toMatchObject({ kind: 'changed' });
    bench.groups.clear();
    expect(await ask(VIEWER, 'activate', [token.id])).toMatchObject({ kind: 'denied', why: 'groups_unavailable' });
  });

  it('tells a kill as made although the groups cannot be read any more when the crashed job comes back', async () => {
    const token = await victim('dfns-demo');
    bench.groups.set('S0ONCALL001', [VIEWER.userId]);
    const { providers } = bench.services;
    const open = async (profile: string) => {
      const provider = await providers.open(profile);
      const deactivate = async (id: string) => {
        await provider.deactivate(id);
        throw new Error('the process is gone');
      };
      return { ...provider, deactivate };
    };
    const once = (services: Services) =>
      job(
        services,
        async (attempt) => {
          const authority = await authorise(services, VIEWER, attempt.journal);
          return takeOrder(
            { services, authority, attempt },
            { verb: 'deactivate', tokens: [token.id], keepGoing: false },
          );
        },
        `groups-${token.id}`,
      );
    await expect(once({ ...bench.services, providers: { ...providers, open } })).rejects.toThrow('the process is gone');
    expect(stateOf(token.id)).toBe('inactive');
    bench.groups.clear();
    expect(await once(bench.services)).toMatchObject({ kind: 'changed', already: false });
  });

  it('refuses protected tokens with the policy’s reason', async () => {
    const asked = bench.dfns.tokens().find(({ name }) => name.startsWith('break-glass'));
    expect(await ask(ADMIN, 'deactivate', [asked?.id ?? ''])).toMatchObject({ kind: 'refused', why: 'protected' });
  });
});

describe('approval', () => {
  async function requestDelete(): Promise<{ id: string; token: Token }> {
    const token = await victim('dfns-demo');
    const asked = await ask(OPERATOR, 'delete', [token.id]);
    if (asked.kind !== 'confirm') throw new Error(asked.kind);
    const open = await confirm(OPERATOR, asked.pending);
    if (open.kind !== 'approval') throw new Error(open.kind);
    expect(open).toMatchObject({
      approval: { state: 'open', needed: 1 },
      approvers: expect.arrayContaining(['U0APPROVER1']),
    });
    return { id: open.approval.id, token };
  }

  it('lets a second person carry it out, once, when two press at the same instant', async () => {
    const { id, token } = await requestDelete();
    const results = await Promise.all([press(APPROVER, 'approve', id), press(ADMIN, 'approve', id)]);
    const carriedOut = results.filter(({ result }) => result?.kind === 'changed');
    expect(carriedOut).toHaveLength(1);
    expect(carriedOut[0]?.card?.approval).toMatchObject({ state: 'done' });
    expect(stateOf(token.id)).toBe('deleted');
  });

  it('never lets the requester approve, but lets them take it back', async () => {
    const { id, token } = await requestDelete();
    expect((await press(OPERATOR, 'approve', id)).result).toMatchObject({ kind: 'denied', why: 'own_request' });
    expect((await press(OPERATOR, 'refuse', id)).card?.approval.state).toBe('withdrawn');
    expect((await press(APPROVER, 'approve', id)).result).toMatchObject({ kind: 'denied', why: 'settled' });
    expect(stateOf(token.id)).toBe('active');
  });

  it('refuses on one no, and says who', async () => {
    const { id, token } = await requestDelete();
    const { card } = await press(APPROVER, 'refuse', id);
    expect(card?.approval).toMatchObject({ state: 'refused', refusedBy: { actor: { userId: 'U0APPROVER1' } } });
    expect(stateOf(token.id)).toBe('active');
  });

  it('lets those break the glass whom the policy names, and nobody else', async () => {
    const { id, token } = await requestDelete();
    expect((await press(APPROVER, 'break-glass', id)).result).toMatchObject({ kind: 'denied' });
    const { card, result } = await press(ADMIN, 'break-glass', id);
    expect(result).toMatchObject({ kind: 'changed' });
    expect(card?.approval.brokenGlass).toMatchObject({ actor: { userId: 'U0ADMIN0001' }, reason: 'test' });
    expect(stateOf(token.id)).toBe('deleted');
  });

  it('lets nobody break the glass for a deed that they may not do themselves', async () => {
    const { id, token } = await requestDelete();
    const narrow = bench.withPolicy((policy) => {
      policy.approvals[0]!.breakGlass = ['admin', 'viewer'];
    });
    expect((await press(VIEWER, 'break-glass', id, narrow)).result).toMatchObject({ kind: 'denied', why: 'no_role' });
    expect(stateOf(token.id)).toBe('active');
  });

  it('counts a person once, from whichever workspace of a grid they press', async () => {
    const grid = bench.withPolicy((policy) => {
      policy.teams.push('T0SECONDTEAM');
      policy.approvals[0]!.approvers = 2;
    });
    const token = await victim('dfns-demo');
    const asked = await ask(OPERATOR, 'delete', [token.id], grid);
    if (asked.kind !== 'confirm') throw new Error(asked.kind);
    const open = await confirm(OPERATOR, asked.pending, true, grid);
    if (open.kind !== 'approval') throw new Error(open.kind);
    await press(APPROVER, 'approve', open.approval.id, grid);
    await press({ ...APPROVER, teamId: 'T0SECONDTEAM' }, 'approve', open.approval.id, grid);
    expect(stateOf(token.id)).toBe('active');
    await press(ADMIN, 'approve', open.approval.id, grid);
    expect(stateOf(token.id)).toBe('deleted');
  });

  it('asks an open request for as many people as the policy has come to ask for', async () => {
    const { id, token } = await requestDelete();
    const stricter = bench.withPolicy((policy) => {
      policy.approvals[0]!.approvers = 2;
    });
    expect((await press(APPROVER, 'approve', id, stricter)).card?.approval).toMatchObject({ state: 'open', needed: 2 });
    expect(stateOf(token.id)).toBe('active');
    expect((await press(ADMIN, 'approve', id, stricter)).result).toMatchObject({ kind: 'changed' });
  });

  it('counts no yes of somebody who has lost the right to it meanwhile', async () => {
    const two = (policy: Parameters<Parameters<typeof bench.withPolicy>[0]>[0]) => {
      policy.approvals[0]!.approvers = 2;
    };
    const both = bench.withPolicy(two);
    const { id, token } = await requestDelete();
    await press(APPROVER, 'approve', id, both);
    const without = bench.withPolicy((policy) => {
      two(policy);
      policy.roles['approver']!.users = ['U0SOMEBODY1'];
    });
    expect((await press(ADMIN, 'approve', id, without)).card?.approval).toMatchObject({
      state: 'open',
      approvedBy: [{ actor: { userId: ADMIN.userId } }],
    });
    expect(stateOf(token.id)).toBe('active');
    expect((await press(actor('U0SOMEBODY1'), 'approve', id, without)).result).toMatchObject({ kind: 'changed' });
  });

  it('goes on after a crash with what was approved, although the approver could not be checked again', async () => {
    const { id, token } = await requestDelete();
    const requestedAt = new Date().toISOString();
    const once = async (services: Services) => {
      const authority = await authorise(services, APPROVER, true);
      const lever = () => Promise.reject(new Error('no lever here'));
      return services.store.remember(`approve-${id}`, (journal) => {
        const attempt = { journal, requestedAt, progress: () => Promise.resolve() };
        return resolveApproval({ services, authority, attempt }, { approvalId: id, answer: 'approve' }, lever);
      });
    };
    let opened = 0;
    // The fresh read before the vote still works; the process dies behind it.
    const open: Services['providers']['open'] = (profile) =>
      (opened += 1) > 1 ? Promise.reject(new Error('the process is gone')) : bench.services.providers.open(profile);
    const dying = { ...bench.services, providers: { ...bench.services.providers, open } };
    await expect(once(dying)).rejects.toThrow('the process is gone');
    const changed = bench.withPolicy((policy) => {
      policy.roles['approver']!.users = ['U0SOMEBODY1'];
    });
    expect((await once(changed)).value.result).toMatchObject({ kind: 'changed', verb: 'delete' });
    expect(stateOf(token.id)).toBe('deleted');
  });

  it('checks the requester’s own right again after the last yes', async () => {
    const { id, token } = await requestDelete();
    const without = bench.withPolicy((policy) => {
      policy.roles['operator']!.users = ['U0SOMEBODY1'];
    });
    expect((await press(APPROVER, 'approve', id, without)).result).toMatchObject({
      kind: 'denied',
      why: 'no_role',
      whose: 'requester',
    });
    expect(stateOf(token.id)).toBe('active');
  });

  it('says at once that nobody could approve', async () => {
    const alone = bench.withPolicy((policy) => {
      policy.roles['approver']!.users = [];
      policy.roles['approver']!.groups = ['S0ONCALL001'];
      policy.approvals[0]!.by = ['approver'];
    });
    const token = await victim('dfns-demo');
    expect(await ask(OPERATOR, 'delete', [token.id], alone)).toMatchObject({ kind: 'no_approver' });
  });
});

describe('bulk', () => {
  it('previews, then changes each and adds up', async () => {
    const first = await victim('dfns-demo');
    const second = await victim('langsmith-demo');
    const asked = await ask(OPERATOR, 'deactivate', [first.id, second.id]);
    if (asked.kind !== 'confirm') throw new Error(asked.kind);
    expect(bench.mutations()).toBe(0);
    const done = await confirm(OPERATOR, asked.pending);
    expect(done).toMatchObject({ kind: 'bulk', state: 'done', total: 2, left: [] });
    expect([stateOf(first.id), stateOf(second.id)]).toEqual(['inactive', 'inactive']);
  });

  it('stops at the first surprise and says what it did not touch', async () => {
    const first = await victim('dfns-demo');
    const second = await victim('langsmith-demo');
    const asked = await ask(OPERATOR, 'deactivate', [first.id, second.id]);
    if (asked.kind !== 'confirm') throw new Error(asked.kind);
    bench.dfns.setFault({ mode: '202' });
    const done = await confirm(OPERATOR, asked.pending);
    expect(done).toMatchObject({ kind: 'bulk', state: 'stopped', left: [{ id: second.id }] });
    expect(stateOf(second.id)).toBe('active');
  });

  it('ends itself before the function is stopped, and the next delivery does the rest once', async () => {
    const first = await victim('dfns-demo');
    const second = await victim('langsmith-demo');
    const { services } = bench;
    const key = `short-${first.id}`;
    const requestedAt = new Date().toISOString();
    const order = {
      verb: 'deactivate',
      tokens: [first, second],
      requester: OPERATOR,
      requestedAt,
      keepGoing: false,
    } as const;
    const warrant = { rule: 'role:test', approvedBy: [] };
    const deliver = (left: readonly number[]) => {
      const times = [...left];
      const timeLeftMs = () => times.shift() ?? 100_000;
      return services.store.remember(key, (journal) =>
        carryOut(
          { services, attempt: { journal, requestedAt, timeLeftMs, progress: () => Promise.resolve() } },
          order,
          warrant,
        ),
      );
    };
    await expect(deliver([100_000, 1000])).rejects.toMatchObject({ code: 'delivery_in_progress' });
    expect([stateOf(first.id), stateOf(second.id)]).toEqual(['inactive', 'active']);
    const { value } = await deliver([]);
    expect(value).toMatchObject({
      state: 'done',
      changes: [
        { kind: 'changed', already: false },
        { kind: 'changed', already: false },
      ],
    });
    expect([stateOf(second.id), bench.mutations()]).toEqual(['inactive', 2]);
  });

  it('caps its size', async () => {
    const small = bench.withPolicy((policy) => {
      policy.limits.bulkMax = 1;
    });
    expect(await ask(ADMIN, 'deactivate', ['a', 'b'], small)).toMatchObject({
      kind: 'denied',
      why: 'too_many',
      limit: 1,
    });
  });
});

describe('many small requests of one person', () => {
  const hasty = actor('U0HASTY0001');
  const wide = () =>
    bench.withPolicy((policy) => {
      policy.roles['operator']!.users.push(hasty.userId, 'U0CALM00001');
      policy.limits.confirm = [];
    });
  const mint = (many: number) =>
    Array.from({ length: many }, (_, index) => bench.dfns.mint({ profile: 'dfns-demo', name: `hasty-${index}` }).id);
  async function deactivate(who: Actor, ids: readonly string[], services: Services): Promise<Outcome> {
    const asked = await ask(who, 'deactivate', ids, services);
    return asked.kind === 'confirm' ? confirm(who, asked.pending, true, services) : asked;
  }

  it('count together: the one that reaches the limit asks others, and is not done', async () => {
    const services = wide();
    const [first, second] = [mint(24), mint(24)];
    expect(await deactivate(hasty, first, services)).toMatchObject({ kind: 'bulk', state: 'done' });
    const asked = await ask(hasty, 'deactivate', second, services);
    expect(asked).toMatchObject({ kind: 'confirm', approvers: { needed: 1, countedWith: 24 } });
    if (asked.kind !== 'confirm') return;
    const answer = await confirm(hasty, asked.pending, true, services);
    expect(answer).toMatchObject({ kind: 'approval', approval: { rule: 'bulk', order: { countedWith: 24 } } });
    expect(second.map(stateOf)).toEqual(second.map(() => 'active'));
    // One at a time is no way round it.
    expect(await ask(hasty, 'deactivate', second.slice(0, 1), services)).toMatchObject({ kind: 'approval' });
    // What was done may be taken back by whoever did it, and somebody else has their own count.
    expect(await ask(hasty, 'activate', first.slice(0, 1), services)).not.toMatchObject({ kind: 'approval' });
    expect(await ask(actor('U0CALM00001'), 'deactivate', second.slice(0, 1), services)).toMatchObject({
      kind: 'changed',
    });
  });

  it('count together when they come at once', async () => {
    const services = bench.withPolicy((policy) => {
      policy.roles['operator']!.users.push('U0TWICE0001');
      policy.approvals.find(({ name }) => name === 'bulk')!.fromTokens = 5;
    });
    const answers = await Promise.all(mint(8).map((id) => ask(actor('U0TWICE0001'), 'deactivate', [id], services)));
    expect(answers.filter(({ kind }) => kind === 'changed')).toHaveLength(4);
    expect(answers.filter(({ kind }) => kind === 'approval')).toHaveLength(4);
  });

  it('are forgotten when their time is over', async () => {
    const services = bench.withPolicy((policy) => {
      policy.roles['operator']!.users.push('U0SLOW00001');
      policy.approvals.find(({ name }) => name === 'bulk')!.fromTokens = 2;
    });
    const [first, second] = mint(2);
    expect(await ask(actor('U0SLOW00001'), 'deactivate', [first!], services)).toMatchObject({ kind: 'changed' });
    const later = { ...services, now: () => new Date(Date.now() + 601_000) };
    expect(await ask(actor('U0SLOW00001'), 'deactivate', [second!], later)).toMatchObject({ kind: 'changed' });
  });
});
