import { webApi } from '@slack/bolt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { render } from '#shared/slack/blocks/render.ts';
import { createSlackCheck } from '#shared/slack/slack-check.ts';
import { refusedNote } from '#shared/slack/say-loud.ts';
import { WEB_CLIENT_OPTIONS } from '#shared/slack/to-slack-fault.ts';
import { createRoom, NOW, PEOPLE, type Room } from '#test/support/room.ts';

const SECURITY = 'C0SECURITY1';

let slack: SlackStandIn;
let room: Room;
let members: readonly string[] | undefined;

const look = async () => {
  const client = new webApi.WebClient(slack.botToken, { ...WEB_CLIENT_OPTIONS, slackApiUrl: slack.apiUrl });
  const { policy, store } = room.services;
  const found = await createSlackCheck({
    client,
    policy,
    notes: store.notes,
    groups: { members: async () => members },
  })();
  return render({ kind: 'profiles', profiles: [], slack: found }, { actor: PEOPLE.admin, now: NOW }).text;
};

beforeAll(async () => {
  slack = await startSlack();
});
afterAll(() => slack.close());
beforeEach(() => {
  slack.reset();
  room = createRoom();
  members = [];
});

describe('the look at Slack', () => {
  it('finds all in order', async () => {
    expect(await look()).toContain('all rights that Patrol needs are there');
  });

  it.each(['channel_not_found', 'access_denied'])('tells that the channel for leaks is shut: %s', async (code) => {
    slack.setRefusal({ method: 'conversations.info', channel: SECURITY, code });
    expect(await look()).toContain(`I can say NOTHING in <#${SECURITY}> (\`${code}\`)`);
  });

  it('goes by the last refusal, where Slack itself shows nothing wrong', async () => {
    await room.store.notes.put(refusedNote(SECURITY), 'restricted_action_read_only_channel', 60);
    expect(await look()).toContain('`restricted_action_read_only_channel`');
  });

  it('warns of a channel for leaks that another company reads, also where it takes no message', async () => {
    const warning = `<#${SECURITY}>, where leaks are told, is shared with another company`;
    expect(await look()).not.toContain('another company');
    slack.setChannel(SECURITY, { members: [PEOPLE.admin.userId], shared: true });
    expect(await look()).toContain(warning);
    await room.store.notes.put(refusedNote(SECURITY), 'restricted_action_read_only_channel', 60);
    const text = await look();
    expect([text.includes('I can say NOTHING'), text.includes(warning)]).toEqual([true, true]);
  });

  it('warns before the other company has said yes', async () => {
    slack.setChannel(SECURITY, { members: [PEOPLE.admin.userId], pending: true });
    expect(await look()).toContain('is shared with another company, or is about to be');
  });

  it('tells that a group of the policy cannot be read', async () => {
    members = undefined;
    expect(await look()).toContain('the members of <!subteam^S0ONCALL001> cannot be read');
  });
});
