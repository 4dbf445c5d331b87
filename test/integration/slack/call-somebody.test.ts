import { plainButtons } from '#test/support/buttons.ts';
import { webApi } from '@slack/bolt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { changeCase, keepCase } from '#shared/cases/keep-case.ts';
import { createShowCase } from '#shared/cases/show-case.ts';
import type { CallSomebody } from '#shared/cases/wake.ts';
import { createCallSomebody } from '#shared/slack/call-somebody.ts';
import { createCaseMessenger } from '#shared/slack/case-messenger.ts';
import { createReply } from '#shared/slack/reply.ts';
import { SAYING_OPTIONS } from '#shared/slack/to-slack-fault.ts';
import type { Case } from '#shared/store/store.ts';
import { ALWAYS_A_CARD, createRoom, NOW, PEOPLE, type Room } from '#test/support/room.ts';

const SECURITY = 'C0SECURITY1';
const MENTION = '<!subteam^S0ONCALL001>';

let slack: SlackStandIn;
let room: Room;
let show: (id: string) => Promise<void>;
let call: CallSomebody;
let isLost = false;

/** Posts what is posted, and loses Slack's answer to it while `isLost`. */
const losing: typeof fetch = async (url, init) => {
  const response = await fetch(url, init);
  if (isLost && response.url.endsWith('/chat.postMessage')) throw new TypeError('fetch failed');
  return response;
};

const enter = (channels: Partial<Room['services']['policy']['channels']>): void => {
  room = createRoom((policy) => Object.assign(policy.channels, channels));
  const client = new webApi.WebClient(slack.botToken, { ...SAYING_OPTIONS, slackApiUrl: slack.apiUrl, fetch: losing });
  const { services } = room;
  const responseUrlOrigin = new URL(slack.responseUrl).origin;
  const reply = createReply({
    buttons: plainButtons,
    client,
    responseUrlOrigin,
    fetch,
    now: () => NOW,
    sleep: async () => {},
  });
  const messenger = createCaseMessenger({ services, reply });
  show = createShowCase({
    rollUps: ALWAYS_A_CARD,
    store: room.store,
    now: () => NOW,
    plan: async () => {},
    ...messenger,
  });
  call = createCallSomebody({ services, reply });
};

beforeAll(async () => {
  slack = await startSlack();
});
afterAll(() => slack.close());
beforeEach(() => {
  slack.reset();
  isLost = false;
  enter({ mention: 'S0ONCALL001' });
});

const set = (id: string, fields: Partial<Case>) =>
  changeCase(room.store, { id, now: NOW }, (kase) => ({ ...kase, ...fields }));
const open = async (state: Case['state']): Promise<Case> => {
  const report = { key: 'r', note: 'found by hand' };
  const intake = { source: 'generic', report, candidates: [], receivedAt: NOW.toISOString() };
  const { kase } = await keepCase(room.store, { key: 'clue:1', now: NOW }, intake);
  return set(kase.id, { state });
};
const shown = async (state: Case['state']): Promise<Case> => {
  const { id } = await open(state);
  await show(id);
  const kase = await room.store.cases.get(id);
  if (kase === undefined) throw new Error('no case');
  return kase;
};
const inThread = () => slack.messages().filter(({ threadTs }) => threadTs !== undefined);
const alone = () => slack.messages().filter(({ channel }) => channel.startsWith('D'));
const refuse = (code: string | undefined) => slack.setRefusal({ method: 'chat.postMessage', channel: SECURITY, code });
const calling = (messages: readonly unknown[]) => messages.filter((one) => JSON.stringify(one).includes(MENTION));
const remind = { step: 'remind', key: 'wake:1', others: 0 } as const;
const escalate = { step: 'escalate', key: 'wake:2', others: 3 } as const;

describe('the call on a card', () => {
  it('stands where a person is needed, once, and goes when somebody has taken it', async () => {
    const { id } = await shown('asking');
    expect(calling(slack.messages())).toHaveLength(1);
    await set(id, { takenBy: PEOPLE.operator });
    await show(id);
    expect(calling(slack.messages())).toEqual([]);
  });

  it('stands on no card that needs nobody, and in the thread when it comes to need somebody, once', async () => {
    const { id } = await shown('unmatched');
    expect(calling(slack.messages())).toEqual([]);
    await set(id, { state: 'asking' });
    await show(id);
    expect(calling(inThread())).toHaveLength(1);
    await set(id, { state: 'not_revoked' });
    await show(id);
    expect(calling(inThread())).toHaveLength(1);
  });

  it('calls nobody where the policy names nobody', async () => {
    enter({ mention: undefined });
    await shown('asking');
    expect(JSON.stringify(slack.messages())).not.toContain('is needed here');
  });
});

describe('a reminder', () => {
  it('stands in the thread and in the channel, names the case and calls the same people', async () => {
    const kase = await shown('asking');
    await call(kase, remind);
    const said = slack.messages().at(-1);
    expect(said).toMatchObject({ channel: SECURITY, threadTs: kase.message?.ts, isBroadcast: true });
    expect(said?.text).toContain(`${MENTION} Nobody has taken case \`${kase.id}\` for 1 minute`);
    expect(alone()).toEqual([]);
  });

  it('is said once although Slack’s answer to it was lost', async () => {
    const kase = await shown('asking');
    isLost = true;
    await expect(call(kase, remind)).rejects.toMatchObject({ code: 'slack_unavailable' });
    isLost = false;
    await call(kase, remind);
    expect(slack.messages().filter(({ text }) => text.includes('Nobody has taken'))).toHaveLength(1);
  });

  it('stands in the channel where the card is gone, and reaches every admin where the channel is shut', async () => {
    const kase = await open('asking');
    await call({ ...kase, message: { channel: SECURITY, ts: '1.000001' } }, remind);
    expect(slack.messages()).toMatchObject([{ channel: SECURITY, text: expect.stringContaining('Nobody has taken') }]);
    refuse('is_archived');
    await call(kase, { ...remind, key: 'wake:9' });
    expect(alone()).toMatchObject([{ text: expect.stringContaining('Nobody has taken') }]);
  });
});

describe('an escalation', () => {
  it('tells every admin alone where the policy names nobody for it, once', async () => {
    const kase = await shown('asking');
    await call(kase, escalate);
    await call(kase, escalate);
    expect(alone()).toMatchObject([{ text: expect.stringContaining('Nobody has taken') }]);
    expect(JSON.stringify(alone())).toContain(`<#${SECURITY}>`);
  });

  it('calls the second group in the thread', async () => {
    enter({ mention: 'S0ONCALL001', escalate: 'S0SECLEAD01' });
    await call(await shown('asking'), escalate);
    expect(inThread().at(-1)?.text).toContain('<!subteam^S0SECLEAD01>');
    expect(JSON.stringify(inThread().at(-1)?.blocks)).toContain('3 other cases wait for somebody as well');
    expect(alone()).toEqual([]);
  });

  it('goes to the second channel as well', async () => {
    enter({ mention: 'S0ONCALL001', escalate: 'C0GENERAL01' });
    await call(await shown('asking'), escalate);
    expect(slack.messages().at(-1)).toMatchObject({ channel: 'C0GENERAL01' });
    expect(calling(inThread())).toHaveLength(1);
  });
});
