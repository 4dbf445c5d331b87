import { describe, expect, it } from 'vitest';
import { needsPerson } from '#shared/cases/needs-person.ts';
import { afterChange, settle } from '#shared/cases/settle.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { caseTroubleWords } from '#shared/slack/blocks/case-trouble-words.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import type { Case, CaseState } from '#shared/store/store.ts';
import type { Change } from '#shared/tokens/outcome.ts';
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
    /refused: somebody had asked for the opposite meanwhile\./,
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

  it('ends trouble that was tried again, also where another request was quicker', async () => {
    const trouble = { kind: 'failed', fault: 'provider_unavailable', next: 'retrying', attempt: 1 } as const;
    const dead = kase('dead', { receipt, verb: 'deactivate', troubles: [trouble] });
    const again = { ...changed('deactivate'), already: true } as Change;
    const kept = await stored(dead, again);
    expect(kept).toMatchObject({ state: 'dead', receipt });
    expect(kept).not.toHaveProperty('troubles');
  });
});
