import { describe, expect, it } from 'vitest';
import type { Mutation } from '#shared/core/vocabulary.ts';
import { defined } from '#shared/core/defined.ts';
import { pressCase } from '#shared/cases/press-case.ts';
import { settle } from '#shared/cases/settle.ts';
import { changeToken } from '#shared/tokens/change-token.ts';
import type { Change } from '#shared/tokens/outcome.ts';
import { PENDING_MS } from '#shared/tokens/pending-until.ts';
import type { TokenChange } from '#shared/tokens/warrant.ts';
import { addToken, createRoom, NOW, openCase, PEOPLE } from '#test/support/room.ts';

const DAY_MS = 86_400_000;
const answer = { status: 202, fact: 'waits' } as const;

interface Asking {
  readonly asksAgain?: false;
  readonly verb?: Mutation;
  /** Has its first delivery end before it is remembered. */
  readonly dies?: boolean;
}

const DIED = new TypeError('the process dies');

/** A provider that takes a kill and waits for somebody's approval, and a clock that the test moves. */
function start() {
  const room = createRoom();
  const token = addToken(room, 'a');
  const ref = { profile: token.profile, id: token.id, name: token.name };
  const asked: string[] = [];
  let time = NOW.getTime();
  const { open } = room.services.providers;
  const services = {
    ...room.services,
    now: () => new Date(time),
    providers: {
      ...room.services.providers,
      open: async (profile: string) => ({
        ...(await open(profile)),
        deactivate: async () => {
          asked.push(services.now().toISOString());
          return { kind: 'pending', answer } as const;
        },
      }),
    },
  };
  let requests = 0;
  const ask = async (
    requester: TokenChange['order']['requester'],
    { asksAgain, verb = 'deactivate', dies = false }: Asking = {},
  ): Promise<Change> => {
    const request = `request ${(requests += 1)}`;
    const requestedAt = services.now().toISOString();
    const order = { verb, tokens: [ref], requester, requestedAt, request, keepGoing: false } as const;
    const change = { order, warrant: { rule: 'sure', approvedBy: [] }, ref };
    const done = (journal: Parameters<typeof changeToken>[1]['journal']) =>
      changeToken(services, { journal, ...(asksAgain === false && { asksAgain }) }, change);
    const died = (journal: Parameters<typeof done>[0]) => done(journal).then(() => Promise.reject(DIED));
    if (dies) await expect(room.store.remember(request, died)).rejects.toBe(DIED);
    return (await room.store.remember(request, done)).value;
  };
  return {
    ...{ room, token, services, asked },
    pass: (milliseconds: number) => (time += milliseconds),
    byReport: () => ask({ source: 'github' }, { asksAgain: false }),
    byPerson: (verb?: Mutation) => ask(PEOPLE.operator, defined({ verb })),
    byPersonTwice: () => ask(PEOPLE.operator, { dies: true }),
    recorded: () => room.store.entries.map(({ what, result, receipt }) => [what, result, receipt?.read]),
    bring: (state: 'active' | 'inactive') => room.tokens.set('a', { ...token, state }),
  };
}

describe('a kill that its provider has taken, and that waits for an approval there', () => {
  it('is asked for by no other report, which tells since when it waits', async () => {
    const { asked, pass, byReport } = start();
    const first = await byReport();
    expect(first).toMatchObject({ kind: 'waiting_on_provider', answer, askedAt: asked[0] });
    for (const pause of [1000, DAY_MS, PENDING_MS - DAY_MS - 2000]) {
      pass(pause);
      expect(await byReport()).toEqual(first);
    }
    expect(asked).toHaveLength(1);
  });

  it('is asked for again once that request may have lapsed', async () => {
    const { asked, pass, byReport } = start();
    await byReport();
    pass(PENDING_MS);
    expect(await byReport()).toMatchObject({ askedAt: asked[1] });
    expect(asked).toHaveLength(2);
  });

  it('is asked for again by a person, who may know what became of it; no report asks after that', async () => {
    const { asked, pass, byReport, byPerson } = start();
    await byReport();
    pass(DAY_MS);
    expect(await byPerson()).toMatchObject({ kind: 'waiting_on_provider', askedAt: asked[1] });
    pass(PENDING_MS - 1000);
    expect(await byReport()).toMatchObject({ askedAt: asked[1] });
    expect(asked).toHaveLength(2);
  });

  it('is not asked for twice by one request of a person whose process dies before that is remembered', async () => {
    const { asked, byPersonTwice, recorded } = start();
    expect(await byPersonTwice()).toMatchObject({ kind: 'waiting_on_provider', answer, askedAt: asked[0] });
    expect([asked.length, recorded()]).toEqual([1, [['deactivate', 'pending', undefined]]]);
  });

  it('is looked at by "Check again" on its card', async () => {
    const { room, token, services, asked, byReport, bring } = start();
    const first = await byReport();
    const { id } = await openCase(room, token, { id: 'C-AAAAAAAA' });
    await settle(services, first, { from: id });
    expect(await room.store.cases.get(id)).toMatchObject({ state: 'waiting', troubles: [{ askedAt: asked[0] }] });
    const check = async () => {
      const context = { ...(await room.context(PEOPLE.operator)), services };
      return pressCase(context, async () => {}, { case: id, act: 'retry' });
    };
    expect(await check()).toMatchObject({ kind: 'waiting_on_provider', askedAt: asked[0] });
    expect(asked).toHaveLength(1);
    bring('inactive');
    expect(await check()).toMatchObject({ kind: 'changed' });
  });

  it('is told as done where it is by then', async () => {
    const { asked, byReport, bring } = start();
    await byReport();
    bring('inactive');
    expect(await byReport()).toMatchObject({ kind: 'changed', receipt: { read: 'inactive' } });
    expect(asked).toHaveLength(1);
  });

  it.each(['activate', 'deactivate', 'delete'] as const)(
    'is on record as done, once, where it is by the time that somebody changes the token next (%s)',
    async (verb) => {
      const { byReport, byPerson, bring, recorded } = start();
      await byReport();
      bring('inactive');
      await byPerson(verb);
      await byPerson('activate');
      expect(recorded().slice(0, 2)).toEqual([
        ['deactivate', 'pending', undefined],
        ['deactivate', 'done', 'inactive'],
      ]);
      expect(recorded().filter(([what, result]) => what === 'deactivate' && result === 'done')).toHaveLength(1);
    },
  );

  it('is not on record as done where it is not by then', async () => {
    const { byReport, byPerson, recorded } = start();
    await byReport();
    await byPerson('activate');
    expect(recorded()).toEqual([
      ['deactivate', 'pending', undefined],
      ['activate', 'already', 'active'],
    ]);
  });
});
