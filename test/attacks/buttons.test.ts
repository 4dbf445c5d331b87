import { beforeAll, expect } from 'vitest';
import { attack } from '#test/support/attack.ts';
import type { TestSandbox } from '#test/support/sandbox.ts';
import { sharedSandbox } from '#test/support/shared-sandbox.ts';
import { createTalk, type Talk, wordsOf } from '#test/support/slack-talk.ts';

let sandbox: TestSandbox;
let talk: Talk;

beforeAll(async () => {
  sandbox = await sharedSandbox();
  talk = createTalk(sandbox);
});

/** Presses a button that somebody else made as a bot of ours: Slack sends what such a press would bring. */
async function press(action_id: string, value: string): Promise<string> {
  const { users, channels } = sandbox.ready.slack;
  const { ts } = await talk.ask('profiles');
  const text = { type: 'plain_text', text: 'Undo' };
  const action = { type: 'button', action_id, value, block_id: 'b0', text };
  const answer = await talk.next(() =>
    sandbox.post('slack/click', { userId: users.admin, channel: channels.security, ts, action }),
  );
  return wordsOf(answer);
}

/** The value of a message's button, as whoever reads the message by Slack's API has it. */
function valueOf(part: unknown, words: string): string {
  if (typeof part !== 'object' || part === null) return '';
  const { type, text, value } = part as { type?: unknown; text?: { text?: unknown }; value?: unknown };
  if (type === 'button' && text?.text === words && typeof value === 'string') return value;
  return Object.values(part).reduce<string>((found, inner) => found || valueOf(inner, words), '');
}

const UNSIGNED = {
  file: 'shared/slack/buttons.ts',
  replace: 'if (mark === undefined || viewId !== undefined) return opened;',
  by: 'if (mark === undefined) return { ...opened, value: press.value };',
};
const ANYWHERE = {
  file: 'shared/slack/buttons.ts',
  replace: 'return isHere ? opened : { ...opened, value: undefined };',
  by: 'return isHere ? opened : opened;',
};
const ANY_VERB = {
  file: 'shared/slack/listeners/on-tokens.ts',
  replace: " || (isUndo && wanted.verb !== 'activate')",
  by: '',
};

attack(
  {
    name: 'forged-undo',
    finding: 8,
    does: 'posts, with a stolen bot token, a button "Undo" whose value says delete, and waits for an admin to press it',
    holds: 'the button does nothing: the token lives',
    without: [UNSIGNED, ANY_VERB],
  },
  async () => {
    const token = await talk.mint('forged-undo');
    const value = JSON.stringify({ verb: 'delete', tokens: [`dfns-demo:${token.id}`] });
    expect(await press('patrol:undo', value)).toMatch(/lapsed|no longer/i);
    expect(await talk.stateOf(token)).toBe('active');
  },
);

attack(
  {
    name: 'button-moved-to-another-purpose',
    finding: 8,
    does: 'copies the value of a genuine menu option that would ask first, and posts it, with a stolen bot token, as a button that does not ask',
    holds: 'the button does nothing: the token lives',
    without: [
      {
        file: 'shared/slack/encrypt-values.ts',
        replace: 'hmacSha256(key, `${purposeOf(actionId)}\\n${place}\\n${mark}\\n`, value)',
        by: 'hmacSha256(key, `${place}\\n${mark}\\n${purposeOf(actionId).slice(0, 0)}`, value)',
      },
      ANYWHERE,
    ],
  },
  async () => {
    const token = await talk.mint('moved-button');
    const shown = await talk.ask(`show ${token.id}`);
    const value = valueOf(shown.blocks, 'Delete');
    expect(value).not.toBe('');
    expect(await press('patrol:retry', value)).toMatch(/lapsed|no longer/i);
    expect(await talk.stateOf(token)).toBe('active');
  },
);

attack(
  {
    name: 'button-copied-into-another-message',
    finding: 8,
    does: 'copies a genuine button of the security channel into a message of his own, with a stolen bot token, under words that invite an admin to press it',
    holds: 'the copy does nothing: a button works in the message it was made for alone',
    without: [ANYWHERE],
  },
  async () => {
    const token = await talk.mint('copied-button');
    const done = await talk.ask(`deactivate ${token.id}`, 'operator');
    const value = valueOf(done.blocks, 'Undo: activate');
    expect(await press('patrol:undo', value)).toMatch(/lapsed|no longer/i);
    expect(await talk.stateOf(token)).toBe('inactive');
    await talk.press(done, 'Undo: activate');
    await talk.becomes(token, 'active');
  },
);
