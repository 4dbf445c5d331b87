import { describe, expect, it } from 'vitest';
import { caseId } from '#shared/store/case-id.ts';
import { createShowHeld, type HeldCases, readHeld, releaseHeldCard } from '#shared/cases/held-cases.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { ACTION, encodeHeld } from '#shared/slack/blocks/press.ts';
import { openRun, stopperOf } from '#shared/tokens/stop-run.ts';
import { addToken, NOW, PEOPLE, type Room } from '#test/support/room.ts';
import { startApp } from '#test/support/start-app.ts';

const PROFILE = 'langsmith-demo';
const keyOf = (name: string) => `token:${PROFILE}:${name}`;
const idOf = (name: string) => caseId(keyOf(name));
const GO_ON = encodeHeld({ profile: PROFILE, upTo: 2 });

/** The app with three tokens whose kills the brake holds back; the card in the channel tells of all of them. */
async function withHeld(change?: (policy: Policy) => unknown) {
  const started = startApp(change);
  const { room } = started;
  const shown: HeldCases[] = [];
  const announceHeld = async (_: string, cases: HeldCases) => {
    const isFirst = shown.length === 0;
    shown.push(cases);
    return cases.message ?? { channel: 'C0GENERAL01', ts: isFirst ? '9.9' : `9.9-${shown.length}` };
  };
  const showHeld = createShowHeld({ store: room.store, now: () => NOW, announceHeld });
  const hold = async (name: string) => {
    const { record } = await room.store.cases.open({
      id: idOf(name),
      key: keyOf(name),
      state: 'asking',
      decision: { action: 'ask', rule: 'floor:brake' },
      openedAt: NOW.toISOString(),
      updatedAt: NOW.toISOString(),
      token: addToken(room, name),
      grade: 'proved',
      reports: [],
      count: 1,
      generation: 1,
    });
    await showHeld(record);
  };
  for (const name of ['a', 'b', 'c']) await hold(name);
  const show = async (name: string) =>
    showHeld((await room.store.cases.get(idOf(name))) ?? expect.fail('no such case'));
  const alive = () => [...room.tokens.values()].filter(({ state }) => state === 'active').map(({ id }) => id);
  return { ...started, alive, hold, show, shown };
}

/** Delivers a press whose process dies when what it came to is entered in the cases. */
async function dying({ cases }: Room['store'], deliver: () => Promise<unknown>): Promise<void> {
  const { change } = cases;
  Object.assign(cases, { change: () => Promise.reject(new Fault('store_unavailable', 'it dies')) });
  await expect(deliver()).rejects.toMatchObject({ code: 'store_unavailable' });
  Object.assign(cases, { change });
}

describe('a press that goes on where the brake has stopped', () => {
  it('makes the card the outcome, stops what it told of and no more, and lets go of the card', async () => {
    const { room, press, alive, cards } = await withHeld();
    const said = await press('operator', ACTION.goOn, GO_ON);
    expect(said.at(-1)).toMatchObject({ how: 'edit', to: '9.9', text: expect.stringContaining('2 tokens') });
    expect(alive()).toEqual(['c']);
    expect(cards.toSorted()).toEqual([idOf('a'), idOf('b')].toSorted());
    expect((await readHeld(room.store, PROFILE)).message).toBeUndefined();
    expect(room.store.entries.filter(({ what }) => what === 'deactivate')).toHaveLength(2);
  });

  it('leaves a card that was posted after its first delivery had died to tell what is left, to its end', async () => {
    const { room, press, hold, show, shown } = await withHeld();
    const deliver = () => press('operator', ACTION.goOn, GO_ON, {}, 'the press');
    await dying(room.store, deliver);
    await hold('d');
    const newer = (await readHeld(room.store, PROFILE)).message;
    expect(newer?.ts).not.toBe('9.9');
    expect((await deliver()).at(-1)).toMatchObject({
      how: 'edit',
      to: '9.9',
      text: expect.stringContaining('2 tokens'),
    });
    for (const name of ['a', 'b']) await show(name);
    expect(shown.at(-1)).toMatchObject({ message: newer, held: [{ caseId: idOf('c') }, { caseId: idOf('d') }] });
  });

  it('leaves the card alone that asks by now where an older one was pressed', async () => {
    const { room, press, show } = await withHeld();
    await releaseHeldCard(room.services, PROFILE, { channel: 'C0GENERAL01', ts: '9.9' });
    await show('c');
    const newer = (await readHeld(room.store, PROFILE)).message;
    expect((await press('operator', ACTION.goOn, GO_ON)).at(-1)).toMatchObject({ how: 'edit', to: '9.9' });
    expect((await readHeld(room.store, PROFILE)).message).toEqual(newer);
  });

  it('is refused to the person alone, and leaves the card where it is', async () => {
    const { room, press, alive } = await withHeld();
    expect(await press('viewer', ACTION.goOn, GO_ON)).toMatchObject([{ how: 'whisper', to: PEOPLE.viewer.userId }]);
    expect(alive()).toEqual(['a', 'b', 'c']);
    expect((await readHeld(room.store, PROFILE)).message).toEqual({ channel: 'C0GENERAL01', ts: '9.9' });
  });

  it('is put before others in a message of its own where the policy wants that, and the card goes on asking', async () => {
    const { room, press, alive } = await withHeld((policy) => {
      policy.approvals = policy.approvals.map((rule) => (rule.name === 'bulk' ? { ...rule, fromTokens: 2 } : rule));
    });
    expect(await press('operator', ACTION.goOn, GO_ON)).toMatchObject([
      { how: 'post', text: expect.stringMatching(/^Approval needed/) },
    ]);
    expect(alive()).toEqual(['a', 'b', 'c']);
    expect((await readHeld(room.store, PROFILE)).message).toBeDefined();
  });
});

describe('a press that stops a run', () => {
  const run = { requester: PEOPLE.operator, verb: 'deactivate', profiles: [PROFILE] } as const;

  it.each(['operator', 'admin'] as const)('is obeyed without a word when it is by the %s', async (who) => {
    const { room, press } = startApp();
    await openRun(room, 'run-1', run);
    expect(await press(who, ACTION.stop, 'run-1')).toEqual([]);
    expect(await stopperOf(room, 'run-1')).toMatchObject({ userId: PEOPLE[who].userId });
  });

  it('is refused to whoever could not make the change, and where no run is known', async () => {
    const { room, press } = startApp();
    await openRun(room, 'run-1', run);
    expect(await press('viewer', ACTION.stop, 'run-1')).toMatchObject([{ how: 'whisper' }]);
    expect(await stopperOf(room, 'run-1')).toBeUndefined();
    expect(await press('admin', ACTION.stop, 'run-2')).toMatchObject([
      { how: 'whisper', text: expect.stringContaining('lapsed') },
    ]);
  });
});
