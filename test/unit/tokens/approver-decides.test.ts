import { describe, expect, it } from 'vitest';
import { render } from '#shared/slack/blocks/render.ts';
import type { Mutation } from '#shared/core/vocabulary.ts';
import { placeOrder } from '#shared/tokens/place-order.ts';
import { type ApprovalPress, resolveApproval } from '#shared/tokens/resolve-approval.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { addToken, createRoom, NOW, PEOPLE, type Room } from '#test/support/room.ts';

const words = (outcome: Outcome | undefined) =>
  outcome === undefined ? '' : JSON.stringify(render(outcome, { actor: PEOPLE.operator, now: NOW }).blocks);

/** A room in which every change needs somebody else. */
const strict = () =>
  createRoom((policy) => {
    policy.approvals = policy.approvals.map((rule) => ({ ...rule, fromTokens: 1, except: [] }));
  });

async function ask(room: Room, verb: Mutation, ids: readonly string[]): Promise<Outcome> {
  const context = await room.context(PEOPLE.operator);
  const tokens = ids.map((id) => ({ profile: 'langsmith-demo', id, name: `name of ${id}` }));
  const order = { verb, tokens, requester: PEOPLE.operator, requestedAt: NOW.toISOString(), keepGoing: false };
  return placeOrder(context, { ...order, reason: 'contract ended' });
}

const decide = async (room: Room, answer: ApprovalPress['answer']) => {
  const [approval] = await room.store.approvals.list({ limit: 1 });
  const press = { approvalId: approval!.id, answer };
  return resolveApproval(await room.context(PEOPLE.approver), press, async () => {
    throw new Error('no lever was asked for');
  });
};

describe('whoever is asked to agree', () => {
  it('sees of one token all that the requester saw', async () => {
    const room = strict();
    addToken(room, 'laptop', {
      owner: { id: 'us-anna', name: 'anna@example.com' },
      permissions: ['WalletAdmin'],
      lastUsedAt: '2026-11-20T12:00:00.000Z',
    });
    const card = words(await ask(room, 'delete', ['laptop']));
    for (const fact of ['anna@example.com', 'WalletAdmin', '2 days ago', '10 months old', 'active', 'contract ended'])
      expect(card).toContain(fact);
  });

  it('sees of many how many are in which state, and each with state, owner and last use', async () => {
    const room = strict();
    const ids = Array.from({ length: 26 }, (_, index) => `t-${index}`);
    for (const [index, id] of ids.entries())
      addToken(room, id, {
        state: index < 3 ? 'inactive' : 'active',
        owner: { id: `us-${index}` },
        lastUsedAt: '2026-11-20T12:00:00.000Z',
      });
    const card = words(await ask(room, 'deactivate', ids));
    expect(card).toContain('23 active and 3 inactive');
    expect(card).toContain('Show all 26 tokens');
    expect(card).toMatch(/name of t-5.*us-5.*last used 2 days ago/);
  });

  it('is not asked for what is so already, and the requester is told', async () => {
    const room = strict();
    addToken(room, 'laptop', { state: 'inactive' });
    expect(await ask(room, 'deactivate', ['laptop'])).toMatchObject({ kind: 'changed', already: true });
    expect(await ask(room, 'delete', ['never-there'])).toMatchObject({ kind: 'not_found' });
    expect(await room.store.approvals.list({ limit: 9 })).toEqual([]);
    expect(room.store.entries.map(({ what, result }) => [what, result])).toEqual([
      ['deactivate', 'already'],
      ['delete', 'not_found'],
    ]);
  });

  it('is told at the press that it has become so meanwhile; nothing is done, and nobody has approved it', async () => {
    for (const [verb, become] of [
      ['deactivate', 'inactive'],
      ['delete', 'gone'],
    ] as const) {
      const room = strict();
      const token = addToken(room, 'laptop');
      await ask(room, verb, ['laptop']);
      if (become === 'gone') room.tokens.delete('laptop');
      else room.tokens.set('laptop', { ...token, state: become });
      const { card, result } = await decide(room, 'approve');
      expect(result).toMatchObject({ kind: 'changed', already: true });
      expect(card?.approval).toMatchObject({ state: 'needless', approvedBy: [] });
      expect(words(card)).toMatch(/Not needed any more/);
      expect(words(card)).not.toMatch(/Approved:|patrol:approve/);
      expect(words(result)).toMatch(/was already (inactive|deleted)/);
      expect(room.store.entries.at(-1)).toMatchObject({ what: 'approve', result: 'already' });
    }
  });

  it('is asked all the same where the token cannot be read', async () => {
    const room = strict();
    const open = room.services.providers.open;
    const { Fault } = await import('#shared/core/fault.ts');
    Object.assign(room.services.providers, {
      open: async (profile: string) => ({
        ...(await open(profile)),
        get: async () => {
          throw new Fault('provider_unavailable', 'down');
        },
      }),
    });
    addToken(room, 'laptop');
    const asked = await ask(room, 'delete', ['laptop']);
    expect(asked).toMatchObject({ kind: 'approval', approval: { state: 'open' } });
    expect(words(asked)).toContain('could not be read');
  });
});
