import { expect } from 'vitest';
import { askForLever } from '#shared/cases/levers-for.ts';
import { pressCase } from '#shared/cases/press-case.ts';
import { inspectPolicy } from '#shared/policy/check-policy.ts';
import { loadPolicy } from '#infra/policy.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import type { Case } from '#shared/store/store.ts';
import { resolveApproval } from '#shared/tokens/resolve-approval.ts';
import { addToken, createRoom, NOW, PEOPLE, type Room } from '#test/support/room.ts';
import { protectedBy } from '#shared/policy/protected-by.ts';
import { attack } from '#test/support/attack.ts';
import { aPolicy } from '#test/unit/policy/policies.ts';

attack(
  {
    name: 'protected-by-another-profile',
    finding: 23,
    does: 'asks for a token that is protected by its id in one profile, through another profile that sees it too',
    holds: 'it is protected there as well: an id is one token',
    without: [
      {
        file: 'shared/policy/protected-by.ts',
        replace: 'if (id !== undefined && isSame',
        by: "if (id !== undefined && (profile === '*' || profile === token.profile) && isSame",
      },
    ],
  },
  () => {
    const policy = aPolicy({ protected: [{ profile: 'one', id: 'to-1', reason: 'emergency access' }] });
    expect(protectedBy(policy, { profile: 'two', id: 'to-1', name: '' })).toBe('emergency access');
  },
);

attack(
  {
    name: 'minted-under-a-protected-name',
    finding: 4,
    does: 'mints a token whose name begins as the shipped protection does, as somebody else',
    holds: 'the name alone protects nothing, and a policy in which it would is refused',
    without: [
      {
        file: 'shared/policy/protected-by.ts',
        replace: '(owner === undefined || isOwnedBy',
        by: "(owner !== '' || isOwnedBy",
      },
    ],
  },
  () => {
    const policy = aPolicy({ protected: [{ owner: 'anna@example.com', name: 'break-glass-*', reason: 'emergency' }] });
    const token = { profile: 'one', id: 'x', name: 'break-glass-mine', owner: { id: 'mallory@example.com' } };
    expect(protectedBy(policy, token)).toBeUndefined();
    const bare = { ...loadPolicy(), protected: [{ name: 'break-glass-*', reason: 'emergency' }] };
    expect(inspectPolicy(bare)).toHaveProperty('problems');
  },
);

const ID = 'C-ABCDABCDABCDABCD';

async function openCase(room: Room, token: Token, more: Partial<Case> = {}): Promise<Case> {
  const at = NOW.toISOString();
  const { record } = await room.store.cases.open({
    ...{ id: ID, key: 'clue:x', state: 'not_revoked', openedAt: at, updatedAt: at, generation: 0, count: 1 },
    ...{ reports: [{ source: 'github', key: 'r', at }], token, grade: 'proved', ...more },
  });
  return record;
}

attack(
  {
    name: 'protected-although-leaked',
    finding: 4,
    does: 'leaks a protected token, and relies on nobody being able to stop it; then one person alone tries to',
    holds: 'one person stops nothing, two stop it when the leak is proved, and not when it only resembles',
    without: [
      {
        file: 'shared/tokens/change-token.ts',
        replace: "if (lifts === undefined || caseId === undefined || !('userId' in requester)) return false;",
        by: "if (caseId === undefined || !('userId' in requester)) return false;\n  if (lifts === undefined) return true;",
      },
    ],
  },
  async () => {
    for (const grade of ['proved', 'strong'] as const) {
      const room = createRoom((policy) => {
        policy.protected = [{ profile: '*', id: 'kept', reason: 'emergency access' }];
      });
      const token = addToken(room, 'kept');
      await openCase(room, token, { grade });
      const context = await room.context(PEOPLE.operator);
      const asked = await pressCase(context, async () => {}, { case: ID, act: 'deactivate' });
      expect(asked.kind).toBe(grade === 'proved' ? 'approval' : 'refused');
      expect(room.tokens.get('kept')?.state).toBe('active');
      if (asked.kind !== 'approval') continue;
      const press = { approvalId: asked.approval.id, answer: 'approve' } as const;
      const noLever = () => expect.fail('no lever');
      const own = await resolveApproval(await room.context(PEOPLE.operator), press, noLever);
      expect(own.result).toMatchObject({ kind: 'denied', why: 'own_request' });
      expect(room.tokens.get('kept')?.state).toBe('active');
      const other = await resolveApproval(await room.context(PEOPLE.approver), press, noLever);
      expect(other.result).toMatchObject({ kind: 'changed' });
      expect(room.tokens.get('kept')?.state).toBe('inactive');
    }
  },
);

attack(
  {
    name: 'lever-that-saws-off-our-branch',
    finding: 22,
    does: 'asks for a lever under which the token that Patrol works with and the emergency token would die',
    holds: 'two others have to agree, and the request names what dies',
    without: [
      {
        file: 'shared/cases/levers-for.ts',
        replace: "const needsTwo = dies === 'unread' || dies.length > 0;",
        by: "const needsTwo = dies === 'unread';",
      },
    ],
  },
  async () => {
    const room = createRoom((policy) => {
      policy.protected = [{ profile: '*', id: 'kept', reason: 'emergency access' }];
      policy.roles['operator']!.may = [{ verbs: '*', profiles: '*' }];
    });
    const owner = { id: 'us-1' };
    const token = addToken(room, 'leaked', { owner });
    addToken(room, 'kept', { owner });
    addToken(room, 'ours', { owner, own: true });
    addToken(room, 'free', { owner });
    const kase = await openCase(room, token);
    const asked = await askForLever(await room.context(PEOPLE.operator), kase, 'stop-all');
    const approval = asked.kind === 'approval' ? asked.approval : expect.fail(asked.kind);
    expect(approval.needed).toBe(2);
    expect(approval.order).toMatchObject({ lever: { id: 'stop-all' }, dies: [{ id: 'kept' }, { id: 'ours' }] });
  },
);
