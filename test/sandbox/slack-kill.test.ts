import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { signCommand } from '#infra/sandbox/slack/sign.ts';
import type { Call, StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import '#test/support/contain-no-secret.ts';
import { startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';
import { textsOf } from '#test/support/slack-text.ts';
import { createTalk, type Talk, wordsOf } from '#test/support/slack-talk.ts';

let sandbox: TestSandbox;
let talk: Talk;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  talk = createTalk(sandbox);
});
afterEach(async () => {
  expect(await talk.faults()).toEqual([]);
});
afterAll(async () => {
  await sandbox.stop();
});

/** Every message that speaks of a token, whoever sees it. */
const about = async (name: string) => (await sandbox.messages()).filter((message) => wordsOf(message).includes(name));

describe('a kill that a person asks for', () => {
  it('is told as done only after the provider agrees, with the reason, a receipt and a way back', async () => {
    const token = await talk.mint('left-in-a-cab');
    const receipt = await talk.ask(`Deactivate ${token.id} laptop left in cab`, 'operator', { where: 'general' });
    expect(await talk.stateOf(token)).toBe('inactive');
    expect(receipt.text).toMatch(/^Deactivated: .*left-in-a-cab/);
    expect(wordsOf(receipt)).toMatch(/UTC.*Reason: `laptop left in cab`/s);

    const back = await talk.next(() => talk.press(receipt, 'Undo: activate', 'operator'));
    expect(back.text).toMatch(/Active again: .*left-in-a-cab/);
    expect(await talk.stateOf(token)).toBe('active');
  });

  it('done already is told as such and changes nothing', async () => {
    const token = await talk.mint('twice-asked');
    await talk.ask(`deactivate ${token.id}`);
    const again = await talk.ask(`deactivate dfns-demo:${token.id}`);
    expect(wordsOf(again)).toMatch(/is inactive already|already inactive|Nothing was changed/);
    expect(await talk.mutationsOf(token)).toBe(1);
  });

  it('and delivered three times changes the token once and is answered once', async () => {
    const token = await talk.mint('delivered-thrice');
    const command = signCommand(talk.sender(), `deactivate ${token.id} because of a drill`);
    const answers = await Promise.all([talk.send(command), talk.send(command), talk.send(command)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    // A copy that comes while the first is at work comes again when that one's lease would be over: once at least, 8 s later.
    await talk.idle(50_000);
    expect(await talk.mutationsOf(token)).toBe(1);
    const said = await about('delivered-thrice');
    expect(said.map(({ text }) => text)).toEqual([expect.stringMatching(/^Deactivated: /)]);
    expect(wordsOf(said[0]!)).not.toMatch(/already/);
  });

  it('deletes at LangSmith as well, after the confirmation, and says that nothing brings it back', async () => {
    const token = await talk.mint('langsmith-goes', { provider: 'langsmith', profile: 'langsmith-demo' });
    const question = await talk.ask(`delete "${token.name}"`);
    expect(wordsOf(question)).toMatch(/Nothing has been done yet.*cannot be undone/s);
    expect(await talk.stateOf(token)).toBe('active');
    await talk.press(question, 'Yes, delete');
    expect((await talk.reads(question, /^Deleted: /)).text).toContain('langsmith-goes');
    await talk.becomes(token, 'deleted');
  });

  it('is not done after "Cancel", nor by another person\'s press', async () => {
    const token = await talk.mint('spared');
    const question = await talk.ask(`delete ${token.id}`);
    const refusal = await talk.next(() => talk.press(question, 'Yes, delete', 'operator'));
    expect(wordsOf(refusal)).toContain('only the person who asked may press this');
    expect(refusal.ephemeralTo).toBe(sandbox.ready.slack.users.operator);
    await talk.press(question, 'Cancel');
    await talk.reads(question, /Cancelled by <@U0ADMIN0001>: NOT deleted `spared`/);
    const late = await talk.next(() => talk.press(question, 'Yes, delete'));
    expect(wordsOf(late)).toMatch(/this was cancelled already, by <@U0ADMIN0001> <!date/);
    expect(await talk.stateOf(token)).toBe('active');
  });
});

describe('a yes pressed twice at once', () => {
  it('counts once, and the second press is told so', async () => {
    const token = await talk.mint('pressed-twice');
    const question = await talk.ask(`delete ${token.id}`);
    await Promise.all([talk.press(question, 'Yes, delete'), talk.press(question, 'Yes, delete')]);
    await talk.reads(question, /^Deleted: .*pressed-twice/);
    await talk.idle();
    expect(await talk.mutationsOf(token)).toBe(1);
    expect(
      (await sandbox.messages()).filter(({ text }) => /this (?:was confirmed|has been decided) already/.test(text))
        .length,
    ).toBeGreaterThan(0);
  });
});

describe('a kill that is refused', () => {
  it('of a protected token tells the reason of the policy', async () => {
    const answer = await talk.ask('deactivate break-glass-payments');
    expect(wordsOf(answer)).toMatch(/NOT deactivated: .*is protected.*emergency access of the platform team/s);
    expect((await sandbox.token('break-glass-payments')).state).toBe('active');
  });

  it("of Patrol's own token tells that it would lock itself out", async () => {
    const own = (await sandbox.tokens()).filter(({ name }) => name === 'patrol-bot');
    for (const { profile, id } of own) {
      const answer = await talk.ask(`deactivate ${profile}:${id}`);
      expect(wordsOf(answer)).toMatch(/NOT deactivated: .*is the token Patrol works with/);
    }
    expect(own.map(({ provider }) => provider).sort()).toEqual(['dfns', 'langsmith']);
    const after = (await sandbox.tokens()).filter(({ name }) => name === 'patrol-bot');
    // Patrol works with it in between, so that it was used later.
    const unused = (tokens: typeof own) => tokens.map((token) => ({ ...token, lastUsedAt: undefined }));
    expect(unused(after)).toEqual(unused(own));
  });

  it('to somebody without the right is told to that person alone, with the role to ask', async () => {
    const token = await talk.mint('not-for-viewers');
    const answer = await talk.ask(`deactivate ${token.id}`, 'viewer', { where: 'general' });
    expect(answer.ephemeralTo).toBe(sandbox.ready.slack.users.viewer);
    expect(wordsOf(answer)).toMatch(/you may not deactivate tokens.*`operator`/s);
    const stranger = await talk.ask(`deactivate ${token.id}`, 'outsider', { where: 'general' });
    expect(wordsOf(stranger)).toContain('members of its own workspaces only');
    expect(await talk.stateOf(token)).toBe('active');
  });

  it('of an ambiguous name gives a choice, and one of no such name says what is near', async () => {
    await Promise.all([talk.mint('twins'), talk.mint('twins')]);
    const choice = await talk.ask('deactivate twins');
    expect(wordsOf(choice)).toMatch(/2 tokens|Which/);
    expect((await sandbox.tokens()).filter(({ name, state }) => name === 'twins' && state === 'active')).toHaveLength(
      2,
    );
    expect(wordsOf(await talk.ask('deactivate laptop-ana'))).toContain('laptop-anna');
  });
});

describe('names that others have chosen', () => {
  it('never ping, link or format, wherever they are shown', async () => {
    const names = [
      '<!channel> *bold* <https://evil.example|click>',
      '<@U0ADMIN0001> `x` _y_ ~z~',
      '&lt;!here&gt; \u202Eevil',
    ];
    await talk.mint(names[1]!);
    await talk.mint(names[2]!);
    const list = await talk.ask('list dfns-demo --sort age', 'viewer');
    const hostile = (await sandbox.tokens()).find(({ name, provider }) => name === names[0] && provider === 'dfns')!;
    const shown = await talk.ask(`show ${hostile.id}`, 'viewer');
    const killed = await talk.ask(`deactivate ${hostile.id} <!everyone> <https://evil.example|look>`);
    for (const message of [list, shown, killed]) {
      // Slack reads no markup in a plain text, a table's cell or a menu's option.
      const read = textsOf(message.blocks).filter(({ type }) => type === 'mrkdwn');
      const raw = JSON.stringify([message.text, read.map(({ text }) => text)]);
      expect(JSON.stringify(message.blocks)).not.toContain('\u202E');
      expect(raw).not.toMatch(/<!(channel|here|everyone)|<https:\/\/evil|<@U0ADMIN0001> `|\u202E/);
    }
    expect(wordsOf(killed)).toContain('Deactivated: ');
  });
});

describe('the bad day', () => {
  it('a provider that is down: "NOT deactivated yet" and what comes next; then the kill, in the same message', async () => {
    const token = await talk.mint('provider-down');
    await sandbox.fault('dfns', { mode: 'down' });
    const answer = await talk.ask(`deactivate ${token.id} because of a drill`, 'operator');
    expect(wordsOf(answer)).toMatch(/NOT deactivated yet.*Dfns does not answer.*tries again by itself/s);
    expect(await talk.stateOf(token)).toBe('active');
    await sandbox.fault('dfns', { mode: 'none' });
    const done = await talk.reads(answer, /^Deactivated: .*provider-down/);
    expect(wordsOf(done)).toContain('because of a drill'.replace('because ', ''));
    expect(await about('provider-down')).toHaveLength(1);
    expect(await talk.mutationsOf(token)).toBe(1);
  });

  it('a provider that is down, and Try now when it is back: the same kill at once, once, in its message', async () => {
    const token = await talk.mint('hurried');
    await sandbox.fault('dfns', { mode: 'down' });
    const answer = await talk.ask(`deactivate ${token.id} because of a drill`, 'operator');
    expect(wordsOf(answer)).toMatch(/NOT deactivated yet/);
    expect(wordsOf(answer)).not.toContain('nothing to press');
    await talk.press(answer, 'Try now', 'admin');
    const told = await sandbox.said(/Tried again just now, and it did not come about|being tried at this moment/);
    expect(told.ephemeralTo).toBe(sandbox.ready.slack.users.admin);
    expect(await talk.stateOf(token)).toBe('active');
    await sandbox.fault('dfns', { mode: 'none' });
    await talk.press(answer, 'Try now', 'admin');
    const done = await talk.reads(answer, /^Deactivated: .*hurried/);
    expect(wordsOf(done)).toMatch(/Asked by <@U0OPERATOR1>.*of a drill/s);
    expect(wordsOf(done)).not.toMatch(/Try now|Give up/);
    await talk.idle();
    expect(await talk.mutationsOf(token)).toBe(1);
    const record = await talk.ask(`audit --actor <@${sandbox.ready.slack.users.admin}>`, 'admin');
    expect(wordsOf(record)).toMatch(new RegExp(`try now deactivate\\n${token.id}\\nnoted`));
  });

  it('a provider that is down, and Give up: it says so at once, and the token is left alone when the provider is back', async () => {
    const token = await talk.mint('let-go');
    await sandbox.fault('dfns', { mode: 'down' });
    const answer = await talk.ask(`deactivate ${token.id}`, 'operator');
    await talk.press(answer, 'Give up', 'viewer');
    await talk.press(answer, 'Give up', 'operator');
    const ended = await talk.reads(answer, /^NOT deactivated: .*<@U0OPERATOR1> gave it up/);
    expect(wordsOf(ended)).toMatch(/nothing more happens by itself. Nothing was changed by this request/);
    expect(wordsOf(ended)).not.toMatch(/Try now|Give up|tries again/);
    await sandbox.fault('dfns', { mode: 'none' });
    await talk.idle(40_000);
    expect([await talk.stateOf(token), await talk.mutationsOf(token)]).toEqual(['active', 0]);
    expect((await about(token.id)).map(({ text }) => text)).toEqual([ended.text]);
    const record = await talk.ask(`audit --actor <@${sandbox.ready.slack.users.viewer}>`, 'admin');
    expect(wordsOf(record)).toMatch(/denied deactivate/);
  });

  it('a provider that stays down: the last attempt says that Patrol has stopped, and a press starts it again', async () => {
    const token = await talk.mint('given-up');
    await sandbox.post('restart', { function: 'slack-worker', env: { MAX_RECEIVES: '2' } });
    await sandbox.fault('dfns', { mode: 'down' });
    const answer = await talk.ask(`deactivate ${token.id}`, 'operator');
    const stopped = await talk.reads(answer, /Patrol stopped after 2 attempts.*dead-letter queue/s);
    expect(stopped.text).toMatch(/^NOT deactivated/);
    await sandbox.until('the job to be in the dead-letter queue', async () =>
      (await sandbox.history()).some(({ deadLettered, body }) => deadLettered && body.includes(token.id)),
    );
    await sandbox.fault('dfns', { mode: 'none' });
    await sandbox.post('restart', { function: 'slack-worker', env: { MAX_RECEIVES: '100' } });
    await talk.press(stopped, 'Try again', 'operator');
    await talk.becomes(token, 'inactive');
    await sandbox.said(/^Deactivated: .*given-up/);
  });

  it('a worker killed before the effect, after it, or before the reply: one change and one truthful answer', async () => {
    const killed: StandInToken[] = [];
    for (const at of ['before-effect', 'after-effect', 'before-reply'] as const) {
      const token = await talk.mint(`killed-${at}`);
      const unanswered = async () => {
        const calls = [...(await sandbox.get<readonly Call[]>('slack-calls')), ...(await sandbox.calls())];
        return calls.filter(({ status, path, mutation }) => status === 0 || (mutation && path.includes(token.id)))
          .length;
      };
      const before = await unanswered();
      await sandbox.post('crash', { function: 'slack-worker', at });
      await sandbox.pat(`deactivate ${token.id}`, 'operator');
      await sandbox.until(`the worker to be killed ${at}`, async () => (await unanswered()) > before);
      killed.push(token);
    }
    await talk.idle(40_000);
    for (const token of killed) {
      const [answer, ...more] = await about(token.name);
      expect(more).toEqual([]);
      expect(answer?.text).toMatch(/^Deactivated: /);
      expect(wordsOf(answer!)).not.toMatch(/already/);
      expect(await talk.mutationsOf(token)).toBe(1);
    }
  });

  for (const [mode, words] of [
    ['down', 'is down'],
    ['hang', 'answers nothing'],
  ] as const) {
    it(`Slack ${words}: the kill does not wait for it, and the words follow when Slack is back`, async () => {
      const token = await talk.mint(`slack-${mode}`);
      await sandbox.fault('slack', { mode });
      await sandbox.pat(`deactivate ${token.id}`, 'operator');
      await talk.becomes(token, 'inactive');
      expect(await about(token.name)).toEqual([]);
      await sandbox.fault('slack', { mode: 'none' });
      const said = await sandbox.said(new RegExp(`^Deactivated: .*${token.name}`), 30_000);
      expect(wordsOf(said)).not.toMatch(/already/);
      expect(await talk.mutationsOf(token)).toBe(1);
    });
  }

  it('the record down: nothing is done unrecorded, and it is done and told when the record is back', async () => {
    const token = await talk.mint('record-down');
    await sandbox.fault('dynamodb', { mode: '500' });
    await sandbox.pat(`deactivate ${token.id}`, 'operator');
    await sandbox.until('an attempt to fail', async () =>
      (await sandbox.logs()).some(({ text }) => text.includes('job_retried') && text.includes('store_unavailable')),
    );
    expect(await talk.stateOf(token)).toBe('active');
    await sandbox.fault('dynamodb', { mode: 'none' });
    await sandbox.said(/^Deactivated: .*record-down/, 30_000);
    expect(await talk.mutationsOf(token)).toBe(1);
  });

  it('the record down, and the queue does not hear that a job is given back: it comes back all the same, and soon', async () => {
    const token = await talk.mint('given-back');
    const tries = async () =>
      (await sandbox.logs()).filter(({ text }) => text.includes('job_retried') && text.includes('store_unavailable'));
    const before = (await tries()).length;
    await sandbox.fault('dynamodb', { mode: '500' });
    await sandbox.pat(`deactivate ${token.id}`, 'operator');
    await sandbox.fault('sqs', { mode: 'down', count: 2 });
    // The third tells that the second, if not the first, was given back while the queue was deaf.
    await sandbox.until('three attempts', async () => (await tries()).length >= before + 3, 40_000);
    await sandbox.fault('dynamodb', { mode: 'none' });
    await sandbox.said(/^Deactivated: .*given-back/, 40_000);
    await sandbox.fault('sqs', { mode: 'none' });
    expect(await talk.mutationsOf(token)).toBe(1);
  });

  it('secrets that cannot be read on a cold start: the request waits, and is done when they can be read', async () => {
    const token = await talk.mint('secrets-down');
    await sandbox.fault('secrets', { mode: '500' });
    await sandbox.post('restart', { function: 'slack-worker' });
    await sandbox.pat(`deactivate ${token.id}`, 'operator');
    await sandbox.until('the worker to have failed to start', async () =>
      (await sandbox.logs()).some((line) => line.function === 'slack-worker' && /secret_unavailable/.test(line.text)),
    );
    expect(await talk.stateOf(token)).toBe('active');
    await sandbox.fault('secrets', { mode: 'none' });
    await sandbox.said(/^Deactivated: .*secrets-down/, 30_000);
    expect(await talk.mutationsOf(token)).toBe(1);
  });

  it('an old LangSmith: unsupported is said, and never turned into a delete', async () => {
    const token = await talk.mint('old-server', { provider: 'langsmith', profile: 'langsmith-demo' });
    await sandbox.fault('langsmith', { mode: 'no-revocation' });
    const answer = await talk.ask(`deactivate ${token.id}`);
    await sandbox.fault('langsmith', { mode: 'none' });
    expect(wordsOf(answer)).toMatch(/NOT deactivated: .*cannot do it here.*never turns this into a delete/s);
    expect(await talk.stateOf(token)).toBe('active');
  });

  it('a provider that waits for an approval of its own: nothing is claimed', async () => {
    const token = await talk.mint('waits-at-dfns');
    await sandbox.fault('dfns', { mode: '202' });
    const answer = await talk.ask(`deactivate ${token.id}`);
    await sandbox.fault('dfns', { mode: 'none' });
    expect(wordsOf(answer)).toMatch(/NOT deactivated yet: .*waits for an approval at Dfns/);
    expect(await talk.stateOf(token)).toBe('active');
  });
});

describe('all of this', () => {
  it('wrote no secret down and said none', async () => {
    const secrets = (await sandbox.tokens()).map(({ secret }) => secret);
    expect(secrets.length).toBeGreaterThan(20);
    expect(await talk.everything()).toContainNoSecret(secrets);
  });
});
