import { expect, it } from 'vitest';
import { actOnCase } from '#shared/alerts/act-on-case.ts';
import { without } from '#shared/core/without.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import { rememberDecision } from '#shared/cases/remember-decision.ts';
import { WAIT_RULE } from '#shared/cases/stops-for-owner.ts';
import { leak } from '#test/fixtures/outcomes.ts';
import { withoutRecord } from '#test/support/memory-store.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import type { Case, Write } from '#shared/store/store.ts';
import type { Services } from '#shared/tokens/services.ts';
import { changeToken } from '#shared/tokens/change-token.ts';
import { addToken, createRoom, NOW, PEOPLE, type Room } from '#test/support/room.ts';

const at = NOW.toISOString();
const receipt = {
  verb: 'deactivate',
  requestedAt: at,
  actedAt: at,
  confirmedAt: at,
  read: 'inactive',
} as const;

/** A search that found the token working, and whose case says by now that it is dead. */
async function actOnOldSearch(state: 'active' | 'inactive' | 'gone') {
  const room = createRoom();
  const token = addToken(room, 'a', { state: 'active' });
  if (state === 'gone') room.tokens.delete('a');
  else addToken(room, 'a', { state });
  const key = tokenKey(token);
  const id = caseId(key);
  const { record: kase } = await room.store.cases.open({
    ...leak,
    ...{ id, key, token, state: 'dead', verb: 'deactivate', receipt },
  });
  const match = { token, grade: 'exact', because: [{ kind: 'named' }] } as const;
  const evidence = { source: 'gitleaks', report: { key: 'r' }, match, candidates: [match], receivedAt: at };
  const { attempt } = await room.context(PEOPLE.admin);
  return actOnCase(
    room.services,
    { kase, isAgain: false, onActing: () => {} },
    {
      evidence,
      search: { match, candidates: [match], unread: [] },
      request: 'k',
      journal: attempt.journal,
      delivery: { attempt: 1, isLast: false, timeLeftMs: () => 60_000 },
    },
  );
}

it.each(['inactive', 'gone'] as const)(
  'believes a fresh read, and not a search that is older than the end (%s)',
  async (state) => {
    const kase = await actOnOldSearch(state);
    expect(kase).toMatchObject({ state: 'dead', receipt });
    expect(JSON.stringify(kase.troubles ?? [])).not.toContain('alive_again');
  },
);

it('says alive again where a fresh read does', async () => {
  expect(await actOnOldSearch('active')).toMatchObject({ troubles: [{ kind: 'alive_again' }] });
});

it('tells and records the kill of an attempt that died, although somebody has closed the case meanwhile', async () => {
  const room = createRoom();
  const token = addToken(room, 'a', { state: 'active' });
  const key = tokenKey(token);
  const id = caseId(key);
  const grade = 'proved';
  const { record: kase } = await room.store.cases.open({
    ...without(leak, 'receipt', 'verb'),
    ...{ id, key, token, grade, state: 'received' },
  });
  const match = { token, grade, because: [] } as const;
  const evidence = {
    ...{ source: 'gitleaks', match, candidates: [match], receivedAt: at },
    report: { key: 'r', publiclyLeaked: true, validity: { validity: 'valid', by: 'issuer', checkedAt: at } },
  } as const;
  const { attempt } = await room.context(PEOPLE.admin);
  const work = {
    ...{ evidence, request: 'k', journal: attempt.journal, search: { match, candidates: [match], unread: [] } },
    delivery: { attempt: 1, isLast: false, timeLeftMs: () => 60_000 },
  };
  const dying = { ...room.services, store: withoutRecord(room.store) };
  await attempt.journal.put('generation', 0);
  await expect(actOnCase(dying, { kase, isAgain: false, onActing: () => {} }, work)).rejects.toThrow('dies');
  expect(room.tokens.get('a')?.state).toBe('inactive');
  const { admin: dismissedBy } = PEOPLE;
  const closed = await room.store.cases.change(id, (stored) => ({
    ...stored,
    ...{ state: 'dismissed', dismissedBy, generation: 1 },
  }));
  const again = { kase: closed!.record, isAgain: true, onActing: () => {} };
  expect(await actOnCase(room.services, again, work)).toMatchObject({ state: 'dead' });
  expect(room.store.entries).toMatchObject([{ what: 'deactivate', result: 'done' }]);
});

it.each([
  ['active', 'the same report'],
  ['inactive', 'the same report'],
  ['gone', 'the same report'],
  ['active', 'another one'],
  ['inactive', 'another one'],
  ['gone', 'another one'],
] as const)(
  'puts the kill of an attempt that died on record where the token is read as %s by %s, which would only ask by now',
  async (state, by) => {
    const room = createRoom();
    const token = addToken(room, 'a', { state: 'active' });
    const key = tokenKey(token);
    const opened = { ...without(leak, 'receipt', 'verb'), id: caseId(key), key, token, state: 'received' } as const;
    const { record: kase } = await room.store.cases.open(opened);
    const match = { token, grade: 'proved', because: [] } as const;
    const evidence = {
      ...{ source: 'gitleaks', match, candidates: [match], receivedAt: at },
      report: { key: 'r', publiclyLeaked: true, validity: { validity: 'valid', by: 'issuer', checkedAt: at } },
    } as const;
    const { journal } = (await room.context(PEOPLE.admin)).attempt;
    const delivery = { attempt: 1, isLast: false, timeLeftMs: () => 60_000 };
    const work = { evidence, request: 'k', journal, search: { match, candidates: [match], unread: [] }, delivery };
    await journal.put('generation', 0);
    const dying = { ...room.services, store: withoutRecord(room.store) };
    await expect(actOnCase(dying, { kase, isAgain: false, onActing: () => {} }, work)).rejects.toThrow('dies');
    // Somebody has brought it back elsewhere, and maybe stopped it again, or deleted it, since it was searched.
    if (state === 'gone') room.tokens.delete('a');
    else addToken(room, 'a', { state });
    const known = (await room.store.cases.get(kase.id))!;
    const isAgain = by === 'the same report';
    const other = isAgain ? {} : { journal: (await room.context(PEOPLE.admin)).attempt.journal };
    const found = state === 'gone' ? { search: { candidates: [], unread: [] } } : {};
    const again = { ...work, ...other, ...found, cameBefore: true };
    const acted = await actOnCase(room.services, { kase: known, isAgain, onActing: () => {} }, again);
    expect(acted.state).toBe({ active: 'asking', inactive: 'dead', gone: 'unmatched' }[state]);
    const read = state === 'gone' ? 'absent' : state;
    expect(room.store.entries.slice(0, 1)).toMatchObject([
      state === 'inactive' ? { what: 'deactivate', result: 'done' } : { what: 'deactivate', result: 'failed', read },
    ]);
    expect(room.tokens.get('a')?.state).toBe(state === 'gone' ? undefined : state);
  },
);

it('decides anew by what somebody has made of the case since it was read', async () => {
  const room = createRoom();
  const token = addToken(room, 'a', { state: 'active' });
  const key = tokenKey(token);
  const id = caseId(key);
  const grade = 'exact';
  const opened = { ...without(leak, 'receipt', 'verb'), id, key, token, grade, state: 'received' } as const;
  const { record: kase } = await room.store.cases.open(opened);
  const clue = { form: 'named', provider: 'dfns', profile: token.profile, tokenId: token.id } as const;
  const match = { token, grade: 'proved', because: [] } as const;
  const evidence = {
    ...{ source: 'gitleaks', clue, match, candidates: [match], receivedAt: at },
    report: { key: 'r', publiclyLeaked: true, validity: { validity: 'valid', by: 'issuer', checkedAt: at } },
  } as const;
  await room.store.cases.change(id, (stored) => rememberDecision({ ...stored, clue }));
  const { attempt } = await room.context(PEOPLE.admin);
  const work = {
    ...{ evidence, request: 'k', journal: attempt.journal, search: { match, candidates: [match], unread: [] } },
    delivery: { attempt: 1, isLast: false, timeLeftMs: () => 60_000 },
  };
  const acted = await actOnCase(room.services, { kase, isAgain: false, onActing: () => {} }, work);
  expect(acted).toMatchObject({ state: 'asking', decision: { rule: 'floor:person-decided' } });
  expect(room.tokens.get('a')?.state).toBe('active');
});

const clueOf = ({ profile, id: tokenId }: Token) =>
  ({ form: 'named', provider: 'langsmith', profile, tokenId }) as const;

/** A proved leak of a token that works, as its job comes to its new case; `before` happens as the kill is about to begin. */
async function killing({
  room,
  which = 'a',
  before = async () => {},
  isAgain = false,
  receivedAt = at,
  ...how
}: {
  readonly room: Room;
  readonly which?: string;
  readonly services?: Services;
  readonly ending?: (kase: Case) => readonly Write[];
  readonly before?: () => Promise<unknown>;
  readonly isAgain?: boolean;
  readonly receivedAt?: string;
}) {
  const token = room.tokens.get(which)!;
  const key = tokenKey(token);
  const id = caseId(key);
  const { record: kase } = await room.store.cases.open({
    ...without(leak, 'receipt', 'verb'),
    ...{ id, key, token, grade: 'proved', state: 'received' },
  });
  const clue = clueOf(token);
  const match = { token, grade: 'proved', because: [] } as const;
  const evidence = {
    ...{ source: 'gitleaks', clue, match, candidates: [match], receivedAt },
    report: { key: 'r', publiclyLeaked: true, validity: { validity: 'valid', by: 'issuer', checkedAt: at } },
  } as const;
  const { journal } = (await room.context(PEOPLE.admin)).attempt;
  if (isAgain) await journal.put('generation', 0);
  let isFirst = true;
  const put: typeof journal.put = async (...note) => {
    if (isFirst && note[0].startsWith('deactivate:')) await before();
    isFirst = false;
    return journal.put(...note);
  };
  const work = {
    ...{ evidence, request: 'k', journal: { ...journal, put }, search: { match, candidates: [match], unread: [] } },
    delivery: { attempt: 1, isLast: false, timeLeftMs: () => 60_000 },
  };
  const begun: Case['state'][] = [];
  const onActing = ({ state }: Case) => void begun.push(state);
  const { services = room.services, ...rest } = how;
  const acted = actOnCase(services, { kase, isAgain, onActing, ...rest }, work);
  return { id, clue, acted, room, begun };
}

const oneKill = () =>
  createRoom((policy) => {
    policy.alerts.brake = { kills: 1, minutes: 10 };
  });
const claim = ({ store }: Room, by: string) => store.notes.claimOneOf(['brake:langsmith-demo:0'], 600, { by });

it('begins no kill whose case somebody has changed by then, and decides anew', async () => {
  const room = createRoom();
  const token = addToken(room, 'a', { state: 'active' });
  const { clue, id, acted } = await killing({
    room,
    before: () =>
      room.store.cases.change(caseId(tokenKey(token)), (kase) => rememberDecision({ ...kase, clue: clueOf(token) })),
  });
  expect(clue).toEqual(clueOf(token));
  expect(await acted).toMatchObject({ id, state: 'asking', decision: { rule: 'floor:person-decided' } });
  expect(room.tokens.get('a')?.state).toBe('active');
});

it('takes a kill out of the allowance as it begins: where somebody was quicker nothing is done, and a person is asked', async () => {
  const room = oneKill();
  addToken(room, 'a', { state: 'active' });
  const { acted } = await killing({ room, before: () => claim(room, 'C-ANOTHER') });
  expect(await acted).toMatchObject({ state: 'asking', decision: { action: 'ask' } });
  expect(room.tokens.get('a')?.state).toBe('active');
});

it('asks where all of the allowance is known to be taken, and has a place for each kill that it makes', async () => {
  const room = oneKill();
  addToken(room, 'a', { state: 'active' });
  const { acted, id } = await killing({ room });
  expect(await acted).toMatchObject({ state: 'dead' });
  expect(await claim(room, 'C-ANOTHER')).toBe(false);
  expect(await claim(room, id)).toBe(true);
  addToken(room, 'b', { state: 'active' });
  const second = await killing({ room, which: 'b' });
  expect(await second.acted).toMatchObject({ state: 'asking' });
  expect(room.tokens.get('b')?.state).toBe('active');
});

it('tells of a kill that it has begun, and of none that the brake holds back, whoever has taken the last of the allowance and when', async () => {
  const room = oneKill();
  addToken(room, 'a', { state: 'active' });
  const late = await killing({ room, before: () => claim(room, 'C-ANOTHER') });
  expect([(await late.acted).state, late.begun]).toEqual(['asking', []]);
  addToken(room, 'b', { state: 'active' });
  const known = await killing({ room, which: 'b' });
  expect([(await known.acted).state, known.begun]).toEqual(['asking', []]);
  const other = oneKill();
  addToken(other, 'c', { state: 'active' });
  const made = await killing({ room: other, which: 'c' });
  expect([(await made.acted).state, made.begun]).toEqual(['dead', ['acting']]);
});

it('takes nothing out of the allowance for a kill that is refused, whose case says what was decided all the same', async () => {
  const room = oneKill();
  addToken(room, 'a', { state: 'active', own: true });
  const { acted } = await killing({ room });
  expect(await acted).toMatchObject({
    state: 'not_revoked',
    decision: { action: 'deactivate' },
    troubles: [{ kind: 'refused', why: 'own' }],
  });
  expect(await claim(room, 'C-ANOTHER')).toBe(true);
});

it('says what was decided of a kill that a fault kept from its beginning', async () => {
  const room = createRoom();
  addToken(room, 'a', { state: 'active' });
  const { acted, id } = await killing({
    room,
    before: () => Promise.reject(new Fault('provider_unavailable', 'test: it is down')),
  });
  await expect(acted).rejects.toMatchObject({ code: 'provider_unavailable' });
  expect(await room.store.cases.get(id)).toMatchObject({
    state: 'not_revoked',
    decision: { action: 'deactivate' },
    troubles: [{ kind: 'failed', fault: 'provider_unavailable' }],
  });
});

it('leaves a kill as made whose end was stored although nobody heard so', async () => {
  const room = createRoom();
  addToken(room, 'a', { state: 'active' });
  const { cases } = room.store;
  const change: typeof cases.change = async (...given) => {
    const stored = await cases.change(...given);
    if (stored?.record.state === 'dead') throw new Fault('store_unavailable', 'test: the answer is lost');
    return stored;
  };
  const services = { ...room.services, store: { ...room.store, cases: { ...cases, change } } };
  const ending = () => [room.store.notes.writing('ended', true, 60)];
  const { acted, id } = await killing({ room, services, ending });
  await expect(acted).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(await room.store.notes.get('ended')).toBe(true);
  const kept = await room.store.cases.get(id);
  expect(kept).toMatchObject({ state: 'dead', receipt: { read: 'inactive' } });
  expect(kept?.troubles).toBeUndefined();
});

const later = (ms: number) => new Date(NOW.getTime() + ms).toISOString();

it.each([
  ['asks, by a report that is new', {}, { state: 'asking' }],
  [
    'asks, by one that came since, whose first try died',
    { isAgain: true, receivedAt: later(60_000) },
    { state: 'asking' },
  ],
  ['only tells, by one of before', { isAgain: true, receivedAt: later(-60_000) }, { state: 'restored' }],
] as const)(
  'kills nothing that a person has brought back and its case has not heard of yet, and %s',
  async (_, how, told) => {
    const room = createRoom();
    const token = addToken(room, 'a', { state: 'inactive' });
    const key = tokenKey(token);
    const confirmedAt = new Date(NOW.getTime() - 60_000).toISOString();
    await room.store.cases.open({
      ...leak,
      ...{ id: caseId(key), key, token, clue: clueOf(token), grade: 'proved' },
      ...{ state: 'dead', verb: 'deactivate', receipt: { ...receipt, confirmedAt } },
    });
    const { attempt } = await room.context(PEOPLE.admin);
    const requester = PEOPLE.admin;
    const order = {
      verb: 'activate',
      tokens: [token],
      requester,
      requestedAt: at,
      keepGoing: true,
      leaks: [`${caseId(key)}:0`],
    } as const;
    await changeToken(room.services, attempt, { order, warrant: { rule: 'role:admin', approvedBy: [] }, ref: token });
    const services = { ...room.services, now: () => new Date(NOW.getTime() + 120_000) };
    const { acted } = await killing({ room, services, ...how });
    expect(await acted).toMatchObject({ ...told, changedBy: requester, generation: 1 });
    expect(room.tokens.get('a')?.state).toBe('active');
    expect(room.store.entries).toMatchObject([{ what: 'activate', result: 'done' }]);
  },
);

it.each([
  ['kills as owed', {}, 'dead'],
  ['asks about, once a person has overruled that,', { overruled: true }, 'asking'],
] as const)('%s what was to follow the time of its owner and could not be made', async (_, mark, state) => {
  const room = createRoom((policy) => {
    for (const rule of policy.alerts.rules) rule.then = 'ask';
    policy.alerts.owner.afterWait = 'deactivate';
  });
  const token = addToken(room, 'a', { state: 'active' });
  const key = tokenKey(token);
  await room.store.cases.open({
    ...without(leak, 'receipt', 'verb'),
    ...{ id: caseId(key), key, token, grade: 'proved', state: 'not_revoked' },
    troubles: [{ kind: 'unread', profiles: [] }],
    decision: { action: 'deactivate', rule: WAIT_RULE, ...mark },
  });
  expect(await (await killing({ room })).acted).toMatchObject({ state });
});

it.each([
  ['stays dead', 'inactive', 'dead'],
  ['is asked about', 'active', 'asking'],
] as const)(
  'a token that a person has chosen and stopped %s where it is read as %s, and what only resembles it is reported again',
  async (_, state, after) => {
    const room = createRoom();
    const token = addToken(room, 'a', { state });
    const key = 'clue:resembles';
    const { record: kase } = await room.store.cases.open({
      ...leak,
      ...{ id: caseId(key), key, token, grade: 'weak', state: 'dead', verb: 'deactivate', receipt },
    });
    const candidates = [{ token, grade: 'weak', because: [] }] as const;
    const { attempt } = await room.context(PEOPLE.admin);
    const acted = await actOnCase(
      room.services,
      { kase, isAgain: false, onActing: () => {} },
      {
        evidence: { source: 'gitleaks', report: { key: 'again' }, candidates, receivedAt: at },
        search: { candidates, unread: [] },
        request: 'k',
        journal: attempt.journal,
        delivery: { attempt: 1, isLast: false, timeLeftMs: () => 60_000 },
      },
    );
    expect(acted.state).toBe(after);
  },
);
