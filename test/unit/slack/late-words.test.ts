import { webApi } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import { asError } from '#shared/core/as-error.ts';
import { Fault, isFault } from '#shared/core/fault.ts';
import { stillToCome } from '#shared/core/still-to-come.ts';
import { EARLY_MS } from '#shared/jobs/is-due.ts';
import { createButtons } from '#shared/slack/buttons.ts';
import { deriveButtonKeys } from '#shared/slack/derive-button-keys.ts';
import type { Answer } from '#shared/slack/listeners/answer.ts';
import { createPerform } from '#shared/slack/listeners/perform.ts';
import type { Request } from '#shared/slack/listeners/request.ts';
import { createReply } from '#shared/slack/reply.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import type { Approval } from '#shared/store/store.ts';
import type { Attempt } from '#shared/tokens/attempt.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { addToken, createRoom, NOW, PEOPLE } from '#test/support/room.ts';

const CHANNEL = 'C0GENERAL01';
const PRESSED = '1.0';
/** How long Slack's client waits, and when what it has given up arrives all the same, milliseconds. */
const [GIVES_UP_MS, ARRIVES_MS] = [4000, 9900];

/** `lost`: it was done at once, and the answer never came; `late`: it is done when whoever sent it has long given up. */
type Fate = 'lost' | 'late';

interface Said {
  readonly ts: string;
  readonly metadata: unknown;
  text: string;
  readonly isForOne: boolean;
}

/** A Slack in its own time, in which the calls with these numbers are not answered; `isIn`: the bot is in the channel, and may read it. */
function createWorld(fates: Readonly<Record<number, Fate>>, isIn = true) {
  const room = createRoom();
  const said: Said[] = [{ ts: PRESSED, metadata: undefined, text: 'Delete them?', isForOne: false }];
  let time = NOW.getTime();
  let [calls, posts] = [0, 1];
  const landings: { readonly at: number; readonly land: () => void }[] = [];
  const pass = (milliseconds: number): void => {
    time += milliseconds;
    for (const landing of landings.filter(({ at }) => at <= time)) {
      landings.splice(landings.indexOf(landing), 1);
      landing.land();
    }
  };
  const call = async <T>(land: () => T): Promise<T> => {
    calls += 1;
    const fate = fates[calls];
    if (fate === undefined) return land();
    if (fate === 'lost') land();
    else landings.push({ at: time + ARRIVES_MS, land });
    pass(GIVES_UP_MS);
    throw new Error('the operation was aborted due to timeout');
  };
  const post = ({ text, metadata }: { text: string; metadata?: unknown }, isForOne: boolean) => {
    const ts = `${(posts += 1)}.0`;
    said.push({ ts, metadata, text, isForOne });
    return { ok: true, channel: CHANNEL, ts };
  };
  const client = {
    chat: {
      postMessage: (message: { text: string }) => call(() => post(message, false)),
      postEphemeral: (message: { text: string }) => call(() => post(message, true)),
      update: ({ ts, text }: { ts: string; text: string }) =>
        call(() => {
          const message = said.find((one) => one.ts === ts);
          if (message === undefined) return expect.fail(`there is no message ${ts}`);
          message.text = text;
          return { ok: true, ts };
        }),
    },
    conversations: {
      history: async () => {
        if (!isIn) throw new webApi.WebAPIPlatformError({ ok: false, error: 'not_in_channel' });
        return { ok: true, messages: said.filter(({ isForOne }) => !isForOne) };
      },
    },
  } as unknown as webApi.WebClient;
  const now = () => new Date(time);
  const sleep = async (milliseconds: number) => pass(milliseconds);
  const buttons = createButtons({
    keys: deriveButtonKeys('fingerprint-key-for-tests-0123456789'),
    notes: room.store.notes,
    newId: room.services.newId,
  });
  const noFetch = () => expect.fail('nothing is fetched');
  const reply = createReply({
    client,
    responseUrlOrigin: 'https://hooks.slack.com',
    buttons,
    fetch: noFetch,
    now,
    sleep,
  });
  const services = { ...room.services, now, sleep };
  return { services, reply, said, pass, perform: createPerform({ services, reply }) };
}

const request = (place: Partial<Request['place']>, attempt: number): Request => ({
  job: { v: 1, kind: 'command', receivedAt: NOW.toISOString(), deliveryKey: 'k', sealed: [], unrecognised: 0 },
  payload: {},
  actor: PEOPLE.operator,
  place: { userId: PEOPLE.operator.userId, channel: CHANNEL, ...place },
  delivery: { attempt, isLast: false },
});

/** Delivers a request until it is done, and lets everything arrive that is on its way. */
async function play(
  fates: Readonly<Record<number, Fate>>,
  { isIn, ...place }: Partial<Request['place']> & { readonly isIn?: boolean },
  work: (attempt: Attempt, delivery: number, pass: (milliseconds: number) => void) => Promise<readonly Answer[]>,
): Promise<readonly Said[]> {
  const { perform, pass, said } = createWorld(fates, isIn);
  for (let delivery = 1; ; delivery += 1) {
    if (delivery > 5) expect.fail('it is never done');
    try {
      await perform(request(place, delivery), (attempt) => work(attempt, delivery, pass));
      break;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (!error.isRetryable) break;
      pass(1000 * (error.retryAfterSeconds ?? 2));
    }
  }
  pass(60_000);
  return said;
}

const running = {
  ...({ kind: 'bulk', state: 'running', left: [], requester: PEOPLE.operator, approvedBy: [] } as const),
  ...{ startedAt: NOW.toISOString(), at: NOW.toISOString() },
};
const bulk = (changed: number): Outcome => ({
  ...{ ...running, verb: 'delete', total: 3 },
  changes: Array.from({ length: changed }, () => ({ kind: 'not_found', verb: 'delete', asked: 'x' }) as const),
});
const retried: Answer = {
  outcome: {
    ...{ kind: 'trouble', verb: 'delete', asked: ['x'] },
    trouble: { fault: 'provider_unavailable', next: 'retrying', attempt: 1 },
  },
  to: 'channel',
};
const end = (to: Answer['to']): Answer => ({ outcome: { kind: 'cancelled', verb: 'delete', by: PEOPLE.operator }, to });

const FATES: readonly Readonly<Record<number, Fate>>[] = [1, 2, 3, 4].flatMap((call) => [
  { [call]: 'lost' },
  { [call]: 'late' },
  { [call]: 'late', [call + 1]: 'late' },
  { [call]: 'late', [call + 1]: 'lost' },
]);
const PLACES = {
  'typed in a channel': {},
  'typed in a channel in which the bot is not': { isIn: false },
  pressed: { pressed: { channel: CHANNEL, ts: PRESSED } },
} satisfies Record<string, Parameters<typeof play>[1]>;

describe.each(Object.entries(PLACES))('progress of what was %s', (_, place) => {
  const isPressed = 'pressed' in place;
  const cases = FATES.flatMap((fates) =>
    ([isPressed ? 'here' : 'channel', 'me'] as const).flatMap((to) =>
      [false, true].map((isHandedBack) => ({ fates, to, isHandedBack, calls: JSON.stringify(fates) })),
    ),
  );
  it.each(cases)('never stands over the last word: $calls to $to, handed back: $isHandedBack', async (one) => {
    const { fates, to, isHandedBack } = one;
    const said = await play(fates, place, async (attempt, delivery, pass) => {
      for (const changed of [1, 2]) {
        await attempt.progress(bulk(changed));
        pass(1200);
      }
      if (isHandedBack && delivery === 1) throw new Fault('delivery_in_progress', 'out of time');
      return [end(to)];
    });
    const texts = said.map(({ text }) => text);
    expect(texts.filter((text) => /handled/.test(text))).toEqual([]);
    const ends = said.filter(({ text }) => /Cancelled/.test(text)).map(({ isForOne }) => isForOne);
    // Nobody can find what one person alone has seen, or what nobody lets the bot read: rather twice than never.
    expect(to === 'me' || 'isIn' in place ? [...new Set(ends)] : ends).toEqual([to === 'me']);
  });

  it.each(FATES)('leaves no promise of another try behind: %j', async (fates) => {
    const said = await play(fates, place, async (_attempt, delivery) => [delivery === 1 ? retried : end('channel')]);
    expect(said.filter(({ text }) => /by itself/.test(text))).toEqual([]);
    expect(said.filter(({ text }) => /Cancelled/.test(text))).not.toEqual([]);
  });
});

it.each(FATES)('is ended where the request is dropped, of which nothing is tried again: %j', async (fates) => {
  const said = await play(fates, {}, async (attempt) => {
    await attempt.progress(bulk(1));
    throw new Fault('config_invalid', 'x');
  });
  expect(said.filter(({ text, isForOne }) => !isForOne && /handled/.test(text))).toEqual([]);
});

it('a sign of life that is late for its own request is not said any more', async () => {
  const { services, perform, said } = createWorld({});
  let goOn = () => {};
  const held = new Promise<boolean>((resolve) => (goOn = () => resolve(false)));
  let asked = 0;
  const isShared = async () => ((asked += 1) === 1 ? held : false);
  Object.assign(services.channels, { isShared });
  let sign: Promise<void> | undefined;
  await perform(request({}, 1), async (attempt) => {
    sign = attempt.progress({ kind: 'working', asked: ['a'] });
    return [end('channel')];
  });
  goOn();
  await sign;
  expect(said.map(({ text }) => text)).toEqual(['Delete them?', expect.stringContaining('Cancelled')]);
});

it('an edit that was not answered asks for a try when it cannot come any more, by the clock of any container', async () => {
  const { reply } = createWorld({ 1: 'late' });
  const error: unknown = await reply.edit({ channel: CHANNEL, ts: PRESSED }, { text: 'x', blocks: [] }).catch(asError);
  if (!isFault(error)) return expect.fail('it was answered');
  const begun = NOW.toISOString();
  const soonest = NOW.getTime() + 1000 * (error.retryAfterSeconds ?? 0) - EARLY_MS;
  expect(stillToCome(begun, new Date(soonest))).toBeUndefined();
});

it('trouble that is tried again goes back no sooner than a late edit of a card can have come', async () => {
  const { services, reply } = createWorld({});
  const followApproval = () =>
    Promise.reject(new Fault('slack_unavailable', 'chat.update: no answer', { retryAfterSeconds: 10 }));
  const perform = createPerform({ services, reply, followApproval });
  const fault = { fault: 'provider_unavailable', next: 'retrying', attempt: 1 } as const;
  const trouble: Answer = { outcome: { kind: 'trouble', verb: 'delete', trouble: fault }, to: 'channel' };
  const [requester, requestedAt] = [PEOPLE.operator, NOW.toISOString()];
  const approval: Approval = {
    ...{ id: 'a', state: 'open', version: 1, needed: 1, rule: 'bulk', approvedBy: [], expiresAt: requestedAt },
    order: { verb: 'delete', tokens: [], requester, requestedAt, keepGoing: false },
  };
  const card: Answer = { outcome: { kind: 'approval', approval, approvers: [], mayBreakGlass: false }, to: 'card' };
  await expect(perform(request({}, 1), async () => [trouble, card])).rejects.toMatchObject({
    code: 'provider_unavailable',
    retryAfterSeconds: 10,
  });
});

it.each([2, 1])(
  'a card tells no more of the tries of a press that is refused at last, brought back or not: %i',
  async (attempt) => {
    const { services, perform } = createWorld({});
    const id = 'C-ABCD2345EFGH6723';
    const token = { provider: 'dfns', profile: 'dfns-demo', id: 'to-1', name: 'laptop' } as const;
    const at = NOW.toISOString();
    await services.store.cases.open({
      ...{ id, key: 'k', state: 'asking', openedAt: at, updatedAt: at, reports: [], count: 1, generation: 0 },
    });
    const trouble = { fault: 'provider_unavailable', next: 'retrying', attempt: 1, profile: 'dfns-demo' } as const;
    const failed: Outcome = { kind: 'failed', verb: 'deactivate', ref: token, name: token.name, trouble };
    const denied: Outcome = { kind: 'denied', verb: 'deactivate', why: 'no_role', roles: [] };
    await expect(
      perform(request({}, 1), async () => [{ outcome: failed, to: 'card', caseId: id }]),
    ).rejects.toMatchObject({ isRetryable: true });
    expect((await services.store.cases.get(id))?.troubles).toMatchObject([{ next: 'retrying' }]);
    await perform(request({}, attempt), async () => [{ outcome: denied, to: 'me', caseId: id }]);
    const kase = await services.store.cases.get(id);
    expect([kase?.state, kase?.troubles]).toEqual(['not_revoked', undefined]);
  },
);

it.each([true, false])(
  'what a run has done is entered into its cases where it is given up, since nobody else knows of it: %s',
  async (isLast) => {
    const { services, reply } = createWorld({});
    const shown: string[] = [];
    const cases = {
      show: async (id: string) => void shown.push(id),
      answerBack: async () => {},
      planLook: async () => {},
    };
    const perform = createPerform({ services, reply, cases });
    const at = NOW.toISOString();
    const token = addToken(createRoom(), 'a', { state: 'inactive' });
    const key = tokenKey(token);
    const kase = {
      ...{ id: caseId(key), key, token, openedAt: at, updatedAt: at },
      reports: [],
      count: 1,
      generation: 0,
    };
    await services.store.cases.open({ ...kase, state: 'asking' });
    const receipt = { verb: 'deactivate', requestedAt: at, actedAt: at, confirmedAt: at, read: 'inactive' } as const;
    const done = { kind: 'changed', verb: 'deactivate', token, already: false, receipt, undo: true } as const;
    const run: Outcome = { ...running, verb: 'deactivate', total: 3, changes: [done] };
    const outOfTime = async (attempt: Attempt) => {
      await attempt.progress(run);
      throw new Fault('delivery_in_progress', 'out of time');
    };
    const one = { ...request({}, 4), delivery: { attempt: 4, isLast } };
    await expect(perform(one, outOfTime)).rejects.toMatchObject({ code: 'delivery_in_progress' });
    const { state } = (await services.store.cases.get(kase.id)) ?? {};
    expect([state, shown]).toEqual(isLast ? ['dead', [kase.id]] : ['asking', []]);
  },
);
