import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signCommand, signPress, type SignedRequest } from '#infra/sandbox/slack/sign.ts';
import { Fault } from '#shared/core/fault.ts';
import type { CommandJob } from '#shared/jobs/job.ts';
import type { Provider } from '#shared/providers/provider.ts';
import { deriveButtonKeys } from '#shared/slack/derive-button-keys.ts';
import type { Message } from '#shared/slack/blocks/bricks.ts';
import type { Reply } from '#shared/slack/reply.ts';
import { createButtons } from '#shared/slack/buttons.ts';
import { createSlackApp } from '#shared/slack/slack-app.ts';
import { addToken, createRoom, PEOPLE } from '#test/support/room.ts';
import { admin, receiveSigned } from '#test/support/slack-requests.ts';
import { elementsOf, readAloud } from '#test/support/slack-text.ts';

const KEYS = deriveButtonKeys('fingerprint-key-for-tests-0123456789');
const NAMES = ['alpha', 'bravo', 'carol'] as const;
const MOODS = ['fine', 'fine', 'fine', 'down', 'refusing', 'lying', 'waiting'] as const;
type Mood = (typeof MOODS)[number];
const WHO = ['admin', 'operator', 'approver', 'viewer'] as const;

/** A Slack, a provider with moods and a store, and every word that was said in them. */
function startWorld() {
  const room = createRoom((policy) => {
    policy.approvals = policy.approvals.map((rule) => ({ ...rule, fromTokens: 2 }));
  });
  for (const name of NAMES) addToken(room, name, { name });
  const world = { mood: 'fine' as Mood, mutated: new Set<string>() };
  const { open } = room.services.providers;
  const moody = async (profile: string): Promise<Provider> => {
    const provider = await open(profile);
    const guard = () => {
      if (world.mood === 'down') throw new Fault('provider_unavailable', 'down');
    };
    const change = (verb: 'deactivate' | 'activate' | 'delete') => async (id: string) => {
      guard();
      if (world.mood === 'refusing') throw new Fault('provider_unexpected', 'refused', { status: 422, quoted: 'no' });
      if (world.mood === 'lying') return { kind: 'done', answer: { status: 200 } } as const;
      if (world.mood === 'waiting') return { kind: 'pending', answer: { status: 202 } } as const;
      world.mutated.add(id);
      return provider[verb](id);
    };
    const read =
      <A extends unknown[], T>(call: (...given: A) => Promise<T>) =>
      async (...given: A): Promise<T> => {
        guard();
        return call(...given);
      };
    return {
      ...provider,
      list: read(provider.list),
      get: read(provider.get),
      deactivate: change('deactivate'),
      activate: change('activate'),
      delete: change('delete'),
    };
  };
  const said: Message[] = [];
  const say = (message: Message) => {
    said.push(message);
    return { channel: 'C0GENERAL01', ts: `${said.length}.0` };
  };
  const reply: Reply = {
    find: async () => undefined,
    post: async (_place, message) => say(message),
    edit: async (_target, message) => void say(message),
    whisper: async (_place, message) => void say(message),
    tell: async (_userId, message) => say(message),
    note: async (_message, words) => say(words),
    upload: async ({ channel }) => ({ channel }),
    updateView: async () => true,
    publishHome: async () => undefined,
  };
  let marks = 0;
  const buttons = createButtons({ keys: KEYS, notes: room.store.notes, newId: () => `button-${(marks += 1)}` });
  const app = createSlackApp({
    services: {
      ...room.services,
      providers: { ...room.services.providers, open: moody },
      sleep: () => Promise.resolve(),
    },
    reply,
    botToken: 'not-a-real-one',
    buttons,
    sendLeaks: async () => undefined,
    cases: { show: async () => undefined, answerBack: async () => undefined, planLook: async () => undefined },
    followApproval: async () => undefined,
  });
  let made = 0;
  const deliver = async (signed: SignedRequest): Promise<void> => {
    const { job } = receiveSigned(signed);
    if (job === undefined) return;
    const queued = { ...(JSON.parse(JSON.stringify(job)) as CommandJob), deliveryKey: `d-${(made += 1)}` };
    // What is to be tried again is not delivered again here: its words have to be true all the same.
    await app.handle(queued, { attempt: 1, isLast: false }).catch((error: unknown) => {
      if (!(error instanceof Fault)) throw error;
    });
  };
  const as = (who: (typeof WHO)[number]) => ({ ...admin, userId: PEOPLE[who].userId, teamId: PEOPLE[who].teamId });
  return {
    room,
    world,
    said,
    type: (who: (typeof WHO)[number], text: string) => deliver(signCommand(as(who), text)),
    press: async (who: (typeof WHO)[number], at: number) => {
      const offered = said
        .flatMap((message) => elementsOf(message.blocks, 'button').map((element) => ({ element })))
        .filter(({ element }) => !String(element['action_id']).includes('modal'));
      const pressed = offered.at(-1 - (at % Math.max(1, offered.length)));
      if (pressed === undefined) return;
      const actionId = String(pressed.element['action_id']);
      const plain = { type: 'button', action_id: actionId, value: String(pressed.element['value']) };
      const { value } = buttons.forEdit({ channel: 'C0GENERAL01', ts: '9.9' }, plain);
      await deliver(signPress(as(who), { ts: '9.9' }, { actionId, value }));
    },
  };
}

type StepOf<A> = A extends fc.Arbitrary<infer T> ? T : never;
type World = ReturnType<typeof startWorld>;

const stateOf = ({ room }: World, name: string) => room.tokens.get(name)?.state ?? 'gone';
const all = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, first = '', second = '']) => [first, second] as const);

/** Every claim of a message that is not so: at the provider, in what this step did there, or on record. */
function liesIn(here: World, message: Message): string[] {
  const text = `${message.text}\n${readAloud(message)}`;
  const { entries } = here.room.store;
  const { mutated, mood } = here.world;
  const END = { Deactivated: 'inactive', Deleted: 'gone', 'Active again': 'active' } as const;
  const SO = { inactive: 'inactive', active: 'active', deleted: 'gone' } as const;
  const ends = all(text, /(Deactivated|Deleted|Active again): `(alpha|bravo|carol)`/g).filter(
    ([word, name]) => stateOf(here, name) !== END[word as keyof typeof END],
  );
  // The lines of a run's plan: a name, and what came of it.
  const runs = all(text, /^(alpha|bravo|carol)\n(Deactivated|Deleted|Active again), confirmed$/gm).filter(
    ([name, word]) => stateOf(here, name) !== END[word as keyof typeof END],
  );
  const soInRun = all(text, /^(alpha|bravo|carol)\nwas already (inactive|active|deleted)$/gm).filter(
    ([name, word]) => stateOf(here, name) !== SO[word as keyof typeof SO] || mutated.has(name),
  );
  const already = all(text, /`(alpha|bravo|carol)` was already (inactive|active|deleted)/g).filter(
    ([name, word]) => stateOf(here, name) !== SO[word as keyof typeof SO] || mutated.has(name),
  );
  const not = all(text, /NOT (?:deactivated|activated|deleted)(?: yet)?: `(alpha|bravo|carol)`/g).filter(([name]) =>
    mutated.has(name),
  );
  const nothing =
    /Nothing (?:was changed|has been done yet)/.test(text) && mutated.size > 0 ? ['nothing was changed'] : [];
  const approved = all(text, /Approved by (?:\d of \d: )?<@(\w+)>/g).filter(
    ([who]) => !entries.some((one) => one.what === 'approve' && 'userId' in one.actor && one.actor.userId === who),
  );
  const refused = all(text, /Refused by <@(\w+)>/g).filter(
    ([who]) => !entries.some((one) => one.what === 'refuse' && 'userId' in one.actor && one.actor.userId === who),
  );
  const absent = all(text, /token that you may see is called `(alpha|bravo|carol)`/g).filter(
    ([name]) => stateOf(here, name) !== 'gone' || mood === 'down',
  );
  const recorded =
    ends.length > 0 || !/^(?:Deactivated|Deleted|Active again): /.test(message.text)
      ? []
      : entries.some((one) => one.result === 'done' && one.receipt !== undefined)
        ? []
        : ['a kill that is not on record'];
  return [ends, runs, soInRun, already, not, nothing, approved, refused, absent, recorded]
    .flat()
    .map((lie) => `${String(lie)}: ${message.text}`);
}

const who = fc.constantFrom(...WHO);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('type' as const),
      who,
      verb: fc.constantFrom('deactivate', 'delete', 'activate', 'show'),
      names: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('press' as const), who, at: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('mood' as const), mood: fc.constantFrom(...MOODS) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('elsewhere' as const),
      name: fc.constantFrom(...NAMES),
      to: fc.constantFrom('active', 'inactive', 'gone'),
    }),
  },
);

/** Several names are names only in quotation marks: what follows the first would be a reason else. */
const named = (names: readonly string[]): string =>
  names.length === 1 ? (names[0] ?? '') : names.map((name) => `"${name}"`).join(' ');

async function take(here: World, one: StepOf<typeof step>): Promise<readonly string[]> {
  const { room, world, said } = here;
  world.mutated.clear();
  const before = said.length;
  if (one.do === 'mood') world.mood = one.mood;
  if (one.do === 'elsewhere') {
    const token = room.tokens.get(one.name);
    if (one.to === 'gone') room.tokens.delete(one.name);
    else if (token !== undefined) room.tokens.set(one.name, { ...token, state: one.to });
  }
  if (one.do === 'type')
    await here.type(one.who, `${one.verb} ${one.verb === 'show' ? one.names[0] : named(one.names)}`);
  if (one.do === 'press') await here.press(one.who, one.at);
  return said.slice(before).flatMap((message) => liesIn(here, message));
}

/** One that is sure to be there: two tokens, confirmed by who asked, and approved. */
const A_RUN: StepOf<typeof step>[] = [
  { do: 'type', who: 'operator', verb: 'deactivate', names: ['alpha', 'bravo'] },
  { do: 'press', who: 'operator', at: 1 },
  { do: 'press', who: 'approver', at: 1 },
];

describe('whatever is said in a history', () => {
  it('is true at the provider, of what was done there, and on record', { timeout: 60_000 }, async () => {
    let checked = 0;
    let runsTold = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
        const here = startWorld();
        for (const one of steps) expect(await take(here, one)).toEqual([]);
        runsTold += here.said.filter((message) =>
          /\n(?:Deactivated|Deleted|Active again), confirmed\n/.test(readAloud(message)),
        ).length;
        checked += here.said.filter(({ text }) =>
          /^(?:Deactivated|Deleted|Active again|NOT|Approval)/.test(text),
        ).length;
      }),
      { numRuns: 150, examples: [[A_RUN]] },
    );
    expect(checked).toBeGreaterThan(100);
    expect(runsTold).toBeGreaterThan(0);
  });
});
