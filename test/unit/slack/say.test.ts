import { beforeEach, expect, it } from 'vitest';
import { Fault } from '#shared/core/fault.ts';
import { without } from '#shared/core/without.ts';
import type { Message } from '#shared/slack/blocks/bricks.ts';
import type { Answer } from '#shared/slack/listeners/answer.ts';
import type { Request } from '#shared/slack/listeners/request.ts';
import { createSay } from '#shared/slack/listeners/say.ts';
import type { Place, Reply, Target } from '#shared/slack/reply.ts';
import type { Spoken } from '#shared/slack/spoken.ts';
import { placeOrder } from '#shared/tokens/place-order.ts';
import { addToken, createRoom, NOW, openCase, PEOPLE, type Room } from '#test/support/room.ts';

const CHANNEL = 'C0SECURITY1';
let room: Room;
let posts: { place: Place; message: Message }[];
let edits: Target[];
let edited: string[];
let looked: number;
let whispered: string[];
beforeEach(() => {
  room = createRoom();
  posts = [];
  edits = [];
  edited = [];
  looked = 0;
  whispered = [];
});

const reply = {
  post: async (place, message) => {
    posts.push({ place, message });
    return { channel: place.channel, ts: `${posts.length}.0` };
  },
  edit: async (target, { text }) => {
    edits.push(target);
    edited.push(text);
  },
  whisper: async (_place, { text }) => void whispered.push(text),
  find: async (channel) => {
    looked += 1;
    return { channel, ts: 'found' };
  },
} as Pick<Reply, 'post' | 'edit' | 'whisper' | 'find'> as Reply;

const request = (more: Partial<Request['place']> = {}, receivedAt = NOW): Request => ({
  job: { v: 1, kind: 'command', receivedAt: receivedAt.toISOString(), deliveryKey: 'k', sealed: [], unrecognised: 0 },
  payload: {},
  actor: PEOPLE.operator,
  place: { userId: PEOPLE.operator.userId, channel: CHANNEL, responseUrl: 'https://hooks.slack.com/1', ...more },
  delivery: { attempt: 1, isLast: false },
});
const trouble = (next: 'retrying' | 'final'): Answer => ({
  outcome: {
    kind: 'trouble',
    verb: 'deactivate',
    asked: ['a'],
    trouble: { fault: 'provider_unavailable', next, attempt: 1 },
  },
  to: 'channel',
});
const version: Answer = { outcome: { kind: 'version', version: '1' }, to: 'channel' };
const say = (one: Request, answer: Answer) => createSay({ services: room.services, reply }).say(one, answer, 0);
const RECEIVED = 'Received. What comes of it is said here or in another message.';
const noted = () => room.store.notes.get<Spoken>('said:k:0');

it('notes which words promise more, and that they do no longer', async () => {
  await say(request(), trouble('retrying'));
  expect(await noted()).toEqual({ channel: CHANNEL, ts: '1.0', isOpen: true });
  await say(request(), trouble('final'));
  expect([posts.length, edits.length]).toEqual([1, 2]);
  expect(await noted()).toEqual({ channel: CHANNEL, ts: '1.0', said: expect.any(String) });
});

it.each([
  ['in a channel', request().place],
  ['by direct message', without(request().place, 'channel')],
])('promises more %s only once it is noted where that stands, and says before what stays true', async (_, place) => {
  const notedBefore: unknown[] = [];
  const noting: Reply = {
    ...reply,
    tell: (userId, message) => reply.post({ channel: 'D1', userId }, message),
    edit: async (target, message) => {
      notedBefore.push(await noted());
      await reply.edit(target, message);
    },
  };
  await createSay({ services: room.services, reply: noting }).say({ ...request(), place }, trouble('retrying'), 0);
  expect(posts.map(({ message }) => message.text)).toEqual([RECEIVED]);
  expect(notedBefore).toEqual([{ channel: posts[0]?.place.channel, ts: '1.0', isOpen: true }]);
  expect(edited).toEqual([expect.stringContaining('tries again by itself')]);
});

it('says anew, and so that it stays true, what promises more where Slack lets nobody edit anything', async () => {
  const refusing = { ...reply, edit: () => Promise.reject(new Fault('slack_rejected', 'edit_window_closed')) };
  await createSay({ services: room.services, reply: refusing }).say(request(), trouble('retrying'), 0);
  expect(posts.map(({ message }) => message.text)).toEqual([
    RECEIVED,
    expect.stringMatching(/tries again by itself.*is said in a newer message/),
  ]);
  expect(await noted()).toEqual({ channel: CHANNEL, ts: '2.0', isOpen: true });
});

it('says once to one person alone what later copies of the job bring again, and what is another answer as well', async () => {
  const alone = (answer: Answer): Answer => ({ ...answer, to: 'me' });
  for (const answer of [trouble('retrying'), trouble('retrying'), version, version]) {
    await say(request(), alone(answer));
  }
  expect(whispered).toEqual([expect.stringContaining('tries again by itself'), expect.stringContaining('1')]);
  expect([posts, edits]).toEqual([[], []]);
});

it('says to one person alone once what all have seen before', async () => {
  await say(request(), trouble('retrying'));
  for (let copy = 0; copy < 2; copy += 1) await say(request(), { ...version, to: 'me' });
  expect([posts.length, whispered.length]).toEqual([1, 1]);
  expect(new Set(edited.slice(1))).toEqual(new Set([`Answered to <@${PEOPLE.operator.userId}> alone.`]));
  expect(await noted()).toMatchObject({ channel: CHANNEL, ts: '1.0' });
});

it('says once through the address of a request what cannot be named later', async () => {
  const nameless: Reply = {
    ...reply,
    post: async (place, message) => {
      posts.push({ place, message });
      return { channel: place.channel };
    },
  };
  for (const answer of [trouble('retrying'), version, version]) {
    await createSay({ services: room.services, reply: nameless }).say(request(), answer, 0);
  }
  expect([posts.length, edits]).toEqual([2, []]);
});

it('says of words that promise more what stays true where nobody can change them', async () => {
  await say(request(), trouble('retrying'));
  expect(posts[0]?.place.ifFixed?.text).toContain('is said in a newer message');
  room = createRoom();
  await say(request(), trouble('final'));
  expect(posts[1]?.place.ifFixed).toBeUndefined();
});

it('names what it says anew because Slack lets nobody edit it, and says there what stays true for ever', async () => {
  const pressed = { channel: CHANNEL, ts: '5.0' };
  const gone = new Fault('slack_rejected', 'it is gone');
  const refused: Reply = {
    ...reply,
    edit: (target, message) => (target.ts === pressed.ts ? Promise.reject(gone) : reply.edit(target, message)),
  };
  const answer = { ...trouble('retrying'), to: 'here' as const };
  await createSay({ services: room.services, reply: refused }).say(request({ pressed }), answer, 0);
  expect(posts[0]?.place).toMatchObject({
    key: 'said:k:0',
    ifFixed: { text: expect.stringContaining('is said in a newer message') },
  });
  expect(await noted()).toEqual({ channel: CHANNEL, ts: '1.0', isOpen: true });
});

it('points to the card of a case where a word was said until it showed the outcome, and is no second card', async () => {
  const token = addToken(room, 'a');
  const kase = await openCase(room, token, { id: 'C-ABCD2345EFGH6723', state: 'dead' });
  await say(request(), { ...trouble('retrying'), to: 'card' });
  expect(posts).toEqual([]);
  await say(request(), trouble('retrying'));
  await say(request(), { outcome: { kind: 'case', case: kase, entries: [] }, to: 'card' });
  expect(edited.slice(1)).toEqual([expect.stringMatching(/gone through.*card of case `C-ABCD2345EFGH6723`/)]);
  expect(await noted()).toEqual({ channel: CHANNEL, ts: '1.0', said: expect.any(String) });
});

it('says the newer message that a word points to which nobody can change, also where the card shows the outcome', async () => {
  const kase = await openCase(room, addToken(room, 'a'), { id: 'C-ABCD2345EFGH6723', state: 'dead' });
  const card: Answer = { outcome: { kind: 'case', case: kase, entries: [] }, to: 'card' };
  // Through the address of the press: nobody learns where it is.
  const fixed = { ...reply, find: async () => undefined, post: async ({ channel }: Place) => ({ channel }) };
  await createSay({ services: room.services, reply: fixed }).say(request(), trouble('retrying'), 0);
  const later = createSay({ services: room.services, reply: { ...reply, find: async () => undefined } });
  const again = { ...request(), delivery: { attempt: 2, isLast: false } };
  for (let copies = 0; copies < 2; copies += 1) await later.say(again, card, 0);
  expect(posts.map(({ message }) => message.text)).toEqual([
    expect.stringMatching(/gone through.*card of case `C-ABCD2345EFGH6723`/),
  ]);
  expect(await noted()).toEqual({ channel: CHANNEL, ts: '1.0', said: expect.any(String) });
});

it('adds no message to a card where what was said before it points to none', async () => {
  const kase = await openCase(room, addToken(room, 'a'), { id: 'C-ABCD2345EFGH6723', state: 'dead' });
  const fixed = { ...reply, find: async () => undefined, post: async ({ channel }: Place) => ({ channel }) };
  const once = createSay({ services: room.services, reply: fixed });
  await once.say(request(), trouble('retrying'), 0);
  await once.say(request(), trouble('final'), 0);
  const later = createSay({ services: room.services, reply: { ...reply, find: async () => undefined } });
  await later.say(request(), { outcome: { kind: 'case', case: kase, entries: [] }, to: 'card' }, 0);
  expect(posts).toEqual([]);
});

it('replaces through the address of a press what was pressed, and nothing else', async () => {
  const pressed = { channel: CHANNEL, ts: '5.0' };
  await say(request({ pressed }), { ...version, to: 'here' });
  expect(edits.at(-1)).toMatchObject({ ts: '5.0', responseUrl: 'https://hooks.slack.com/1' });
  room = createRoom();
  await say(request({ pressed }), { ...version, to: 'here', at: { channel: CHANNEL, ts: '6.0' } });
  expect(edits.at(-1)).toEqual({ channel: CHANNEL, ts: '6.0' });
});

it('says nothing again over what stands there since, however often and late its job is delivered', async () => {
  await say(request(), version);
  const late = { ...request({}, new Date(NOW.getTime() - 3_600_000)), delivery: { attempt: 2, isLast: false } };
  await say(late, version);
  expect([posts.length, edits, looked]).toEqual([1, [], 0]);
});

it('says in its own way what is said on what one person alone was shown, at each attempt', async () => {
  const pressed = { channel: CHANNEL, ts: '5.0', ephemeral: true };
  const answer: Answer = { ...trouble('retrying'), to: 'here' };
  await say(request({ pressed }), answer);
  await say(request({ pressed }), answer);
  expect(edits).toMatchObject([pressed, pressed]);
});

it('is said where it was pressed of what was given up and is brought back, and the word that told so leads there', async () => {
  const pressed = { channel: CHANNEL, ts: '5.0' };
  await room.store.notes.put('said:k:0', { channel: CHANNEL, ts: '9.0', isStopped: true }, 60);
  await say(request({ pressed }), { ...version, to: 'here' });
  expect(edits).toMatchObject([{ ts: '9.0' }, { ts: '5.0' }]);
  expect(edited[0]).toMatch(/^This was brought back/);
  expect(await noted()).toMatchObject({ ts: '5.0' });
  expect(await noted()).not.toHaveProperty('isStopped');
});

it.each([
  ['its course is still shown on another copy that was pressed, and there', true],
  ["its end was said on one person's copy that was pressed", false],
])('says the end of a request on its card, also where %s', async (_, isOpen) => {
  const pressed = { channel: 'D1', ts: '5.0' };
  const card = { channel: CHANNEL, ts: '6.0' };
  await room.store.notes.put('said:k:0', { ...pressed, ...(isOpen && { isOpen }) }, 60);
  await say(request({ pressed }), { ...version, to: 'here', at: card });
  expect(edits).toEqual(isOpen ? [pressed, card] : [card]);
  expect(await noted()).toEqual({ ...card, said: expect.any(String) });
});

it('goes on knowing the copy that was pressed for as long as more is to come, and says both times the same there', async () => {
  const pressed = { channel: 'D1', ts: '5.0' };
  const at = { channel: CHANNEL, ts: '6.0' };
  const open = { ...pressed, isOpen: true };
  await room.store.notes.put('said:k:0', open, 60);
  await say(request({ pressed }), { ...trouble('retrying'), to: 'here', at });
  expect(await noted()).toEqual(open);
  await say(request({ pressed }), { ...trouble('final'), to: 'here', at });
  expect(edits).toEqual([pressed, at, pressed, at]);
  expect(edited[2]).toBe(edited[3]);
});

/** Asks for a deletion that others have to agree to. */
async function askForOthers() {
  const { profile, id, name } = addToken(room, 'a');
  const order = { verb: 'delete', tokens: [{ profile, id, name }], requester: PEOPLE.operator } as const;
  const context = await room.context(PEOPLE.operator);
  return placeOrder(context, { ...order, requestedAt: NOW.toISOString(), keepGoing: false });
}

it('keeps where it is told that nobody could agree to a request, and says there how that has ended', async () => {
  room = createRoom((changed) => {
    for (const rule of changed.approvals) Object.assign(rule, { approvers: 2, by: ['approver', 'operator'] });
  });
  const outcome = await askForOthers();
  const approvalId = outcome.kind === 'no_approver' ? outcome.approvalId! : expect.fail(outcome.kind);
  await say(request(), { outcome, to: 'channel' });
  const { approvals } = room.store;
  expect(await approvals.get(approvalId)).toMatchObject({ state: 'open', message: { channel: CHANNEL, ts: '1.0' } });
  await approvals.change(approvalId, (record) => ({ ...record, state: 'lapsed' }));
  await say(request(), { outcome, to: 'channel' });
  expect([posts.length, edited]).toEqual([1, [expect.stringMatching(/^Lapsed without approval/)]]);
});

it('posts no second card of a request whose first one, posted by an attempt that died, somebody has pressed', async () => {
  const outcome = await askForOthers();
  const { id } = outcome.kind === 'approval' ? outcome.approval : expect.fail(outcome.kind);
  const message = { channel: CHANNEL, ts: '7.0' };
  await room.store.approvals.change(id, (record) => ({ ...record, message }));
  const blind: Reply = { ...reply, find: async () => undefined };
  const again = { ...request(), delivery: { attempt: 2, isLast: false } };
  await createSay({ services: room.services, reply: blind }).say(again, { outcome, to: 'channel' }, 0);
  expect([posts, edits]).toEqual([[], [message]]);
});

it.each([
  ['promises what comes of it where this press was the last yes', 'k', 'Working on it'],
  ['leaves that to whose yes was the last one', 'another', 'The result is told in its own message'],
])('draws the card of a request that was approved, and %s', async (_, settledBy, words) => {
  const outcome = await askForOthers();
  if (outcome.kind !== 'approval') return expect.fail(outcome.kind);
  const yes = { actor: PEOPLE.operator, at: NOW.toISOString(), request: settledBy };
  const { id } = outcome.approval;
  await room.store.approvals.change(id, (record) => ({ ...record, state: 'approved', approvedBy: [yes] }));
  await say(request({ pressed: { channel: CHANNEL, ts: '7.0' } }), { outcome, to: 'here' });
  expect(edited).toEqual([expect.stringContaining(words)]);
  expect((await noted())?.isOpen).toBe(settledBy === 'k' ? true : undefined);
});

it('looks for what the first life of a dead letter has said, and for nothing at a first try', async () => {
  await say(request(), version);
  expect([looked, posts.length]).toEqual([0, 1]);
  room = createRoom();
  await say(request({}, new Date(NOW.getTime() - 3_600_000)), version);
  expect([looked, posts.length, edits.at(-1)?.ts]).toEqual([1, 1, 'found']);
});

it('ends what all have read of a request whose answer is for one person alone, also where nobody had noted it', async () => {
  const one = { ...request(), delivery: { attempt: 2, isLast: false } };
  await say(one, { ...version, to: 'me' });
  expect(edits).toMatchObject([{ channel: CHANNEL, ts: 'found' }]);
});
