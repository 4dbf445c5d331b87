import { readdirSync, readFileSync } from 'node:fs';
import { type types, webApi } from '@slack/bolt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkBlocks } from '#infra/sandbox/slack/block-check/check-blocks.ts';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import type { Reply } from '#shared/slack/reply.ts';
import { WEB_CLIENT_OPTIONS } from '#shared/slack/to-slack-fault.ts';
import { MESSAGES, SAID_ALONE, VIEWS } from '#test/fixtures/messages.ts';
import { NOW } from '#test/fixtures/outcomes.ts';
import { NEWER_BLOCKS } from '#test/fixtures/newer-blocks.ts';
import { elementsOf, textsOf } from '#test/support/slack-text.ts';
import { replyTo } from '#test/support/reply-to.ts';

const SECURITY = 'C0SECURITY1';
const ADMIN = 'U0ADMIN0001';
let slack: SlackStandIn;
let reply: Reply;

beforeAll(async () => {
  slack = await startSlack();
});
afterAll(() => slack.close());
beforeEach(() => {
  slack.reset();
  reply = replyTo(slack, { now: () => NOW });
});

/** A text as it is read: without marks, escapes and breaks, which a form may set otherwise. */
const bare = (text: string) =>
  text
    .replaceAll(/&(amp|lt|gt);/g, (_, name: string) => ({ amp: '&', lt: '<', gt: '>' })[name] ?? '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
/** The heads of columns are said beside each cell, or above all; the first says nothing that its cells do not. */
const withoutHeads = (blocks: unknown) =>
  JSON.parse(
    JSON.stringify(blocks, (_, part: unknown) =>
      typeof part === 'object' && part !== null && 'type' in part && part.type === 'data_table' && 'rows' in part
        ? { ...part, rows: (part.rows as unknown[]).slice(1) }
        : part,
    ),
  ) as unknown;
const wordsOf = (blocks: unknown) => textsOf(blocks).map(({ text }) => bare(text));
const buttonsOf = (blocks: unknown) =>
  ['button', 'static_select', 'overflow'].flatMap((type) => elementsOf(blocks, type).map((one) => one['action_id']));

/** Every fact of a message is read in another form of it. */
function expectSameFacts(said: unknown, shown: unknown): void {
  const read = wordsOf(shown).join(' ');
  expect(wordsOf(withoutHeads(said)).filter((words) => !read.includes(words))).toEqual([]);
  expect(buttonsOf(shown)).toEqual(buttonsOf(said));
  expect(NEWER_BLOCKS.flatMap((type) => elementsOf(shown, type))).toEqual([]);
}

describe('to a Slack that refuses every new block', () => {
  beforeEach(() => slack.setUnknownBlocks(NEWER_BLOCKS));

  it.each(MESSAGES)('%s arrives with every fact and button, in plain blocks, in the same delivery', async (_, said) => {
    expect(said.length).toBeGreaterThan(0);
    for (const message of said) {
      const before = slack.messages().length;
      const posted = await reply.post({ channel: SECURITY }, message);
      const [arrived, ...more] = slack.messages().slice(before);
      expect(more).toEqual([]);
      expect(arrived?.text).toBe(message.text);
      expectSameFacts(message.blocks, arrived?.blocks);
      expect(checkBlocks(arrived?.blocks ?? [])).toEqual([]);
      // An edit, which is how a card lives, takes the same way.
      await reply.edit(posted, message);
      expectSameFacts(message.blocks, slack.messages()[before]?.blocks);
    }
  });

  it.each(Object.entries(VIEWS))('%s shows every fact', async (_, view) => {
    if (view.type === 'home') {
      await reply.publishHome(ADMIN, view);
    } else {
      const client = new webApi.WebClient(slack.botToken, { ...WEB_CLIENT_OPTIONS, slackApiUrl: slack.apiUrl });
      const skeleton = { ...view, blocks: [{ type: 'section', text: { type: 'plain_text', text: '…' } }] };
      const opened = await client.views.open({ trigger_id: slack.issueTrigger(ADMIN), view: skeleton as types.View });
      expect(await reply.updateView(opened.view?.id ?? '', view)).toBe(true);
    }
    expectSameFacts(view.blocks, slack.views().at(-1)?.view['blocks']);
  });
});

it('is every message that anything in the blocks can make', () => {
  const folder = new URL('../../../shared/slack/blocks/', import.meta.url);
  const makers = readdirSync(folder).flatMap((file) =>
    [
      ...readFileSync(new URL(file, folder), 'utf8').matchAll(
        /^export function (\w+)\(((?:(?!^\}).)*?)\): (?:Message|types\.(?:ModalView|HomeView))(?: \| undefined)? \{$/gms,
      ),
    ].map(([, name = '', parameters = '']) => ({ name, parameters })),
  );
  // What takes an outcome is called by `render`, of which every kind of outcome is above.
  const alone = makers.filter(({ parameters }) => !/Outcome|: Bulk|: Change\b/.test(parameters));
  const built = new Set([...Object.keys(SAID_ALONE), ...Object.keys(VIEWS), 'render', 'message', 'withCall']);
  expect(makers.length).toBeGreaterThan(30);
  expect(alone.map(({ name }) => name).filter((name) => !built.has(name))).toEqual([]);
});
