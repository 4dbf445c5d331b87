import { beforeAll, expect } from 'vitest';
import type { SlackMessage } from '#infra/sandbox/slack/workspace.ts';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { attack } from '#test/support/attack.ts';
import { dfnsToken } from '#test/support/leaks.ts';
import type { TestSandbox } from '#test/support/sandbox.ts';
import { sharedSandbox } from '#test/support/shared-sandbox.ts';
import { wordsOf } from '#test/support/slack-talk.ts';

let sandbox: TestSandbox;
let driver: AlertDriver;
beforeAll(async () => {
  // In it the operator may not see the profile of Dfns.
  sandbox = await sharedSandbox('tight');
  driver = createAlertDriver(sandbox);
});

/** The card of a weak case that may mean any of several tokens of Dfns. */
async function weakCase(name: string): Promise<SlackMessage> {
  const token = await driver.issue('dfns', name);
  const [header = '', claims = ''] = token.secret.split('.');
  const { iat, ...rest } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { iat: number };
  const spelt = Buffer.from(JSON.stringify({ ...rest, iat: iat - 90 * 86_400 })).toString('base64url');
  await driver.tell([{ secret: `${header}.${spelt}.${dfnsToken().split('.')[2] ?? ''}`, repository: `acme/${name}` }]);
  return (await driver.cards(name))[0] ?? expect.fail(`no card of ${name}`);
}

const WITHOUT_ALL = {
  file: 'shared/cases/press-case.ts',
  replace: 'const denied = answers.find(isDenied);',
  by: 'const denied = answers.length > 0 ? undefined : answers.find(isDenied);\n  answers[answers.length] = authority.may(verb);',
};

attack(
  {
    name: 'not-ours-of-a-hidden-profile',
    finding: 14,
    does: 'presses "Not ours", "Take it" and "Search again" on a case whose candidates are in a profile that the presser may not see',
    holds: 'nothing changes, and not even the profile’s name is told',
    without: [WITHOUT_ALL],
  },
  async () => {
    const card = await weakCase('hidden-case');
    for (const words of ['Take it', 'Not ours', 'Search again']) {
      const answer = await driver.next(
        () => driver.press(card, words, 'operator'),
        ({ ephemeralTo }) => ephemeralTo !== undefined,
      );
      expect(wordsOf(answer)).toMatch(/may not/);
      expect(wordsOf(answer)).not.toContain('dfns');
    }
    expect(wordsOf(await driver.now(card))).toBe(wordsOf(card));
  },
);

attack(
  {
    name: 'counted-although-hidden',
    finding: 14,
    does: 'asks for stats and the record without a right on the profile that they are about',
    holds: 'neither counts nor tells the cases, requests and refusals of a hidden profile',
    without: [
      {
        file: 'shared/tokens/may-see.ts',
        replace: 'return (profiles) => !profiles.some((profile) => hidden.has(profile));',
        by: "return (profiles) => profiles.length >= 0 || hidden.has('');",
      },
    ],
  },
  async () => {
    const token = await driver.mint('hidden-kill');
    const seen = await driver.mint('seen-by-all', { provider: 'langsmith', profile: 'langsmith-demo' });
    const numbers = async () => wordsOf(await driver.ask('stats', 'operator')).replace(/Counted since.*/, '');
    const before = await numbers();
    const card = await weakCase('hidden-numbers');
    await driver.ask(`deactivate ${token.id} a hidden reason`, 'admin');
    await driver.ask(`deactivate dfns-demo:${token.id}`, 'operator');
    await driver.press(card, 'Take it', 'admin');
    await driver.reads(card, /Taken by/);
    const told = await Promise.all(
      ['audit', 'stats', 'cases'].map(async (asked) => wordsOf(await driver.ask(asked, 'operator'))),
    );
    const [id] = /C-[A-Z2-7]{16}/.exec(wordsOf(await driver.now(card))) ?? [];
    expect(told.filter((words) => /dfns|hidden/.test(words) || words.includes(id!))).toEqual([]);
    expect(wordsOf(await driver.ask('audit', 'admin'))).toContain('a hidden reason');
    expect(await numbers()).toBe(before);
    await driver.ask(`deactivate langsmith-demo:${seen.id}`, 'viewer');
    expect(await numbers()).not.toBe(before);
  },
);

attack(
  {
    name: 'profile-name-from-a-near-miss',
    finding: 21,
    does: 'types, from another workspace, a command with a misspelt profile',
    holds: 'no name is told: only that Patrol does not answer there',
    without: [
      {
        file: 'shared/slack/listeners/on-command.ts',
        replace: 'return names.filter((name) => known.has(name));',
        by: 'return names.filter((name) => known.size >= 0 || known.has(name));',
      },
      {
        file: 'shared/slack/listeners/on-command.ts',
        replace: '= isOurs(services.policy, request.actor)',
        by: '= isOurs(services.policy, request.actor) || true',
      },
    ],
  },
  async () => {
    for (const [who, said] of [
      ['outsider', /members of its own workspaces only/],
      ['operator', /dfns-dem/],
    ] as const) {
      const answer = wordsOf(await driver.ask('list dfns-dem', who, { where: 'general' }));
      expect(answer).toMatch(said);
      expect(answer).not.toContain('dfns-demo');
    }
  },
);

attack(
  {
    name: 'glass-looked-through',
    finding: 21,
    does: 'presses "Break the glass…" on a copied button, from another workspace or without the role',
    holds: 'the window shows a refusal, and neither token nor requester',
    without: [
      {
        file: 'shared/slack/listeners/on-glass-wanted.ts',
        replace: "if (refusal === undefined && approval?.state === 'open') {",
        by: "if (approval?.state === 'open') {",
      },
    ],
  },
  async () => {
    const token = await driver.mint('behind-the-glass', { provider: 'langsmith', profile: 'langsmith-demo' });
    const question = await driver.ask(`delete langsmith-demo:${token.id} contract ended`, 'admin');
    const request = await driver.next(() => driver.press(question, 'Yes, delete', 'admin'), /^Approval needed/);
    for (const who of ['outsider', 'viewer'] as const) {
      await driver.press(request, 'Break the glass…', who);
      // The edge opens it empty; what it comes to say is the answer.
      const window = await driver.view(who, ({ view }) => /own workspaces only|you may not/.test(JSON.stringify(view)));
      expect(JSON.stringify(window.view)).not.toMatch(/behind-the-glass|U0ADMIN0001/);
    }
    expect(await driver.stateOf(token)).toBe('active');
  },
);
