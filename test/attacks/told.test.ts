import { afterAll, beforeAll, expect } from 'vitest';
import { attack } from '#test/support/attack.ts';
import { startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';
import { createTalk, type Talk, wordsOf } from '#test/support/slack-talk.ts';

let sandbox: TestSandbox;
let talk: Talk;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  talk = createTalk(sandbox);
});
afterAll(() => sandbox.stop());

attack(
  {
    name: 'ammunition-from-a-list',
    finding: 1,
    does: 'reads a list of tokens in an ordinary channel, to make secrets that resemble them',
    holds:
      'it holds no full id, no masked key and no second at which a token was made or ends; the security channel does',
    without: [
      {
        file: 'shared/slack/is-overheard.ts',
        replace: '!isDirect(channel) && channel !== channels.security',
        by: 'isDirect(channel) && channel !== channels.security',
      },
    ],
  },
  async () => {
    const tokens = await sandbox.tokens();
    const ammunition = (words: string) => tokens.filter(({ id }) => words.includes(id)).length;
    const open = wordsOf(await talk.ask('list', 'viewer', { where: 'general' }));
    expect(tokens.filter(({ name }) => open.includes(name)).length).toBeGreaterThan(5);
    expect([ammunition(open), open.includes('{time}')]).toEqual([0, true]);
    expect(open.match(/\^\d+\^/g)).toHaveLength(1);
    // A preview names its tokens one by one: with their ids only where nobody else reads it.
    const [one, two] = [await talk.mint('previewed-one'), await talk.mint('previewed-two')];
    const preview = async (where: 'general' | 'security') =>
      wordsOf(await talk.ask(`delete ${one.id} ${two.id} left in cab`, 'admin', { where }));
    const [overheard, ours] = [await preview('general'), await preview('security')];
    expect([overheard, ours].map((words) => words.includes(one.name))).toEqual([true, true]);
    expect([overheard, ours].map((words) => words.includes(one.id))).toEqual([false, true]);
  },
);

attack(
  {
    name: 'ammunition-from-buttons',
    finding: 1,
    does: 'reads the messages of an ordinary channel whole, by Slack’s API: the values of menus and buttons, which no one sees',
    holds: 'there is no id of a token in them, and the buttons work',
    without: [
      {
        file: 'shared/slack/encrypt-values.ts',
        replace: "return `~${purpose.mark}~${mac.toString('base64url')}~${hidden.toString('base64url')}`;",
        by: "return `~${purpose.mark}~${mac.toString('base64url')}~${value}`;",
      },
    ],
  },
  async () => {
    const [one, two] = [await talk.mint('in-a-value-one'), await talk.mint('in-a-value-two')];
    const asked = ['list --name in-a-value-*', `delete ${one.id} ${two.id} left in cab`, 'profiles'];
    for (const each of asked) {
      const whole = JSON.stringify(await talk.ask(each, 'admin', { where: 'general' }));
      expect([each, [one, two].filter(({ id }) => whole.includes(id))]).toEqual([each, []]);
    }
    const preview = await talk.ask(`delete ${one.id} ${two.id} left in cab`, 'admin', { where: 'general' });
    await talk.press(preview, 'Yes, delete');
    await talk.becomes(two, 'deleted');
  },
);

attack(
  {
    name: 'inventory-told-to-strangers',
    finding: 21,
    does: 'sits in a channel that is shared with another company, and waits for somebody to list tokens there',
    holds: 'only whoever asked sees the list, each other look at tokens, cases and the record, and a file of them',
    without: [
      {
        file: 'shared/slack/channels.ts',
        replace: 'found?.is_ext_shared !== false || found.is_pending_ext_shared === true',
        by: "found?.id === ''",
      },
    ],
  },
  async () => {
    const { channels, users } = sandbox.ready.slack;
    await sandbox.post('channels', { id: channels.general, members: Object.values(users), shared: true });
    // Slack's word on a channel is believed for a minute.
    await sandbox.post('clock', { offsetSeconds: 61 });
    for (const asked of ['list', 'cases', 'audit', 'profiles', 'stats']) {
      const answer = await talk.ask(asked, 'admin', { where: 'general' });
      expect([asked, answer.ephemeralTo]).toEqual([asked, sandbox.ready.slack.users.admin]);
    }
  },
);

attack(
  {
    name: 'changes-told-to-strangers',
    finding: 21,
    does: 'sits in a channel that is shared with another company, and reads what is changed there, by whose order, and what waits for whose agreement',
    holds: 'only whoever asked reads what became of it, and a request is put before others in the security channel',
    without: [
      {
        file: 'shared/slack/listeners/keep-from-strangers.ts',
        replace: 'isTelling(answer) ? alone(answer)',
        by: "answer.where === '' ? alone(answer)",
      },
    ],
  },
  async () => {
    const { channels, users } = sandbox.ready.slack;
    await sandbox.post('channels', { id: channels.general, members: Object.values(users), shared: true });
    await sandbox.post('clock', { offsetSeconds: 61 });
    const token = await talk.mint('changed-among-strangers');
    const before = (await sandbox.messages()).length;
    const killed = await talk.ask(`deactivate ${token.id} left in cab`, 'operator', {
      where: 'general',
      fits: /Deactivated/,
    });
    expect(killed.ephemeralTo).toBe(users.operator);
    await talk.ask(`delete ${token.id} left in cab`, 'operator', { where: 'general', fits: /delete/i });
    // What has to be tried again is told alone as well, each time and in the end.
    await sandbox.fault('dfns', { mode: '500' });
    await talk.ask(`activate ${token.id} found again`, 'operator', { where: 'general', fits: /NOT activated yet/ });
    await sandbox.fault('dfns', { mode: 'none' });
    await talk.becomes(token, 'active');
    await talk.idle();
    const overheard = (await sandbox.messages())
      .slice(before)
      .filter(({ channel, ephemeralTo }) => channel === channels.general && ephemeralTo === undefined);
    expect(overheard.map(wordsOf).filter((words) => words.includes(token.name) || words.includes(token.id))).toEqual(
      [],
    );
  },
);
