import { describe, expect, it } from 'vitest';
import { Fault } from '#shared/core/fault.ts';
import { CLOCKS_MS, LATE_MS } from '#shared/core/late-ms.ts';
import type { Reply } from '#shared/slack/reply.ts';
import { createSayLoud } from '#shared/slack/say-loud.ts';
import { createRoom, NOW, PEOPLE } from '#test/support/room.ts';

const ADMINS = [PEOPLE.admin.userId, 'U0ADMIN0002', 'U0ADMIN0003'];
const away = () => new Fault('slack_unavailable', 'no answer');

/** A channel that Slack refuses, and admins who are told instead; what Slack does not answer is done all the same. */
function start() {
  const room = createRoom((policy) => {
    Object.assign(policy.roles['admin'] ?? expect.fail('no role'), { users: ADMINS });
  });
  let time = NOW.getTime();
  const direct = new Map<string, string[]>();
  const slack = { isShut: true, lost: new Set<string>() };
  const answer = (userId: string, text: string, isNew: boolean): void => {
    const said = direct.get(userId) ?? [];
    direct.set(userId, isNew ? [...said, text] : [...said.slice(0, -1), text]);
    if (slack.lost.has(userId)) throw away();
  };
  const reply = {
    post: async ({ channel }: { channel: string }) => {
      if (slack.isShut) throw new Fault('slack_rejected', 'is_archived');
      return { channel, ts: '1.0' };
    },
    edit: async ({ channel }: { channel: string }, { text }: { text: string }) => {
      if (channel.startsWith('D-')) answer(channel.slice(2), text, false);
    },
    tell: async (userId: string, { text }: { text: string }) => {
      if (slack.lost.has(userId)) throw away();
      answer(userId, text, true);
      return { channel: `D-${userId}`, ts: '1.0' };
    },
    find: async () => undefined,
  } as unknown as Reply;
  const services = {
    ...room.services,
    now: () => new Date(time),
    sleep: async (milliseconds: number) => void (time += milliseconds),
  };
  const sayLoud = createSayLoud({ services, reply });
  const say = (text: string) => sayLoud({ channel: 'C0SECURITY1', message: { text, blocks: [] }, key: 'one' });
  return { say, slack, direct, now: () => time };
}

describe('whoever is told alone of what a channel does not take', () => {
  it('is told once, also where another could not be', async () => {
    const { say, slack, direct } = start();
    slack.lost.add(ADMINS[1] ?? '');
    await expect(say('a kill failed')).rejects.toMatchObject({ code: 'slack_unavailable' });
    slack.lost.clear();
    for (let copy = 0; copy < 2; copy += 1) await expect(say('a kill failed')).rejects.toThrow('channel_closed');
    expect([...direct.values()]).toEqual(ADMINS.map(() => ['a kill failed']));
  });

  it('reads the newest words last, also where an edit may still come of which nobody has heard', async () => {
    const { say, slack, direct, now } = start();
    await expect(say('a kill failed')).rejects.toThrow('channel_closed');
    slack.lost.add(ADMINS[0] ?? '');
    await expect(say('it is tried again')).rejects.toMatchObject({ code: 'slack_unavailable' });
    slack.lost.clear();
    const before = now();
    await expect(say('a kill failed')).rejects.toThrow('channel_closed');
    expect(now() - before).toBe(LATE_MS + CLOCKS_MS);
    expect([...direct.values()]).toEqual(ADMINS.map(() => ['a kill failed']));
  });

  it('is pointed to the channel when that takes messages again, also where Slack did not answer at first', async () => {
    const { say, slack, direct } = start();
    await expect(say('a kill failed')).rejects.toThrow('channel_closed');
    Object.assign(slack, { isShut: false, lost: new Set([ADMINS[2]]) });
    await expect(say('a kill failed')).rejects.toMatchObject({ code: 'slack_unavailable' });
    slack.lost.clear();
    direct.set(ADMINS[2] ?? '', ['a kill failed']);
    await say('a kill failed');
    expect([...direct.values()]).toEqual(ADMINS.map(() => ['This is in <#C0SECURITY1> now, where it goes on.']));
    direct.clear();
    await say('a kill failed');
    expect(direct.size).toBe(0);
  });
});
