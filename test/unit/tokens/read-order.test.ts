import { describe, expect, it } from 'vitest';
import { Fault } from '#shared/core/fault.ts';
import type { ChangeOrder, NamedRef } from '#shared/core/vocabulary.ts';
import { readOrder, surelyChanges } from '#shared/tokens/read-order.ts';
import { profilesOf, recordOf, subjectOf } from '#shared/tokens/warrant.ts';
import { addToken, createRoom, NOW, PEOPLE, type Room } from '#test/support/room.ts';

const ref = (id: string, profile = 'langsmith-demo'): NamedRef => ({ profile, id, name: `name of ${id}` });
const order = (tokens: readonly NamedRef[], more: Partial<ChangeOrder> = {}): ChangeOrder => ({
  verb: 'deactivate',
  tokens,
  requester: PEOPLE.operator,
  requestedAt: NOW.toISOString(),
  keepGoing: false,
  ...more,
});
/** What was asked of the providers, each call once. */
function watch(room: Room, trouble?: { readonly of: string; readonly error: unknown }): string[] {
  const asked: string[] = [];
  const { open } = room.services.providers;
  Object.assign(room.services.providers, {
    open: async (profile: string) => {
      const provider = await open(profile);
      const note = (what: string) => {
        asked.push(`${what} ${profile}`);
        if (trouble?.of === profile) throw trouble.error;
      };
      return {
        ...provider,
        list: async () => (note('list'), provider.list()),
        get: async (id: string) => (note('get'), provider.get(id)),
      };
    },
  });
  return asked;
}

describe('readOrder', () => {
  it('reads one token alone, and tells that it is gone', async () => {
    const room = createRoom();
    const token = addToken(room, 'a');
    const asked = watch(room);
    expect(await readOrder(room.services, order([ref('a')]))).toEqual({ found: [token], gone: [], unread: [] });
    expect(await readOrder(room.services, order([ref('b')]))).toEqual({ found: [], gone: [ref('b')], unread: [] });
    expect(asked).toEqual(['get langsmith-demo', 'get langsmith-demo']);
  });

  it('cannot tell of one whose provider is in trouble, and hides no defect', async () => {
    const room = createRoom();
    addToken(room, 'a');
    watch(room, { of: 'langsmith-demo', error: new Fault('provider_unavailable', 'down') });
    expect(await readOrder(room.services, order([ref('a')]))).toEqual({ found: [], gone: [], unread: [ref('a')] });
    const broken = createRoom();
    watch(broken, { of: 'langsmith-demo', error: new TypeError('a defect') });
    await expect(readOrder(broken.services, order([ref('a')]))).rejects.toThrow('a defect');
  });

  it('reads many by one list of each profile, in the order’s order, and calls none of them gone', async () => {
    const room = createRoom();
    const [a, b] = [addToken(room, 'a'), addToken(room, 'b', { profile: 'dfns-demo' })];
    addToken(room, 'others');
    const asked = watch(room);
    const refs = [ref('b', 'dfns-demo'), ref('missing'), ref('a'), ref('a', 'dfns-demo')];
    expect(await readOrder(room.services, order(refs))).toEqual({
      found: [b, a],
      gone: [],
      unread: [refs[1], refs[3]],
    });
    expect(asked.toSorted()).toEqual(['list dfns-demo', 'list langsmith-demo']);
    expect(await readOrder(room.services, order([]))).toEqual({ found: [], gone: [], unread: [] });
  });
});

describe('surelyChanges', () => {
  it('is sure of many by the first profile alone, where one of them is not so yet', async () => {
    const room = createRoom();
    addToken(room, 'a', { state: 'inactive' });
    addToken(room, 'b');
    addToken(room, 'other');
    addToken(room, 'c', { profile: 'dfns-demo' });
    const asked = watch(room);
    const sure = (...refs: readonly NamedRef[]) => surelyChanges(room.services, order(refs));
    expect(await sure(ref('a'), ref('b'), ref('c', 'dfns-demo'))).toBe(true);
    expect(asked).toEqual(['list langsmith-demo']);
    // The first profile's are so already; what the second's are is not looked at.
    expect(await sure(ref('a'), ref('c', 'dfns-demo'))).toBe(false);
    // An id of another profile is another token.
    expect(await sure(ref('a'), ref('b', 'dfns-demo'))).toBe(false);
    asked.length = 0;
    expect([await sure(ref('b')), await sure()]).toEqual([false, false]);
    expect(asked).toEqual([]);
  });
});

describe('the record of an order', () => {
  it('names its one token, or how many there are and where', () => {
    expect(subjectOf(order([ref('a')]))).toEqual({
      token: { profile: 'langsmith-demo', id: 'a' },
      tokenName: 'name of a',
    });
    const many = order([ref('a'), ref('b', 'dfns-demo'), ref('c')]);
    expect(subjectOf(many)).toEqual({
      detail: { kind: 'tokens', count: 3 },
      profiles: ['langsmith-demo', 'dfns-demo'],
    });
    expect(profilesOf(many)).toEqual(['langsmith-demo', 'dfns-demo']);
    expect(subjectOf(order([]))).toEqual({ detail: { kind: 'tokens', count: 0 }, profiles: [] });
  });

  it('says its verb, and reason and case where there are any', () => {
    expect(recordOf(order([]))).toEqual({ verb: 'deactivate' });
    expect(recordOf(order([], { reason: 'lost', caseId: 'C-ABCD2345' }))).toEqual({
      verb: 'deactivate',
      reason: 'lost',
      caseId: 'C-ABCD2345',
    });
  });
});
