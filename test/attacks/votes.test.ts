import { expect } from 'vitest';
import { resolveApproval } from '#shared/tokens/resolve-approval.ts';
import { takeOrder } from '#shared/tokens/take-order.ts';
import { attack } from '#test/support/attack.ts';
import { addToken, createRoom, PEOPLE } from '#test/support/room.ts';

attack(
  {
    name: 'one-person-approves-thrice',
    finding: 11,
    does: 'presses Approve three times on a request that needs two people',
    holds: 'one vote is counted, one is on record, and the presser is told that another person is needed',
    without: [
      { file: 'shared/tokens/resolve-approval.ts', replace: 'if (changed?.changed === true) await', by: 'await' },
    ],
  },
  async () => {
    const room = createRoom((policy) => {
      policy.approvals[0]!.approvers = 2;
      policy.approvals[0]!.except = [];
      policy.approvals[0]!.by.push('operator');
      policy.limits.confirm = [];
    });
    addToken(room, 'a');
    const named = { verb: 'delete', tokens: ['langsmith-demo:a'], keepGoing: false, ask: 'never' } as const;
    const asked = await takeOrder(await room.context(PEOPLE.admin), named);
    const approvalId = asked.kind === 'approval' ? asked.approval.id : expect.fail(asked.kind);
    const press = async () =>
      resolveApproval(await room.context(PEOPLE.approver), { approvalId, answer: 'approve' }, () =>
        expect.fail('no lever'),
      );
    const results = [await press(), await press(), await press()].map(({ result }) => result?.kind);
    expect(results).toEqual([undefined, 'already_voted', 'already_voted']);
    const entries = await room.store.audit.query({ limit: 100 });
    expect(entries.filter(({ what }) => what === 'approve')).toHaveLength(1);
    expect(room.tokens.get('a')?.state).toBe('active');
  },
);
