import { type types, webApi } from '@slack/bolt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { actions, button, context, divider, header, message, section } from '#shared/slack/blocks/bricks.ts';
import { alert } from '#shared/slack/blocks/alert.ts';
import { plan } from '#shared/slack/blocks/plan.ts';
import { plainBlocks } from '#shared/slack/plain-form.ts';
import { WEB_CLIENT_OPTIONS } from '#shared/slack/to-slack-fault.ts';
import type { Reply } from '#shared/slack/reply.ts';
import { replyTo } from '#test/support/reply-to.ts';

const SECURITY = 'C0SECURITY1';
const ADMIN = 'U0ADMIN0001';

const table: types.DataTableBlock = {
  type: 'data_table',
  caption: 'Tokens <all>',
  rows: [
    [
      { type: 'raw_text', text: 'Name' },
      { type: 'raw_text', text: 'Age, days' },
    ],
    [
      { type: 'raw_text', text: 'ci & <deploy>' },
      { type: 'raw_number', value: 412, text: '412' },
    ],
  ],
};
const folded: types.ContainerBlock = {
  type: 'container',
  title: { type: 'plain_text', text: 'Proof' },
  child_blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'Read back at 12:00.' } }],
};
const press = button({ text: 'Search again', action: 'patrol:case:retry', value: 'v' });
const card = message('Leaked: `x`. NOT revoked.', [
  header('Leaked & known'),
  section('*Leaked: `x`. NOT revoked.*'),
  divider,
  context('Case `C-1`'),
  actions(press),
]);
const rich = message('2 tokens.', [table, folded, actions(press)]);

let slack: SlackStandIn;
let reply: Reply;

beforeAll(async () => {
  slack = await startSlack();
});
afterAll(() => slack.close());
beforeEach(() => {
  slack.reset();
  reply = replyTo(slack);
});

/** What is read in a message: the words of its paragraphs, and the buttons. */
const read = () => {
  const { text, blocks } = slack.messages().at(-1) ?? { text: '', blocks: [] };
  const known = blocks as readonly types.KnownBlock[];
  return {
    text,
    words: known.flatMap((block) => (block.type === 'section' ? (block.text?.text.split('\n') ?? []) : [])),
    buttons: known.flatMap((block) => (block.type === 'actions' ? block.elements.length : [])),
  };
};

describe('a message whose blocks Slack refuses', () => {
  it('arrives as the same words and buttons, once', async () => {
    slack.setUnknownBlocks(['header', 'divider', 'context']);
    await reply.post({ channel: SECURITY }, card);
    expect(read()).toEqual({
      text: 'Leaked: `x`. NOT revoked.',
      words: ['*Leaked &amp; known*', '*Leaked: `x`. NOT revoked.*', '———', 'Case `C-1`'],
      buttons: [1],
    });
    expect(slack.messages()).toHaveLength(1);
  });

  it('keeps every cell of a table and all that was folded, escaped', async () => {
    slack.setUnknownBlocks(['data_table', 'container']);
    await reply.post({ channel: SECURITY }, rich);
    expect(read()).toEqual({
      text: '2 tokens.',
      words: ['*Tokens &lt;all&gt;*', '`ci &amp; &lt;deploy&gt;` · age 412 days', '*Proof*', 'Read back at 12:00.'],
      buttons: [1],
    });
  });

  it('arrives as its sentence where Slack takes no block at all', async () => {
    slack.setUnknownBlocks(['header', 'section', 'actions']);
    await reply.post({ channel: SECURITY }, card);
    expect(read()).toEqual({ text: 'Leaked: `x`. NOT revoked.', words: [], buttons: [] });
  });

  it('is edited, whispered, told and answered through response_url in the form that Slack takes', async () => {
    const posted = await reply.post({ channel: SECURITY }, card);
    slack.setUnknownBlocks(['context']);
    await reply.edit(posted, card);
    expect(read().words).toContain('Case `C-1`');
    await reply.whisper({ channel: SECURITY, userId: ADMIN }, card);
    expect(read().words).toContain('Case `C-1`');
    await reply.tell(ADMIN, card);
    expect(read().words).toContain('Case `C-1`');
    const responseUrl = `${slack.responseUrl}/1`;
    slack.learnResponseUrl(responseUrl, { channel: SECURITY, user: ADMIN });
    await reply.edit({ channel: SECURITY, ephemeral: true, responseUrl }, card);
    expect(read().words).toContain('Case `C-1`');
    expect(slack.messages()).toHaveLength(4);
  });

  it('keeps each line of a run, and the warning of a window', async () => {
    slack.setUnknownBlocks(['plan']);
    const tasks = [
      { id: '1', title: 'ci_deploy', status: 'complete' as const, output: 'Deactivated, confirmed by a fresh read' },
      { id: '2', title: 'laptop', status: 'pending' as const },
    ];
    await reply.post({ channel: SECURITY }, message('2 tokens.', [plan('Token by token', tasks), actions(press)]));
    expect(read()).toEqual({
      text: '2 tokens.',
      words: ['*Token by token*', '✓ `ci_deploy` · Deactivated, confirmed by a fresh read', '○ `laptop` · waits'],
      buttons: [1],
    });
    expect(plainBlocks([alert('This cannot be undone.', 'error')])).toEqual([section('*This cannot be undone.*')]);
  });

  it('keeps the menu beside a row', async () => {
    slack.setUnknownBlocks(['data_table', 'context']);
    const row = section('`laptop`', press);
    await reply.post({ channel: SECURITY }, message('1 token.', [table, row, context('read at 12:00')]));
    const { blocks } = slack.messages().at(-1) ?? { blocks: [] };
    expect(blocks).toContainEqual(expect.objectContaining({ type: 'section', accessory: press }));
  });

  it('is plain from the first through response_url and to one person, who may see less than a channel', async () => {
    await reply.whisper({ channel: SECURITY, userId: ADMIN }, rich);
    expect(read().words).toContain('*Proof*');
    const responseUrl = `${slack.responseUrl}/2`;
    slack.learnResponseUrl(responseUrl, { channel: SECURITY, user: ADMIN });
    await reply.edit({ channel: SECURITY, responseUrl }, rich);
    expect(read().words).toContain('*Proof*');
    expect(slack.messages()).toHaveLength(2);
  });
});

describe.each(['home', 'modal'] as const)('the blocks of a %s that Slack refuses', (type) => {
  const title = { type: 'plain_text', text: 'Case' } as const;
  const view = (blocks: types.KnownBlock[]): types.View =>
    type === 'home' ? { type, blocks } : { type, title, blocks, submit: { type: 'plain_text', text: 'Close it' } };
  const show = async (blocks: types.KnownBlock[]) => {
    if (type === 'home') return reply.publishHome(ADMIN, view(blocks) as types.HomeView);
    const client = new webApi.WebClient(slack.botToken, { ...WEB_CLIENT_OPTIONS, slackApiUrl: slack.apiUrl });
    const waiting: types.View = { type, title, blocks: [section('…')!] };
    const opened = await client.views.open({ trigger_id: slack.issueTrigger(ADMIN), view: waiting });
    expect(await reply.updateView(opened.view?.id ?? '', view(blocks))).toBe(true);
  };
  const shown = () => slack.views().at(-1)?.view['blocks'] as readonly types.KnownBlock[];
  const words = () =>
    shown().flatMap((block) => (block.type === 'section' ? (block.text?.text.split('\n') ?? []) : []));
  const reason: types.InputBlock = {
    type: 'input',
    block_id: 'reason',
    label: { type: 'plain_text', text: 'Why?' },
    element: { type: 'plain_text_input', action_id: 'reason' },
  };

  it.each([
    'header, divider, context',
    'header',
    'context',
    'data_table, container, header',
    'actions',
    'plan, actions, divider',
  ])('arrive as the same words, and the buttons that it takes, without %s', async (names) => {
    const unknown = names.split(', ');
    slack.setUnknownBlocks(unknown);
    await show([...rich.blocks, ...card.blocks]);
    expect(JSON.stringify(shown())).toMatch(/ci &amp; &lt;deploy&gt;|ci & <deploy>/);
    expect(words()).toContain('*Leaked: `x`. NOT revoked.*');
    expect(JSON.stringify(shown())).toContain('Case `C-1`');
    expect(shown().filter((block) => unknown.includes(block.type))).toEqual([]);
    expect(shown().filter((block) => block.type === 'actions')).toHaveLength(unknown.includes('actions') ? 0 : 2);
  });

  it('keep what is to be filled in, and more rows than there is room for', async () => {
    slack.setUnknownBlocks(['context']);
    const rows = Array.from({ length: 98 }, (_, row) => section(`row ${row}`, press));
    await show([...rows, context('Case `C-1`'), reason].filter((block) => block !== undefined));
    expect(words().slice(0, 2)).toEqual(['row 0', 'row 1']);
    expect(words()).toContain('Case `C-1`');
    expect(shown().at(-1)).toMatchObject(reason);
  });

  it('are refused where nothing to fill it in is taken, and where it is no matter of form', async () => {
    slack.setUnknownBlocks(['input']);
    await expect(show([reason])).rejects.toMatchObject({ code: 'slack_rejected' });
    slack.setUnknownBlocks([]);
    slack.setRefusal({ method: type === 'home' ? 'views.publish' : 'views.update', code: 'not_enabled' });
    const before = slack.calls.length;
    await expect(show([reason])).rejects.toMatchObject({ code: 'slack_rejected' });
    expect(slack.calls.slice(before).filter(({ path }) => /publish|update/.test(path))).toHaveLength(1);
  });
});
