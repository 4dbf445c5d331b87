import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carryOutLever } from '#shared/cases/levers-for.ts';
import type { Mutation } from '#shared/core/vocabulary.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { answerConfirmation } from '#shared/tokens/ask-confirmation.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { resolveApproval } from '#shared/tokens/resolve-approval.ts';
import { type NamedOrder, takeOrder } from '#shared/tokens/take-order.ts';
import { withoutRecord } from '#test/support/memory-store.ts';
import { addToken, createRoom, PEOPLE, type Room } from '#test/support/room.ts';

const alone = (policy: Policy): void => {
  policy.approvals = [];
  policy.limits.confirm = [];
};
const second = (policy: Policy): void => {
  const [rule] = policy.approvals;
  if (rule === undefined) throw new Error('the policy has no approval rule');
  policy.approvals = [{ ...rule, verbs: ['deactivate', 'activate', 'delete'], fromTokens: 1, except: [] }];
  policy.limits.confirm = [];
};

async function confirmed(room: Room, outcome: Outcome): Promise<Outcome> {
  if (outcome.kind !== 'confirm') return outcome;
  const press = { pending: outcome.pending, yes: true };
  return (await answerConfirmation(await room.context(PEOPLE.operator), press)).outcome;
}

async function pressed(room: Room, outcome: Outcome, answer: 'approve' | 'break-glass'): Promise<Outcome | undefined> {
  if (outcome.kind !== 'approval') return expect.fail(outcome.kind);
  const press = { approvalId: outcome.approval.id, answer, reason: 'the press' };
  const context = await room.context(answer === 'approve' ? PEOPLE.approver : PEOPLE.admin);
  const before = room.store.reads();
  const pull = (...by: [Parameters<typeof carryOutLever>[1], Parameters<typeof carryOutLever>[2]]) =>
    carryOutLever(context, ...by);
  const { result } = await resolveApproval(context, press, pull);
  const { verb, tokens } = outcome.approval.order;
  // What is brought back is asked for its leak once more, each token.
  const ofCases = verb === 'activate' && result !== undefined ? tokens.length : 0;
  expect(room.store.reads() - before, 'reads of the approval in one press').toBe(1 + ofCases);
  return result;
}

/** The ways from a request to the change, each to its end. */
const WAYS = {
  typed: { policy: alone, finish: async (room, asked) => confirmed(room, asked) },
  confirmed: {
    policy: alone,
    ask: 'always',
    finish: async (room, asked) => confirmed(room, asked),
  },
  approved: {
    policy: second,
    finish: async (room, asked) => pressed(room, await confirmed(room, asked), 'approve'),
  },
  'glass broken': {
    policy: second,
    finish: async (room, asked) => pressed(room, await confirmed(room, asked), 'break-glass'),
  },
} as const satisfies Record<
  string,
  {
    policy: (policy: Policy) => void;
    ask?: NamedOrder['ask'];
    finish: (room: Room, asked: Outcome) => Promise<Outcome | undefined>;
  }
>;

const WHAT = { deactivate: 'inactive', activate: 'active', delete: undefined } as const;

describe('a vote', () => {
  const two = (policy: Policy): void => {
    second(policy);
    policy.approvals[0]!.approvers = 2;
    policy.approvals[0]!.by.push('operator');
  };
  const noPull = () => expect.fail('no lever was asked for');

  async function openRequest(room: Room): Promise<string> {
    addToken(room, 'a');
    const named = { verb: 'delete', tokens: ['langsmith-demo:a'], keepGoing: false, ask: 'never' } as const;
    const asked = await takeOrder(await room.context(PEOPLE.admin), named);
    return asked.kind === 'approval' ? asked.approval.id : expect.fail(asked.kind);
  }
  const recorded = async (room: Room, what: string) =>
    (await room.store.audit.query({ limit: 100 })).filter((entry) => entry.what === what);

  it('given a second time is said to count once, and is not on record as another', async () => {
    const room = createRoom(two);
    const approvalId = await openRequest(room);
    const vote = async (who: (typeof PEOPLE)[keyof typeof PEOPLE]) =>
      resolveApproval(await room.context(who), { approvalId, answer: 'approve' }, noPull);
    expect((await vote(PEOPLE.approver)).result).toBeUndefined();
    for (let again = 0; again < 2; again += 1) {
      expect((await vote(PEOPLE.approver)).result).toMatchObject({ kind: 'already_voted', missing: 1 });
    }
    expect(await recorded(room, 'approve')).toHaveLength(1);
    expect((await vote(PEOPLE.operator)).result).toMatchObject({ kind: 'changed' });
    expect((await vote(PEOPLE.approver)).result).toMatchObject({ kind: 'denied', why: 'settled' });
    expect(await recorded(room, 'approve')).toHaveLength(2);
  });

  it.each(['approve', 'refuse'] as const)(
    'to %s is on record once after a crash before it was written',
    async (answer) => {
      const room = createRoom(two);
      const approvalId = await openRequest(room);
      const context = await room.context(PEOPLE.approver);
      const dying = { ...context, services: { ...room.services, store: withoutRecord(room.store) } };
      await expect(resolveApproval(dying, { approvalId, answer }, noPull)).rejects.toThrow('the process dies');
      expect((await resolveApproval(context, { approvalId, answer }, noPull)).result).toBeUndefined();
      expect(await recorded(room, answer)).toHaveLength(1);
    },
  );
});

describe('an order', () => {
  const order = fc.record(
    {
      way: fc.constantFrom(...(Object.keys(WAYS) as (keyof typeof WAYS)[])),
      verb: fc.constantFrom<Mutation>('deactivate', 'activate', 'delete'),
      count: fc.integer({ min: 1, max: 7 }),
      keepGoing: fc.boolean(),
      reason: fc.string({ minLength: 1, maxLength: 40 }),
      caseId: fc.constant('C-ABCD2345'),
    },
    { requiredKeys: ['way', 'verb', 'count', 'keepGoing'] },
  );

  it('loses neither case nor reason nor requester, whatever the verb, the way and the number of tokens', async () => {
    await fc.assert(
      fc.asyncProperty(order, async ({ way, verb, count, ...rest }) => {
        const { policy, finish, ...more } = WAYS[way];
        const room = createRoom(policy);
        const ids = Array.from({ length: count }, (_, index) => `token-${index}`);
        for (const id of ids) addToken(room, id, { state: verb === 'activate' ? 'inactive' : 'active' });
        const context = await room.context(PEOPLE.operator);
        const asked = await takeOrder(context, { verb, tokens: ids, ...rest, ...more });
        const outcome = await finish(room, asked);

        expect(outcome?.kind).toBe(count === 1 ? 'changed' : 'bulk');
        const changes = room.store.entries.filter(({ what }) => what === verb);
        expect(changes.map(({ token }) => token?.id).toSorted()).toEqual(ids);
        for (const entry of changes) {
          expect(entry).toMatchObject({ actor: PEOPLE.operator, verb, result: 'done' });
          expect([entry.reason, entry.caseId]).toEqual([rest.reason, rest.caseId]);
          expect(entry.receipt?.requestedAt).toBe(context.attempt.requestedAt);
          expect(entry.approvedBy?.map(({ userId }) => userId)).toEqual(
            { approved: [PEOPLE.approver.userId] }[way as string],
          );
          // Whoever broke the glass approved nothing, and every line says that it was broken.
          expect(entry.rule?.startsWith('break-glass:')).toBe(way === 'glass broken');
        }
        for (const entry of room.store.entries) expect(entry.caseId).toBe(rest.caseId);
        for (const id of ids) expect(room.tokens.get(id)?.state).toBe(WHAT[verb]);
      }),
      { numRuns: 120 },
    );
  });

  it('stops several at the first surprise, and goes on when told to', async () => {
    const outcomeOf = async (keepGoing: boolean) => {
      const room = createRoom(alone);
      for (const id of ['token-0', 'token-1', 'token-2']) addToken(room, id);
      const tokens = [...room.tokens.keys()];
      const asked = await takeOrder(await room.context(PEOPLE.operator), { verb: 'deactivate', tokens, keepGoing });
      // What could not be known when it was asked about.
      addToken(room, 'token-0', { own: true });
      await confirmed(room, asked);
      return [...room.tokens.values()].map(({ state }) => state);
    };
    expect(await outcomeOf(false)).toEqual(['active', 'active', 'active']);
    expect(await outcomeOf(true)).toEqual(['active', 'inactive', 'inactive']);
  });
});
