import { describe, expect, it } from 'vitest';
import type { Token } from '#shared/core/vocabulary.ts';
import { digest } from '#shared/hygiene/assess.ts';
import { createButtons } from '#shared/slack/buttons.ts';
import { deriveButtonKeys } from '#shared/slack/derive-button-keys.ts';
import type { Message } from '#shared/slack/blocks/bricks.ts';
import { renderDigest } from '#shared/slack/blocks/render-digest.ts';
import { render } from '#shared/slack/blocks/render.ts';
import type { Approval, AuditEntry, Case } from '#shared/store/store.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { PEOPLE } from '#test/support/room.ts';
import { laptop, patrols, pipeline, samples } from '#test/fixtures/outcomes.ts';
import { createMemoryStore } from '#test/support/memory-store.ts';
import { readAloud } from '#test/support/slack-text.ts';

const now = new Date('2026-11-22T14:00:00.000Z');
const requester = PEOPLE.viewer;
const at = now.toISOString();

/** Each with an id, a masked key and a second of creation that are found in no other text. */
const token = (index: number, more: Partial<Token> = {}): Token => ({
  provider: 'langsmith',
  profile: 'langsmith-demo',
  id: `1111000${index}-aaaa-4bbb-8ccc-dddddddddddd`,
  name: `token ${index}`,
  kind: 'pat',
  state: 'active',
  owner: { id: `9999000${index}-aaaa-4bbb-8ccc-dddddddddddd`, name: 'anna@example.com' },
  permissions: ['read'],
  createdAt: `2026-03-0${index}T07:31:17.000Z`,
  expiresAt: `2027-03-0${index}T07:31:17.000Z`,
  shortKey: `lsv2_pt_qq${index}…zz${index}`,
  own: false,
  ...more,
});
const tokens = [token(1), token(2), token(3, { name: '' }), token(4, { createdAt: '2026-11-22T13:59:43.000Z' })];
const refs = tokens.map(({ profile, id, name }) => ({ profile, id, name }));
const order = { verb: 'deactivate', tokens: refs, requester, requestedAt: at, keepGoing: false } as const;
const approval: Approval = {
  id: 'ap-1',
  version: 1,
  state: 'open',
  order,
  expiresAt: at,
  needed: 1,
  rule: 'bulk',
  approvedBy: [],
  seen: { at, tokens, counts: { active: 4, inactive: 0, expired: 0, unread: 0 }, leaks: [] },
};
const entry = (one: Token): AuditEntry => ({
  at,
  id: one.id.slice(0, 4),
  actor: requester,
  what: 'deactivate',
  token: { profile: one.profile, id: one.id },
  tokenName: one.name,
  result: 'done',
});
const kase: Case = {
  id: 'C-AAAAAAAA',
  version: 1,
  key: 'clue:x',
  state: 'asking',
  openedAt: at,
  updatedAt: at,
  candidates: tokens.map((one) => ({ token: one, grade: 'weak', because: [{ kind: 'named' }] })),
  grade: 'weak',
  reports: [],
  count: 1,
  generation: 0,
};
const list = { query: { profiles: [], sort: 'age' }, offset: 0, matching: 4, seen: 4, unread: [], unseen: [] } as const;

/** Every message that names tokens which nobody asked for one by one. */
const LISTS: Readonly<Record<string, Outcome>> = {
  'a list': { kind: 'listed', ...list, tokens, profiles: ['langsmith-demo'], private: false, at },
  'a choice': { kind: 'ambiguous', verb: 'deactivate', asked: 'token', candidates: tokens },
  'a near miss of an id': {
    kind: 'unknown_token',
    verb: 'show',
    asked: 'x',
    suggestions: tokens.map(({ id }) => id),
    suggestsIds: true,
    unread: [],
  },
  'a preview': {
    kind: 'confirm',
    verb: 'deactivate',
    tokens,
    pending: 'p',
    requester,
    keepGoing: false,
    expiresAt: at,
  },
  'a request for approval': { kind: 'approval', approval, approvers: [], mayBreakGlass: false },
  'a settled request': {
    kind: 'approval',
    approval: { ...approval, state: 'refused' },
    approvers: [],
    mayBreakGlass: false,
  },
  'the outcome of many': {
    kind: 'bulk',
    verb: 'deactivate',
    state: 'stopped',
    total: 4,
    changes: tokens.slice(1).map((one) => ({
      kind: 'changed',
      verb: 'deactivate',
      token: one,
      already: false,
      undo: true,
      receipt: { verb: 'deactivate', requestedAt: at, actedAt: at, confirmedAt: at, read: 'inactive' },
    })),
    left: refs.slice(0, 3),
    requester,
    approvedBy: [],
    startedAt: at,
    at,
  },
  'the record': { kind: 'audited', entries: tokens.map(entry), more: false },
  'the cases': { kind: 'cases', cases: tokens.map((one) => ({ ...kase, token: one })), open: true },
  'a case that may be several tokens': { kind: 'case', case: kase, entries: tokens.map(entry) },
};

/** The seconds at which tokens were made or end, as Slack's date form and as text. */
const seconds = tokens.flatMap(({ createdAt, expiresAt }) =>
  [createdAt ?? '', expiresAt ?? ''].flatMap((iso) => [`^${Date.parse(iso) / 1000}^`, iso.slice(11, 19)]),
);
const ammunition = [
  ...tokens.flatMap(({ id, shortKey = '', owner }) => [id, shortKey, owner?.id ?? '']),
  ...seconds,
  '17 seconds',
];
/** A message as Slack stores it and gives it to every member of its channel. */
const asSent = (message: Message): string => {
  const keys = deriveButtonKeys('fingerprint-key-for-tests-0123456789');
  const { notes } = createMemoryStore();
  return JSON.stringify(
    createButtons({ keys, notes, newId: () => 'a-fresh-id' }).forPost('C0GENERAL01', message).message,
  );
};
/** The texts of a message that Slack shows to nobody. */
const unseenIn = (part: unknown): readonly string[] => {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([name, inner]: [string, unknown]) =>
    typeof inner === 'string' && ['value', 'block_id', 'action_id', 'metadata'].includes(name)
      ? [inner]
      : unseenIn(inner),
  );
};
const found = (words: string) => ammunition.filter((piece) => words.includes(piece));

describe('what others read', () => {
  it.each(Object.entries(LISTS))('%s holds nothing to make a likeness of a token from', (_name, outcome) => {
    const message = render(outcome, { actor: requester, now, discreet: true });
    expect(found(`${message.text}\n${readAloud(message)}`)).toEqual([]);
    // Whoever is in the channel can read the message whole, by Slack's API: the values of buttons, too.
    expect(found(asSent(message))).toEqual([]);
  });

  it.each(Object.entries(samples))('%s: what nobody sees of it holds no id of a token either', (_name, outcome) => {
    for (const discreet of [true, false]) {
      const sent = JSON.parse(asSent(render(outcome, { actor: requester, now, discreet }))) as unknown;
      const unseen = unseenIn(sent).join('\n');
      expect([laptop, pipeline, patrols].filter(({ id }) => unseen.includes(id))).toEqual([]);
    }
  });

  it.each(Object.entries(LISTS))('%s names the tokens whole to whoever asked', (_name, outcome) => {
    if (outcome.kind === 'bulk' || outcome.kind === 'cases') return;
    const message = render(outcome, { actor: requester, now });
    expect(found(`${message.text}\n${readAloud(message)}`)).not.toEqual([]);
  });

  it('the weekly report in a channel of its own holds nothing to make a likeness from', () => {
    const inventories = [
      {
        profile: 'langsmith-demo',
        provider: 'langsmith' as const,
        knows: { lastUse: true, expiry: true, undo: true },
        tokens,
        unseen: [],
      },
    ];
    const thresholds = { staleDays: 1, unusedDays: 1, expiringDays: 900, manyPermissions: 1 };
    const revived = tokens.map((one) => ({ caseId: 'C-AAAAAAAA', token: one }));
    const report = digest({ inventories, unread: [], thresholds, revived, now });
    const words = (discreet: boolean) => {
      const message = renderDigest(report, { now, discreet });
      return `${message.text}\n${readAloud(message)}${discreet ? asSent(message) : ''}`;
    };
    expect(found(words(true))).toEqual([]);
    expect(found(words(false))).not.toEqual([]);
  });
});
