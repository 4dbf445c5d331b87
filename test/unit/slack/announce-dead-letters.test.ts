import { expect, it } from 'vitest';
import { Fault } from '#shared/core/fault.ts';
import { announceDeadLetters } from '#shared/slack/announce-dead-letters.ts';
import { createRoom } from '#test/support/room.ts';

it('reads what is given up in each queue also while the security channel takes no words, and says so afterwards', async () => {
  const { services } = createRoom();
  const read: string[] = [];
  const closed = async () => Promise.reject(new Fault('channel_closed', 'is_archived'));
  const deps = {
    ...{ services, stage: 'prod', deadQueues: { commands: 'commands-dead', leaks: 'leaks-dead' } },
    reply: { find: async () => undefined, post: closed, tell: closed },
    call: async ({ json }: { readonly json: { readonly QueueUrl: string } }) => {
      read.push(json.QueueUrl);
      return { status: 200, body: '{}' };
    },
  } as unknown as Parameters<typeof announceDeadLetters>[0];
  await expect(announceDeadLetters(deps, { commands: 1, leaks: 2 })).rejects.toThrow('channel_closed');
  expect(read).toEqual(['commands-dead', 'leaks-dead']);
});
