import { describe, expect, it } from 'vitest';
import { findRevived } from '#shared/cases/find-revived.ts';
import { proveReturn } from '#shared/cases/prove-return.ts';
import { settle } from '#shared/cases/settle.ts';
import type { Actor, Token } from '#shared/core/vocabulary.ts';
import type { Provider } from '#shared/providers/provider.ts';
import { caseTroubleWords } from '#shared/slack/blocks/case-trouble-words.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import type { Case } from '#shared/store/store.ts';
import { changeToken } from '#shared/tokens/change-token.ts';
import type { Change } from '#shared/tokens/outcome.ts';
import { answerConfirmation } from '#shared/tokens/ask-confirmation.ts';
import { takeOrder } from '#shared/tokens/take-order.ts';
import { leak } from '#test/fixtures/outcomes.ts';
import { addToken, createRoom, NOW, PEOPLE } from '#test/support/room.ts';

const answer = { status: 200 } as const;
type Answered = 'done' | 'pending';

/** A stopped token that a person has brought back, at a provider that does it later than anybody waits; and a clock to move. */
async function start(answered: Answered, { isTold = false } = {}) {
  const room = createRoom();
  const token = addToken(room, 'a', { state: 'inactive' });
  const id = caseId(tokenKey(token));
  let time = NOW.getTime();
  const asked: string[] = [];
  const { open } = room.services.providers;
  const slowly = async (profile: string): Promise<Provider> => {
    const provider = await open(profile);
    return {
      ...provider,
      activate: async () => ({ kind: answered, answer }),
      deactivate: (ref) => {
        asked.push('deactivate');
        return provider.deactivate(ref);
      },
    };
  };
  const services = {
    ...room.services,
    now: () => new Date(time),
    providers: { ...room.services.providers, open: slowly },
  };
  const receipt = {
    verb: 'deactivate',
    requestedAt: '',
    actedAt: '',
    confirmedAt: '2026-11-20',
    read: 'inactive',
  } as const;
  const dead = { ...leak, id, key: tokenKey(token), token, state: 'dead', verb: 'deactivate', receipt } as const;
  if (isTold) await room.store.cases.open(dead);
  const first = await room.context(PEOPLE.operator);
  const again = () => takeOrder({ ...first, services }, { verb: 'activate', tokens: [token.id], keepGoing: false });
  const made = await again();
  if (made.kind === 'confirm') {
    const second = await room.context(PEOPLE.operator);
    await answerConfirmation({ ...second, services }, { pending: made.pending, yes: true });
  }
  /** What a request of this one to stop the token comes to. */
  const stop = async (requester: { source: 'github' } | Actor): Promise<Change> => {
    const ref = { profile: token.profile, id: token.id, name: token.name };
    const requestedAt = services.now().toISOString();
    const order = { verb: 'deactivate', tokens: [ref], requester, requestedAt, keepGoing: false, caseId: id } as const;
    const { attempt } = await room.context(PEOPLE.admin);
    return changeToken(services, attempt, { order, warrant: { rule: 'proved', approvedBy: [] }, ref });
  };
  /** A proved report, whose case becomes what the change makes of it. */
  const leaks = async (): Promise<Case> => {
    await room.store.cases.open({ ...dead, state: 'acting', openedAt: services.now().toISOString() });
    await settle(services, await stop({ source: 'github' }), { from: id });
    return (await room.store.cases.get(id))!;
  };
  const alive: Token = { ...token, state: 'active' };
  return {
    ...{ room, services, id, asked, again, stop, leaks, alive },
    pass: (seconds: number) => (time += 1000 * seconds),
    comesAbout: () => void room.tokens.set('a', alive),
    stored: async () => (await room.store.cases.get(id))!,
  };
}

describe('a return that its provider has taken, and does later than anybody waits', () => {
  it.each([{ source: 'github' } as const, PEOPLE.admin])(
    'is followed by a stop that comes while it has not been done, though the token is read as stopped (%j)',
    async (requester) => {
      const { pass, stop, asked, room } = await start('done');
      pass(61);
      expect(await stop(requester)).toMatchObject({ kind: 'changed', already: true, receipt: { read: 'inactive' } });
      expect(asked).toEqual(['deactivate']);
      expect(room.store.entries.map(({ what, result }) => [what, result])).toEqual([
        ['activate', 'failed'],
        ['deactivate', 'already'],
      ]);
    },
  );

  it.each<[Answered, number]>([
    ['done', 10],
    ['pending', 10],
    ['pending', 3600],
  ])('is told as over the leak that was found meanwhile (%s, reported %i s later)', async (answered, seconds) => {
    const { pass, leaks, comesAbout, services, alive, stored, id, room, stop } = await start(answered);
    pass(seconds);
    expect(await leaks()).toMatchObject({ state: 'dead', already: true });
    comesAbout();
    pass(300);
    expect(await findRevived(services, [alive])).toEqual({ revived: [{ caseId: id, token: alive }], returned: [] });
    const kase = await stored();
    expect(kase).toMatchObject({ state: 'not_revoked' });
    expect(kase).not.toHaveProperty('decidedClues');
    expect(caseTroubleWords(kase)).toContain(
      'the provider now says that it works. <@U0OPERATOR1> had asked Patrol for that before this leak was known.',
    );
    expect(room.store.entries.at(-1)).toMatchObject({ what: 'activate', result: 'done' });
    expect(await stop({ source: 'github' })).toMatchObject({ kind: 'changed', already: false });
  });

  it('is told as over it, too, where its own next try finds it done', async () => {
    const { pass, leaks, comesAbout, services, stored, id, again } = await start('done');
    pass(10);
    await leaks();
    comesAbout();
    pass(10);
    const made = await again();
    expect(made).toMatchObject({ kind: 'changed', already: false });
    expect(await settle(services, made, { from: id, by: PEOPLE.operator })).toMatchObject({
      ...{ state: 'not_revoked', troubles: [{ kind: 'alive_again', by: PEOPLE.operator }] },
    });
    expect(await stored()).not.toHaveProperty('decidedClues');
  });

  it('is told as that where whoever asked for it had been told of the leak', async () => {
    const { pass, comesAbout, services, alive, stored, id } = await start('done', { isTold: true });
    comesAbout();
    pass(300);
    expect(await proveReturn(services, await stored(), alive)).toBe(true);
    expect(await stored()).toMatchObject({ state: 'restored', changedBy: PEOPLE.operator, id });
  });
});
