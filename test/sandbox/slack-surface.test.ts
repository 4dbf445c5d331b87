import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SlackMessage } from '#infra/sandbox/slack/workspace.ts';
import type { StandInToken } from '#infra/sandbox/kit/stand-in.ts';
import { startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';
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

const users = () => sandbox.ready.slack.users;
const many = (names: readonly string[], more: object = {}): Promise<StandInToken[]> =>
  Promise.all(names.map((name) => talk.mint(name, more)));
const numbered = (stem: string, count: number) => Array.from({ length: count }, (_, index) => `${stem}-${index + 1}`);
const states = (tokens: readonly StandInToken[]) => Promise.all(tokens.map((token) => talk.stateOf(token)));

describe('a list', () => {
  beforeAll(async () => {
    await many(numbered('paged', 223));
  });

  it('counts what it shows, and its rows tell age, owner, state and permissions', async () => {
    const list = await talk.ask('list --name paged-*', 'viewer');
    expect(list.text).toMatch(/^223 of \d+ tokens, 2 profiles\./);
    expect(list.ephemeralTo).toBeUndefined();
    expect(wordsOf(list)).toMatch(
      /Age, days.*🟢 active\npaged-\d+\n0\nnot told\nnot told\ndfns-demo@patrol\.example\nWalletViewer/s,
    );
    expect(wordsOf(list)).toContain('1 to 99 of 223');
  });

  it('is paged in place, also after the worker was replaced and by somebody else', async () => {
    const list = await talk.ask('list dfns-demo --name paged-* --sort name', 'viewer');
    const rowsOf = (message: SlackMessage) => wordsOf(message).match(/(?<=active\n)paged-\d+$/gm) ?? [];
    const first = rowsOf(list);
    await talk.press(list, 'Next', 'viewer');
    const second = rowsOf(await talk.reads(list, /100 to 198 of 223/));
    await sandbox.post('restart', { function: 'slack-worker' });
    await talk.press(await talk.now(list), 'Next', 'operator');
    const third = rowsOf(await talk.reads(list, /199 to 223 of 223/));
    expect(new Set([...first, ...second, ...third])).toEqual(new Set(numbered('paged', 223)));
    await talk.press(await talk.now(list), 'Previous', 'viewer');
    expect(rowsOf(await talk.reads(list, /100 to 198 of 223/))).toEqual(second);
  });

  it('with --private is seen by the asker alone, and so are its next pages', async () => {
    const list = await talk.ask('list --name paged-* —private', 'operator', { where: 'general' });
    expect(list.ephemeralTo).toBe(users().operator);
    expect(wordsOf(list)).toContain('only you see this');
    await talk.press(list, 'Next', 'operator');
    const next = await sandbox.until('the second page', async () =>
      (await sandbox.messages()).find(
        (one) => wordsOf(one).includes('100 to 198 of 223') && one.channel === list.channel,
      ),
    );
    expect(next.ephemeralTo).toBe(users().operator);
  });

  it('names the profile that cannot be read and still shows the others', async () => {
    await sandbox.fault('langsmith', { mode: '500' });
    const list = await talk.ask('list --sort name', 'viewer', { where: 'general' });
    await sandbox.fault('langsmith', { mode: 'none' });
    expect(wordsOf(list)).toMatch(/1 could not be read: `langsmith-demo`/);
    expect(wordsOf(list)).toMatch(/Owner\n.*\ndfns-demo@patrol\.example\n.*\ndfns-demo/s);
  });

  it('has a menu over its rows that shows a token, whose buttons ask before they kill', async () => {
    const token = await talk.mint('row-menu');
    const list = await talk.ask('list --name row-menu', 'operator');
    const shown = await talk.next(() => talk.press(list, 'Act on a token…', 'operator', /row-menu/));
    expect(wordsOf(shown)).toMatch(/`row-menu` at Dfns is active.*Deactivate\nDelete$/s);
    const question = await talk.next(() => talk.press(shown, 'Deactivate', 'operator'));
    expect(wordsOf(question)).toMatch(/Deactivate `row-menu`\? Nothing has been done yet/);
    expect(wordsOf(question)).toMatch(/Owner: .*Age: .*Permissions: /s);
    expect(await talk.stateOf(token)).toBe('active');
    await talk.press(question, 'Yes, deactivate', 'operator');
    await talk.reads(question, /^Deactivated: .*row-menu/);
    expect(await talk.stateOf(token)).toBe('inactive');
    const may = await talk.next(() => talk.press(shown, 'Deactivate', 'viewer'));
    expect(wordsOf(may)).toContain('you may not deactivate tokens');
  });

  it('arrives as the same rows and the same menu where Slack takes no table', async () => {
    await talk.mint('no-table');
    await sandbox.post('slack-unknown-blocks', { types: ['data_table'] });
    const list = await talk.ask('list --name no-table', 'operator');
    await sandbox.post('slack-unknown-blocks', { types: [] });
    expect(wordsOf(list)).toMatch(
      /`no-table` · 🟢 active · age 0 days · last used not told · .*owner dfns-demo@patrol\.example.*dfns-demo/,
    );
    const shown = await talk.next(() => talk.press(list, 'Act on a token…', 'operator', /no-table/));
    expect(wordsOf(shown)).toContain('`no-table` at Dfns is active');
  });
});

describe('help and near misses', () => {
  it('shows only what this person may do, with examples that change nothing when pasted', async () => {
    const [viewer, admin] = [await talk.ask('help', 'viewer'), await talk.ask('', 'admin')];
    expect(viewer.ephemeralTo).toBe(users().viewer);
    expect(wordsOf(viewer)).not.toMatch(/\/pat (deactivate|delete|activate|audit)/);
    // Whoever is here may report what leaked.
    expect(wordsOf(viewer)).toContain('/pat leak');
    expect(wordsOf(admin)).toMatch(/\/pat deactivate name-of-the-token because .*\/pat audit/s);
    const example = /`\/pat (deactivate [^`]+)`/.exec(wordsOf(admin))?.[1] ?? '';
    const before = (await sandbox.calls()).filter(({ mutation }) => mutation).length;
    expect(wordsOf(await talk.ask(example, 'admin'))).toMatch(
      /NOT deactivated: no token that you may see is called `name-of-the-token`.*Nothing was changed/s,
    );
    expect((await sandbox.calls()).filter(({ mutation }) => mutation)).toHaveLength(before);
  });

  it('tells what was probably meant, and does nothing', async () => {
    const token = await talk.mint('near-miss');
    for (const [text, meant] of [
      [`deactivte ${token.id}`, `deactivate ${token.id}`],
      ['list dfns-dmo', 'list dfns-demo'],
      ['list --activ', '--active'],
    ] as const) {
      const answer = await talk.ask(text);
      expect(answer.ephemeralTo).toBe(users().admin);
      expect(wordsOf(answer)).toContain(meant);
    }
    expect(await talk.stateOf(token)).toBe('active');
  });

  it('whoami, doctor and stats say how things are', async () => {
    const me = await talk.ask('whoami', 'operator');
    expect(me.ephemeralTo).toBe(users().operator);
    expect(wordsOf(me)).toMatch(/`operator`.*delete tokens/s);
    const doctor = await talk.ask('doctor', 'operator');
    expect(wordsOf(doctor)).toMatch(/dfns-demo.*langsmith-demo/s);
    expect(wordsOf(await talk.ask('stats', 'viewer'))).toMatch(/kills? confirmed, \d+ NOT revoked.*Counted since/s);
  });
});

describe('a bulk request', () => {
  const ask = async (tokens: readonly { readonly id: string }[], more = '') => {
    const question = await talk.ask(`deactivate ${more}${tokens.map(({ id }) => id).join(' ')}`, 'operator');
    expect(wordsOf(question)).toMatch(new RegExp(`Deactivate ${tokens.length} tokens\\?.*Nothing has been done yet`));
    await talk.press(question, 'Yes, deactivate', 'operator');
    return question;
  };

  it('previews, starts with one, and ends with a summary that adds up and an undo', async () => {
    const tokens = await many(numbered('bulk', 6));
    await talk.press(await talk.ask(`deactivate ${tokens[0]!.id}`, 'operator'), 'Undo: activate');
    await talk.becomes(tokens[0]!, 'active');
    const question = await talk.ask(`deactivate ${tokens.map(({ id }) => id).join(' ')}`, 'operator');
    // Somebody is quicker than the yes.
    await talk.ask(`deactivate ${tokens[5]!.id}`, 'operator');
    await talk.press(question, 'Yes, deactivate', 'operator');
    const message = await talk.reads(question, /^6 tokens: /);
    expect(message.text).toMatch(/^6 tokens: 5 deactivated, 1 already inactive\./);
    expect(await states(tokens)).toEqual(Array(6).fill('inactive'));
    await talk.next(() => talk.press(message, 'Undo: activate 5 tokens', 'operator'), /Activate 5 tokens\?/);
  });

  it('changes nothing more once the first one is a surprise, and carries on when told', async () => {
    const tokens = await many(numbered('canary', 2));
    // Somebody at the provider would have to agree to each.
    await sandbox.post('fault', { target: 'dfns', mode: '202' });
    const stopped = await talk.reads(await ask(tokens), /Stopped at an error/);
    expect(stopped.text).toMatch(/2 tokens: 0 deactivated, 1 NOT deactivated, 1 not touched\./);
    expect(await states(tokens)).toEqual(['active', 'active']);
    const going = await talk.reads(await ask(tokens, '--keep-going '), /^2 tokens: /);
    expect(going.text).toMatch(/2 tokens: 0 deactivated, 2 NOT deactivated\./);
    await sandbox.post('fault', { target: 'dfns', mode: 'none' });
  });

  it('leaves out what cannot be done, says so before, and changes the others', async () => {
    const token = await talk.mint('beside-the-guarded');
    const guarded = await sandbox.token('break-glass-payments');
    const ids = [guarded, token].map(({ id }) => id).join(' ');
    const question = await talk.ask(`deactivate ${ids}`, 'operator');
    expect(wordsOf(question)).toMatch(
      /Deactivate `beside-the-guarded`\?.*1 token cannot be deactivated and is left out/s,
    );
    expect(wordsOf(question)).toMatch(/break-glass-payments.*the policy protects it/);
    await talk.press(question, 'Yes, deactivate the other 1', 'operator');
    await talk.becomes(token, 'inactive');
    expect((await sandbox.token('break-glass-payments')).state).toBe('active');
  });

  it('takes what a filter means, after showing all of it', async () => {
    const token = await talk.mint('by-filter-1');
    const question = await talk.ask('deactivate --name by-filter* --keep-going because a clean-up', 'operator');
    expect(wordsOf(question)).toMatch(/Deactivate `by-filter-1`\?.*Filter: only active, name `by-filter\W/s);
    await talk.press(question, 'Yes, deactivate', 'operator');
    await talk.becomes(token, 'inactive');
    const none = await talk.ask('deactivate --name by-filter*', 'operator');
    expect(wordsOf(none)).toMatch(/No token fits/);
  });

  it('is made of what was ticked in a list, and previewed like any other', async () => {
    const tokens = await many(numbered('ticked', 3));
    const list = await talk.ask('list --name ticked-*', 'admin');
    await talk.press(list, 'Choose several…', 'admin');
    const window = await talk.view('admin', ({ callbackId }) => callbackId === 'patrol:choose');
    const [first, second] = tokens.map(({ id }) => ({ value: `dfns-demo:${id}` }));
    const values = {
      tokens: { tokens: { type: 'multi_static_select', selected_options: [first, second] } },
      verb: { verb: { type: 'radio_buttons', selected_option: { value: 'deactivate' } } },
      reason: { reason: { type: 'plain_text_input', value: 'left the company' } },
    };
    const question = await talk.next(() => talk.submit(window, values), /Deactivate 2 tokens\?/);
    expect(wordsOf(question)).toMatch(/left the company/);
    expect(await states(tokens)).toEqual(['active', 'active', 'active']);
    await talk.press(question, 'Yes, deactivate', 'admin');
    await talk.reads(question, /^2 tokens: 2 deactivated\./);
    expect(await states(tokens)).toEqual(['inactive', 'inactive', 'active']);
  });

  it('is stopped by a button while it runs: the message says by whom, and what was not touched', async () => {
    const tokens = await many(numbered('stopped', 12));
    const question = await talk.ask(`deactivate ${tokens.map(({ id }) => id).join(' ')}`, 'admin');
    await sandbox.fault('dfns', { mode: 'slow', ms: 500 });
    await talk.press(question, 'Yes, deactivate', 'admin');
    const running = await talk.reads(question, /of 12 handled/);
    await talk.press(running, 'Stop', 'viewer');
    await talk.press(running, 'Stop', 'admin');
    const stopped = await talk.reads(question, /^Stopped by <@U0ADMIN0001>\. 12 tokens: .* not touched\./);
    await sandbox.fault('dfns', { mode: 'none' });
    const left = Number(/(\d+) not touched/.exec(stopped.text)?.[1]);
    expect((await states(tokens)).filter((state) => state === 'active')).toHaveLength(left);
    expect(left).toBeGreaterThan(0);
  });

  it('above the cap is refused, and above the limit waits for another person', async () => {
    const ids = Array.from(
      { length: 201 },
      (_, index) => `to-aaaaa-${String(index).padStart(5, '0')}-xxxxxxxxxxxxxxxx`,
    );
    const refused = await talk.ask(`deactivate ${ids.join(' ')}`, 'operator');
    expect(wordsOf(refused)).toContain('one request may hold 200 tokens at most');
    const tokens = await many(numbered('limit', 25));
    const card = await talk.next(() => ask(tokens), /^Approval needed: may <@\w+> deactivate 25 tokens/);
    const result = await talk.next(() => talk.press(card, 'Approve', 'approver'), /25 tokens/);
    await talk.reads(result, /^25 tokens: 25 deactivated\./, 60_000);
    expect(new Set(await states(tokens))).toEqual(new Set(['inactive']));
  });

  it('goes on after a crash in the middle, and tells the truth about each token', async () => {
    const tokens = await many(numbered('crashed', 6));
    await sandbox.post('crash', { function: 'slack-worker', at: 'after-effect' });
    const message = await talk.reads(await ask(tokens), /^6 tokens: /);
    expect(message.text).toMatch(/^6 tokens: 6 deactivated\./);
    await talk.idle();
    expect(await Promise.all(tokens.map((token) => talk.mutationsOf(token)))).toEqual(Array(6).fill(1));
  });
});

describe('the record', () => {
  it('tells who did what and why, of one token and as a file of either kind', async () => {
    const token = await talk.mint('=audited');
    await talk.ask(`deactivate ${token.id} because, of a "drill"`, 'operator');
    await talk.ask(`delete ${token.id}`, 'viewer', { fits: /may not/ });
    const shown = await talk.ask(`audit --token ${token.id}`, 'operator');
    expect(wordsOf(shown)).toMatch(/UTC\n<@U0OPERATOR1>\ndeactivate\n=audited .*\ndone\n.*^of a "drill"$/ms);

    const files = async () => await sandbox.get<{ name: string; content: string; channel: string }[]>('files');
    for (const kind of ['jsonl', 'csv'] as const) {
      await talk.ask(`audit --since 1h --file ${kind}`, 'operator');
      const file = await sandbox.until('the file', async () =>
        (await files()).find(({ name, channel }) => name === `patrol-audit.${kind}` && channel === 'C0SECURITY1'),
      );
      if (kind === 'csv') {
        expect(file.content.split('\n')[0]).toMatch(/^at,id,actor,/);
        expect(file.content).toContain("'=audited");
        expect(file.content).toContain('"of a ""drill"""');
      } else {
        const entries = file.content
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Record<string, string>);
        expect(entries).toContainEqual(expect.objectContaining({ what: 'denied', actor: 'U0VIEWER001' }));
        expect(entries).toContainEqual(
          expect.objectContaining({ what: 'deactivate', token: token.id, result: 'done', reason: 'of a "drill"' }),
        );
      }
    }
  });
});

/** Reports a LangSmith key that nobody has, which ends in these ten hex digits. */
async function unmatched(tail: string): Promise<SlackMessage> {
  const secret = `lsv2_pt_${'0123456789abcdef'.repeat(2)}_${tail}`;
  await sandbox.pat('leak', 'operator');
  const view = await talk.view('operator', ({ callbackId }) => callbackId === 'patrol:leak');
  const values = { leak: { secrets: { type: 'plain_text_input', value: secret } } };
  // Whoever reported it is told as well, by direct message.
  const { security } = sandbox.ready.slack.channels;
  return talk.next(
    () => talk.submit(view, values, 'operator'),
    (message) => message.channel === security && wordsOf(message).includes('matches no token Patrol can see'),
  );
}

describe('a case card', () => {
  const leak = async (name: string): Promise<{ token: StandInToken; card: SlackMessage }> => {
    const token = await talk.mint(name);
    const card = await talk.next(
      () => sandbox.post('leak', { tokenId: token.id, source: 'generic' }),
      (message) => message.threadTs === undefined && wordsOf(message).includes(name),
    );
    return { token, card: await talk.reads(card, /Deactivated, confirmed/) };
  };

  it('undoes, deactivates again, and deletes, each in place and with a line in its thread', async () => {
    const { token, card } = await leak('case-round-trip');
    const asked = await talk.next(() => talk.press(card, 'Undo: activate', 'operator'), /has leaked/);
    await talk.press(asked, 'Yes, activate', 'operator');
    await talk.reads(card, /Active again: it was brought back/);
    expect(await talk.stateOf(token)).toBe('active');
    await talk.press(await talk.now(card), 'Deactivate', 'operator');
    await talk.reads(card, /Deactivated, confirmed/);
    expect(await talk.stateOf(token)).toBe('inactive');
    await talk.press(await talk.now(card), 'Delete', 'admin');
    await talk.reads(card, /Deleted, confirmed/);
    expect(await talk.stateOf(token)).toBe('deleted');
    const thread = (await sandbox.messages()).filter(({ threadTs }) => threadTs === card.ts);
    expect(thread.length).toBeGreaterThanOrEqual(3);
  });

  it('delete by an operator waits for a second person, and then shows on the card', async () => {
    const { token, card } = await leak('case-second-person');
    const request = await talk.next(() => talk.press(card, 'Delete', 'operator'), /Approval needed: may <@\w+> delete/);
    expect(await talk.stateOf(token)).toBe('inactive');
    await talk.press(request, 'Approve', 'approver');
    await talk.reads(card, /Deleted, confirmed/);
    expect(await talk.stateOf(token)).toBe('deleted');
  });

  it('is taken and closed by people, and refuses those who may not', async () => {
    const { card } = await leak('case-taken');
    await talk.press(card, 'Take it', 'viewer');
    await talk.reads(card, /Taken by <@U0VIEWER001>/);
    const refusal = await talk.next(() => talk.press(card, 'Undo: activate', 'viewer'));
    expect(wordsOf(refusal)).toContain('you may not activate tokens');
    expect(refusal.ephemeralTo).toBe(users().viewer);
  });

  it('"Not ours" closes an unmatched one', async () => {
    const card = await unmatched('0a1b2c3d4e');
    await talk.press(card, 'Not ours', 'operator');
    await talk.reads(card, /Closed as not ours/);
  });

  it('is listed by `cases` and shown by `case`, with what is on record', async () => {
    const { card } = await leak('case-listed');
    const id = /C-[A-Z0-9]{4,16}/.exec(wordsOf(card))?.[0] ?? '';
    expect(wordsOf(await talk.ask('cases', 'viewer'))).toContain(id);
    const shown = await talk.ask(`case ${id.toLowerCase()}`, 'viewer');
    expect(wordsOf(shown)).toMatch(/case-listed.*On record/s);
    expect(wordsOf(await talk.ask('case C-ZZZZZZZZ', 'viewer'))).toContain('There is no case');
  });
});

describe('App Home', () => {
  it('shows the profiles, open cases and approvals with buttons, and my rights', async () => {
    const token = await talk.mint('home-approval');
    const question = await talk.ask(`delete ${token.id}`, 'operator', { where: 'general' });
    const card = await talk.next(() => talk.press(question, 'Yes, delete', 'operator'), /^Approval needed/);
    await sandbox.post('slack/home', { userId: users().approver });
    const home = await talk.view('approver', ({ type }) => type === 'home');
    const words = JSON.stringify(home.view);
    expect(words).toMatch(/dfns-demo.*langsmith-demo/s);
    expect(words).toMatch(/home-approval/);
    expect(words).toContain('What I may do');
    const result = await talk.next(() => talk.pressIn(home, 'Approve', 'approver'), /^Deleted: .*home-approval/);
    expect(result.channel).toBe('C0GENERAL01');
    await talk.reads(card, /^Approved: delete/);
    expect(await talk.stateOf(token)).toBe('deleted');
  });

  it('opens a case in a window', async () => {
    await unmatched('1a1b2c3d4e');
    await sandbox.post('slack/home', { userId: users().viewer });
    const home = await talk.view('viewer', ({ type }) => type === 'home');
    await talk.pressIn(home, 'Open', 'viewer');
    const modal = await talk.view(
      'viewer',
      ({ type, view }) => type === 'modal' && /C-[A-Z0-9]{4}/.test(JSON.stringify(view['title'])),
    );
    expect(JSON.stringify(modal.view)).toContain('NOT revoked');
  });

  it('tells a stranger nothing', async () => {
    await sandbox.post('slack/home', { userId: users().outsider });
    const home = await talk.view('outsider', ({ type }) => type === 'home');
    const words = JSON.stringify(home.view);
    expect(words).toContain('No profile that you may list');
    expect(words).not.toMatch(/dfns-demo|langsmith-demo|C-[A-Z0-9]{8}/);
  });
});

describe('the hygiene report', () => {
  it('is told on demand, of the profiles that are named, and changes nothing', async () => {
    const told = await talk.ask('hygiene langsmith', 'viewer');
    expect(wordsOf(told)).toMatch(/Token hygiene: .*1 profile.*No token was changed by this report/s);
    expect(wordsOf(told)).not.toContain('dfns-demo');
  });

  it('is one message a week, and its clean-up goes through the same rules as a typed request', async () => {
    const digest = await talk.next(() => sandbox.post('run/hygiene'), /Token hygiene/);
    expect(digest.channel).toBe('C0SECURITY1');
    expect(wordsOf(digest)).toMatch(/need a look.*older than 180 days/s);
    const button =
      JSON.stringify(digest.blocks).match(/"text":"(Deactivate (?:\d+ tokens?|the oldest \d+))"/)?.[1] ?? '';
    const refusal = await talk.next(() => talk.press(digest, button, 'viewer'));
    expect(wordsOf(refusal)).toContain('you may not deactivate tokens');
    const before = (await sandbox.tokens()).filter(({ state }) => state === 'inactive').length;
    const question = await talk.next(() => talk.press(digest, button, 'operator'), /Nothing has been done yet/);
    expect((await sandbox.tokens()).filter(({ state }) => state === 'inactive')).toHaveLength(before);
    await talk.press(question, 'Yes, deactivate', 'operator');
    await talk.reads(question, /deactivated|Deactivated: /);
    expect((await sandbox.tokens()).filter(({ state }) => state === 'inactive').length).toBeGreaterThan(before);
    expect((await sandbox.token('break-glass-payments')).state).toBe('active');
  });

  it('is posted once for a firing that is delivered twice', async () => {
    const firing = { id: 'a-firing', 'detail-type': 'Scheduled Event', time: '2026-11-23T08:00:00Z' };
    const digests = async () => (await sandbox.messages()).filter((one) => /Token hygiene/.test(wordsOf(one))).length;
    const before = await digests();
    await sandbox.post('invoke/hygiene', firing);
    await sandbox.post('invoke/hygiene', firing);
    expect((await digests()) - before).toBe(1);
  });
});
