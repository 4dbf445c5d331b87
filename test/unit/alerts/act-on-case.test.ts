import { expect, it } from 'vitest';
import { actOnCase } from '#shared/alerts/act-on-case.ts';
import { without } from '#shared/core/without.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import { rememberDecision } from '#shared/cases/remember-decision.ts';
import { leak } from '#test/fixtures/outcomes.ts';
import { withoutRecord } from '#test/support/memory-store.ts';
import { addToken, createRoom, NOW, PEOPLE } from '#test/support/room.ts';

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
    ...{ evidence, journal: attempt.journal, search: { match, candidates: [match], unread: [] } },
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
    ...{ evidence, journal: attempt.journal, search: { match, candidates: [match], unread: [] } },
    delivery: { attempt: 1, isLast: false, timeLeftMs: () => 60_000 },
  };
  const acted = await actOnCase(room.services, { kase, isAgain: false, onActing: () => {} }, work);
  expect(acted).toMatchObject({ state: 'asking', decision: { rule: 'floor:person-decided' } });
  expect(room.tokens.get('a')?.state).toBe('active');
});
