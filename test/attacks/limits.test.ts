import { beforeAll, expect } from 'vitest';
import type { StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import type { SlackMessage } from '#infra/sandbox/slack/workspace.ts';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { resolveApproval } from '#shared/tokens/resolve-approval.ts';
import { takeOrder } from '#shared/tokens/take-order.ts';
import { attack } from '#test/support/attack.ts';
import { addToken, createRoom, PEOPLE } from '#test/support/room.ts';
import { langsmithKey } from '#test/support/leaks.ts';
import { sharedSandbox } from '#test/support/shared-sandbox.ts';
import type { TestSandbox } from '#test/support/sandbox.ts';
import { wordsOf } from '#test/support/slack-talk.ts';

let sandbox: TestSandbox;
let driver: AlertDriver;
beforeAll(async () => {
  sandbox = await sharedSandbox('tight');
  driver = createAlertDriver(sandbox);
});

type Provider = 'dfns' | 'langsmith';
const issue = async (provider: Provider, names: string, many: number): Promise<readonly StandInToken[]> => {
  const tokens: StandInToken[] = [];
  for (let at = 1; at <= many; at += 1) tokens.push(await driver.issue(provider, `${names} ${at}`));
  return tokens;
};
const alive = async (tokens: readonly StandInToken[]) =>
  (await sandbox.tokens()).filter(({ id, state }) => state === 'active' && tokens.some((token) => token.id === id));
const secretsOf = (tokens: readonly StandInToken[]) => tokens.map(({ secret, provider }) => ({ secret, provider }));

/** Asks for the deletion of a token and says yes to it; gives the question. */
async function wanted(id: string): Promise<SlackMessage> {
  const question = await driver.ask(`delete langsmith-demo:${id} contract ended`, 'operator');
  await driver.press(question, 'Yes, delete', 'operator');
  await driver.idle();
  return driver.now(question);
}

/** The same, where it is put before others; gives what they read. */
async function requested(id: string): Promise<SlackMessage> {
  let question: SlackMessage | undefined;
  const request = await driver.next(async () => (question = await wanted(id)), /^Approval needed/);
  expect(wordsOf(question!)).toMatch(/^Passed on/);
  return request;
}
const mint = (name: string) => driver.mint(name, { provider: 'langsmith', profile: 'langsmith-demo' });

attack(
  {
    name: 'pasted-in-small-bites',
    finding: 5,
    does: 'pastes one leaked secret after the other into the window, so that no report reaches the limit for a second person',
    holds: 'they count together, and the one that reaches the limit asks',
    without: [
      {
        file: 'shared/alerts/act-on-case.ts',
        replace: 'Math.max(pasted, others + 1)',
        by: 'Math.max(pasted, 0 * others)',
      },
    ],
  },
  async () => {
    const tokens = await issue('langsmith', 'pasted bite', 5);
    for (const { secret } of tokens) {
      await sandbox.pat('leak', 'approver');
      const window = await driver.view('approver', ({ callbackId }) => callbackId === 'patrol:leak');
      await driver.submit(window, { leak: { secrets: { type: 'plain_text_input', value: secret } } }, 'approver');
      await driver.idle();
      await driver.quiet();
    }
    expect((await alive(tokens)).map(({ name }) => name)).toEqual([3, 4, 5].map((at) => `pasted bite ${at}`));
  },
);

attack(
  {
    name: 'many-strings-before-the-real-one',
    finding: 10,
    does: 'has a file scanned that holds two dozen made-up keys before a genuine one, so that its card drowns among theirs',
    holds: 'the genuine one has its card, and all the others are told by one message',
    without: [
      {
        file: 'shared/cases/show-case.ts',
        replace: 'if (await rollUps.hasCard(kase, begun)) return',
        by: 'if (kase.id !== "") return',
      },
    ],
  },
  async () => {
    const token = await driver.issue('dfns', 'drowned');
    const before = (await driver.cards()).length;
    const madeUp = Array.from({ length: 24 }, () => ({ secret: langsmithKey() }));
    const flood = driver.signWebhook('generic', JSON.stringify(madeUp));
    expect((await driver.deliver(flood)).status).toBe(202);
    await driver.tell([{ secret: token.secret }]);
    await driver.card(token.name, /Deactivated, confirmed\./);
    expect((await driver.cards()).length - before).toBe(1);
    const told = (await sandbox.messages()).filter(({ text }) => /more leaks? reported, told together/.test(text));
    expect(told.map(({ text }) => /^24 /.test(text))).toEqual([true]);
  },
);

attack(
  {
    name: 'many-kills-at-once',
    finding: 1,
    does: 'reports twelve genuine tokens in one file',
    holds: 'no more die without a human than the brake of the policy lets through',
    without: [
      { file: 'shared/alerts/take-kill.ts', replace: 'length: brake.kills }', by: 'length: brake.kills * 10 }' },
    ],
  },
  async () => {
    const tokens = await issue('langsmith', 'one of many', 6);
    await driver.tell(secretsOf(tokens));
    expect((await alive(tokens)).length).toBeGreaterThanOrEqual(3);
  },
);

attack(
  {
    name: 'a-question-for-each-of-many',
    finding: 1,
    does: 'reports a dozen genuine tokens at once, so that one question for each buries the channel and its people',
    holds: 'what the brake holds back is asked about by one card',
    without: [
      {
        file: 'shared/cases/held-cases.ts',
        replace: "state === 'asking' && decision?.rule",
        by: 'state === decision?.rule && decision?.rule',
      },
    ],
  },
  async () => {
    const tokens = await issue('dfns', 'one of a dozen', 12);
    await driver.tell(secretsOf(tokens));
    const left = (await alive(tokens)).length;
    expect(left).toBeGreaterThanOrEqual(9);
    const held = async () =>
      (await sandbox.messages()).filter(({ text }) => / more leaked tokens match in `dfns-demo`/.test(text));
    await sandbox.until('one card to tell of all', async () =>
      (await held()).some(({ text }) => text.startsWith(`${left} `)),
    );
    const asks = (await driver.cards('one of a dozen')).filter((card) => /a person must decide/.test(wordsOf(card)));
    expect([asks.length, (await held()).length]).toEqual([0, 1]);
  },
);

attack(
  {
    name: 'small-bites',
    finding: 5,
    does: 'has the right to deactivate, and asks for one token after the other, so that no request reaches the limit for a second person',
    holds: 'what one person asks for within minutes counts as one request',
    without: [
      {
        file: 'shared/tokens/place-order.ts',
        replace: 'order.tokens.length + others',
        by: 'order.tokens.length + 0 * others',
      },
    ],
  },
  async () => {
    const tokens = await issue('langsmith', 'bite', 5);
    for (const { id } of tokens) await driver.ask(`deactivate ${id}`, 'operator');
    expect(await alive(tokens)).toHaveLength(3);
  },
);

attack(
  {
    name: 'one-person-approves-thrice',
    finding: 11,
    does: 'presses Approve three times on a request that needs two people',
    holds: 'one vote is counted, one is on record, and the presser is told that another person is needed',
    without: [{ file: 'shared/tokens/resolve-approval.ts', replace: 'if (isMine) await', by: 'await' }],
  },
  async () => {
    const token = await mint('approved thrice');
    const request = await requested(token.id);
    await driver.press(request, 'Approve', 'approver');
    const half = await driver.reads(request, /Approved by 1 of 2/);
    for (let again = 0; again < 2; again += 1) {
      await driver.next(() => driver.press(half, 'Approve', 'approver'), /you approved .* already.*One more approval/s);
    }
    await driver.ask(`audit --token ${token.id} --file jsonl`, 'admin');
    const file = await sandbox.until('the file', async () =>
      (await sandbox.get<{ content: string }[]>('files')).find(({ content }) => content.includes(token.id)),
    );
    expect(file.content.match(/"what":"approve"/g)).toHaveLength(1);
    expect(await driver.stateOf(token)).toBe('active');
  },
);

attack(
  {
    name: 'the-same-asked-twice',
    finding: 11,
    does: 'asks for a deletion that somebody has asked for already, so that two requests wait for one change, and those who refuse the one do not know of the other',
    holds:
      'one request waits: whoever asks again is led to it, also of two that are asked at the same instant; once it is decided, the next one is a request',
    without: [
      {
        file: 'shared/tokens/ask-others.ts',
        replace: 'if (earlier !== undefined && earlier.id !== id)',
        by: 'if (earlier !== undefined && earlier.id !== id && earlier.id === earlier.rule)',
      },
    ],
  },
  async () => {
    const token = await mint('asked for twice');
    const first = await requested(token.id);
    expect(wordsOf(await wanted(token.id))).toMatch(/asked for the same/);
    await driver.press(first, 'Refuse', 'approver');
    await driver.reads(first, /^Refused/);
    await requested(token.id);
    const other = await mint('asked for at once');
    const people = ['operator', 'operator'] as const;
    const questions: SlackMessage[] = [];
    for (const who of people) questions.push(await driver.ask(`delete langsmith-demo:${other.id} contract ended`, who));
    await driver.next(
      () => Promise.all(people.map((who, at) => driver.press(questions[at]!, 'Yes, delete', who))),
      /^Approval needed/,
    );
    await driver.idle();
    const answers = await Promise.all(questions.map(async (question) => wordsOf(await driver.now(question))));
    expect(answers.filter((answer) => answer.startsWith('Passed on'))).toHaveLength(1);
    expect(answers.filter((answer) => /asked for the same/.test(answer))).toHaveLength(1);
    expect(await driver.stateOf(token)).toBe('active');
  },
);

attack(
  {
    name: 'one-person-under-two-ids',
    does: 'has two ids in an Enterprise Grid, of the workspace and of the organisation, and approves with the one what was asked, or approved, with the other',
    holds: 'they are one person, by their e-mail address; where Slack does not tell it, the press changes nothing',
    inside: 'the sandbox’s Slack is one workspace, in which everybody has one id',
    without: [
      {
        file: 'shared/tokens/compare-person.ts',
        replace: 'userId !== own && userId[0] !== own[0]',
        by: 'userId !== own && userId === own[0]',
      },
    ],
  },
  async () => {
    const emails = new Map([
      [PEOPLE.operator.userId, 'olga@example.com'],
      ['W0OPERATOR1', 'olga@example.com'],
      [PEOPLE.approver.userId, 'paul@example.com'],
      ['W0APPROVER1', 'paul@example.com'],
      ['W0NOBODY001', 'nina@example.com'],
    ]);
    const room = createRoom((policy) => {
      policy.approvals[0]!.approvers = 2;
      policy.limits.confirm = [];
      policy.roles['approver']!.users.push('W0OPERATOR1', 'W0APPROVER1', 'W0NOBODY001', 'W0UNTOLD001');
    });
    Object.assign(room.services, {
      people: { ...room.services.people, emailOf: async (id: string) => emails.get(id) },
    });
    addToken(room, 'a');
    const named = { verb: 'delete', tokens: ['langsmith-demo:a'], keepGoing: false, ask: 'never' } as const;
    const asked = await takeOrder(await room.context(PEOPLE.operator), named);
    const approvalId = asked.kind === 'approval' ? asked.approval.id : expect.fail(asked.kind);
    const press = async (userId: string) => {
      const context = await room.context({ ...PEOPLE.approver, userId });
      const { result } = await resolveApproval(context, { approvalId, answer: 'approve' }, () =>
        expect.fail('no lever'),
      );
      return result?.kind === 'denied' ? result.why : result?.kind;
    };
    expect(await press('W0OPERATOR1')).toBe('own_request');
    expect(await press('W0UNTOLD001')).toBe('maybe_same');
    expect(await press(PEOPLE.approver.userId)).toBeUndefined();
    expect(await press('W0APPROVER1')).toBe('already_voted');
    expect(room.tokens.get('a')?.state).toBe('active');
    expect(await press('W0NOBODY001')).toBe('changed');
  },
);
