import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Token } from '#shared/core/vocabulary.ts';
import type { Provider } from '#shared/providers/provider.ts';
import { renderConfirm, renderHindered } from '#shared/slack/blocks/render-confirm.ts';
import { answerConfirmation } from '#shared/tokens/ask-confirmation.ts';
import { changeToken } from '#shared/tokens/change-token.ts';
import { isChange, type Change, type Outcome } from '#shared/tokens/outcome.ts';
import type { Services } from '#shared/tokens/services.ts';
import { takeOrder } from '#shared/tokens/take-order.ts';
import { addToken, createRoom, NOW, PEOPLE, type Room } from '#test/support/room.ts';
import { elementsOf, readAloud } from '#test/support/slack-text.ts';

const PROFILES = ['dfns-demo', 'langsmith-demo'] as const;

/** What one token is, as far as it decides whether a change of it comes about. */
const one = fc.record({
  profile: fc.constantFrom(...PROFILES),
  kind: fc.constantFrom('pat', 'pat', 'service-key'),
  state: fc.constantFrom('active', 'active', 'inactive', 'expired'),
  own: fc.constantFrom(false, false, false, true),
  /** Patrol works with it in the other profile, through which it is not seen. */
  elsewhere: fc.constantFrom(false, false, false, true),
  guarded: fc.constantFrom('no', 'no', 'name', 'id', 'owner'),
});
type One = typeof one extends fc.Arbitrary<infer T> ? T : never;

const PLAIN: One = {
  ...{ profile: 'langsmith-demo', kind: 'pat', state: 'active' },
  ...{ own: false, elsewhere: false, guarded: 'no' },
};

const policies = fc.record({
  confirm: fc.subarray(['deactivate', 'delete'] as const),
  /** A rule of the policy by which others have to agree, and whether there is anybody. */
  approval: fc.constantFrom('none', 'some', 'nobody'),
});

/** A provider that cannot do what real ones cannot: service keys are only deleted, and nothing brings back what has expired. */
function strict(room: Room, fleet: readonly One[]): Services {
  const { open } = room.services.providers;
  const elsewhere = new Set(fleet.flatMap((token, index) => (token.elsewhere ? [`t${index}`] : [])));
  const openStrictly = async (profile: string): Promise<Provider> => {
    const provider = await open(profile);
    const guarded =
      (verb: 'deactivate' | 'activate') =>
      async (id: string): ReturnType<Provider['deactivate']> => {
        const token = room.tokens.get(id);
        if (token?.kind === 'service-key') return { kind: 'unsupported', answer: { fact: 'delete_only' } };
        if (token?.state === 'expired') return { kind: 'done', answer: { status: 200 } };
        return provider[verb](id);
      };
    return {
      ...provider,
      deactivate: guarded('deactivate'),
      activate: guarded('activate'),
      worksWith: (token) => token.profile !== profile && elsewhere.has(token.id),
    };
  };
  // Both see tokens of one provider: only then can one be the other's credential.
  const kindOf = () => 'langsmith' as const;
  const worksWith: Services['providers']['worksWith'] = async (profile, token) =>
    (await openStrictly(profile)).worksWith(token);
  return { ...room.services, providers: { ...room.services.providers, kindOf, open: openStrictly, worksWith } };
}

function fill(room: Room, fleet: readonly One[]): readonly Token[] {
  return fleet.map(({ profile, kind, state, own, guarded }, index) =>
    addToken(room, `t${index}`, {
      ...{ profile, kind, state, own },
      name: `${guarded === 'name' ? 'keep-' : 'n-'}${index}`,
      owner: { id: guarded === 'owner' ? 'guardian' : 'anna' },
    }),
  );
}

function startRoom(fleet: readonly One[], { confirm, approval }: { confirm: readonly string[]; approval: string }) {
  const room = createRoom((policy) => {
    Object.assign(policy.limits, { confirm });
    policy.protected = [
      ...PROFILES.map((profile) => ({ profile, name: 'keep-*', reason: 'kept by name' })),
      { profile: '*', owner: 'guardian', reason: 'kept for its owner' },
      ...fleet.flatMap(({ guarded }, index) =>
        guarded === 'id' ? [{ profile: '*', id: `t${index}`, reason: 'kept by id' }] : [],
      ),
    ];
    const [rule] = policy.approvals;
    if (rule === undefined) throw new Error('no rule');
    const all = {
      verbs: ['deactivate', 'activate', 'delete'] as const,
      fromTokens: 1,
      except: [],
      profiles: '*' as const,
    };
    const alone = { users: [PEOPLE.admin.userId], groups: [] };
    if (approval === 'nobody') policy.roles['alone'] = { ...policy.roles['viewer'], ...alone } as never;
    policy.approvals =
      approval === 'none'
        ? []
        : [
            {
              ...rule,
              ...all,
              approvers: 1,
              breakGlass: [],
              by: approval === 'nobody' ? ['alone'] : ['admin', 'approver'],
            } as never,
          ];
  });
  const tokens = fill(room, fleet);
  return { room, tokens, services: strict(room, fleet) };
}

/** What is tried in each run, so that every kind of answer comes about whatever is drawn. */
const TRIED: [readonly One[], { confirm: ('deactivate' | 'delete')[]; approval: string }][] = [
  [[PLAIN], { confirm: ['deactivate'], approval: 'none' }],
  [[PLAIN, PLAIN], { confirm: ['deactivate'], approval: 'none' }],
  [[PLAIN, PLAIN], { confirm: ['deactivate'], approval: 'some' }],
  [[PLAIN], { confirm: ['deactivate'], approval: 'nobody' }],
  [[{ ...PLAIN, own: true }], { confirm: [], approval: 'none' }],
  [[PLAIN, PLAIN].map((token) => ({ ...token, guarded: 'name' })), { confirm: [], approval: 'none' }],
];

type Started = ReturnType<typeof startRoom>;

async function context({ room, services }: Started, who = PEOPLE.admin) {
  return { ...(await room.context(who)), services };
}

const changesOf = (outcome: Outcome): readonly Change[] =>
  outcome.kind === 'bulk' ? outcome.changes : isChange(outcome) ? [outcome] : [];

/** What really becomes of a token's change, in a room of its own. */
async function really(
  fleet: readonly One[],
  index: number,
  verb: 'deactivate' | 'activate' | 'delete',
): Promise<Change> {
  const alone = startRoom(fleet, { confirm: [], approval: 'none' });
  const { authority, attempt } = await context(alone);
  const token = alone.tokens[index];
  if (token === undefined) throw new Error('no token');
  const { profile, id, name } = token;
  const order = {
    verb,
    tokens: [{ profile, id, name }],
    keepGoing: true,
    requester: authority.actor,
    requestedAt: attempt.requestedAt,
  };
  return changeToken(alone.services, attempt, {
    order,
    warrant: { rule: 'role:admin', approvedBy: [] },
    ref: { profile, id, name },
  });
}

const isDone = (change: Change): boolean => change.kind === 'changed' && !change.already;

describe('a preview', () => {
  it('promises for any fleet and policy what the yes does, and asks for no yes that comes to nothing', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(one, { minLength: 1, maxLength: 5 }),
        policies,
        fc.constantFrom('deactivate', 'activate', 'delete'),
        fc.boolean(),
        async (fleet, policy, verb, byFilter) => {
          const started = startRoom(fleet, policy);
          const asked = await takeOrder(await context(started), {
            verb,
            keepGoing: true,
            ask: 'always',
            ...(byFilter
              ? { tokens: [], filter: { profiles: [], sort: 'age' } }
              : { tokens: started.tokens.map(({ profile, id }) => `${profile}:${id}`) }),
          });
          seen.add(asked.kind);
          const naming = { now: NOW, discreet: false };
          const truth = async (token: Token) => isDone(await really(fleet, Number(token.id.slice(1)), verb));
          if (asked.kind === 'confirm') {
            const words = renderConfirm(asked, naming);
            for (const { token } of asked.leftOut ?? []) {
              expect(await truth(token), `${token.id} left out`).toBe(false);
              expect(readAloud(words)).toContain(token.name);
            }
            const yes = { pending: asked.pending, yes: true };
            const { outcome } = await answerConfirmation(await context(started), yes);
            seen.add(`yes: ${outcome.kind}`);
            if (asked.approvers !== undefined) expect(outcome.kind).toBe('approval');
            else {
              const changes = changesOf(outcome);
              expect(changes.map((change) => ('token' in change ? change.token.id : '')).toSorted()).toEqual(
                asked.tokens.map(({ id }) => id).toSorted(),
              );
              expect(changes.every(isDone), JSON.stringify(changes)).toBe(true);
            }
          } else if (asked.kind === 'hindered') {
            for (const { token } of asked.hindered) expect(await truth(token), `${token.id} hindered`).toBe(false);
            expect(elementsOf(renderHindered(asked, naming).blocks, 'button')).toEqual([]);
          } else if (isChange(asked)) {
            // One alone: made at once, or told as what it is without a question.
            expect(isDone(asked)).toBe(await truth(started.tokens[0] as Token));
          } else if (asked.kind === 'no_approver') {
            expect(policy.approval).toBe('nobody');
          } else expect(['approval', 'listed']).toContain(asked.kind);
        },
      ),
      { numRuns: 150, examples: TRIED.map(([fleet, policy]) => [[...fleet], policy, 'deactivate', false]) },
    );
    expect([...seen].toSorted()).toEqual(
      expect.arrayContaining([
        'confirm',
        'hindered',
        'no_approver',
        'refused',
        'yes: approval',
        'yes: bulk',
        'yes: changed',
      ]),
    );
  });

  it('of a clean-up whose every token is protected says so, offers nothing, and puts each refusal on record', async () => {
    const room = createRoom();
    const owner = { id: 'anna@example.com' };
    for (const id of ['a', 'b']) addToken(room, id, { name: `break-glass-${id}`, owner });
    const context = await room.context(PEOPLE.operator);
    const filter = { profiles: [], sort: 'age', owner: 'anna' } as const;
    const asked = await takeOrder(context, { verb: 'deactivate', tokens: [], keepGoing: false, filter });
    if (asked.kind !== 'hindered') throw new Error(asked.kind);
    const words = renderHindered(asked, { now: NOW, discreet: false });
    expect(words.text).toBe('NOT deactivated: none of 2 tokens can be deactivated. Nothing was changed.');
    expect(readAloud(words)).toContain('the policy protects it (`emergency access of the platform team`)');
    expect(elementsOf(words.blocks, 'button')).toEqual([]);
    const entries = await room.store.audit.query({ limit: 10 });
    expect(entries.map(({ result, tokenName }) => [result, tokenName])).toEqual(
      expect.arrayContaining([
        ['refused', 'break-glass-a'],
        ['refused', 'break-glass-b'],
      ]),
    );
  });

  it("of deleting Patrol's own token is refused before anybody is asked for a yes", async () => {
    const room = createRoom();
    addToken(room, 'own', { own: true });
    const context = await room.context(PEOPLE.operator);
    const asked = await takeOrder(context, { verb: 'delete', tokens: ['own'], keepGoing: false, reason: 'rotated' });
    expect(asked).toMatchObject({ kind: 'refused', why: 'own', profile: 'langsmith-demo' });
    expect(room.tokens.has('own')).toBe(true);
  });

  it('of a bulk change that one person alone could agree to is not made by that person', async () => {
    const fleet: readonly One[] = [];
    const started = startRoom(fleet, { confirm: ['delete'], approval: 'nobody' });
    addToken(started.room, 'x');
    const asked = await takeOrder(await context(started), { verb: 'delete', tokens: ['x'], keepGoing: false });
    expect(asked).toMatchObject({ kind: 'no_approver', needed: 1, could: 0, mayBreakGlass: false });
    expect(asked).not.toHaveProperty('approvalId');
  });

  it('of bringing back what has run out meanwhile says so, since nothing can', async () => {
    const room = createRoom();
    addToken(room, 'off', { state: 'inactive', expiresAt: '2026-11-01T00:00:00.000Z' });
    const order = { verb: 'activate', tokens: ['off'], keepGoing: false } as const;
    const filter = { profiles: [], sort: 'age' } as const;
    const asked = await takeOrder(await room.context(PEOPLE.operator), { ...order, tokens: [], filter });
    expect(asked).toMatchObject({ kind: 'hindered', hindered: [{ why: { kind: 'expired' } }] });
    expect(room.tokens.get('off')?.state).toBe('inactive');
  });
});
