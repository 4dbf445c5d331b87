import { expect, it } from 'vitest';
import { renderBulk } from '#shared/slack/blocks/render-bulk.ts';
import { carryOut } from '#shared/tokens/carry-out.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { stopRun } from '#shared/tokens/stop-run.ts';
import { addToken, createRoom, PEOPLE, type Room } from '#test/support/room.ts';
import { readAloud } from '#test/support/slack-text.ts';

const requestedAt = '2026-11-22T12:00:00.000Z';
const warrant = { rule: 'role:test', approvedBy: [] };
const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** Runs over eight tokens; `during` is called with each state that is shown. */
async function run(room: Room, during: (shown: OutcomeOf<'bulk'>) => Promise<void>) {
  for (const id of IDS) addToken(room, id);
  const { services } = room;
  const order = {
    verb: 'deactivate',
    tokens: IDS.map((id) => ({ profile: 'langsmith-demo', id, name: id })),
    requester: PEOPLE.operator,
    requestedAt,
    keepGoing: true,
  } as const;
  const { value } = await services.store.remember(`run-${Math.random()}`, (journal) =>
    carryOut(
      {
        services,
        attempt: {
          journal,
          requestedAt,
          progress: async (outcome) => {
            if (outcome.kind === 'bulk') await during(outcome);
          },
        },
      },
      order,
      warrant,
    ),
  );
  if (value.kind !== 'bulk') throw new Error('no run');
  return value;
}

it('stops before the next token, tells who stopped it, what was done and what was not', async () => {
  const room = createRoom();
  const refusals: unknown[] = [];
  const ended = await run(room, async ({ run: id = '', changes }) => {
    if (changes.length === 1) refusals.push(await stopRun(await room.context(PEOPLE.admin), id));
  });
  expect(refusals).toEqual([undefined]);
  expect(ended).toMatchObject({ state: 'stopped', stoppedBy: PEOPLE.admin, total: 8 });
  expect(ended.changes.length).toBe(1);
  const inactive = [...room.tokens.values()].filter(({ state }) => state === 'inactive');
  expect(inactive.map(({ id }) => id)).toEqual(['a']);
  expect(ended.left.map(({ id }) => id)).toEqual(IDS.slice(1));
  const words = readAloud(renderBulk(ended, { discreet: false }));
  expect(words).toMatch(/Stopped by <@\w+>\. 8 tokens: 1 deactivated, 7 not touched\./);
  expect(words).toMatch(/name of a\nDeactivated, confirmed\nb\nNot touched\n/);
});

it('is stopped by whoever asked for it, although they could not ask any more, and by nobody without the right', async () => {
  const room = createRoom((policy) => Object.assign(policy.roles, { operator: policy.roles['viewer'] }));
  const seen: unknown[] = [];
  const ended = await run(room, async ({ run: id = '', changes }) => {
    if (changes.length !== 1) return;
    seen.push(await stopRun(await room.context(PEOPLE.viewer), id));
    seen.push(await stopRun(await room.context(PEOPLE.operator), 'of-another-time'));
  });
  expect(seen).toMatchObject([{ kind: 'denied' }, { kind: 'denied', why: 'lapsed' }]);
  expect(ended).toMatchObject({ state: 'done', left: [] });
  const stopped = await run(room, async ({ run: id = '', changes }) => {
    if (changes.length === 1) await stopRun(await room.context(PEOPLE.operator), id);
  });
  expect(stopped).toMatchObject({ state: 'stopped', stoppedBy: PEOPLE.operator });
});

it('has a button while it runs, and none behind it', async () => {
  const room = createRoom();
  const shown: string[] = [];
  const ended = await run(room, async (outcome) => {
    shown.push(JSON.stringify(renderBulk(outcome, { discreet: false }).blocks));
  });
  for (const blocks of shown) expect(blocks).toContain('patrol:stop');
  expect(JSON.stringify(renderBulk(ended, { discreet: false }).blocks)).not.toContain('patrol:stop');
});
