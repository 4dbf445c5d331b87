import { beforeAll, expect } from 'vitest';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { attack } from '#test/support/attack.ts';
import type { TestSandbox } from '#test/support/sandbox.ts';
import { sharedSandbox } from '#test/support/shared-sandbox.ts';
import { wordsOf } from '#test/support/slack-talk.ts';

let sandbox: TestSandbox;
let driver: AlertDriver;
beforeAll(async () => {
  sandbox = await sharedSandbox();
  driver = createAlertDriver(sandbox);
});

attack(
  {
    name: 'formula-behind-a-semicolon',
    finding: 25,
    does: 'gives a reason that holds a formula behind a semicolon or a blank, and waits for the record to be opened in a spreadsheet',
    holds: 'no cell begins with a formula there either',
    without: [{ file: 'shared/slack/blocks/table-file.ts', replace: 'plain(text)]', by: 'text]' }],
  },
  async () => {
    const token = await driver.issue('langsmith', ' @x');
    await driver.ask(`deactivate ${token.id} left in cab;=HYPERLINK("https://evil.example")`, 'operator');
    await driver.ask(`audit --token ${token.id} --file csv`, 'operator');
    const file = await sandbox.until('the file', async () =>
      (await sandbox.get<{ content: string }[]>('files')).find(({ content }) => content.includes(token.id)),
    );
    expect(file.content).toContain('HYPERLINK');
    expect(file.content).not.toMatch(/;\s*[=+@-]|,"?\s+[=+@-]/);
  },
);

attack(
  {
    name: 'link-to-a-consent-page',
    finding: 25,
    does: 'reports a leak whose place is a page of GitHub that asks for the consent to an app',
    holds: 'the address is shown as text and links nothing',
    without: [{ file: 'shared/slack/blocks/where-lines.ts', replace: '!isPlain || !isPage ||', by: '' }],
  },
  async () => {
    const token = await driver.issue('langsmith', 'leaked beside a consent page');
    const url = 'https://github.com/login/oauth/authorize?client_id=1&scope=repo';
    await driver.tell([{ secret: token.secret, url }]);
    const card = await driver.card(token.name, /Deactivated, confirmed\./);
    expect(wordsOf(card)).toContain(url.split('?')[0]);
    expect(JSON.stringify(card.blocks)).not.toMatch(
      /<https:\/\/github\.com\/login|"url":"https:\/\/github\.com\/login/,
    );
  },
);
