import { expect } from 'vitest';
import { signCommand, signPress, type SignedRequest } from '#infra/sandbox/slack/sign.ts';
import { Fault } from '#shared/core/fault.ts';
import type { CommandJob, LeakJob } from '#shared/jobs/job.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { deriveButtonKeys } from '#shared/slack/derive-button-keys.ts';
import type { Message } from '#shared/slack/blocks/bricks.ts';
import { createButtons } from '#shared/slack/buttons.ts';
import type { Reply } from '#shared/slack/reply.ts';
import { createSlackApp } from '#shared/slack/slack-app.ts';
import type { Store } from '#shared/store/store.ts';
import { createMemoryStore } from './memory-store.ts';
import { createRoom, PEOPLE } from './room.ts';
import { admin, receiveSigned } from './slack-requests.ts';

/** The person as the one who sends. */
export const as = (who: keyof typeof PEOPLE) => ({ ...admin, userId: PEOPLE[who].userId, teamId: PEOPLE[who].teamId });

const BUTTON_KEYS = deriveButtonKeys('fingerprint-key-for-tests-0123456789');
/** The value as it stands in a message that Patrol has sent. */
const signedValue = (action_id: string, value: string): string =>
  buttonsOver(createMemoryStore()).forEdit({ channel: 'C0GENERAL01', ts: '9.9' }, { type: 'button', action_id, value })
    .value;
const buttonsOver = ({ notes }: Pick<Store, 'notes'>) => {
  let ids = 0;
  return createButtons({ keys: BUTTON_KEYS, notes, newId: () => `button-${(ids += 1)}` });
};

const never = () => new Promise<void>(() => undefined);

/** The app over a room, with a Slack that writes down what it is told. */
export function startApp(
  change?: (policy: Policy) => unknown,
  sleep: (milliseconds: number) => Promise<void> = (milliseconds) =>
    milliseconds < 2000 ? Promise.resolve() : never(),
) {
  const room = createRoom(change);
  const said: { readonly how: string; readonly text: string; readonly to: unknown }[] = [];
  const leaks: LeakJob[] = [];
  const cards: string[] = [];
  const followed: string[] = [];
  let ts = 0;
  /** What the queue says of each delivery. */
  const queue = { isLast: false };
  const slack = { takesEdits: true, hasMessages: true, fillsWindows: true, takesDirect: true };
  const tell = (how: string, to: unknown, { text }: Message) => {
    said.push({ how, text, to });
    return { channel: 'C0GENERAL01', ts: `1.${(ts += 1)}` };
  };
  const reply: Reply = {
    find: async () => undefined,
    post: async (place, message) => tell('post', place.channel, message),
    edit: async ({ ts: edited }, message) => {
      if (!slack.takesEdits) throw new Fault('slack_unavailable', 'chat.update: 503');
      if (!slack.hasMessages) throw new Fault('slack_rejected', 'message_not_found');
      tell('edit', edited, message);
    },
    whisper: async ({ userId }, message) => void tell('whisper', userId, message),
    tell: async (userId, message) => {
      if (!slack.takesDirect) throw new Fault('slack_rejected', 'chat.postMessage: messages_tab_disabled');
      return tell('tell', userId, message);
    },
    note: async (message, words) => tell('note', message.ts, words),
    upload: async ({ channel }, { filename, content }) => {
      tell('upload', channel, { text: `${filename}\n${content}`, blocks: [] });
      return { channel };
    },
    updateView: async (viewId, view) => {
      if (!slack.fillsWindows) throw new Fault('slack_rejected', 'views.update: not_allowed');
      return said.push({ how: 'view', text: JSON.stringify(view), to: viewId }) > 0;
    },
    publishHome: async (userId, view) => void said.push({ how: 'home', text: JSON.stringify(view), to: userId }),
  };
  const app = createSlackApp({
    // Time stands still here: nothing takes long enough for a sign of life, unless a test says so.
    services: { ...room.services, now: () => room.services.now(), sleep: (milliseconds) => sleep(milliseconds) },
    reply,
    botToken: 'not-a-real-one',
    buttons: buttonsOver(room.store),
    sendLeaks: async (jobs) => void leaks.push(...jobs),
    cases: { show: async (id) => void cards.push(id), answerBack: async () => {}, planLook: async () => {} },
    followApproval: async (id) => void followed.push(id),
  });
  let made = 0;
  const handle = async (signed: SignedRequest, key = `delivery-${(made += 1)}`, payload: object = {}) => {
    const { job } = receiveSigned(signed);
    if (job === undefined) throw new Error('the edge queues nothing of it');
    const queued = JSON.parse(JSON.stringify(job)) as CommandJob;
    const before = said.length;
    const isKnown = await app.handle(
      { ...queued, deliveryKey: key, payload: { ...queued.payload, ...payload } },
      { attempt: 1, isLast: queue.isLast },
    );
    expect(isKnown).toBe(true);
    return said.slice(before);
  };
  const type = (who: keyof typeof PEOPLE, text: string, key?: string) => handle(signCommand(as(who), text), key);
  const press = (who: keyof typeof PEOPLE, actionId: string, value = '', more: object = {}, key?: string) =>
    handle(signPress(as(who), { ts: '9.9' }, { actionId, value: signedValue(actionId, value) }), key, more);
  return { room, app, said, slack, queue, followed, leaks, cards, handle, type, press };
}
