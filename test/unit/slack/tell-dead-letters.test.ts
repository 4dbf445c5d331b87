import { beforeEach, expect, it } from 'vitest';
import { Fault } from '#shared/core/fault.ts';
import type { Message } from '#shared/slack/blocks/bricks.ts';
import type { Reply } from '#shared/slack/reply.ts';
import { tellDeadLetters } from '#shared/slack/tell-dead-letters.ts';
import { createRoom, type Room } from '#test/support/room.ts';
import { readAloud } from '#test/support/slack-text.ts';

let room: Room;
let messages: { key: string; words: Message }[];
let failure: Fault | undefined;
beforeEach(() => {
  room = createRoom();
  messages = [];
  failure = undefined;
});

const reply = {
  post: async ({ channel, key = '' }, words) => {
    messages.push({ key, words });
    if (failure !== undefined) throw failure;
    return { channel, ts: String(messages.length) };
  },
  find: async (channel, key) => {
    const at = messages.findIndex((message) => message.key === key);
    return at < 0 ? undefined : { channel, ts: String(at + 1) };
  },
  edit: async ({ ts }, words) => {
    const at = Number(ts) - 1;
    messages[at] = { key: messages[at]?.key ?? '', words };
  },
} as Pick<Reply, 'post' | 'find' | 'edit'> as Reply;
const tell = (leaks: number, commands: number) =>
  tellDeadLetters({ services: room.services, reply, stage: 'prod' }, { leaks, commands });
const said = () => messages.map(({ words }) => readAloud(words));

it('says what was given up, what that means for now and what brings it back; once', async () => {
  await tell(0, 0);
  expect(said()).toEqual([]);
  await tell(2, 1);
  await tell(2, 1);
  expect(said()).toHaveLength(1);
  expect(said()[0]).toContain('Patrol gave up on 2 leak reports and 1 request.');
  expect(said()[0]).toContain('a leaked token may still work');
  expect(said()[0]).toContain('npm run redrive -- --stage prod');
});

it('says more of it anew, and keeps the last message true until all is back', async () => {
  await tell(1, 0);
  await tell(3, 0);
  await tell(1, 0);
  expect(said()).toHaveLength(2);
  expect(said()[0]).toContain('A newer message says');
  expect(said()[1]).toContain('1 leak report.');
  await tell(0, 0);
  // Who has emptied the queue it does not tell.
  expect(said()[1]).toMatch(/^No dead letter is kept any more: .* brought back, or was deleted/);
  await tell(0, 2);
  expect(said()).toHaveLength(3);
  expect(said()[2]).toContain('Patrol gave up on 2 requests.');
  expect(said()[2]).not.toContain('leak report');
});

it('is not said twice when the answer to the first time was lost', async () => {
  failure = new Fault('slack_unavailable', 'no answer');
  await expect(tell(1, 0)).rejects.toMatchObject({ code: 'slack_unavailable' });
  failure = undefined;
  await tell(1, 0);
  expect(said()).toHaveLength(1);
});
