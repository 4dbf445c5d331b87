import { plainButtons } from '#test/support/buttons.ts';
import { webApi } from '@slack/bolt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { changeCase, keepCase } from '#shared/cases/keep-case.ts';
import { createShowCase } from '#shared/cases/show-case.ts';
import { createCaseMessenger } from '#shared/slack/case-messenger.ts';
import { createReply } from '#shared/slack/reply.ts';
import { SAYING_OPTIONS } from '#shared/slack/to-slack-fault.ts';
import type { Case } from '#shared/store/store.ts';
import { addToken, ALWAYS_A_CARD, createRoom, NOW, PEOPLE, type Room } from '#test/support/room.ts';

const SECURITY = 'C0SECURITY1';

let slack: SlackStandIn;
let room: Room;
let show: (id: string) => Promise<void>;
let isLost = false;
let waited = 0;

/** Posts what is posted, and loses Slack's answer to it while `isLost`. */
const losing: typeof fetch = async (url, init) => {
  const response = await fetch(url, init);
  if (isLost && response.url.endsWith('/chat.postMessage')) throw new TypeError('fetch failed');
  return response;
};

beforeAll(async () => {
  slack = await startSlack();
});
afterAll(() => slack.close());
beforeEach(() => {
  slack.reset();
  room = createRoom();
  isLost = false;
  waited = 0;
  const client = new webApi.WebClient(slack.botToken, { ...SAYING_OPTIONS, slackApiUrl: slack.apiUrl, fetch: losing });
  const sleep = async (milliseconds: number) => void (waited += milliseconds);
  const services = { ...room.services, sleep };
  const reply = createReply({
    buttons: plainButtons,
    client,
    responseUrlOrigin: new URL(slack.responseUrl).origin,
    fetch,
    now: () => NOW,
    sleep: async () => {},
  });
  show = createShowCase({
    store: room.store,
    now: () => NOW,
    plan: async () => {},
    // That its card is begun is written with what it takes of the allowance.
    rollUps: {
      ...ALWAYS_A_CARD,
      hasCard: ({ id }, along = []) => room.store.notes.claim(`card:${id}`, 600, { by: id, along }),
    },
    ...createCaseMessenger({ services, reply }),
  });
});

const open = async (): Promise<Case> => {
  const report = { key: 'r', note: 'found by hand' };
  const evidence = { source: 'generic', report, candidates: [], receivedAt: NOW.toISOString() };
  return (await keepCase(room.store, { key: 'clue:1', now: NOW }, evidence)).kase;
};
const set = (id: string, state: Case['state']) =>
  changeCase(room.store, { id, now: NOW }, (kase) => ({ ...kase, state }));
const refuse = (code: string | undefined, method = 'chat.postMessage') =>
  slack.setRefusal({ method, channel: SECURITY, code });
const inChannel = () =>
  slack.messages().filter(({ channel, threadTs }) => channel === SECURITY && threadTs === undefined);
const alone = () => slack.messages().filter(({ channel }) => channel.startsWith('D'));

describe('a card of which Slack took the words and lost the answer', () => {
  it('is found again and brought up to date instead of being posted a second time', async () => {
    const { id } = await open();
    await set(id, 'asking');
    isLost = true;
    await expect(show(id)).rejects.toMatchObject({ code: 'slack_unavailable' });
    isLost = false;
    await set(id, 'not_revoked');
    await show(id);
    expect(inChannel()).toMatchObject([{ text: expect.stringContaining('Treat it as still working') }]);
    expect((await room.store.cases.get(id))?.message).toEqual({ channel: SECURITY, ts: inChannel()[0]?.ts });
  });

  it('is waited for, since Slack may still take the words that it did not answer in time', async () => {
    const { id } = await open();
    isLost = true;
    await expect(show(id)).rejects.toMatchObject({ code: 'slack_unavailable' });
    isLost = false;
    const lookedAfter = waited;
    await show(id);
    expect([lookedAfter, waited]).toEqual([0, 10_000]);
    expect(inChannel()).toHaveLength(1);
  });

  it('is posted anew where Slack does not let us look', async () => {
    const { id } = await open();
    isLost = true;
    await expect(show(id)).rejects.toMatchObject({ code: 'slack_unavailable' });
    isLost = false;
    slack.setScopes(['chat:write', 'chat:write.public']);
    await show(id);
    expect(inChannel()).toHaveLength(2);
  });
});

describe.each(['is_archived', 'channel_not_found', 'restricted_action_read_only_channel', 'a_code_of_next_year'])(
  'a card whose channel Slack refuses with %s',
  (code) => {
    it('is told to every admin once, tried again, and stands in the channel when that is in order', async () => {
      const { id } = await open();
      await set(id, 'asking');
      refuse(code);
      for (let attempt = 0; attempt < 3; attempt += 1) {
        await expect(show(id)).rejects.toMatchObject({ code: 'channel_closed', isRetryable: true });
      }
      expect(alone()).toHaveLength(1);
      const [told] = alone();
      expect(slack.channels().find((channel) => channel.id === told?.channel)?.with).toBe(PEOPLE.admin.userId);
      expect(told?.text).toContain('NOT revoked: a person must decide');
      expect(JSON.stringify(told?.blocks)).toContain(code);

      await set(id, 'not_revoked');
      await expect(show(id)).rejects.toMatchObject({ code: 'channel_closed' });
      expect(alone().map(({ text }) => text)).toEqual([expect.not.stringContaining('a person must decide')]);

      refuse(undefined);
      await show(id);
      expect(inChannel()).toMatchObject([{ text: expect.stringContaining('NOT revoked') }]);
      expect(alone()).toMatchObject([{ text: `This is in <#${SECURITY}> now, where it goes on.` }]);
      await show(id);
      expect(inChannel()).toHaveLength(1);
    });
  },
);

it.each(['restricted_action', 'restricted_action_thread_locked', 'a_code_of_next_year'])(
  'news of a card that may be edited, in a channel that takes no new words (%s), reaches the admins and is tried again',
  async (code) => {
    const { id } = await open();
    await set(id, 'acting');
    await show(id);
    refuse(code);
    await set(id, 'asking');
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(show(id)).rejects.toMatchObject({ code: 'channel_closed', isRetryable: true });
    }
    expect(inChannel()).toMatchObject([{ text: expect.stringContaining('a person must decide') }]);
    expect(alone()).toHaveLength(1);
    expect(alone()[0]?.text).toContain('a person must decide');
    refuse(undefined);
    await show(id);
    const thread = slack.messages().filter(({ threadTs }) => threadTs !== undefined);
    expect(thread.map(({ text }) => text).filter((text) => text.includes('a person must decide'))).toHaveLength(1);
    expect(alone()).toMatchObject([{ text: `This is in <#${SECURITY}> now, where it goes on.` }]);
  },
);

it('a card that somebody deleted is said anew when there is news', async () => {
  const { id } = await open();
  await show(id);
  refuse('message_not_found', 'chat.update');
  await set(id, 'asking');
  await show(id);
  expect(inChannel().at(-1)?.text).toContain('a person must decide');
  expect((await room.store.cases.get(id))?.message?.ts).toBe(inChannel().at(-1)?.ts);
});

it('trouble that may pass tells nobody alone', async () => {
  const { id } = await open();
  refuse('service_unavailable');
  await expect(show(id)).rejects.toMatchObject({ code: 'slack_unavailable' });
  expect(alone()).toEqual([]);
});

describe('a profile with a channel of its own', () => {
  it('has the cards about its tokens there, and no others', async () => {
    const own = 'C0GENERAL01';
    room.services.policy.profiles['langsmith-demo']!.channel = own;
    const token = addToken(room, 'a');
    const { id } = await open();
    await changeCase(room.store, { id, now: NOW }, (kase) => ({ ...kase, state: 'asking', token }));
    await show(id);
    expect(inChannel()).toHaveLength(0);
    expect(slack.messages().filter(({ channel }) => channel === own)).not.toHaveLength(0);
    expect((await room.store.cases.get(id))?.message?.channel).toBe(own);
  });
});
