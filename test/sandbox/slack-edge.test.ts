import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { signCommand, signEvent, signSlackBody, signUrlVerification } from '#infra/sandbox/slack/sign.ts';
import '#test/support/contain-no-secret.ts';
import { startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';
import { createTalk, type Talk, wordsOf } from '#test/support/slack-talk.ts';

const FORM = 'application/x-www-form-urlencoded';
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

/** How many jobs a request put into the queues. */
async function queuedBy(doing: () => Promise<unknown>): Promise<number> {
  const before = (await sandbox.history()).length;
  await doing();
  return (await sandbox.history()).length - before;
}

describe('a request that Slack did not sign', () => {
  const asSigned = () => signCommand(talk.sender(), 'whoami');
  const past = (seconds: number) => new Date(Date.now() - seconds * 1000);
  const spliced = () => {
    const { headers, body } = asSigned();
    const stamp = headers['x-slack-request-timestamp'] ?? '';
    // A piece of the signed text moved into the version: the same bytes are signed, in another reading.
    const signature = (headers['x-slack-signature'] ?? '').replace('v0=', `v0:${stamp}:${body.slice(0, 10)}=`);
    return { headers: { ...headers, 'x-slack-signature': signature }, body: body.slice(10) };
  };
  const without = (name: string) => {
    const { headers, body } = asSigned();
    return { headers: Object.fromEntries(Object.entries(headers).filter(([each]) => each !== name)), body };
  };
  const forged = {
    'without a signature': () => without('x-slack-signature'),
    'without a time': () => without('x-slack-request-timestamp'),
    'signed with another secret': () => signCommand({ ...talk.sender(), signingSecret: 'f'.repeat(32) }, 'whoami'),
    'signed six minutes ago': () => signCommand(talk.sender('admin', { at: past(360) }), 'whoami'),
    'signed six minutes ahead': () => signCommand(talk.sender('admin', { at: past(-360) }), 'whoami'),
    'changed after signing': () => ({ ...asSigned(), body: asSigned().body.replace('whoami', 'list+++') }),
    'with its signature spliced': spliced,
    'with two signatures joined': () => {
      const { headers, body } = asSigned();
      const twice = `${headers['x-slack-signature']}, ${headers['x-slack-signature']}`;
      return { headers: { ...headers, 'x-slack-signature': twice }, body };
    },
    'with malformed JSON': () => signSlackBody('f'.repeat(32), '{"type":', 'application/json'),
  };
  for (const [how, request] of Object.entries(forged)) {
    it(`${how} is answered 401 with nothing said, and nothing is queued`, async () => {
      let answer: Awaited<ReturnType<Talk['send']>> | undefined;
      expect(
        await queuedBy(async () => {
          answer = await talk.send(request());
        }),
      ).toBe(0);
      expect(answer).toEqual({ status: 401, body: '' });
    });
  }
});

describe('a request that Slack signed', () => {
  it('and that cannot be read is answered 400, and nothing is queued', async () => {
    const { signingSecret } = sandbox.ready.slack;
    const unreadable = [
      signSlackBody(signingSecret, '{"type":"event_callback"', 'application/json'),
      signSlackBody(signingSecret, 'payload=%7B%22type%22', FORM),
      signSlackBody(signingSecret, 'payload=%7B%22type%22%3A%22block_actions%22%7D', FORM),
      signSlackBody(signingSecret, 'command=%2Fpat&text=list', FORM),
    ];
    const queued = await queuedBy(async () => {
      for (const request of unreadable) expect(await talk.send(request)).toEqual({ status: 400, body: '' });
    });
    expect(queued).toBe(0);
  });

  it("answers Slack's challenge, and other events are taken and left alone", async () => {
    const { signingSecret } = sandbox.ready.slack;
    const queued = await queuedBy(async () => {
      const challenged = await talk.send(signUrlVerification(signingSecret, 'a-challenge'));
      expect({ ...challenged, body: JSON.parse(challenged.body) }).toEqual({
        status: 200,
        body: { challenge: 'a-challenge' },
      });
      const reaction = signEvent(talk.sender(), { type: 'reaction_added', reaction: 'eyes' });
      expect((await talk.send(reaction)).status).toBe(200);
    });
    expect(queued).toBe(0);
  });

  // How long it takes is measured by `npm run bench:cold`, on a quiet machine.
  it('is acknowledged on a cold start', async () => {
    await sandbox.post('restart', { function: 'slack-edge' });
    expect(await sandbox.pat('whoami')).toMatchObject({ status: 200 });
  });

  it('may have any letters in its body, which arrives base64-encoded as on AWS', async () => {
    const message = await talk.next(
      () => talk.send(signCommand(talk.sender(), 'deactivate “jürgens laptöp — 🙂”')),
      /lapt/,
    );
    expect(wordsOf(message)).toContain('jürgens laptöp — 🙂');
  });
});

describe('a secret typed into a command', () => {
  it('is warned of in private, does nothing, and is written down nowhere', async () => {
    const tokens = await sandbox.tokens();
    const dfns = tokens.find(({ name }) => name === 'laptop-anna')!;
    const langsmith = tokens.find(({ name }) => name === 'notebook')!;
    for (const [{ secret, id }, text] of [
      [dfns, `deactivate ${dfns.secret}`],
      [langsmith, `deactivate ${langsmith.id} because ${langsmith.secret} was on a screenshot`],
    ] as const) {
      const warning = await talk.ask(text, 'operator', { where: 'general', fits: /secret/ });
      expect(warning.ephemeralTo).toBe(sandbox.ready.slack.users.operator);
      expect(wordsOf(warning)).toMatch(/NOT run.*nothing was revoked/s);
      expect((await sandbox.tokens()).find((one) => one.id === id)?.state).toBe('active');
      expect(secret.length).toBeGreaterThan(20);
    }
    await talk.idle();
    expect(await talk.everything()).toContainNoSecret([dfns.secret, langsmith.secret]);
  });
});

describe('the leak window', () => {
  const paste = (text: string, note?: string) => ({
    leak: { secrets: { type: 'plain_text_input', value: text } },
    ...(note === undefined ? {} : { note: { note: { type: 'plain_text_input', value: note } } }),
  });
  const open = async () => {
    const answer = await sandbox.pat('leak', 'operator', 'general');
    // Opened by the edge before it answered: no worker has to start within the trigger's three seconds.
    const view = (await sandbox.views()).find(({ callbackId }) => callbackId === 'patrol:leak');
    expect(answer.status).toBe(200);
    expect(view?.userId).toBe(sandbox.ready.slack.users.operator);
    return view!;
  };

  it('opens before the command is acknowledged, and one pasted secret is dead soon after', async () => {
    const token = await talk.mint('pasted-alone');
    const view = await open();
    const card = await talk.next(
      () => talk.submit(view, paste(token.secret, 'in a public gist'), 'operator'),
      (message) => message.channel === sandbox.ready.slack.channels.security,
    );
    await talk.becomes(token, 'inactive');
    expect(wordsOf(await talk.reads(card, /Deactivated, confirmed/))).toContain('pasted-alone');
    // The message that answered is brought to the end of what it answered.
    await expect
      .poll(async () => (await sandbox.messages()).map(wordsOf).join('\n'))
      .toMatch(/Done: `pasted-alone` is off\. Deactivated, confirmed\..*\|Its card> says more/s);
    expect(await talk.everything()).toContainNoSecret([token.secret]);
  });

  it('takes the text of a whole file with many secrets, and says what it did not recognise', async () => {
    const tokens = await Promise.all([
      talk.mint('pasted-first'),
      talk.mint('pasted-second', { provider: 'langsmith', profile: 'langsmith-demo' }),
    ]);
    const [first, second] = tokens;
    const stranger = 'AKIAIOSFODNN7EXAMPLEQ9ZX4';
    const file = `# .env\nDFNS_TOKEN=${first.secret}\nexport LANGSMITH_API_KEY="${second.secret}"\nAWS=${stranger}\n`;
    const { status } = await talk.submit(await open(), paste(file), 'operator');
    expect(status).toBe(200);
    const shown = await talk.view('operator', ({ callbackId }) => callbackId === 'patrol:notice');
    expect(JSON.stringify(shown.view)).toMatch(/Received 2 secrets.*not recognised and were not kept/);
    for (const token of tokens) await talk.becomes(token, 'inactive');
    expect(await talk.everything()).toContainNoSecret([first.secret, second.secret, stranger]);
  });

  it('says that it recognised nothing, and keeps nothing of it', async () => {
    const text = 'correct-horse-battery-staple-0123456789';
    await talk.submit(await open(), paste(text), 'operator');
    const shown = await talk.view('operator', ({ callbackId }) => callbackId === 'patrol:notice');
    expect(JSON.stringify(shown.view)).toContain('No token was recognised');
    expect(await talk.everything()).toContainNoSecret([text]);
  });

  it('asks for something to be pasted when nothing is', async () => {
    const view = await open();
    expect((await talk.submit(view, paste('  '), 'operator')).body).toMatchObject({ response_action: 'errors' });
  });

  it('takes a report of somebody who may not deactivate, as a question', async () => {
    const token = await talk.mint('not-yours-to-kill');
    await sandbox.pat('leak', 'viewer', 'general');
    const view = await talk.view('viewer', ({ callbackId }) => callbackId === 'patrol:leak');
    await talk.next(() => talk.submit(view, paste(token.secret), 'viewer'), /not-yours-to-kill.*a person must decide/);
    expect(await talk.stateOf(token)).toBe('active');
  });
});
