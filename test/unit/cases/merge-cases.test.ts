import { beforeEach, describe, expect, it } from 'vitest';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import { keepCase } from '#shared/cases/keep-case.ts';
import { mergeCases } from '#shared/cases/merge-cases.ts';
import { readLiveCase } from '#shared/store/read-live-case.ts';
import { createShowCase } from '#shared/cases/show-case.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import type { Case } from '#shared/store/store.ts';
import { createMemoryStore, type MemoryStore } from '#test/support/memory-store.ts';
import { ALWAYS_A_CARD, CARD_ALONE } from '#test/support/room.ts';

const NOW = new Date('2026-01-15T12:00:00.000Z');
const token: Token = {
  provider: 'langsmith',
  profile: 'langsmith-demo',
  id: 'a',
  name: 'laptop',
  kind: 'pat',
  state: 'active',
  permissions: [],
  own: false,
};
const KEY = 'clue:one';
const EARLIER = caseId(KEY);
const INTO = caseId(tokenKey(token));
const THIRD_KEY = 'clue:third';
const THIRD = caseId(THIRD_KEY);

let store: MemoryStore;
/** What each message says now, by its time stamp. */
let channel: Map<string, { readonly id: string; readonly state: Case['state'] }>;
/** While set, posting waits for it. */
let slow: Promise<void> | undefined;
/** A card that an attempt posted and died, and whose it is. */
let lost: Case['message'];
let lostOf: string;
/** While set, an edit is not answered: it is on its way, and comes when the test has it come. */
let isUnanswered: boolean;
let onItsWay: { readonly ts: string; readonly id: string; readonly state: Case['state'] } | undefined;
let time: number;
let edits: number;
beforeEach(() => {
  store = createMemoryStore();
  channel = new Map();
  slow = undefined;
  lost = undefined;
  lostOf = INTO;
  isUnanswered = false;
  onItsWay = undefined;
  time = NOW.getTime();
  edits = 0;
});

const show = (id: string) =>
  createShowCase({
    ...CARD_ALONE,
    rollUps: ALWAYS_A_CARD,
    store,
    now: () => new Date(time),
    announce: async (kase) => {
      const ts = kase.message?.ts ?? `ts-${channel.size + 1}`;
      if (isUnanswered) {
        onItsWay = { ts, id: kase.id, state: kase.state };
        throw new Fault('slack_unavailable', 'test: no answer');
      }
      edits += 1;
      channel.set(ts, { id: kase.id, state: kase.state });
      if (kase.message === undefined) await slow;
      return { channel: 'C1', ts };
    },
    findCard: async ({ id: of }) => (of === lostOf ? lost : undefined),
  })(id);

const receivedAt = NOW.toISOString();
const report = (key: string, more: object = {}) => ({
  source: 'github',
  report: { key, ...more },
  receivedAt,
  candidates: [],
});
/** The look-up failed: a case that knows no token. */
const openEarlier = (more?: object) => keepCase(store, { key: KEY, now: NOW }, report('r-1', more));
/** Another report found it: the token's case, into which the first is merged, and which is dead then. */
async function find(): Promise<readonly string[]> {
  const match = { token, grade: 'exact', because: [{ kind: 'named' }] } as const;
  const evidence = { ...report('r-2'), match, candidates: [match] };
  const { kase } = await keepCase(store, { key: tokenKey(token), now: NOW }, evidence);
  return (await mergeCases(store, { keys: [KEY], now: NOW }, kase)).merged;
}
const kill = () => store.cases.change(INTO, (kase) => ({ ...kase, state: 'dead', verb: 'deactivate' }));
const stored = async (id: string): Promise<Case> => {
  const kase = await store.cases.get(id);
  if (kase === undefined) throw new Error('no such case');
  return kase;
};

describe('the card of a case that goes on in another one', () => {
  it('becomes the card of the token, and says how that ended', async () => {
    await openEarlier();
    await show(EARLIER);
    const merged = await find();
    await kill();
    await Promise.all([INTO, ...merged].map(show));
    expect([...channel]).toEqual([['ts-1', { id: INTO, state: 'dead' }]]);
  });

  it('says dead and never dismissed, also when its address was stored between two merges', async () => {
    await openEarlier();
    // The card is posted, and its address not stored yet, when another report finds the token.
    let posted = () => {};
    slow = new Promise((resolve) => (posted = resolve));
    const showing = show(EARLIER);
    await find();
    await kill();
    posted();
    await showing;
    // A redelivery merges again, and whoever handled either report shows both.
    for (const id of [INTO, ...(await find()), EARLIER, INTO]) await show(id);
    expect([...channel]).toEqual([['ts-1', { id: INTO, state: 'dead' }]]);
  });

  it.each([
    ['the earlier one first', [EARLIER, INTO]],
    ['the token first', [INTO, EARLIER]],
  ])('is drawn by one of both, whoever is shown first (%s)', async (_, order) => {
    await openEarlier();
    await show(EARLIER);
    await find();
    await kill();
    for (const id of [...order, ...order]) await show(id);
    expect(channel.get('ts-1')).toEqual({ id: INTO, state: 'dead' });
  });

  it.each([
    ['the token has', [INTO]],
    ['a third case has since', [INTO, THIRD]],
  ])('is drawn again by whoever began an edit of it that came late, when %s taken it over', async (_, takers) => {
    await openEarlier();
    await show(EARLIER);
    await find();
    isUnanswered = true;
    await expect(show(EARLIER)).rejects.toThrow('no answer');
    isUnanswered = false;
    // Somebody else is quicker than what is still on its way.
    await kill();
    await show(INTO);
    if (takers.includes(THIRD)) {
      const { kase } = await keepCase(store, { key: THIRD_KEY, now: NOW }, report('r-3'));
      await mergeCases(store, { keys: [tokenKey(token)], now: NOW }, kase);
      await show(THIRD);
    }
    const shown = channel.get('ts-1');
    expect(shown?.id).toBe(takers.at(-1));
    expect(onItsWay).toEqual({ ts: 'ts-1', id: EARLIER, state: 'dismissed' });
    channel.set('ts-1', { id: EARLIER, state: 'dismissed' });
    time += 10_000;
    await show(EARLIER);
    expect(channel.get('ts-1')).toEqual(shown);
    const before = edits;
    for (const id of [EARLIER, ...takers]) await show(id);
    expect(edits).toBe(before);
  });

  it('is drawn again also where the edit that came late was the first one of whose it is now', async () => {
    await openEarlier();
    await show(EARLIER);
    await find();
    isUnanswered = true;
    await expect(show(INTO)).rejects.toThrow('no answer');
    isUnanswered = false;
    await kill();
    await show(INTO);
    expect(channel.get('ts-1')).toEqual({ id: INTO, state: 'dead' });
    channel.set('ts-1', { id: INTO, state: 'received' });
    time += 10_000;
    await show(INTO);
    expect(channel.get('ts-1')).toEqual({ id: INTO, state: 'dead' });
  });

  it('stays what it is where the token has one that nobody could write down', async () => {
    await openEarlier();
    await show(EARLIER);
    channel.set('ts-lost', { id: INTO, state: 'acting' });
    lost = { channel: 'C1', ts: 'ts-lost' };
    await find();
    await kill();
    for (const id of [INTO, EARLIER]) await show(id);
    expect(channel.get('ts-lost')).toEqual({ id: INTO, state: 'dead' });
    expect(channel.get('ts-1')).toEqual({ id: EARLIER, state: 'dismissed' });
  });

  it('is drawn to its end although nobody could write it down before the token was found', async () => {
    await openEarlier();
    channel.set('ts-lost', { id: EARLIER, state: 'received' });
    lost = { channel: 'C1', ts: 'ts-lost' };
    lostOf = EARLIER;
    await find();
    await show(INTO);
    expect(channel.get('ts-2')).toMatchObject({ id: INTO });
    await kill();
    for (const id of [EARLIER, INTO]) await show(id);
    expect(channel.get('ts-lost')).toEqual({ id: EARLIER, state: 'dismissed' });
    expect(channel.get('ts-2')).toEqual({ id: INTO, state: 'dead' });
  });

  it('stays with the one in which it went on, where a person has closed that before the token was found', async () => {
    // GitHub's alert could not be read at first; then its secret could, and its token not yet.
    await openEarlier();
    await show(EARLIER);
    const SECRET = 'clue:its-secret';
    const { kase } = await keepCase(store, { key: SECRET, now: NOW }, report('r-1'));
    await mergeCases(store, { keys: [KEY], now: NOW }, kase);
    await show(kase.id);
    await store.cases.change(kase.id, (one) => ({
      ...one,
      state: 'dismissed',
      dismissedBy: { teamId: 'T1', userId: 'U1' },
    }));
    await show(kase.id);
    const match = { token, grade: 'exact', because: [{ kind: 'named' }] } as const;
    const evidence = { ...report('r-1'), match, candidates: [match] };
    const { kase: found } = await keepCase(store, { key: tokenKey(token), now: NOW }, evidence);
    expect((await mergeCases(store, { keys: [SECRET, KEY], now: NOW }, found)).merged).toEqual([EARLIER]);
    expect((await stored(EARLIER)).mergedInto).toBe(kase.id);
    for (const id of [INTO, kase.id, EARLIER]) await show(id);
    expect([...channel]).toEqual([
      ['ts-1', { id: kase.id, state: 'dismissed' }],
      ['ts-2', { id: INTO, state: 'received' }],
    ]);
  });

  it('points to the token when that had a card already', async () => {
    const match = { token, grade: 'exact', because: [{ kind: 'named' }] } as const;
    await keepCase(store, { key: tokenKey(token), now: NOW }, { ...report('r-0'), match, candidates: [match] });
    await show(INTO);
    await openEarlier();
    await show(EARLIER);
    await find();
    await kill();
    await Promise.all([INTO, EARLIER].map(show));
    expect(channel.get('ts-1')).toEqual({ id: INTO, state: 'dead' });
    expect(channel.get('ts-2')).toEqual({ id: EARLIER, state: 'dismissed' });
    expect((await stored(EARLIER)).mergedInto).toBe(INTO);
  });
});

describe('what an earlier case knows', () => {
  it('is known where it goes on: reports, answers owed, who has taken it, that the owner was told; once', async () => {
    await openEarlier({ locator: { kind: 'github', repository: 'acme/payments', number: 3 } });
    const takenBy = { teamId: 'T1', userId: 'U1' };
    await store.cases.change(EARLIER, (kase) => ({ ...kase, takenBy, ownerToldAt: receivedAt }));
    await find();
    await find();
    const into = await stored(INTO);
    expect(into).toMatchObject({ count: 2, takenBy, ownerToldAt: receivedAt, mergedFrom: [EARLIER] });
    expect(into.reports.map(({ key }) => key)).toEqual(['r-1', 'r-2']);
    expect(into.answers).toEqual([{ source: 'github', ref: 'acme/payments#3' }]);
  });

  it('is not lost by a crash between the two writes', async () => {
    await openEarlier();
    const failing: MemoryStore = {
      ...store,
      cases: {
        ...store.cases,
        change: (id, next) => (id === INTO ? Promise.reject(new Error('crash')) : store.cases.change(id, next)),
      },
    };
    const match = { token, grade: 'exact', because: [{ kind: 'named' }] } as const;
    const { kase } = await keepCase(
      store,
      { key: tokenKey(token), now: NOW },
      { ...report('r-2'), match, candidates: [match] },
    );
    await expect(mergeCases(failing, { keys: [KEY], now: NOW }, kase)).rejects.toThrow('crash');
    await find();
    expect(await stored(INTO)).toMatchObject({ count: 2, mergedFrom: [EARLIER] });
    expect(await stored(EARLIER)).toMatchObject({ state: 'dismissed', mergedInto: INTO });
  });

  it.each([
    ["a scanner's that was put off is not taken back for what somebody pasted", true, 'r-scanned'],
    ["what somebody pasted gives way to a scanner's", false, 'r-1'],
  ])('is searched for by whatever may go further (%s)', async (_, isPasted, key) => {
    const validity = { validity: 'valid', by: 'issuer', checkedAt: receivedAt } as const;
    const reporter = { teamId: 'T1', userId: 'U1' };
    await openEarlier({ validity, ...(isPasted && { reporter }) });
    const search = { tries: 1, at: receivedAt };
    await store.cases.change(EARLIER, (kase) => ({ ...kase, state: 'unsearched', search }));
    const match = { token, grade: 'exact', because: [{ kind: 'named' }] } as const;
    const evidence = report('r-scanned', { validity, ...(!isPasted && { reporter }) });
    await keepCase(store, { key: tokenKey(token), now: NOW }, { ...evidence, match, candidates: [match] });
    const deferred = { key: 'r-scanned', validity, troubles: [] };
    await store.cases.change(INTO, (kase) => ({ ...kase, state: 'noted', deferred }));
    await find();
    expect((await stored(INTO)).deferred).toMatchObject({ key });
  });

  it('is not taken from whoever presses the old card meanwhile: the press is about the case in which it goes on', async () => {
    await openEarlier();
    await find();
    expect(await readLiveCase(store, EARLIER)).toMatchObject({ id: INTO });
    await store.cases.change(EARLIER, (kase) => ({ ...kase, dismissedBy: { teamId: 'T1', userId: 'U1' } }));
    expect(await readLiveCase(store, EARLIER)).toMatchObject({ id: EARLIER });
  });

  it('stays closed where a person has closed it', async () => {
    await openEarlier();
    await store.cases.change(EARLIER, (kase) => ({
      ...kase,
      state: 'dismissed',
      dismissedBy: { teamId: 'T1', userId: 'U1' },
    }));
    expect(await find()).toEqual([]);
    expect(await stored(EARLIER)).not.toHaveProperty('mergedInto');
  });
});
