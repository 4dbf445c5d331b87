import { describe, expect, it } from 'vitest';
import { checkBlocks } from '#infra/sandbox/slack/block-check/check-blocks.ts';

const plain = (length: number | string) => ({
  type: 'plain_text',
  text: typeof length === 'string' ? length : 'x'.repeat(length),
});
const markup = (length: number) => ({ type: 'mrkdwn', text: 'x'.repeat(length) });
const section = (length = 5) => ({ type: 'section', text: markup(length) });
const button = (more: object = {}) => ({ type: 'button', action_id: 'a', text: plain('Go'), ...more });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const option = (value = 'v', length = 3) => ({ text: plain(length), value });
const options = (count: number) => Array.from({ length: count }, (_, index) => option(`v${index}`));
const select = (more: object = {}) => ({ type: 'static_select', action_id: 'a', options: options(2), ...more });
const input = (element: object = { type: 'plain_text_input', action_id: 'a' }) => ({
  type: 'input',
  label: plain('L'),
  element,
});
const modal = (more: object = {}) => ({
  type: 'modal',
  title: plain('T'),
  submit: plain('S'),
  blocks: [input()],
  ...more,
});
const repeat = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));
const confirm = { title: plain(100), text: markup(300), confirm: plain(30), deny: plain(30), style: 'danger' };
const rich = (text: string) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text, style: { bold: true } }] }],
});

const cells = (...texts: string[]) => texts.map((text) => ({ type: 'raw_text', text }));
const dataTable = (more: object = {}) => ({
  type: 'data_table',
  caption: 'Tokens',
  rows: [cells('Name', 'Age, days'), [...cells('ci'), { type: 'raw_number', value: 4, text: '4' }]],
  ...more,
});
const container = (more: object = {}) => ({
  type: 'container',
  title: plain('Proof'),
  child_blocks: [section()],
  ...more,
});
const plan = (...tasks: object[]) => ({ type: 'plan', title: 'Deactivating', tasks });
const task = (more: object = {}) => ({ type: 'task_card', task_id: '1', title: 'ci', status: 'complete', ...more });
const alert = (more: object = {}) => ({ type: 'alert', text: plain('For good.'), level: 'warning', ...more });

describe('what the block check takes', () => {
  it.each<[string, unknown]>([
    [
      'the longest texts',
      [
        section(3_000),
        { type: 'header', text: plain(150) },
        { type: 'section', fields: repeat(10, () => markup(2_000)) },
      ],
    ],
    ['fifty blocks', repeat(50, () => ({ type: 'divider' }))],
    [
      'a full row of buttons',
      [actions(...repeat(25, (index) => button({ action_id: `a${index}`, value: 'x'.repeat(2_000), confirm })))],
    ],
    [
      'menus',
      [
        actions(select({ initial_option: option('v1'), placeholder: plain(150) }), {
          type: 'overflow',
          action_id: 'o',
          options: options(5),
        }),
      ],
    ],
    [
      'a data table, a fold with buttons, a plan',
      [
        dataTable({ page_size: 100, row_header_column_index: 1, rows: repeat(100, () => cells('a')) }),
        container({
          is_collapsible: true,
          default_collapsed: true,
          subtitle: markup(150),
          child_blocks: [...repeat(9, () => section()), actions(button())],
        }),
        plan(task(), task({ status: 'error', details: rich('why') })),
      ],
    ],
    ['an alert in a modal', modal({ blocks: [alert()], submit: undefined })],
    ['the same action id in two blocks', [actions(button()), actions(button())]],
    [
      'a context with an image',
      [
        {
          type: 'context',
          elements: [markup(9), { type: 'image', image_url: 'https://x.example/a.png', alt_text: 'a' }],
        },
      ],
    ],
    ['rich text and a table', [rich('hi'), { type: 'table', rows: [[{ type: 'raw_text', text: 'a' }, rich('b')]] }]],
    [
      'a modal',
      modal({
        callback_id: 'x'.repeat(255),
        private_metadata: 'x'.repeat(3_000),
        blocks: repeat(100, () => ({ type: 'divider' })),
      }),
    ],
    ['a Home tab', { type: 'home', blocks: [section(), actions(button())] }],
  ])('%s', (_, value) => {
    expect(checkBlocks(value)).toEqual([]);
  });
});

describe('what the block check refuses', () => {
  it.each<[string, unknown, RegExp]>([
    ['fifty-one blocks', repeat(51, () => ({ type: 'divider' })), /at most 50 items.*\/blocks\]/],
    ['a long section', [section(3_001)], /at most 3000 .*\/blocks\/0\/text\/text\]/],
    ['an empty text', [section(0)], /at least 1/],
    ['a long field', [{ type: 'section', fields: [markup(2_001)] }], /at most 2000/],
    ['eleven fields', [{ type: 'section', fields: repeat(11, () => markup(1)) }], /at most 10/],
    ['a section of nothing', [{ type: 'section' }], /text or fields/],
    ['markup in a header', [{ type: 'header', text: markup(1) }], /unsupported type: mrkdwn/],
    ['a long header', [{ type: 'header', text: plain(151) }], /at most 150/],
    ['a long button text', [actions(button({ text: plain(76) }))], /at most 75/],
    ['a long button value', [actions(button({ value: 'x'.repeat(2_001) }))], /at most 2000/],
    ['a made-up button style', [actions(button({ style: 'default' }))], /one of primary, danger/],
    ['twenty-six buttons', [actions(...repeat(26, (index) => button({ action_id: `a${index}` })))], /at most 25/],
    ['no buttons', [actions()], /at least 1/],
    ['one action id twice in a block', [actions(button(), button())], /action_id within a block must be unique/],
    [
      'one block id twice',
      [
        { ...section(), block_id: 'b' },
        { ...section(), block_id: 'b' },
      ],
      /block_id must be unique/,
    ],
    ['a long block id', [{ ...section(), block_id: 'b'.repeat(256) }], /at most 255/],
    ['a button in a context', [{ type: 'context', elements: [button()] }], /unsupported type: button/],
    ['eleven context elements', [{ type: 'context', elements: repeat(11, () => markup(1)) }], /at most 10/],
    ['a text input among actions', [actions({ type: 'plain_text_input', action_id: 'a' })], /unsupported type/],
    ['an unknown block', [{ type: 'nonsense' }], /unsupported type: nonsense/],
    ['a block of no type', ['x'], /unsupported type/],
    ['an unknown property', [{ ...section(), colour: 'red' }], /invalid additional property: colour/],
    ['a hundred and one options', [actions(select({ options: options(101) }))], /at most 100/],
    ['an option of a long value', [actions(select({ options: [option('v'.repeat(151))] }))], /at most 150/],
    ['an option without value', [actions(select({ options: [{ text: plain(1) }] }))], /missing required field: value/],
    [
      'options and groups together',
      [actions(select({ option_groups: [{ label: plain(1), options: options(1) }] }))],
      /exactly one of/,
    ],
    [
      'an initial option from elsewhere',
      [actions(select({ initial_option: option('elsewhere') }))],
      /not among the options/,
    ],
    ['six overflow options', [actions({ type: 'overflow', action_id: 'o', options: options(6) })], /at most 5/],
    ['eleven checkboxes', [actions({ type: 'checkboxes', action_id: 'o', options: options(11) })], /at most 10/],
    ['a long placeholder', [actions(select({ placeholder: plain(151) }))], /at most 150/],
    ['a long confirm title', [actions(button({ confirm: { ...confirm, title: plain(101) } }))], /at most 100/],
    ['a long confirm text', [actions(button({ confirm: { ...confirm, text: markup(301) } }))], /at most 300/],
    ['a long confirm button', [actions(button({ confirm: { ...confirm, deny: plain(31) } }))], /at most 30/],
    [
      'two markdown blocks too long together',
      repeat(2, () => ({ type: 'markdown', text: 'x'.repeat(6_001) })),
      /together/,
    ],
    [
      'a table of 101 rows',
      [{ type: 'table', rows: repeat(101, () => [{ type: 'raw_text', text: 'a' }]) }],
      /at most 100/,
    ],
    ['two tables', repeat(2, () => ({ type: 'table', rows: [[{ type: 'raw_text', text: 'a' }]] })), /only one table/],
    ['a table and a data table', [dataTable(), { type: 'table', rows: [cells('a')] }], /only one table/],
    [
      'a table beside a folded one',
      [dataTable(), container({ child_blocks: [{ type: 'table', rows: [cells('a')] }] })],
      /only one table/,
    ],
    ['a data table without caption', [dataTable({ caption: undefined })], /missing required field: caption/],
    ['a data table of 101 rows', [dataTable({ rows: repeat(101, () => cells('a')) })], /at most 100/],
    ['a data table of 21 columns', [dataTable({ rows: [cells(...repeat(21, String))] })], /at most 20/],
    [
      'a data table of 10,001 characters',
      [dataTable({ rows: repeat(5, () => cells('x'.repeat(2_001))) })],
      /at most 10000/,
    ],
    ['a page of 101 rows', [dataTable({ page_size: 101 })], /from 1 to 100/],
    ['a rich head', [dataTable({ rows: [[rich('a')]] })], /header cells must not be rich_text/],
    ['an uneven row', [dataTable({ rows: [cells('a', 'b'), cells('a')] })], /as many cells as the header/],
    ['a data table in a modal', modal({ blocks: [dataTable()] }), /for messages only/],
    ['a data table in a container', [container({ child_blocks: [dataTable()] })], /unsupported type: data_table/],
    ['a container in a container', [container({ child_blocks: [container()] })], /unsupported type: container/],
    ['a container of eleven', [container({ child_blocks: repeat(11, () => section()) })], /at most 10/],
    ['a container without title', [container({ title: undefined })], /needs title or rich_text_title/],
    ['a closed container that cannot be opened', [container({ default_collapsed: true })], /requires is_collapsible/],
    ['an alert in a message', [alert()], /for modals only/],
    ['an alert of no level', modal({ blocks: [alert({ level: 'loud' })], submit: undefined }), /must be one of/],
    ['a task of no state', [plan(task({ status: 'done' }))], /must be one of/],
    ['a plan of 51 tasks', [plan(...repeat(51, () => task()))], /at most 50/],
    ['an image of no source', [{ type: 'image', alt_text: 'a' }], /exactly one of image_url/],
    ['a modal title of 25', modal({ title: plain(25) }), /at most 24.*\/view\/title\/text\]/],
    ['a modal without title', { type: 'modal', blocks: [] }, /missing required field: title/],
    ['inputs without submit', modal({ submit: undefined }), /submit is required/],
    ['101 blocks in a view', modal({ blocks: repeat(101, () => ({ type: 'divider' })) }), /at most 100/],
    ['long private metadata', modal({ private_metadata: 'x'.repeat(3_001) }), /at most 3000/],
    ['markdown in a modal', modal({ blocks: [{ type: 'markdown', text: 'x' }] }), /for messages only/],
    ['the properties of an answered view', modal({ id: 'V1', hash: '1' }), /invalid additional property: id/],
    [
      'two focused inputs',
      modal({ blocks: repeat(2, () => input({ type: 'plain_text_input', action_id: 'a', focus_on_load: true })) }),
      /only one element/,
    ],
    ['an input of a long label', modal({ blocks: [{ ...input(), label: plain(2_001) }] }), /at most 2000/],
    ['a huge view', modal({ blocks: repeat(90, () => section(3_000)) }), /view_too_large/],
    ['a view of no type', { blocks: [] }, /unsupported type/],
    ['null', null, /unsupported type/],
  ])('%s', (_, value, expected) => {
    expect(checkBlocks(value).join('\n')).toMatch(expected);
  });
});
