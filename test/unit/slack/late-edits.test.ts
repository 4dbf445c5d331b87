import { expect, it } from 'vitest';
import { createShowHeld } from '#shared/cases/held-cases.ts';
import { keepPaste, pastedKey, pastesOf, PERSON_SOURCE } from '#shared/cases/pastes.ts';
import { createRollUps } from '#shared/cases/roll-ups.ts';
import { createShowCase } from '#shared/cases/show-case.ts';
import { Fault } from '#shared/core/fault.ts';
import { ownerNotice } from '#shared/slack/blocks/owner-notice.ts';
import { createCaseMessenger } from '#shared/slack/case-messenger.ts';
import type { Reply } from '#shared/slack/reply.ts';
import { createReporterMessenger } from '#shared/slack/reporter-messenger.ts';
import { saidNote } from '#shared/slack/spoken.ts';
import type { Case } from '#shared/store/store.ts';
import { receipt } from '#test/fixtures/outcomes.ts';
import { addToken, ALWAYS_A_CARD, createRoom, NOW, openCase, PEOPLE } from '#test/support/room.ts';
import { readAloud } from '#test/support/slack-text.ts';

/** When an edit that was given up arrives all the same, milliseconds. */
const ARRIVES_MS = 9900;
const PASTE = 'sha256:0123:45';

/** A Slack in its own time that says nothing of the next edit, which arrives when whoever sent it has long given up. */
function createWorld() {
  const room = createRoom((policy) => {
    policy.owners = { ...policy.owners, 'owner-1': PEOPLE.viewer.userId };
  });
  const said = new Map<string, string>();
  const landings: { readonly at: number; readonly land: () => void }[] = [];
  let time = NOW.getTime();
  let isLate = false;
  const pass = (milliseconds: number): void => {
    time += milliseconds;
    for (const landing of landings.filter(({ at }) => at <= time)) {
      landings.splice(landings.indexOf(landing), 1);
      landing.land();
    }
  };
  const post = async (channel: string, message: Parameters<Reply['tell']>[1]) => {
    const ts = `${said.size + 1}.0`;
    said.set(ts, readAloud(message));
    return { channel, ts };
  };
  const reply = {
    post: ({ channel }, message) => post(channel, message),
    tell: (userId, message) => post(`D${userId}`, message),
    note: async ({ channel, ts }) => ({ channel, ts: `${ts}.thread` }),
    find: async () => undefined,
    edit: async ({ ts = '' }, message) => {
      const land = () => void said.set(ts, readAloud(message));
      if (!isLate) return land();
      isLate = false;
      landings.push({ at: time + ARRIVES_MS, land });
      throw new Fault('slack_unavailable', 'no answer');
    },
  } satisfies Partial<Reply> as unknown as Reply;
  const services = {
    ...room.services,
    now: () => new Date(time),
    sleep: async (milliseconds: number) => pass(milliseconds),
  };
  return {
    ...{ room, services, reply, said, pass, messenger: createCaseMessenger({ services, reply }) },
    /** Has the next edit come late. */
    losing: () => {
      isLate = true;
    },
  };
}

type World = ReturnType<typeof createWorld>;
type Draw = (id: string) => Promise<unknown>;

const OWNER = "the message to a token's owner";
const HELD = 'the card of what the brake holds back';
/** The ways in which a message that many draw tells of cases. */
const WAYS: Readonly<Record<string, (world: World) => Draw>> = {
  [HELD]: ({ room, services, messenger }) => {
    const show = createShowHeld({ store: room.store, now: services.now, ...messenger });
    return async (id) => show((await room.store.cases.get(id)) as Case);
  },
  'the message that tells many': ({ room, services, messenger }) => {
    const rollUps = createRollUps({ ...services, ...messenger, flood: { cards: 1, minutes: 10 } });
    const { store } = room;
    return createShowCase({
      ...messenger,
      ...at(services),
      store,
      rollUps: { ...rollUps, hasCard: async () => false },
    });
  },
  'the answer to who reported by hand': ({ room, services, reply }) => {
    const tell = createReporterMessenger({ services, reply });
    return async (id) => {
      for (const paste of await pastesOf(room.store.notes, (await room.store.cases.get(id)) as Case)) await tell(paste);
    };
  },
  [OWNER]: ({ services, messenger }) =>
    createShowCase({ ...messenger, ...at(services), tellReporters: async () => {}, rollUps: ALWAYS_A_CARD }),
};

const at = ({ store, now }: World['services']) => ({ store, now, plan: async () => undefined });

it.each(Object.keys(WAYS).flatMap((way) => [true, false].map((isTold) => [way, isTold] as const)))(
  'an edit that nobody has heard of does not stand over what was said after it: %s (its case told before: %s)',
  async (way, isTold) => {
    const world = createWorld();
    const { room, said, pass, losing } = world;
    const draw = WAYS[way]!(world);
    const decision = { action: 'ask', rule: way === HELD ? 'floor:brake' : 'unsure' } as const;
    const cases = [];
    for (const [index, name] of ['alpha', 'bravo'].entries()) {
      const token = addToken(room, name, { name, owner: { id: 'owner-1' } });
      const report = { source: PERSON_SOURCE, key: pastedKey(PASTE, index), at: NOW.toISOString(), ...BY_HAND };
      cases.push(
        await openCase(room, token, { id: `C-AAAAAAAAAAAAAAA${index}`, grade: 'proved', reports: [report], decision }),
      );
    }
    const [first, second] = cases as [Case, Case];
    await keepPaste(room.store.notes, { id: PASTE, reporter: PEOPLE.viewer, recognised: 2, unrecognised: 0 });
    said.set('answer', '');
    await room.store.notes.put(saidNote(PASTE, 0), { channel: 'D1', ts: 'answer' }, 60);
    await draw(second.id);
    if (isTold) await draw(first.id);
    pass(20_000);

    if (isTold) await room.store.cases.change(first.id, (kase) => ({ ...kase, state: 'noted' }));
    losing();
    await expect(draw(first.id)).rejects.toThrow('no answer');
    await room.store.cases.change(first.id, (kase) => ({ ...kase, state: 'dead', verb: 'deactivate', receipt }));
    pass(1000);
    // Somebody else is quicker than what is still on its way.
    await draw(first.id);
    const truth = [...said];
    pass(20_000);
    // Whoever began it tries again.
    await draw(first.id);
    expect([...said]).toEqual(truth);
  },
);

const BY_HAND = { reporter: PEOPLE.viewer, pasted: 2 } as const;

it.each(['asking', 'restored'] as const)(
  'what a case was when somebody began to draw it (%s) does not stay on its card, where it has come back to what was shown before',
  async (between) => {
    const world = createWorld();
    const { room, said } = world;
    const token = addToken(room, 'alpha', { name: 'alpha' });
    const reports = [{ source: 'generic', key: 'r', at: NOW.toISOString() }];
    const { id } = await openCase(room, token, { id: 'C-AAAAAAAAAAAAAAA1', state: 'noted', grade: 'proved', reports });
    const draw = WAYS[OWNER]!(world);
    await draw(id);
    const shown = [...said.values()];
    await room.store.cases.change(id, (kase) => ({ ...kase, state: between }));
    const { put } = room.store.notes;
    const quicker: typeof put = async (...note) => {
      Object.assign(room.store.notes, { put });
      await room.store.cases.change(id, (kase) => ({ ...kase, state: 'noted' }));
      await draw(id);
      return put(...note);
    };
    Object.assign(room.store.notes, { put: quicker });
    await draw(id);
    expect([...said.values()]).toEqual(shown);
  },
);

it("says what stays true in the first message to a token's owner, and goes on in another one where nobody heard where that is", async () => {
  const world = createWorld();
  const { room, reply, said } = world;
  const token = addToken(room, 'alpha', { name: 'alpha', owner: { id: 'owner-1' } });
  const reports = [{ source: 'generic', key: 'r', at: NOW.toISOString() }];
  const { id } = await openCase(room, token, { id: 'C-AAAAAAAAAAAAAAA1', grade: 'proved', reports });
  const draw = WAYS[OWNER]!(world);
  const { tell } = reply;
  const lost: Reply['tell'] = async (...words) => {
    await tell(...words);
    throw new Fault('slack_unavailable', 'no answer');
  };
  Object.assign(reply, { tell: lost });
  await expect(draw(id)).rejects.toThrow('no answer');
  Object.assign(reply, { tell });
  await draw(id);
  await room.store.cases.change(id, (kase) => ({ ...kase, state: 'dead', verb: 'deactivate', receipt }));
  await draw(id);
  const own = [...said.values()].filter((text) => /^\*?Your /.test(text));
  expect(own).toEqual([
    'Your LangSmith token `alpha` was reported as leaked. How it stands is told here or in another message.',
    expect.stringContaining('It was deactivated, and a fresh read confirmed it.'),
  ]);
});

it("tells a token's owner as soon as Slack tells who that is, also where the case has come to its end before", async () => {
  const world = createWorld();
  const { room, services, said } = world;
  const token = addToken(room, 'alpha', { name: 'alpha', owner: { id: 'o-1', name: 'olga@example.com' } });
  const reports = [{ source: 'generic', key: 'r', at: NOW.toISOString() }];
  const ended = { state: 'dead', verb: 'deactivate', receipt, reports } as const;
  const { id } = await openCase(room, token, { id: 'C-AAAAAAAAAAAAAAA1', grade: 'proved', ...ended });
  const draw = WAYS[OWNER]!(world);
  const unanswered = () => Promise.reject(new Fault('slack_unavailable', 'users.lookupByEmail: no answer'));
  Object.assign(services.people, { byEmail: unanswered });
  await expect(draw(id)).rejects.toThrow('no answer');
  Object.assign(services.people, { byEmail: async () => PEOPLE.viewer.userId });
  await draw(id);
  const own = [...said.values()].filter((text) => /^\*?Your /.test(text));
  expect(own).toEqual([expect.stringContaining('It was deactivated')]);
});

it.each(['restored', 'dismissed', 'not_revoked', 'shadowed'] as const)(
  "brings what a token's owner reads up to date, also where nobody heard of its first edit, and the case is %s since",
  async (state) => {
    const world = createWorld();
    const { room, said, pass } = world;
    const token = addToken(room, 'alpha', { name: 'alpha', owner: { id: 'owner-1' } });
    const reports = [{ source: 'generic', key: 'r', at: NOW.toISOString() }];
    const { id } = await openCase(room, token, { id: 'C-AAAAAAAAAAAAAAA1', grade: 'proved', reports });
    const draw = WAYS[OWNER]!(world);
    world.losing();
    await expect(draw(id)).rejects.toThrow('no answer');
    pass(20_000);
    const dismissedBy = PEOPLE.admin;
    await room.store.cases.change(id, (kase) => ({ ...kase, state, ...(state === 'dismissed' && { dismissedBy }) }));
    await draw(id);
    const own = [...said.values()].filter((text) => /^\*?Your /.test(text));
    const { text = '' } = ownerNotice((await room.store.cases.get(id)) as Case, 30) ?? {};
    expect(own).toEqual([expect.stringContaining(text)]);
  },
);
