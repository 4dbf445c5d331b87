import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Trace } from '#infra/sandbox/page/trace.ts';
import { type AlertDriver, createAlertDriver } from '#test/support/alert-driver.ts';
import { startTestSandbox, type TestSandbox } from '#test/support/sandbox.ts';
import { createTalk, type Talk, wordsOf } from '#test/support/slack-talk.ts';

let sandbox: TestSandbox;
let talk: Talk;
let driver: AlertDriver;

beforeAll(async () => {
  sandbox = await startTestSandbox();
  talk = createTalk(sandbox);
  driver = createAlertDriver(sandbox);
});
afterAll(() => sandbox.stop());

type Line = Readonly<Record<string, any>>;

/** Everything that our functions have logged. */
const logged = async (): Promise<readonly Line[]> =>
  (await sandbox.logs()).filter(({ text }) => text.startsWith('{"at"')).map(({ text }) => JSON.parse(text) as Line);

/** Does something while nothing else goes on, and gives all that was logged of it. */
async function linesOf(doing: () => Promise<unknown>): Promise<readonly Line[]> {
  await driver.quiet();
  const before = (await logged()).length;
  await doing();
  await driver.quiet();
  return (await logged()).slice(before);
}

/** The query of docs/LOGGING.md, for one request: as Logs Insights runs it, over lines. */
const QUERY =
  /## Following one request[^]*?```\nfields ([\w, ]+)\n\| filter (\w+) like "1f0c2d3e"\n\| sort (\w+) asc\n```/;
function follow(name: string, lines: readonly Line[]): readonly Line[] {
  const page = readFileSync(new URL('../../docs/LOGGING.md', import.meta.url), 'utf8');
  const [, fields = '', filter = '', sort = ''] = QUERY.exec(page) ?? [];
  expect(fields).not.toBe('');
  return lines
    .filter((line) => String(line[filter]).includes(name))
    .toSorted((left, right) => (left[sort] < right[sort] ? -1 : 1))
    .map((line) => Object.fromEntries(fields.split(', ').map((field) => [field, line[field]])));
}

const eventsOf = (lines: readonly Line[]) => lines.map(({ function: name, event }) => `${name} ${event}`);
const nameOf = (line: Line | undefined) => String(line?.['requestId']).split('-')[0] ?? '';

describe('one id leads from the edge to the reply', () => {
  it('of a typed kill: no line of the story is left out', async () => {
    const token = await talk.mint('followed-command');
    const lines = await linesOf(() => talk.ask(`deactivate ${token.id} left in cab`, 'operator'));
    const found = follow(nameOf(lines[0]), lines);
    expect(eventsOf(found)).toEqual(eventsOf(lines));
    expect(eventsOf(found)[0]).toBe('slack-edge slack_queued');
    expect(eventsOf(found)).toContain('slack-worker recorded');
    expect(eventsOf(found)).toContain('slack-worker said');
    expect(eventsOf(found).at(-1)).toBe('slack-worker job_done');
    expect(found.find(({ event }) => event === 'recorded')).toMatchObject({ verb: 'deactivate', result: 'done' });
  });

  it('of several at once: each has its own calls in its trace, and no other', async () => {
    const tokens = await Promise.all([1, 2, 3, 4].map((number) => talk.mint(`at-once-${number}`)));
    await Promise.all(tokens.map(({ id }) => sandbox.pat(`deactivate ${id} all at once`, 'operator')));
    for (const token of tokens) await talk.becomes(token, 'inactive');
    await driver.quiet();
    await talk.idle();
    const traces = await sandbox.get<readonly Trace[]>('traces');
    for (const { id } of tokens) {
      const trace = traces.find(({ title }) => title.includes(id));
      const changes = (trace?.spans ?? []).filter(({ lane, isChange }) => lane === 'dfns' && isChange === true);
      expect(changes.filter(({ name }) => name.includes('/auth/pats/')).map(({ name }) => name)).toEqual([
        `PUT /auth/pats/${id}/deactivate`,
      ]);
      expect(trace?.spans.filter(({ isShared }) => isShared)).toEqual([]);
      expect(trace?.spans.map(({ lane }) => lane)).toEqual(
        expect.arrayContaining(['edge', 'queue', 'worker', 'slack']),
      );
    }
  });

  it('of a leaked token, and leads from the record back to it', async () => {
    const token = await driver.issue('langsmith', 'followed-alert');
    let card = '';
    const lines = await linesOf(async () => {
      await driver.report('gitleaks', token);
      card = wordsOf(await driver.card(token.name, /Deactivated, confirmed\./));
    });
    const name = nameOf(lines[0]);
    // Whoever has only the card finds the lines by it.
    expect(card).toContain(`For whoever runs Patrol: request \`${name}\``);
    const found = follow(name, lines);
    expect(eventsOf(found)).toEqual(eventsOf(lines));
    expect(eventsOf(found)[0]).toBe('alert-edge alert_delivery');
    expect(eventsOf(found)).toContain('alert-worker recorded');
    expect(eventsOf(found)).toContain('alert-worker said');
    expect(eventsOf(found)).toContain('alert-worker leak_handled');
    const record = await talk.ask(`audit --token ${token.id}`, 'admin');
    expect(wordsOf(record)).toMatch(new RegExp(`deactivate\n[^]*\ndone\n[^]*${name}`));
  });

  it('of a leak that a person pastes: the report goes on under the id of the window', async () => {
    const token = await driver.issue('dfns', 'followed-paste');
    const lines = await linesOf(async () => {
      await sandbox.pat('leak', 'operator');
      const view = await talk.view('operator', ({ callbackId }) => callbackId === 'patrol:leak');
      const values = { leak: { secrets: { type: 'plain_text_input', value: token.secret } } };
      await talk.next(() => talk.submit(view, values, 'operator'), /followed-paste/);
    });
    expect(lines.filter(({ requestId }) => requestId === undefined)).toEqual([]);
    const [handled] = lines.filter(({ event }) => event === 'leak_handled');
    const found = eventsOf(follow(nameOf(handled), lines));
    expect(found[0]).toBe('slack-edge slack_queued');
    expect(found).toContain('slack-worker job_done');
    expect(found).toContain('alert-worker recorded');
  });

  it('of trouble: the reply names the request, and the query finds the fault', async () => {
    const token = await talk.mint('followed-trouble');
    await sandbox.fault('dfns', { mode: '401' });
    const lines = await linesOf(async () => {
      const said = await talk.ask(`deactivate ${token.id}`, 'operator');
      expect(wordsOf(said)).toMatch(/request [`]?[0-9a-f]{8}/);
    });
    await sandbox.fault('dfns', { mode: 'none' });
    const name = nameOf(lines[0]);
    const [message] = (await sandbox.messages()).filter((one) => wordsOf(one).includes(token.id));
    expect(wordsOf(message!)).toContain(name);
    expect(follow(name, lines).map(({ fault }) => fault)).toContain('provider_unauthorized');
  });

  it('of a sender that is refused: the answer names the request', async () => {
    const url = `${sandbox.ready.alerts.endpoint}/gitleaks`;
    const lines = await linesOf(async () => {
      const refused = await fetch(url, { method: 'POST', body: '{}' });
      expect(refused.status).toBe(401);
      const id = refused.headers.get('x-request-id');
      expect(id).toMatch(/^[0-9a-f]{8}-/);
      await sandbox.until('the line', async () => (await logged()).some(({ requestId }) => requestId === id));
    });
    expect(eventsOf(lines)).toEqual(['alert-edge alert_delivery']);
  });
});
