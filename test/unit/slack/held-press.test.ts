import { describe, expect, it } from 'vitest';
import { caseId } from '#shared/store/case-id.ts';
import { createShowHeld, readHeld } from '#shared/cases/held-cases.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { ACTION, encodeHeld } from '#shared/slack/blocks/press.ts';
import { openRun, stopperOf } from '#shared/tokens/stop-run.ts';
import { addToken, NOW, PEOPLE } from '#test/support/room.ts';
import { startApp } from '#test/support/start-app.ts';

const PROFILE = 'langsmith-demo';
const keyOf = (name: string) => `token:${PROFILE}:${name}`;
const idOf = (name: string) => caseId(keyOf(name));
const GO_ON = encodeHeld({ profile: PROFILE, upTo: 2 });

/** The app with three tokens whose kills the brake holds back; the card in the channel tells of all of them. */
async function withHeld(change?: (policy: Policy) => unknown) {
  const started = startApp(change);
  const { room } = started;
  const announceHeld = async () => ({ channel: 'C0GENERAL01', ts: '9.9' });
  const showHeld = createShowHeld({ store: room.store, now: () => NOW, announceHeld });
  for (const name of ['a', 'b', 'c']) {
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
  }
  const alive = () => [...room.tokens.values()].filter(({ state }) => state === 'active').map(({ id }) => id);
  return { ...started, alive };
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
