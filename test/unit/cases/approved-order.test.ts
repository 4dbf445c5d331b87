import { describe, expect, it } from 'vitest';
import type { CasePress } from '#shared/cases/case-press.ts';
import { carryOutLever, recordGivenUp } from '#shared/cases/levers-for.ts';
import { pressCase } from '#shared/cases/press-case.ts';
import { settle } from '#shared/cases/settle.ts';
import type { AuditEntry } from '#shared/store/store.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Actor } from '#shared/core/vocabulary.ts';
import type { Provider } from '#shared/providers/provider.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import { authorise } from '#shared/tokens/authorise.ts';
import type { Context } from '#shared/tokens/context.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { resolveApproval } from '#shared/tokens/resolve-approval.ts';
import { isRetrying } from '#shared/tokens/trouble-of.ts';
import { doAll, doing } from '#test/support/memory-store.ts';
import { addToken, createRoom, NOW, openCase, PEOPLE } from '#test/support/room.ts';

type Asked = Pick<CasePress, 'act'> & { readonly act: 'delete' | 'lever' };

/** A case on which an act was asked for that others have to agree to, and its provider. */
async function start(act: Asked['act']) {
  const room = createRoom((policy) => {
    policy.alerts.levers = ['langsmith.stop-new-pats'];
  });
  const token = addToken(room, 'leaked');
  const id = caseId(tokenKey(token));
  await openCase(room, token, { id });
  const pulls: string[] = [];
  let isPulled = false;
  const provider: {
    fails?: 'before' | 'after' | undefined;
    pulls?: Provider['pull'] | undefined;
    reads?: Provider['isPulled'];
  } = {};
  const clock = { ms: NOW.getTime() };
  const { open } = room.services.providers;
  const services = {
    ...room.services,
    now: () => new Date(clock.ms),
    providers: {
      ...room.services.providers,
      open: async (profile: string) => {
        const real = await open(profile);
        const down = new Fault('provider_unavailable', 'as asked');
        return {
          ...real,
          delete: async (token: string) => {
            if (provider.fails === 'before') throw down;
            const effect = await real.delete(token);
            if (provider.fails === 'after') throw down;
            return effect;
          },
          pull: async (lever: string) => {
            if (provider.fails === 'before') throw down;
            pulls.push(lever);
            const effect = await (provider.pulls ?? real.pull)(lever);
            isPulled ||= effect.kind === 'done';
            if (provider.fails === 'after') throw down;
            return effect;
          },
          isPulled: async (lever: string) => (provider.reads ?? (async () => isPulled))(lever),
        };
      },
    },
  };
  /** One delivery of a job: what came of it enters the case, as for every press. */
  const deliver = (who: Actor, job: string, work: (context: Context) => Promise<Outcome | undefined>, at = clock.ms) =>
    room.store.remember(job, async (journal) => {
      const attempt = { journal, requestedAt: new Date(at).toISOString(), progress: async () => {} };
      const outcome = await work({ services, attempt, authority: await authorise(services, who) });
      if (outcome !== undefined) await settle(services, outcome, { from: id });
      if (outcome !== undefined && isRetrying(outcome)) throw new Fault('provider_unavailable', 'to be tried again');
      return outcome;
    });
  const press = async (who: Actor, wanted: Omit<CasePress, 'case'>) => {
    clock.ms += 60_000;
    const work = (context: Context) => pressCase(context, async () => {}, { case: id, ...wanted });
    return (await deliver(who, `press-${clock.ms}`, work)).value;
  };
  const asked = await press(act === 'lever' ? PEOPLE.admin : PEOPLE.operator, {
    act,
    ...(act === 'lever' && { lever: 'stop-all' }),
  });
  const approvalId = asked?.kind === 'approval' ? asked.approval.id : expect.fail(asked?.kind);
  clock.ms += 60_000;
  const lastYes = clock.ms;
  const yes = async () => {
    const work = async (context: Context) => {
      const pull = (...given: [Parameters<typeof carryOutLever>[1], Parameters<typeof carryOutLever>[2]]) =>
        carryOutLever(context, ...given);
      return (await resolveApproval(context, { approvalId, answer: 'approve' }, pull)).result;
    };
    return (await deliver(PEOPLE.approver, 'the last yes', work, lastYes)).value;
  };
  const state = async () => (await room.store.cases.get(id))?.state;
  return { room, id, pulls, provider, clock, press, yes, state, isThere: () => room.tokens.has('leaked') };
}

describe('what others have agreed to, and is tried again after somebody said "Not ours"', () => {
  it.each(['delete', 'lever'] as const)('is not done any more: %s', async (act) => {
    const { press, provider, pulls, yes, state, isThere, clock, room } = await start(act);
    provider.fails = 'before';
    await expect(yes()).rejects.toThrow(Fault);
    await press(PEOPLE.admin, { act: 'dismiss', reason: 'a key of a test' });
    expect(await state()).toBe('dismissed');
    provider.fails = undefined;
    clock.ms += 3_600_000;
    const kind = act === 'delete' ? 'refused' : 'denied';
    expect(await yes()).toMatchObject({ kind, verb: act, why: kind === 'denied' ? 'overtaken' : 'overruled' });
    expect([isThere(), pulls, await state()]).toEqual([true, [], 'dismissed']);
    expect(await room.store.approvals.list({ limit: 9 })).toMatchObject([{ state: 'done' }]);
  });

  it.each(['delete', 'lever'] as const)('is done where it was not overruled: %s', async (act) => {
    const { press, provider, pulls, yes, isThere } = await start(act);
    provider.fails = 'before';
    await expect(yes()).rejects.toThrow(Fault);
    await press(PEOPLE.admin, { act: 'take' });
    provider.fails = undefined;
    await yes();
    expect(act === 'delete' ? isThere() : pulls.length === 0).toBe(false);
  });

  it('is told where it had been done before that', async () => {
    const { press, provider, yes, state } = await start('delete');
    provider.fails = 'after';
    await expect(yes()).rejects.toThrow(Fault);
    await press(PEOPLE.admin, { act: 'dismiss', reason: 'a key of a test' });
    provider.fails = undefined;
    expect(await yes()).toMatchObject({ kind: 'changed', verb: 'delete', already: false });
    expect(await state()).toBe('dead');
  });
});

describe('a lever that others have agreed to', () => {
  it('is not pulled after its token was brought back', async () => {
    const { press, provider, pulls, yes } = await start('lever');
    provider.fails = 'before';
    await expect(yes()).rejects.toThrow(Fault);
    await press(PEOPLE.operator, { act: 'deactivate' });
    await press(PEOPLE.operator, { act: 'undo' });
    provider.fails = undefined;
    expect(await yes()).toMatchObject({ kind: 'denied', verb: 'lever', why: 'overtaken' });
    expect(pulls).toEqual([]);
  });

  it('is not pulled where "Not ours" is said on the case in which that one goes on', async () => {
    const { press, provider, yes, id, pulls, room } = await start('lever');
    provider.fails = 'before';
    await expect(yes()).rejects.toThrow(Fault);
    await press(PEOPLE.admin, { act: 'dismiss', reason: 'a key of a test' });
    const closed = await room.store.cases.get(id);
    await room.store.cases.open({ ...closed!, key: 'the other', id: 'C-ZZZZZZZZ' });
    await room.store.cases.change(id, ({ dismissedBy: _, presses: __, ...kase }) => ({
      ...kase,
      mergedInto: 'C-ZZZZZZZZ',
    }));
    provider.fails = undefined;
    expect(await yes()).toMatchObject({ kind: 'denied', why: 'overtaken' });
    expect(pulls).toEqual([]);
  });

  const lines = (room: Awaited<ReturnType<typeof start>>['room']) =>
    room.store.entries.filter(({ what }) => what === 'lever');
  const requests = (room: Awaited<ReturnType<typeof start>>['room']) => room.store.approvals.list({ limit: 9 });

  it('and that its provider accepts without a read that agrees, is on record, and told, as not proved', async () => {
    const { provider, pulls, yes, room } = await start('lever');
    const answer = { status: 200, fact: 'unproved' } as const;
    provider.pulls = async () => ({ kind: 'unproved', answer });
    expect(await yes()).toMatchObject({ kind: 'lever', result: 'unproved', answer });
    expect(lines(room)).toMatchObject([{ result: 'failed', answer, detail: { kind: 'lever', id: 'stop-all' } }]);
    expect(await requests(room)).toMatchObject([{ state: 'done' }]);
    expect(pulls).toHaveLength(1);
  });

  it('has one line where its job was given up at once after its end, and two where it is brought back before that', async () => {
    const given = async (lasts: 'after' | 'before') => {
      const { provider, yes, room } = await start('lever');
      const giveUp = async () => recordGivenUp(room.services, (await requests(room))[0] ?? expect.fail('no request'));
      provider.fails = lasts;
      await expect(yes()).rejects.toThrow(Fault);
      if (lasts === 'before') await giveUp();
      provider.fails = undefined;
      await yes();
      await giveUp();
      return lines(room).map(({ result }) => result);
    };
    expect([await given('after'), await given('before')]).toEqual([['done'], ['failed', 'done']]);
  });

  it('and that its provider has taken and waits there is not asked for again where its process dies once that is on record', async () => {
    const { provider, pulls, yes, room } = await start('lever');
    const answer = { status: 202, fact: 'waits' } as const;
    provider.pulls = async () => ({ kind: 'pending', answer });
    const { audit } = room.store;
    const die = ({ what }: AuditEntry) => {
      if (what === 'lever') throw new TypeError('the process dies');
    };
    Object.assign(room.store, {
      audit: {
        ...audit,
        append: async (entry: AuditEntry) => audit.append(entry).then(() => die(entry)),
        writing: (entry: AuditEntry) =>
          doing(() => {
            doAll([audit.writing(entry)]);
            die(entry);
          }),
      },
    });
    await expect(yes()).rejects.toThrow('the process dies');
    Object.assign(room.store, { audit });
    expect(await yes()).toMatchObject({ kind: 'lever', result: 'pending', answer });
    expect([pulls.length, lines(room)]).toMatchObject([1, [{ result: 'pending', answer }]]);
  });

  it.each(['provider_unreached', 'provider_unexpected'] as const)(
    'is asked for again after a success that is no answer, and is no refusal: %s',
    async (code) => {
      const { provider, pulls, yes, room } = await start('lever');
      provider.pulls = async () => Promise.reject(new Fault(code, 'no answer', { status: 200 }));
      await expect(yes()).rejects.toThrow(Fault);
      expect([lines(room), (await requests(room))[0]?.state]).toEqual([[], 'approved']);
      provider.pulls = undefined;
      expect(await yes()).toMatchObject({ kind: 'lever', result: 'done' });
      expect(pulls).toHaveLength(2);
    },
  );

  it('is not pulled again where a try before may have pulled it, and a read shows that', async () => {
    const { provider, pulls, yes, room } = await start('lever');
    provider.fails = 'after';
    await expect(yes()).rejects.toThrow(Fault);
    provider.fails = undefined;
    expect(await yes()).toMatchObject({ kind: 'lever', result: 'done', answer: { fact: 'lost' } });
    expect([pulls.length, lines(room)]).toMatchObject([1, [{ result: 'done', answer: { fact: 'lost' } }]]);
  });

  type Started = Awaited<ReturnType<typeof start>>;
  const NO_MORE: readonly [string, (started: Started) => Promise<unknown>][] = [
    ['somebody said "Not ours"', ({ press }) => press(PEOPLE.admin, { act: 'dismiss', reason: 'a key of a test' })],
    ['it is not offered any more', ({ room, id }) => room.store.cases.change(id, ({ token: _, ...kase }) => kase)],
    [
      'who asked has lost the right',
      async ({ room }) => {
        for (const role of Object.values(room.services.policy.roles))
          role.users = role.users.filter((userId) => userId !== PEOPLE.admin.userId);
      },
    ],
  ];

  it.each(NO_MORE)('is told and on record as pulled where a try before had done it, though %s', async (_, happen) => {
    const started = await start('lever');
    const { provider, pulls, yes, room } = started;
    provider.fails = 'after';
    await expect(yes()).rejects.toThrow(Fault);
    await happen(started);
    provider.fails = undefined;
    expect(await yes()).toMatchObject({ kind: 'lever', result: 'done', answer: { fact: 'lost' } });
    expect([pulls.length, lines(room)]).toMatchObject([1, [{ result: 'done' }]]);
  });

  it.each(NO_MORE)('is on record as tried where no read shows what a try before did, and %s', async (_, happen) => {
    const no = new Fault('provider_unauthorized', 'no', { status: 403 });
    const told: readonly [object, Provider['isPulled']][] = [
      [{ kind: 'denied', verb: 'lever' }, async () => false],
      [{ kind: 'lever', result: 'lost' }, async () => Promise.reject(no)],
    ];
    for (const [outcome, reads] of told) {
      const started = await start('lever');
      const { provider, pulls, yes, room } = started;
      provider.fails = 'after';
      await expect(yes()).rejects.toThrow(Fault);
      await happen(started);
      Object.assign(provider, { fails: undefined, reads });
      expect(await yes()).toMatchObject(outcome);
      expect([pulls.length, lines(room)]).toMatchObject([1, [{ result: 'failed', detail: { kind: 'lever' } }]]);
    }
  });

  it('is read again while its provider is away, and asked for nothing more', async () => {
    const { provider, press, pulls, yes, room } = await start('lever');
    provider.fails = 'after';
    await expect(yes()).rejects.toThrow(Fault);
    await press(PEOPLE.admin, { act: 'dismiss', reason: 'a key of a test' });
    provider.reads = async () => Promise.reject(new Fault('provider_unavailable', 'away'));
    await expect(yes()).rejects.toThrow(Fault);
    expect([pulls.length, lines(room)]).toEqual([1, []]);
  });

  it('is no refusal where a try before cannot be read, and the next one is refused', async () => {
    const { provider, yes, room } = await start('lever');
    const no = new Fault('provider_unauthorized', 'no', { status: 401 });
    provider.fails = 'after';
    await expect(yes()).rejects.toThrow(Fault);
    const refused = async () => Promise.reject(no);
    Object.assign(provider, { fails: undefined, pulls: refused, reads: refused });
    expect(await yes()).toMatchObject({ kind: 'lever', result: 'lost' });
    expect(lines(room)).toMatchObject([{ result: 'failed' }]);
  });

  it('is refused where its provider says so, and only there', async () => {
    const { provider, yes, room } = await start('lever');
    provider.pulls = async () =>
      Promise.reject(new Fault('provider_unauthorized', 'no', { status: 403, quoted: 'not you' }));
    const answer = { status: 403, quoted: 'not you' };
    expect(await yes()).toMatchObject({ kind: 'lever', result: 'refused', answer });
    expect(lines(room)).toMatchObject([{ result: 'refused', answer }]);
  });

  it('comes to an end, on record and told, where what is stored of its profile is no use', async () => {
    const { provider, yes, room } = await start('lever');
    provider.pulls = async () => Promise.reject(new Fault('config_invalid', 'no key to sign with'));
    const trouble = { fault: 'config_invalid', next: 'final', profile: 'langsmith-demo' };
    expect(await yes()).toMatchObject({ kind: 'trouble', trouble });
    expect(lines(room)).toMatchObject([{ result: 'failed', detail: { kind: 'failed', fault: 'config_invalid' } }]);
    expect(await requests(room)).toMatchObject([{ state: 'done' }]);
  });
});
