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

attack(
  {
    name: 'the-same-asked-twice',
    finding: 11,
    does: 'asks for a deletion that somebody has asked for already, so that two requests wait for one change, and those who refuse the one do not know of the other',
    holds:
      'one request waits: whoever asks again is led to it, also of two who ask at the same instant; once it is decided, the next one is a request',
    without: [
      {
        file: 'shared/tokens/ask-others.ts',
        replace: 'if (earlier !== undefined && earlier.id !== id)',
        by: 'if (earlier !== undefined && earlier.id !== id && earlier.id === earlier.rule)',
      },
    ],
  },
  async () => {
    const room = createRoom((policy) => {
      policy.approvals[0]!.except = [];
      policy.limits.confirm = [];
    });
    addToken(room, 'a');
    addToken(room, 'b');
    const ask = async (who: keyof typeof PEOPLE, id = 'a') =>
      takeOrder(await room.context(PEOPLE[who]), {
        ...{ verb: 'delete', tokens: [`langsmith-demo:${id}`], keepGoing: false, ask: 'never' },
      });
    const both = await Promise.all([ask('operator'), ask('admin')]);
    expect(both.map(({ kind }) => kind).toSorted()).toEqual(['approval', 'asked_before']);
    expect((await ask('operator', 'b')).kind).toBe('approval');
    const first = both.find(({ kind }) => kind === 'approval');
    const approvalId = first?.kind === 'approval' ? first.approval.id : expect.fail('nobody was asked');
    await room.store.approvals.change(approvalId, (record) => ({
      ...record,
      message: { channel: 'C0GENERAL01', ts: '1.2' },
    }));
    expect(await ask('admin')).toMatchObject({ kind: 'asked_before', missing: 1, message: { ts: '1.2' } });
    const refusal = { approvalId, answer: 'refuse' } as const;
    await resolveApproval(await room.context(PEOPLE.approver), refusal, () => expect.fail('no lever'));
    expect((await ask('admin')).kind).toBe('approval');
    expect(room.tokens.get('a')?.state).toBe('active');
  },
);
