import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Instance } from '#infra/sandbox/lambda/instance.ts';
import type { LeakJob } from '#shared/jobs/job.ts';
import { langsmithKey } from '#test/support/leaks.ts';
import { admin } from '#test/support/slack-requests.ts';
import { DONE, leaked, pressed, startWorkerRig, typed, type WorkerRig } from '#test/support/worker-rig.ts';

const MINUTE_MS = 60_000;
const HOLD = new URL('../../fixtures/hold-the-loop.mjs', import.meta.url).href;

let rig: WorkerRig;
let now: Instance;
let later: Instance;
let lastly: Instance;

beforeAll(async () => {
  rig = await startWorkerRig();
  now = rig.start('alert-worker');
  later = rig.start('alert-worker', { aheadMs: 45 * MINUTE_MS });
  lastly = rig.start('alert-worker', { aheadMs: 26 * 60 * MINUTE_MS });
}, 90_000);
afterAll(() => rig.close());
beforeEach(() => {
  rig.printed.length = 0;
  rig.slack.setFault({ mode: 'none' });
  rig.langsmith.setFault({ mode: 'none' });
});

type Kind = LeakJob['kind'];
/** The body of the first job of this kind that was queued since. */
async function bodyOf(kind: Kind, since: number): Promise<string> {
  const body = (await rig.queuedSince(since)).find((each) => (JSON.parse(each) as LeakJob).kind === kind);
  expect(body, kind).toBeDefined();
  return body ?? '';
}
const line = async (part: string) => JSON.parse((await rig.printedLines(part))[0] ?? '{}') as unknown;

describe('a planned look at a dead token', () => {
  it('is put back while its time has not come, and says nothing of a token that stayed dead', async () => {
    const before = await rig.queued();
    const { secret } = rig.mint('stays dead');
    expect(await rig.deliver(leaked(secret), { by: now })).toEqual(DONE);
    const look = await bodyOf('read-again', before);
    const said = rig.slack.messages().length;
    const looked = await rig.queued();
    expect(await rig.deliver(look, { by: now })).toEqual(DONE);
    expect((await rig.queuedSince(looked)).map((body) => (JSON.parse(body) as LeakJob).kind)).toEqual(['read-again']);
    expect(await rig.deliver(look, { by: later })).toEqual(DONE);
    expect(await line('"event":"read_again"')).toMatchObject({ level: 'info', result: 'dead' });
    expect(rig.slack.messages()).toHaveLength(said);
  });

  it('rings and opens the case again when the token lives', async () => {
    const before = await rig.queued();
    const { id, secret } = rig.mint('comes back');
    await rig.deliver(leaked(secret), { by: now });
    const look = await bodyOf('read-again', before);
    await rig.revive(id);
    expect(await rig.deliver(look, { by: later })).toEqual(DONE);
    expect(await line('"event":"read_again"')).toMatchObject({ level: 'error', result: 'alive_again' });
    expect(
      rig
        .saidIn('C0SECURITY1')
        .filter((text) => text.includes('comes back'))
        .join(''),
    ).toContain('ALIVE AGAIN');
  });
});

describe('a case that nobody takes', () => {
  it('calls somebody when its reminder is due, and not before', async () => {
    const before = await rig.queued();
    rig.langsmith.setFault({ mode: '401' });
    await rig.deliver(leaked(langsmithKey('pt')), { by: now });
    const wake = await bodyOf('wake', before);
    const said = rig.slack.messages().length;
    expect(await rig.deliver(wake, { by: now })).toEqual(DONE);
    expect(rig.slack.messages()).toHaveLength(said);
    expect(await rig.deliver(wake, { by: later })).toEqual(DONE);
    expect(await line('"event":"called"')).toMatchObject({ kind: 'remind' });
    expect(rig.slack.messages().length).toBeGreaterThan(said);
  });

  it('is searched again by itself, and its token dies once its provider tells again', async () => {
    const { id, secret } = rig.mint('found later');
    const before = await rig.queued();
    rig.langsmith.setFault({ mode: '401' });
    await rig.deliver(leaked(secret), { by: now });
    expect(await line('"event":"leak_handled"')).toMatchObject({ level: 'error', result: 'unsearched' });
    const search = await bodyOf('search-again', before);
    rig.langsmith.setFault({ mode: 'none' });
    expect(await rig.deliver(search, { by: later })).toEqual(DONE);
    expect(rig.isAlive(id)).toBe(false);
  });
});

describe('a search whose first attempt found the token and could not tell it', () => {
  it('is told by the next one', async () => {
    const { id, secret } = rig.mint('found, and not told');
    const before = await rig.queued();
    rig.langsmith.setFault({ mode: '401' });
    await rig.deliver(leaked(secret), { by: now });
    const search = await bodyOf('search-again', before);
    rig.langsmith.setFault({ mode: 'none' });
    rig.slack.setFault({ mode: '500' });
    expect(await rig.deliver(search, { by: later })).not.toEqual(DONE);
    expect(rig.isAlive(id)).toBe(false);
    rig.slack.setFault({ mode: 'none' });
    expect(await rig.deliver(search, { by: later, receives: 2 })).toEqual(DONE);
    const told = rig.saidIn('C0SECURITY1').filter((text) => text.includes('found, and not told'));
    expect(told.join('')).toMatch(/Deactivated, confirmed/);
  });
});

describe('a request that waits for others', () => {
  it('reminds when that is due, and ends when nobody came', async () => {
    const operator = { ...admin, userId: 'U0OPERATOR1' };
    const slackWorker = rig.start('slack-worker');
    const { id } = rig.dfns.mint({ profile: 'dfns-demo', name: 'waits for others' });
    const before = await rig.queued();
    await rig.deliver(typed(`delete ${id} because it is old`, 'typed-due', operator), { by: slackWorker });
    const question = rig.slack.messages().find(({ text }) => text.startsWith('Delete `waits for others`?'))!;
    await rig.deliver(pressed(question, 'patrol:confirm', operator), { by: slackWorker });
    const card = () => rig.saidIn('C0GENERAL01').filter((text) => text.includes('delete `waits for others`'));
    expect(card().join('')).toContain('Approval needed');
    const dues = (await rig.queuedSince(before)).filter(
      (body) => (JSON.parse(body) as LeakJob).kind === 'approval-due',
    );
    expect(dues).not.toEqual([]);
    // What comes due plans what is due after it.
    for (let one = 0; one < 2; one += 1) expect(await rig.deliver(dues[one] ?? '', { by: lastly })).toEqual(DONE);
    expect(card().join('')).toMatch(/lapsed/i);
    expect(rig.dfns.tokens().find((token) => token.id === id)?.state).toBe('active');
  });
});

describe('the confirmation of a topic', () => {
  const topicArn = () => rig.sns.topicArn;

  it('is given through the API', async () => {
    const job = { v: 1, kind: 'sns-confirm', receivedAt: new Date().toISOString(), topicArn: topicArn() } as const;
    expect(await rig.deliver({ ...job, token: rig.sns.issueToken() }, { by: now })).toEqual(DONE);
    expect(rig.sns.confirmations()).toEqual([{ topicArn: topicArn(), by: 'api' }]);
    expect(await line('"event":"sns_confirmed"')).toMatchObject({ level: 'info' });
  });

  it('is dropped with its fault when SNS refuses the token', async () => {
    const job = { v: 1, kind: 'sns-confirm', receivedAt: new Date().toISOString(), topicArn: topicArn() } as const;
    expect(await rig.deliver({ ...job, token: 'made-up' }, { by: now })).toEqual(DONE);
    expect(await line('"event":"job_dropped"')).toMatchObject({ fault: 'config_invalid' });
  });
});

describe('work that holds the event loop', () => {
  it('ends its process, and is refused in words when it comes again', async () => {
    const environment = { NODE_OPTIONS: `--import=${HOLD}` };
    const job = typed('show hold-the-loop', 'typed-held');
    const held = rig.start('slack-worker', { environment });
    expect(await rig.deliver(job, { by: held })).toMatchObject({ ok: false });
    expect(held.alive).toBe(false);
    expect(await line('"event":"loop_held"')).toMatchObject({ level: 'error', count: 1 });
  });
});
