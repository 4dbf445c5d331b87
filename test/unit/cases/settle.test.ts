import { describe, expect, it } from 'vitest';
import { needsPerson } from '#shared/cases/needs-person.ts';
import { afterChange, settle } from '#shared/cases/settle.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { caseTroubleWords } from '#shared/slack/blocks/case-trouble-words.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import type { Case, CaseState } from '#shared/store/store.ts';
import type { Change, Outcome } from '#shared/tokens/outcome.ts';
import { createRoom } from '#test/support/room.ts';

const token: Token = {
  provider: 'dfns',
  profile: 'dfns-demo',
  id: 'to-1',
  name: 'laptop',
  kind: 'pat',
  state: 'active',
  permissions: [],
  own: false,
};
const at = '2026-01-15T12:00:00.000Z';
const receipt = { verb: 'deactivate', requestedAt: at, actedAt: at, confirmedAt: at, read: 'inactive' } as const;
const kase = (state: CaseState, more: Partial<Case> = {}): Case => ({
  id: 'C-AAAAAAAA',
  version: 3,
  key: 'token:dfns-demo:to-1',
  state,
  openedAt: at,
  updatedAt: at,
  reports: [],
  count: 1,
  generation: 0,
  token,
  ...more,
});
const changed = (verb: 'deactivate' | 'activate' | 'delete'): Change => ({
  kind: 'changed',
  verb,
  token: { ...token, state: verb === 'activate' ? 'active' : 'inactive' },
  already: false,
  receipt: { ...receipt, verb },
  undo: true,
});
const PERSON = { userId: 'U0OPERATOR1', teamId: 'T0SANDBOX01' };

const UNCHANGED: readonly (readonly [Change, CaseState, RegExp])[] = [
  [{ kind: 'waiting_on_provider', verb: 'deactivate', token, answer: { status: 202 } }, 'waiting', /says: HTTP 202\./],
  [
    { kind: 'unsupported', verb: 'deactivate', token, answer: { status: 404, fact: 'no_revocation' } },
    'asking',
    /cannot deactivate \(this server knows no revocation \(HTTP 404\)\).*cannot be undone/,
  ],
  [
    { kind: 'refused', verb: 'deactivate', token, why: 'own', profile: 'dfns-demo' },
    'not_revoked',
    /refused: it is the token that Patrol itself works with in dfns-demo\./,
  ],
  [
    { kind: 'refused', verb: 'deactivate', token, why: 'overtaken' },
    'asking',
    /refused: the opposite had been asked for meanwhile\./,
  ],
  [
    { kind: 'refused', verb: 'deactivate', token, why: 'overruled' },
    'asking',
    /refused: it had been decided otherwise meanwhile\./,
  ],
  [
    { kind: 'refused', verb: 'deactivate', token, why: 'brought_back', by: PERSON },
    'asking',
    /left it alone: a person had brought it back less than a minute before, .*<@U0OPERATOR1>\./,
  ],
  [{ kind: 'not_found', verb: 'deactivate', asked: 'to-1' }, 'unmatched', /does not know this token any more/],
  [
    { kind: 'unconfirmed', verb: 'deactivate', token, read: 'active' },
    'not_revoked',
    /does not agree.*a fresh read says active/,
  ],
  [
    {
      kind: 'failed',
      verb: 'deactivate',
      ref: token,
      name: 'laptop',
      trouble: { fault: 'provider_unauthorized', profile: 'dfns-demo', status: 401, next: 'final', attempt: 1 },
    },
    'not_revoked',
    /refused our credential \(dfns-demo, HTTP 401\)\. That has to be mended first/,
  ],
];

describe('afterChange', () => {
  it('calls a case dead only with the receipt of a confirmed kill', () => {
    const troubles = [{ kind: 'waiting', answer: { status: 202 } }] as const;
    expect(afterChange(kase('not_revoked', { troubles }), changed('deactivate'))).toMatchObject({
      state: 'dead',
      verb: 'deactivate',
      receipt,
      token: { state: 'inactive' },
    });
    expect(afterChange(kase('not_revoked', { troubles }), changed('deactivate'))).not.toHaveProperty('troubles');
  });

  it('calls a case restored after an undo, forgets the proof of death, and counts the undo', () => {
    const restored = afterChange(kase('dead', { receipt, verb: 'deactivate' }), changed('activate'));
    expect(restored).toMatchObject({ state: 'restored', generation: 1, token: { state: 'active' } });
    expect(restored).not.toHaveProperty('receipt');
    expect(restored).not.toHaveProperty('verb');
    const decision = { action: 'deactivate', rule: 'owner-wait' } as const;
    expect(afterChange(kase('dead', { decision }), changed('activate')).decision).toEqual({
      ...decision,
      overruled: true,
    });
    expect(afterChange(kase('asking', { decision }), changed('deactivate')).decision).toEqual(decision);
  });

  it.each(UNCHANGED)('says why after %j', (change, state, words) => {
    const after = afterChange(kase('acting'), change);
    expect(after.state).toBe(state);
    expect(caseTroubleWords(after as Case)).toMatch(words);
    expect(after).not.toHaveProperty('receipt');
  });

  it.each(UNCHANGED)('leaves a dead token dead after %j', (change) => {
    expect(afterChange(kase('dead', { receipt, verb: 'deactivate' }), { ...change, verb: 'delete' })).toMatchObject({
      state: 'dead',
      receipt,
    });
    expect(afterChange(kase('dead', { receipt, verb: 'deactivate' }), { ...change, verb: 'activate' }).state).toBe(
      'dead',
    );
  });
});

describe('what became of a token, in its case', () => {
  const stored = async (open: Case, change: Change) => {
    const { services, store } = createRoom();
    await store.cases.open(open);
    await settle(services, change, { from: open.id });
    return store.cases.get(open.id);
  };

  it('ends the kill that the case waits for, whatever the clock of an earlier killer said', async () => {
    const late = { ...receipt, confirmedAt: '2026-01-15T12:00:00.400Z' };
    expect(await stored(kase('acting', { receipt: late }), changed('deactivate'))).toMatchObject({ state: 'dead' });
  });

  it.each([
    { kind: 'refused', why: 'overtaken' },
    { kind: 'refused', why: 'brought_back', by: PERSON },
  ] as const)(
    'goes on asking about a report that came while somebody brought the token back ($why)',
    async (trouble) => {
      const asked = kase('asking', { clueKeys: ['clue:news'], troubles: [trouble] });
      const heard = await stored(asked, changed('activate'));
      expect(heard).toMatchObject({ state: 'asking', generation: 1, decidedClues: ['clue:news'], troubles: [trouble] });
      expect(heard && needsPerson(heard)).toBe(true);
    },
  );

  it.each([
    [{ kind: 'waiting_on_provider', verb: 'deactivate', token, answer: { status: 202 } }, 'waiting'],
    [{ kind: 'unconfirmed', verb: 'deactivate', token, read: 'active' }, 'not_revoked'],
    [{ kind: 'unconfirmed', verb: 'delete', token, read: 'active' }, 'not_revoked'],
  ] as const)(
    'does not go on calling a token active that somebody has begun to stop elsewhere: %j',
    async (change, state) => {
      const { services, store } = createRoom();
      const restored = kase('restored', { id: caseId(tokenKey(token)), key: tokenKey(token), generation: 1 });
      await store.cases.open(restored);
      await settle(services, change);
      expect(await store.cases.get(restored.id)).toMatchObject({ state, generation: 1 });
    },
  );

  it('decides nothing about a leak that was not named to whoever brought the token back: its kill goes on', async () => {
    const troubles = [{ kind: 'unconfirmed', read: 'active' }] as const;
    const unproved = kase('not_revoked', { clueKeys: ['clue:news'], troubles });
    const heard = await stored(unproved, { ...changed('activate'), leakedMeanwhile: true } as Change);
    expect(heard).toMatchObject({ state: 'not_revoked', generation: 0, troubles });
    expect(heard).not.toHaveProperty('decidedClues');
  });

  it.each(['acting', 'waiting', 'not_revoked'] as const)(
    'hears of one return once: a kill that was decided since goes on (%s)',
    async (state) => {
      const troubles = [{ kind: 'unconfirmed', read: 'active' }] as const;
      const returned = { at: receipt.requestedAt, by: PERSON };
      const heard = await stored(kase(state, { generation: 1, returned, troubles }), changed('activate'));
      expect(heard).toMatchObject({ state, generation: 1, troubles });
    },
  );

  const news = { source: 'gitleaks', key: 'news', at: '2026-01-15T12:01:00.000Z', clueKeys: ['clue:news'] };
  const told = { source: 'gitleaks', key: 'told', at: '2026-01-15T11:59:00.000Z', clueKeys: ['clue:told'] };
  const reported = (reports: Case['reports']) => ({
    reports,
    count: reports.length,
    clueKeys: ['clue:told', 'clue:news'],
  });

  it('decides by a return about no other secret that was reported once it had been asked for', async () => {
    const dead = kase('dead', {
      receipt: { ...receipt, confirmedAt: '2026-01-15T11:59:30.000Z' },
      ...reported([told, news]),
    });
    const { services, store } = createRoom();
    await store.cases.open(dead);
    await settle(services, changed('activate'), { from: dead.id });
    expect(await store.cases.get(dead.id)).toMatchObject({ state: 'restored', decidedClues: ['clue:told'] });
    const noted = ['told', 'news'].map((key) => store.notes.get(`decided:clue:${key}`));
    expect(await Promise.all(noted)).toEqual([true, undefined]);
  });

  it.each<[string, Case['reports'], number]>([
    ['an earlier report told of it, too', [told, { ...told, key: 'earlier', clueKeys: ['clue:news'] }, news], 3],
    ['not all reports are kept', [told, news], 3],
    ['it is not known of what an earlier report told', [{ source: 'generic', key: 'old', at: told.at }, news], 2],
    ['the clocks may be apart', [told, { ...news, at: '2026-01-15T12:00:04.000Z' }], 2],
  ])('decides by a return about all that was reported where %s', async (_, reports, count) => {
    const earlier = { ...receipt, confirmedAt: '2026-01-15T11:59:30.000Z' };
    const heard = await stored(kase('dead', { receipt: earlier, ...reported(reports), count }), changed('activate'));
    expect(heard?.decidedClues).toEqual(['clue:told', 'clue:news']);
  });

  it.each([
    ['another secret, reported once the return was asked for', 'news', { state: 'acting', generation: 0 }],
    ['what was known then', 'told', { state: 'restored', generation: 1 }],
  ])('leaves a kill as it is by a return where it was decided for %s', async (_, report, becomes) => {
    const decision = { action: 'deactivate', rule: 'proved', report } as const;
    expect(await stored(kase('acting', { decision, ...reported([told, news]) }), changed('activate'))).toMatchObject(
      becomes,
    );
  });

  it('hears of one return once: what was asked since is asked still', async () => {
    const troubles = [{ kind: 'refused', why: 'brought_back', by: PERSON }] as const;
    const returned = { at: receipt.requestedAt, by: PERSON };
    const asked = kase('asking', { generation: 1, returned, troubles, clueKeys: ['clue:news'] });
    const heard = await stored(asked, changed('activate'));
    expect(heard).toMatchObject({ state: 'asking', generation: 1, troubles });
    expect(heard).not.toHaveProperty('decidedClues');
  });

  it.each(['overtaken', 'overruled'] as const)(
    'goes on calling a token active whose end was refused, asked for on its card before it was brought back (%s)',
    async (why) => {
      const heard = await stored(kase('restored', { generation: 1 }), {
        kind: 'refused',
        verb: 'deactivate',
        token,
        why,
      });
      expect(heard).toMatchObject({ state: 'restored' });
      expect(heard).not.toHaveProperty('troubles');
    },
  );

  const tried = (next: 'retrying' | 'final'): Change => ({
    ...{ kind: 'failed', verb: 'deactivate', ref: token, name: token.name },
    trouble: { fault: 'provider_rate_limited', next, attempt: 1, profile: token.profile },
  });
  const FIRST = { name: 'pressed', isFirst: true };
  const LATER = { name: 'pressed', isFirst: false };
  const denied: Outcome = { kind: 'denied', verb: 'deactivate', why: 'no_role', roles: [] };

  it.each<[string, Outcome]>([
    ['is refused, whose right was lost meanwhile', denied],
    ['was asked for before', { kind: 'asked_before', verb: 'delete', by: PERSON, at, missing: 1, expiresAt: at }],
    [
      'has trouble of another kind, which is told to the person',
      { kind: 'trouble', verb: 'deactivate', trouble: { fault: 'config_invalid', next: 'final', attempt: 2 } },
    ],
  ])('tells no more of the tries of a press that %s', async (_, outcome) => {
    const { services, store } = createRoom();
    const { id } = (await store.cases.open(kase('asking'))).record;
    await settle(services, tried('retrying'), { from: id, by: PERSON, pressed: FIRST });
    const during = await store.cases.get(id);
    expect(during && caseTroubleWords(during)).toMatch(/Trying again by itself/);
    await settle(services, outcome, { from: id, by: PERSON, pressed: LATER });
    const after = await store.cases.get(id);
    expect(after).toMatchObject({ state: 'not_revoked' });
    expect(after && caseTroubleWords(after)).toBeUndefined();
    expect(after && needsPerson(after)).toBe(true);
  });

  it.each<[string, Outcome, object]>([
    [
      'while it is tried again',
      { kind: 'trouble', verb: 'deactivate', trouble: { fault: 'provider_unavailable', next: 'retrying', attempt: 2 } },
      LATER,
    ],
    ['at the end of another press', denied, { ...LATER, name: 'another' }],
    ['at the first delivery of a press', denied, FIRST],
  ])('goes on telling of the tries of a press %s', async (_, outcome, pressed) => {
    const { services, store } = createRoom();
    const { id } = (await store.cases.open(kase('asking'))).record;
    await settle(services, tried('retrying'), { from: id, by: PERSON, pressed: FIRST });
    await settle(services, outcome, { from: id, by: PERSON, pressed: pressed as typeof LATER });
    expect((await store.cases.get(id))?.troubles).toMatchObject([{ next: 'retrying' }]);
  });

  it("leaves the tries of a report to that, and a token's other trouble", async () => {
    const { services, store } = createRoom();
    const troubles = [
      { kind: 'failed', fault: 'provider_unavailable', next: 'retrying', attempt: 3 },
      { kind: 'alive_again', confirmedAt: at },
    ] as const;
    const { id } = (await store.cases.open(kase('not_revoked', { troubles }))).record;
    await settle(services, denied, { from: id, by: PERSON, pressed: LATER });
    expect((await store.cases.get(id))?.troubles).toEqual(troubles);
  });

  it('ends trouble that was tried again, also where another request was quicker', async () => {
    const trouble = { kind: 'failed', fault: 'provider_unavailable', next: 'retrying', attempt: 1 } as const;
    const dead = kase('dead', { receipt, verb: 'deactivate', troubles: [trouble] });
    const again = { ...changed('deactivate'), already: true } as Change;
    const kept = await stored(dead, again);
    expect(kept).toMatchObject({ state: 'dead', receipt });
    expect(kept).not.toHaveProperty('troubles');
  });
});
