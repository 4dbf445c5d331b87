import { createSecretKey } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '#shared/core/fault.ts';
import { signJob } from '#shared/jobs/sign-job.ts';
import { approvalCard } from '#shared/slack/approval-card.ts';
import type { Message } from '#shared/slack/blocks/bricks.ts';
import { endGivenUp } from '#shared/slack/end-given-up.ts';
import { leakJobs } from '#shared/slack/listeners/leak-jobs.ts';
import { createReporterMessenger } from '#shared/slack/reporter-messenger.ts';
import type { Answer } from '#shared/slack/listeners/answer.ts';
import { createSay, type Say } from '#shared/slack/listeners/say.ts';
import type { Reply } from '#shared/slack/reply.ts';
import { toldEndNote } from '#shared/slack/spoken.ts';
import { toRequest } from '#shared/slack/to-request.ts';
import { clueKey, clueNote } from '#shared/cases/case-keys.ts';
import { keepPaste, pastedKey, pastesOf } from '#shared/cases/pastes.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import type { Actor, Mutation, Token } from '#shared/core/vocabulary.ts';
import type { Approval, Case } from '#shared/store/store.ts';
import { changeToken } from '#shared/tokens/change-token.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { plainButtons } from '#test/support/buttons.ts';
import { addToken, createRoom, NOW, openCase, PEOPLE, type Room } from '#test/support/room.ts';
import { readAloud } from '#test/support/slack-text.ts';

const KEY = createSecretKey(Buffer.from('job-key-for-tests-0123456789-0123456789'));
const SECURITY = 'C0SECURITY1';
let room: Room;
let edits: { channel: string; ts: string | undefined; words: string }[];
let posts: { channel: string; key: string | undefined; words: string }[];
let tells: { userId: string; words: string }[];
let lost: { channel: string; key: string; ts: string }[];
let failure: Fault | undefined;
let shown: string[];
let followed: string[];
beforeEach(() => {
  room = createRoom();
  edits = [];
  posts = [];
  tells = [];
  lost = [];
  failure = undefined;
  shown = [];
  followed = [];
});

const DIRECT = { channel: 'D0REPORTER1', ts: '3.0' };
const reply = {
  tell: async (userId, words: Message) => {
    tells.push({ userId, words: readAloud(words) });
    return DIRECT;
  },
  find: async (channel, key) => lost.find((one) => one.channel === channel && one.key === key),
  edit: async ({ channel, ts }, words: Message) => {
    if (failure !== undefined) throw failure;
    if (ts === 'gone') throw new Fault('slack_rejected', 'message_not_found');
    edits.push({ channel, ts, words: readAloud(words) });
  },
  post: async ({ channel, key }, words: Message) => {
    if (failure !== undefined) throw failure;
    posts.push({ channel, key, words: readAloud(words) });
    return { channel, ts: `post ${posts.length}` };
  },
} as Pick<Reply, 'tell' | 'find' | 'edit' | 'post'> as Reply;

const body = (job: object) => signJob(KEY, { v: 1, receivedAt: NOW.toISOString(), ...job });
const asked = (channel = SECURITY, kind = 'command') =>
  body({
    kind,
    deliveryKey: 'asked',
    requestId: '1f0c2d3e-9a4b',
    payload: {
      text: 'deactivate notebook',
      channel_id: channel,
      user_id: PEOPLE.operator.userId,
      team_id: PEOPLE.operator.teamId,
    },
  });
const depsOf = () => ({
  ...{ services: room.services, reply, buttons: plainButtons, jobKey: KEY, stage: 'prod' },
  planSearch: async () => {},
  followApproval: async (id: string) => void followed.push(id),
  show: async (id: string) => void shown.push(id),
});
const end = (...bodies: readonly string[]) => endGivenUp(depsOf(), bodies);
const said = (index: number, note: object) => room.store.notes.put(`said:asked:${index}`, note, 60);

it('ends the words that promised another try: who asked, what, and what brings it back; once', async () => {
  await said(0, { channel: SECURITY, ts: '1.0', isOpen: true });
  await end(asked());
  await end(asked());
  expect(edits).toHaveLength(1);
  expect(edits[0]).toMatchObject({ channel: SECURITY, ts: '1.0' });
  for (const words of [
    'nothing more happens with it by itself',
    'deactivate notebook',
    '1f0c2d3e',
    PEOPLE.operator.userId,
    'may still work',
    'npm run redrive -- --stage prod',
  ])
    expect(edits[0]?.words).toContain(words);
});

it('leaves alone what promises nothing, and finds what an attempt posted that never learned where', async () => {
  await said(0, { channel: SECURITY, ts: '1.0' });
  await end(asked());
  expect(edits).toEqual([]);
  room = createRoom();
  lost = [{ channel: SECURITY, key: 'said:asked:0', ts: '7.0' }];
  await end(asked());
  await end(asked());
  expect(edits.map(({ ts }) => ts)).toEqual(['7.0']);
});

it('does not say what was asked where others read, and knows jobs of another release', async () => {
  await said(0, { channel: 'C0GENERAL01', ts: '1.0', isOpen: true });
  await end(asked('C0GENERAL01', 'of the next release'));
  expect(edits[0]?.words).toContain('Patrol stopped');
  expect(edits[0]?.words).not.toContain('notebook');
});

it('says nothing for a job that is not ours', async () => {
  await said(0, { channel: SECURITY, ts: '1.0', isOpen: true });
  await end('{}', asked().replace('asked', 'forged'), asked().replace('notebook', 'everything'));
  expect(edits).toEqual([]);
});

it('asks for another try where Slack is away, and hides no other by it', async () => {
  await said(0, { channel: SECURITY, ts: '1.0', isOpen: true });
  const token = addToken(room, 'a');
  const id = caseId(tokenKey(token));
  await openCase(room, token, { id, state: 'acting', updatedAt: new Date(NOW.getTime() - 3_600_000).toISOString() });
  failure = new Fault('slack_unavailable', 'away');
  const dead = body({ kind: 'read-again', deliveryKey: 'k', caseId: id });
  await expect(end(asked(), dead)).rejects.toMatchObject({ code: 'slack_unavailable' });
  expect(shown).toEqual([id]);
  failure = new Fault('slack_rejected', 'gone');
  await end(asked());
  failure = undefined;
  await end(asked());
  expect(edits).toEqual([]);
});

it('ends the case that a report belongs to, wherever it has gone on', async () => {
  const clue = { form: 'named', provider: 'langsmith', profile: 'langsmith-demo', tokenId: 'a' } as const;
  const token = addToken(room, 'a');
  const key = tokenKey(token);
  await openCase(room, token, {
    id: caseId(key),
    key,
    state: 'not_revoked',
    updatedAt: new Date(NOW.getTime() - 3_600_000).toISOString(),
    troubles: [{ kind: 'failed', fault: 'provider_unavailable', next: 'retrying', attempt: 99 }],
  });
  await room.store.notes.put(`case-of:${clueKey(clue)}`, key, 60);
  await end(body({ kind: 'report', source: 'generic', deliveryKey: 'r', report: { key: 'r', clue } }));
  expect(shown).toEqual([caseId(key)]);
  expect((await room.store.cases.get(caseId(key)))?.troubles).toMatchObject([{ next: 'given_up', attempt: 99 }]);
});

it('ends the case of a thin alert, whose job knows the place alone', async () => {
  const locator = { kind: 'github', repository: 'acme/payments', number: 7 } as const;
  const report = { key: 'r', locator };
  const key = 'clue:known for a while';
  const updatedAt = new Date(NOW.getTime() - 3_600_000).toISOString();
  await room.store.cases.open({
    ...{ id: caseId(key), key, state: 'unsearched', openedAt: updatedAt, updatedAt },
    ...{ reports: [], count: 1, generation: 0 },
    troubles: [{ kind: 'failed', fault: 'provider_rate_limited', next: 'retrying', attempt: 3 }],
  });
  await room.store.notes.put(clueNote(report)!, key, 60);
  await end(body({ kind: 'report', source: 'github', deliveryKey: 'r', report }));
  expect(shown).toEqual([caseId(key)]);
  expect((await room.store.cases.get(caseId(key)))?.troubles).toMatchObject([{ next: 'given_up' }]);
});

const pressed = (actionId: string, value: string) => ({
  type: 'block_actions',
  user: { id: PEOPLE.operator.userId, team_id: PEOPLE.operator.teamId },
  channel: { id: SECURITY },
  container: { message_ts: '1.0', channel_id: SECURITY },
  actions: [{ type: 'button', action_id: actionId, value }],
});
describe('whoever pasted a secret whose report was given up', () => {
  const clue = { form: 'named', provider: 'langsmith', profile: 'langsmith-demo', tokenId: 'a' } as const;
  const [job] = leakJobs(
    { deliveryKey: 'paste', receivedAt: NOW.toISOString(), sealed: [clue] },
    { reporter: PEOPLE.viewer, note: undefined },
  );
  const told = async (recognised = 1) => {
    await keepPaste(room.store.notes, { id: 'paste', reporter: PEOPLE.viewer, recognised, unrecognised: 0 });
    await room.store.notes.put('said:paste:0', DIRECT, 60);
  };
  const STOPPED = 'Patrol stopped: this report has revoked nothing, and the token may still work';

  it('reads that Patrol stopped, where no case tells of it; once', async () => {
    await told();
    await end(body(job!));
    await end(body(job!));
    expect(edits).toEqual([{ ...DIRECT, words: expect.stringContaining(STOPPED) }]);
    expect(edits[0]?.words).toContain('/pat deactivate');
    expect(edits[0]?.words).not.toMatch(/working on it|brought up to date/);
  });

  it('reads so too where another report has a case of the same token, and of one of several secrets', async () => {
    await told(2);
    const token = addToken(room, 'a');
    await openCase(room, token, { id: caseId(tokenKey(token)), key: tokenKey(token), state: 'dead' });
    await room.store.notes.put(`case-of:${clueKey(clue)}`, tokenKey(token), 60);
    await end(body(job!));
    expect(edits[0]?.words).toMatch(/2 leaked secrets received.*Patrol stopped.*working on it/s);
  });

  it('reads of its case where there is one, also when that was opened by what was brought back', async () => {
    await told();
    await end(body(job!));
    const token = addToken(room, 'a');
    const key = pastedKey('paste', 0);
    const report = { source: 'slack', key, at: NOW.toISOString(), reporter: PEOPLE.viewer, pasted: 1 };
    const kase = await openCase(room, token, { id: caseId(tokenKey(token)), state: 'asking', reports: [report] });
    await pastesOf(room.store.notes, kase);
    edits.length = 0;
    await end(body(job!));
    expect(edits).toEqual([]);
    await createReporterMessenger({ services: room.services, reply })('paste');
    expect(edits[0]?.words).not.toContain('Patrol stopped');
  });

  const user = { id: PEOPLE.viewer.userId, team_id: PEOPLE.viewer.teamId };
  const paste = body({ kind: 'command', deliveryKey: 'paste', payload: { type: 'view_submission', user, view: {} } });

  it.each([
    ['the paste', [paste, body(job!)]],
    ['its report', [body(job!), paste]],
  ])(
    'reads so in a new message where nobody knows where the paste was answered; once (first given up: %s)',
    async (_, letters) => {
      const kept = { id: 'paste', reporter: PEOPLE.viewer, recognised: 1, unrecognised: 0 };
      await keepPaste(room.store.notes, { ...kept, isSent: true });
      await end(...letters);
      await end(...letters);
      expect(tells).toEqual([
        { userId: PEOPLE.viewer.userId, words: expect.stringContaining('That by itself revokes nothing') },
      ]);
      expect(edits).toEqual([{ ...DIRECT, words: expect.stringContaining(STOPPED) }]);
    },
  );

  it('reads what has become of it where the paste itself was given up once it was answered; once', async () => {
    await told();
    const token = addToken(room, 'a');
    const report = { source: 'slack', key: pastedKey('paste', 0), at: NOW.toISOString(), reporter: PEOPLE.viewer };
    const kase = await openCase(room, token, { id: caseId(tokenKey(token)), state: 'asking', reports: [report] });
    await pastesOf(room.store.notes, kase);
    await end(paste);
    await end(paste);
    expect(edits).toEqual([{ ...DIRECT, words: expect.stringContaining('a person must decide') }]);
  });
});

const running: Outcome = {
  ...{ kind: 'bulk', verb: 'activate', state: 'running', total: 2, changes: [], left: [] },
  ...{ requester: PEOPLE.operator, approvedBy: [], startedAt: NOW.toISOString(), at: NOW.toISOString() },
};
const retried: Outcome = {
  ...{ kind: 'trouble', verb: 'activate' },
  trouble: { fault: 'provider_unavailable', next: 'retrying', attempt: 3 },
};
const ORDER: Approval['order'] = {
  ...{ verb: 'deactivate', tokens: [], requester: PEOPLE.operator, requestedAt: NOW.toISOString() },
  keepGoing: false,
};
const openApproval = (approval: Partial<Approval>) =>
  room.store.approvals.open({
    ...{ id: 'approval', state: 'done', expiresAt: NOW.toISOString(), needed: 1, rule: 'all', approvedBy: [] },
    order: ORDER,
    ...approval,
  });
const CARD = { channel: 'C0APPROVALS', ts: '2.0' };

describe.each([
  ['how far it has come', running],
  ['that it is tried again', retried],
  ['a sign of life', { kind: 'working', asked: ['a'] } satisfies Outcome],
])('what was pressed, where a process that has died showed %s', (_, outcome) => {
  it.each([
    ['the message itself', {}, { channel: SECURITY, ts: '1.0' }],
    ['a card that is known', { at: CARD }, CARD],
  ])('is ended: %s', async (__, at, place) => {
    const payload = pressed('patrol:confirm', 'x');
    const job = { ...{ v: 1 as const, kind: 'action' as const, receivedAt: NOW.toISOString() }, deliveryKey: 'p' };
    const request = toRequest({ ...job, sealed: [], unrecognised: 0 }, payload, { attempt: 2, isLast: false });
    failure = new Fault('slack_unavailable', 'it was done, and nobody heard so');
    const answer = { outcome, to: 'here' as const, ...at };
    await expect(createSay({ services: room.services, reply }).say(request, answer, 0)).rejects.toBe(failure);
    failure = undefined;
    await end(body({ kind: 'action of the next release', deliveryKey: 'p', payload }));
    expect(edits).toEqual([{ ...place, words: expect.stringContaining('Patrol stopped') }]);
  });
});

it('finds every answer that promised more and whose place was never learned, wherever it belongs', async () => {
  await openApproval({ state: 'approved', message: CARD });
  await room.store.notes.put('said:p:0', CARD, 60);
  lost = [{ channel: CARD.channel, key: 'said:p:1', ts: '8.0' }];
  const letter = body({ kind: 'action', deliveryKey: 'p', payload: pressed('patrol:approve', 'approval') });
  await end(letter);
  await end(letter);
  expect(edits.map(({ channel, ts }) => ({ channel, ts }))).toEqual([{ channel: CARD.channel, ts: '8.0' }]);
});

const VOTE = { actor: PEOPLE.operator, at: NOW.toISOString(), request: 'p' };
const vote = body({
  kind: 'action of the next release',
  deliveryKey: 'p',
  payload: pressed('patrol:approve', 'approval'),
});
const ended = (state: string) => ({ ...CARD, words: expect.stringMatching(state) });

it.each<[string, Partial<Approval>]>([
  ['before its end', { state: 'approved', approvedBy: [VOTE] }],
  ['at its end', { state: 'done', approvedBy: [VOTE] }],
  [
    'by whoever broke the glass',
    { state: 'approved', approvedBy: [VOTE], brokenGlass: { ...VOTE, reason: 'it is night' } },
  ],
])(
  'tells the result of a request whose last yes was given up %s, of which its card speaks; once',
  async (_, approval) => {
    await openApproval({ message: CARD, ...approval });
    await end(vote);
    await end(vote);
    expect(posts.filter(({ channel }) => channel === CARD.channel)).toEqual([
      { channel: CARD.channel, key: 'said:p:1', words: expect.stringMatching(/Patrol stopped.*npm run redrive/s) },
    ]);
    expect(await room.store.notes.get('said:p:1')).toMatchObject({ channel: CARD.channel, ts: 'post 1' });
    expect(edits).toEqual([ended('(Approved|Glass broken): .*The result is told in its own message')]);
    expect(followed).toContain('approval');
  },
);

const LEVER_ORDER: Approval['order'] = {
  ...{ verb: 'lever', lever: { id: 'stop-all', kind: 'langsmith.stop-new-pats' }, dies: [], stops: [] },
  tokens: [{ profile: 'langsmith-demo', id: 'a', name: 'a' }],
  ...{ requester: PEOPLE.admin, requestedAt: NOW.toISOString(), keepGoing: false, caseId: 'C-PRESSED' },
};
const levers = () => room.store.entries.filter(({ what }) => what === 'lever');

it.each([
  ['approved', [{ result: 'failed', caseId: 'C-PRESSED', detail: { kind: 'lever', id: 'stop-all' } }]],
  ['open', []],
  ['done', []],
] as const)(
  'puts on record, once, that nobody knows the end of a lever whose last yes was given up (%s)',
  async (state, line) => {
    await openApproval({ order: LEVER_ORDER, message: CARD, state, approvedBy: [VOTE] });
    await end(vote);
    await end(vote);
    expect(levers()).toMatchObject(line);
    expect(levers()).toHaveLength(line.length);
  },
);

it('tells the security channel of a glass that was broken by a press that was given up before that was told; once', async () => {
  const brokenGlass = { ...VOTE, reason: 'it is night' };
  await openApproval({ message: CARD, state: 'approved', approvedBy: [VOTE], brokenGlass });
  await end(vote);
  await end(vote);
  expect(posts.filter(({ channel }) => channel === SECURITY)).toEqual([
    {
      channel: SECURITY,
      key: 'job:p',
      words: expect.stringMatching(/Glass broken: .*The result is told in its own message/),
    },
  ]);
});

it('lets no copy promise more of a request whose last yes was given up, where its last delivery has said so on the card', async () => {
  await openApproval({ message: CARD, state: 'approved', approvedBy: [VOTE] });
  await room.store.notes.put('said:p:0', CARD, 60);
  await end(vote);
  expect(followed).toEqual(['approval']);
  const stored = (await room.store.approvals.get('approval'))!;
  expect(await approvalCard(room.services, stored, async ({ approval }) => approval.state)).toBe('done');
});

it.each([
  ['is still shown', true, [CARD.ts, '4.0']],
  ['was ended by its last delivery', false, [CARD.ts]],
])("ends the card, and one person's copy of it where the course %s on that; once", async (_, isOpen, ended) => {
  await openApproval({ message: CARD, state: 'approved', approvedBy: [VOTE] });
  await room.store.notes.put('said:p:0', { channel: 'D0APPROVER1', ts: '4.0', ...(isOpen && { isOpen }) }, 60);
  await end(vote);
  await end(vote);
  expect(edits.map(({ ts }) => ts).toSorted()).toEqual(ended);
  expect(posts).toHaveLength(1);
});

it.each<[string, Partial<Approval>, string]>([
  ['was agreed to', { state: 'approved', approvedBy: [VOTE] }, 'Approved: .*told in its own message'],
  ['was refused', { state: 'refused', refusedBy: VOTE }, 'Refused: '],
])(
  'shows on what was pressed how a request ended that %s, where nobody learned where its card is',
  async (_, approval, words) => {
    await openApproval(approval);
    await end(vote);
    await end(vote);
    expect(edits).toEqual([{ channel: SECURITY, ts: '1.0', words: expect.stringMatching(words) }]);
  },
);

it.each<[string, Partial<Approval>, readonly string[]]>([
  ['goes on by the press of another', { state: 'approved', approvedBy: [{ ...VOTE, request: 'another' }] }, []],
  ['was refused', { state: 'refused', refusedBy: VOTE }, ['Refused: ']],
  ['still waits', { state: 'open' }, ['Approval needed: ']],
])('shows a request as it stands that %s, and tells no result of it', async (_, approval, words) => {
  await openApproval({ message: CARD, ...approval });
  await end(vote);
  expect([posts, edits]).toEqual([[], words.map(ended)]);
});

it('tries again what Slack did not take of a given-up yes, and tells nothing twice', async () => {
  await openApproval({ message: CARD, state: 'approved', approvedBy: [VOTE] });
  failure = new Fault('slack_unavailable', 'away');
  await expect(end(vote)).rejects.toBe(failure);
  failure = undefined;
  lost = [{ channel: CARD.channel, key: 'said:p:1', ts: '9.0' }];
  await end(vote);
  expect([posts, edits.map(({ ts }) => ts)]).toEqual([[], ['9.0', CARD.ts]]);
});

const submitted = (metadata: object) => ({
  type: 'view_submission',
  user: { id: PEOPLE.operator.userId, team_id: PEOPLE.operator.teamId },
  view: { id: 'V1', private_metadata: JSON.stringify(metadata) },
});

it.each([
  [
    'a press on the card',
    pressed('patrol:case:dismiss', JSON.stringify({ case: 'C-PRESSED', act: 'dismiss' })),
    ['pressed'],
  ],
  ['a window', submitted({ case: 'C-PRESSED' }), ['pressed']],
  ['a vote', pressed('patrol:approve', 'approval'), ['pressed', 'token']],
  ['a broken glass', submitted({ approval: 'approval', channel: SECURITY }), ['pressed', 'token']],
  ['an undo', pressed('patrol:undo:1', 'activate langsmith-demo:a'), ['token']],
  ['a button of another kind', pressed('patrol:page', '{}'), []],
])(
  'brings the cards up to date that %s is about, which was given up after its effect',
  async (_, payload, expected) => {
    const token = addToken(room, 'a');
    const ids = { pressed: 'C-PRESSED', token: caseId(tokenKey(token)) };
    await openCase(room, token, { id: ids.pressed, state: 'dismissed' });
    await openCase(room, token, { id: ids.token, state: 'dead' });
    await openApproval({ order: { ...ORDER, tokens: [token], caseId: ids.pressed } });
    await end(body({ kind: 'action', deliveryKey: 'p', payload }));
    expect(shown).toEqual(expected.map((name) => ids[name as keyof typeof ids]));
  },
);

it.each<['from' | 'into', object]>([
  // The card was posted, its process died, and what found the token could not draw it any more.
  ['from', { state: 'dismissed', mergedInto: "the token's" }],
  // The token's case was opened, and the earlier one was not merged yet.
  [
    'into',
    {
      state: 'unsearched',
      troubles: [{ kind: 'failed', fault: 'provider_unavailable', next: 'retrying', attempt: 2 }],
    },
  ],
])('ends the earlier case of a report too, whose card would go on promising (%s)', async (_, earlier) => {
  const clue = { form: 'named', provider: 'langsmith', profile: 'langsmith-demo', tokenId: 'a' } as const;
  const token = addToken(room, 'a');
  const [key, own] = [tokenKey(token), clueKey(clue)!];
  const updatedAt = new Date(NOW.getTime() - 3_600_000).toISOString();
  await openCase(room, token, { id: caseId(key), key, state: 'asking', updatedAt });
  await room.store.cases.open({
    ...{ id: caseId(own), key: own, state: 'unsearched', openedAt: updatedAt, updatedAt },
    ...{ reports: [], count: 1, generation: 0, ...earlier },
    ...('mergedInto' in earlier && { mergedInto: caseId(key) }),
  });
  await room.store.notes.put(`case-of:${own}`, key, 60);
  await end(body({ kind: 'report', source: 'generic', deliveryKey: 'r', report: { key: 'r', clue } }));
  expect(shown.toSorted()).toEqual([caseId(key), caseId(own)].toSorted());
  expect((await room.store.cases.get(caseId(own)))?.troubles ?? []).not.toContainEqual(
    expect.objectContaining({ next: 'retrying' }),
  );
});

it('ends the case of a token that a search had found and opened, and whose last try died before the earlier one went on in it', async () => {
  const clue = { form: 'named', provider: 'langsmith', profile: 'langsmith-demo', tokenId: 'a' } as const;
  const token = addToken(room, 'a');
  const [key, own] = [tokenKey(token), clueKey(clue)!];
  const updatedAt = new Date(NOW.getTime() - 3_600_000).toISOString();
  await openCase(room, token, { id: caseId(key), key, state: 'received', updatedAt });
  await room.store.cases.open({
    ...{ id: caseId(own), key: own, state: 'unsearched', openedAt: updatedAt, updatedAt, clue },
    ...{ reports: [{ source: 'generic', key: 'r', at: updatedAt }], count: 1, generation: 0 },
    troubles: [{ kind: 'unread', profiles: [{ fault: 'provider_unreached', whose: 'langsmith-demo' }] }],
  });
  await room.store.notes.put(`case-of:${own}`, key, 60);
  await end(body({ kind: 'search-again', deliveryKey: 's', caseId: caseId(own) }));
  expect(shown.toSorted()).toEqual([caseId(key), caseId(own)].toSorted());
  expect((await room.store.cases.get(caseId(key)))?.state).toBe('not_revoked');
});

const fromWindow = (deliveryKey = 'w', payload: object = {}) =>
  body({
    kind: 'view',
    deliveryKey,
    requestId: '2f0c2d3e-9a4b',
    payload: {
      type: 'view_submission',
      user: { id: PEOPLE.operator.userId, team_id: PEOPLE.operator.teamId },
      team: { id: PEOPLE.operator.teamId },
      view: { id: 'V1', private_metadata: '{}', state: { values: {} } },
      ...payload,
    },
  });

describe('a request that is brought back while whoever gives it up is at work on it', () => {
  const job = { ...{ v: 1 as const, kind: 'command' as const, receivedAt: NOW.toISOString() }, deliveryKey: 'asked' };
  const payload = { user_id: PEOPLE.operator.userId, team_id: PEOPLE.operator.teamId, channel_id: SECURITY };
  const request = toRequest({ ...job, sealed: [], unrecognised: 0 }, payload, { attempt: 2, isLast: false });
  const answer: Answer = { outcome: { kind: 'not_found', verb: 'deactivate', asked: 'notebook' }, to: 'channel' };

  /** Each message with what it says last. The job is brought back as soon as whoever gives it up has turned to Slack. */
  const raced = (bringBack: (say: Say, edit: Reply['edit']) => Promise<unknown>) => {
    const last = new Map<string | undefined, string>();
    const say = (ts: string | undefined, words: Message) => void last.set(ts, readAloud(words));
    const edit: Reply['edit'] = async ({ ts }, words) => say(ts, words);
    const post: Reply['post'] = async ({ channel }, words) => {
      const ts = `new ${last.size}`;
      say(ts, words);
      return { channel, ts };
    };
    let back: Promise<unknown> | undefined;
    const meanwhile = async () => {
      const words = createSay({
        services: room.services,
        reply: { ...reply, edit, post, find: async () => undefined },
      });
      back ??= bringBack(words, edit);
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    };
    const slow: Reply = {
      ...{ ...reply, post },
      find: async () => void (await meanwhile()),
      edit: async (...one) => {
        await meanwhile();
        await edit(...one);
      },
    };
    return {
      last,
      end: async () => {
        await endGivenUp({ ...depsOf(), reply: slow }, [asked()]);
        await back;
      },
    };
  };
  const saysIt = (say: Say) => say.say(request, answer, 0);

  it('has one last word, which is its own, where nobody had said one', async () => {
    const { last, end: endIt } = raced(saysIt);
    await endIt();
    expect([...last.values()]).toEqual([expect.not.stringContaining('Patrol stopped')]);
  });

  it.each([
    ['was said', saysIt],
    [
      'is shown in the message of its course',
      (say: Say, edit: Reply['edit']) =>
        say.close(request, answer, async () => {
          await edit({ channel: SECURITY, ts: '1.0' }, say.toMessage(request, answer));
          return true;
        }),
    ],
  ])('keeps its own last word where one had promised more, and the end %s', async (_, bringBack) => {
    const { last, end: endIt } = raced(bringBack);
    await said(0, { channel: SECURITY, ts: '1.0', isOpen: true });
    await endIt();
    expect([...last]).toEqual([['1.0', expect.not.stringContaining('Patrol stopped')]]);
  });
});

describe('a request of which nobody has said a word', () => {
  it('is told as stopped to whoever submitted a window, by direct message; once, and where its answer then goes', async () => {
    await end(fromWindow());
    await end(fromWindow());
    expect(tells).toEqual([
      { userId: PEOPLE.operator.userId, words: expect.stringMatching(/Patrol stopped.*2f0c2d3e.*redrive/s) },
    ]);
    expect(await room.store.notes.get('said:w:0')).toEqual({ ...DIRECT, isStopped: true });
  });

  it('is told where it was asked, to be found there by its name', async () => {
    await end(asked());
    await end(asked());
    expect(posts).toEqual([
      { channel: SECURITY, key: 'said:asked:0', words: expect.stringContaining('deactivate notebook') },
    ]);
  });

  it('is told to the person alone where what they pressed was shown to them alone', async () => {
    const channel = { id: 'C0OTHER0001' };
    const container = { is_ephemeral: true, message_ts: '5.0', channel_id: channel.id };
    await end(fromWindow('w', { type: 'block_actions', channel, container, actions: [{ action_id: 'patrol:page' }] }));
    expect([posts, tells.map(({ userId }) => userId)]).toEqual([[], [PEOPLE.operator.userId]]);
  });

  it.each([
    ['was said to one person alone', { channel: SECURITY, said: 'x', isOpen: true } as const],
    ['nobody can change any more', { channel: SECURITY, ts: 'gone', isOpen: true } as const],
  ])('is told too where the word that promised more %s; once', async (_, spoken) => {
    await room.store.notes.put('said:w:0', spoken, 60);
    await end(fromWindow());
    await end(fromWindow());
    expect(tells.map(({ userId }) => userId)).toEqual([PEOPLE.operator.userId]);
  });

  it('is told of a paste too of which nothing can become: nothing was recognised, or its reports are not queued', async () => {
    for (const [id, recognised] of [
      ['w', 0],
      ['x', 2],
    ] as const) {
      await keepPaste(room.store.notes, { id, reporter: PEOPLE.operator, recognised, unrecognised: 1 });
      await end(fromWindow(id));
    }
    expect(tells).toHaveLength(2);
  });

  it('is told to the person alone where another company reads what is said', async () => {
    Object.assign(room.services.channels, { isShared: async () => true });
    await end(asked('C0SHARED001'));
    expect([posts, tells.map(({ userId }) => userId)]).toEqual([[], [PEOPLE.operator.userId]]);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['its last delivery has told so', () => room.store.notes.put(toldEndNote('w'), true, 60), fromWindow()],
    [
      'an answer was whispered',
      () => room.store.notes.put('said:w:0', { channel: SECURITY, said: 'x' }, 60),
      fromWindow(),
    ],
    [
      'the message about what was pasted tells it',
      () =>
        keepPaste(room.store.notes, {
          id: 'w',
          reporter: PEOPLE.operator,
          recognised: 1,
          unrecognised: 0,
          isSent: true,
        }),
      fromWindow(),
    ],
    [
      'the card of its case does',
      () => openCase(room, addToken(room, 'a'), { id: caseId(tokenKey(addToken(room, 'a'))) }),
      fromWindow('w', {
        view: {
          id: 'V1',
          private_metadata: JSON.stringify({ case: caseId(tokenKey(addToken(createRoom(), 'a'))) }),
          state: { values: {} },
        },
      }),
    ],
    [
      'nothing was asked: a page was opened',
      async () => {},
      fromWindow('w', { view: undefined, event: { type: 'app_home_opened', user: PEOPLE.operator.userId } }),
    ],
  ])('is not told again where %s', async (_, before, letter) => {
    await before();
    await end(letter);
    expect([tells.filter(({ words }) => words.includes('this request has not come')), posts]).toEqual([[], []]);
  });
});

describe('a run whose process died at its last delivery', () => {
  const change = (requester: Actor, token: Token, verb: Mutation = 'deactivate') => {
    const { profile, id, name } = token;
    const ref = { profile, id, name };
    const order = { verb, tokens: [ref], requester, requestedAt: NOW.toISOString(), keepGoing: false };
    return room.store.remember(`${verb} ${id}`, (journal) =>
      changeToken(room.services, { journal }, { order, ref, warrant: { rule: 'role:operator', approvedBy: [] } }),
    );
  };
  const asking = (name: string) => {
    const token = addToken(room, name);
    return openCase(room, token, { id: caseId(tokenKey(token)), state: 'asking' });
  };
  const stateOf = async ({ id }: Case) => (await room.store.cases.get(id))?.state;

  it.each([
    ['was typed', PEOPLE.operator, asked()],
    ['others have agreed to', PEOPLE.admin, vote],
  ])(
    'has what it has stopped entered into the cases, and their cards follow: one that %s',
    async (_, requester, letter) => {
      await openApproval({
        order: { ...ORDER, requester: PEOPLE.admin },
        message: CARD,
        state: 'approved',
        approvedBy: [VOTE],
      });
      const [stopped, untouched] = [await asking('a'), await asking('b')];
      await change(requester, stopped.token!);
      await end(letter);
      expect([await stateOf(stopped), await stateOf(untouched)]).toEqual(['dead', 'asking']);
      expect(shown).toEqual([stopped.id]);
      expect(await room.store.cases.get(stopped.id)).toMatchObject({
        changedBy: requester,
        receipt: { read: 'inactive' },
      });
    },
  );

  it('enters nothing that somebody has undone since', async () => {
    const kase = await asking('a');
    await change(PEOPLE.operator, kase.token!);
    await change(PEOPLE.admin, kase.token!, 'activate');
    await end(asked());
    expect([await stateOf(kase), shown]).toEqual(['asking', []]);
  });
});
