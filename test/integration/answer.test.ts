import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { Fault } from '#shared/core/fault.ts';
import type { Answer } from '#shared/slack/listeners/answer.ts';
import { createPerform } from '#shared/slack/listeners/perform.ts';
import type { Request } from '#shared/slack/listeners/request.ts';
import type { Reply } from '#shared/slack/reply.ts';
import { saidNote, type Spoken } from '#shared/slack/spoken.ts';
import type { OutcomeOf } from '#shared/tokens/outcome.ts';
import { type Bench, OPERATOR, startBench } from '../support/services.ts';
import { samples } from '#test/fixtures/outcomes.ts';
import { replyTo } from '#test/support/reply-to.ts';

/** How long after the tests began it is now, besides what they took; milliseconds. */
let passed = 0;
/** Longer than a lease lasts. */
const AFTER_A_LEASE = 9_000;
let bench: Bench;
let slack: SlackStandIn;
beforeAll(async () => {
  [bench, slack] = await Promise.all([startBench({ now: () => new Date(Date.now() + passed) }), startSlack()]);
});
afterAll(() => Promise.all([bench.close(), slack.close()]));

let keys = 0;
function request(delivery = { attempt: 1, isLast: false }): Request {
  return {
    job: {
      v: 1,
      kind: 'command',
      receivedAt: new Date().toISOString(),
      deliveryKey: `answer-${keys++}`,
      sealed: [],
      unrecognised: 0,
    },
    payload: {},
    actor: OPERATOR,
    place: { channel: 'C0GENERAL01', userId: OPERATOR.userId },
    delivery,
  };
}

function perform(more: Partial<Reply> = {}) {
  const { services } = bench;
  return createPerform({ services, reply: { ...replyTo(slack, services), ...more } });
}

const cancelled: Answer = { outcome: { kind: 'cancelled', verb: 'delete', by: OPERATOR }, to: 'channel' };
const retrying: Answer = {
  outcome: {
    kind: 'trouble',
    verb: 'deactivate',
    trouble: { fault: 'provider_unavailable', next: 'retrying', attempt: 1 },
  },
  to: 'channel',
};
const texts = () => slack.messages().map(({ text }) => text);

describe('the frame around every listener', () => {
  it('does the work once and says it once, however often the job is delivered', async () => {
    const asked = request();
    let runs = 0;
    const work = async () => {
      runs += 1;
      return [cancelled];
    };
    const before = texts().length;
    await perform()(asked, work);
    passed += AFTER_A_LEASE;
    await perform()(asked, work);
    expect([runs, texts().length - before]).toEqual([1, 1]);
  });

  it.each([
    ['its answer', cancelled],
    ['that it is tried again', retrying],
  ])('is alone with saying %s: another delivery that comes meanwhile says nothing', async (_, answer) => {
    const asked = request();
    const [begun, heard] = [Promise.withResolvers<true>(), Promise.withResolvers<true>()];
    const { post } = replyTo(slack, bench.services);
    const slowly: Reply['post'] = async (...words) => {
      begun.resolve(true);
      await heard.promise;
      return post(...words);
    };
    const before = texts().length;
    const first = perform({ post: slowly })(asked, async () => [answer]).catch(() => undefined);
    await begun.promise;
    const other = perform()(asked, async () => [answer]);
    await expect(other).rejects.toMatchObject({ code: 'delivery_in_progress' });
    heard.resolve(true);
    await first;
    passed += AFTER_A_LEASE;
    await perform()(asked, async () => [cancelled]);
    expect(texts().slice(before)).toEqual([expect.stringContaining('Cancelled')]);
  });

  it('repeats only the words when Slack was away, and never the work', async () => {
    const asked = request();
    let runs = 0;
    const work = async () => {
      runs += 1;
      return [cancelled];
    };
    slack.setFault({ mode: '500' });
    await expect(perform()(asked, work)).rejects.toMatchObject({ code: 'slack_unavailable' });
    slack.setFault({ mode: 'none' });
    const before = texts().length;
    await perform()(asked, work);
    expect([runs, texts().length - before]).toEqual([1, 1]);
  });

  it('says trouble that may pass in one message, and edits it when it has passed', async () => {
    const asked = request();
    const before = texts().length;
    await expect(perform()(asked, async () => [retrying])).rejects.toBeInstanceOf(Fault);
    expect(texts().at(-1)).toContain('NOT deactivated yet');
    await perform()({ ...asked, delivery: { attempt: 2, isLast: false } }, async () => [cancelled]);
    expect(texts().length - before).toBe(1);
    expect(texts().at(-1)).toContain('Cancelled');
  });

  it('gives what was begun and cannot be read back to the queue, whatever keeps it from being read', async () => {
    const verb = 'deactivate';
    const trouble = { fault: 'provider_unauthorized', next: 'retrying', attempt: 2, begun: true } as const;
    const said = perform()(request(), async () => [{ outcome: { kind: 'trouble', verb, trouble }, to: 'channel' }]);
    await expect(said).rejects.toMatchObject({ isRetryable: true });
    expect(texts().at(-1)).toMatch(/NOT deactivated yet.*refused our credential.*tries again by itself/);
  });

  it('ends what it said meanwhile where in the end a card says it', async () => {
    const asked = request();
    const before = texts().length;
    await expect(perform()(asked, async () => [retrying])).rejects.toBeInstanceOf(Fault);
    await perform()({ ...asked, delivery: { attempt: 2, isLast: false } }, async () => [{ ...cancelled, to: 'card' }]);
    expect(texts().slice(before)).toEqual([expect.stringContaining('Cancelled')]);
  });

  it('says nothing beside a card that says it', async () => {
    const before = texts().length;
    await perform()(request(), async () => [{ ...cancelled, to: 'card' }]);
    expect(texts().length).toBe(before);
  });

  it('says on the last delivery that nothing more happens by itself', async () => {
    await expect(perform()(request({ attempt: 20, isLast: true }), async () => [retrying])).rejects.toBeInstanceOf(
      Fault,
    );
    expect(texts().at(-1)).toContain('dead-letter queue');
  });

  it('says then how far a run has come, of which its last delivery has not seen the end', async () => {
    const asked = request({ attempt: 20, isLast: true });
    const [done, left] = [samples['bulk running'] as OutcomeOf<'bulk'>, samples['bulk stopped'] as OutcomeOf<'bulk'>];
    const before = slack.messages().length;
    const outOfTime = new Fault('delivery_in_progress', 'out of time');
    const running = perform()(asked, async ({ progress }) => {
      await progress({ ...done, left: left.left.slice(0, 3) });
      throw outOfTime;
    });
    await expect(running).rejects.toBe(outOfTime);
    const said = slack.messages().slice(before);
    expect(said.map(({ text }) => text)).toEqual(
      said.map(() => 'Patrol stopped after 20 attempts. 15 tokens: 12 deactivated, 3 not known.'),
    );
    expect(JSON.stringify(said)).toMatch(/dead-letter queue/);
    expect(JSON.stringify(said)).not.toMatch(/still running|patrol:stop|not touched/i);
    const note = await bench.services.store.notes.get<Spoken>(saidNote(asked.job.deliveryKey, 0));
    // Whoever ends the words of dead letters leaves what promises nothing.
    expect([note?.ts, note?.isOpen]).toEqual([said[0]?.ts, undefined]);
  });

  it('says then on the card of an approval, too, that nothing is being worked on', async () => {
    const { record: approval } = await bench.services.store.approvals.open({
      id: 'given-up',
      state: 'approved',
      order: {
        verb: 'deactivate',
        tokens: [{ profile: 'dfns-demo', id: 'to-1', name: 'old' }],
        requester: OPERATOR,
        requestedAt: '2026-11-22T12:00:00.000Z',
        keepGoing: false,
      },
      expiresAt: '2099-01-01T00:00:00.000Z',
      needed: 1,
      rule: 'bulk',
      approvedBy: [],
    });
    const card: Answer = {
      outcome: { kind: 'approval', approval, approvers: [], mayBreakGlass: false },
      to: 'channel',
    };
    const before = texts().length;
    const asked = request({ attempt: 20, isLast: true });
    await expect(perform()(asked, async () => [card, retrying])).rejects.toBeInstanceOf(Fault);
    const said = texts().slice(before);
    expect(said).toHaveLength(2);
    expect(said.join(' ')).not.toContain('Working on it');
    expect(said[1]).toContain('dead-letter queue');
  });

  it.each([
    [
      'a fault that ends the job at once',
      new Fault('config_invalid', 'x'),
      { attempt: 1, isLast: false },
      /misconfigured/i,
    ],
    [
      'a passing fault on the last delivery',
      new Fault('store_unavailable', 'x'),
      { attempt: 20, isLast: true },
      /dead-letter/,
    ],
    ['a defect on the first delivery', new TypeError('lsv2_pt_text'), { attempt: 1, isLast: false }, /tries again/],
    ['a defect on the last delivery', new TypeError('lsv2_pt_text'), { attempt: 20, isLast: true }, /unexpectedly/],
  ])('answers %s', async (_name, error, delivery, words) => {
    await expect(perform()(request(delivery), () => Promise.reject(error))).rejects.toBe(error);
    expect(texts().at(-1)).toMatch(words);
    expect(texts().at(-1)).not.toContain('lsv2');
  });

  it('is silent about a passing fault that the queue will bring back', async () => {
    const before = texts().length;
    const fault = new Fault('store_unavailable', 'x');
    await expect(perform()(request(), () => Promise.reject(fault))).rejects.toBe(fault);
    expect(texts().length).toBe(before);
  });

  it('shows no progress where there is no message for it, so that the first answer finds the message it belongs to', async () => {
    const card = await perform()(request(), async () => [cancelled]).then(() => slack.messages().at(-1));
    if (card === undefined) throw new Error('nothing was said');
    const fromModal = { ...request(), place: { userId: OPERATOR.userId } };
    const at = { channel: card.channel, ts: card.ts };
    const bulk: Answer['outcome'] = {
      kind: 'bulk',
      verb: 'deactivate',
      state: 'running',
      total: 30,
      changes: [],
      left: [],
      requester: OPERATOR,
      approvedBy: [],
      startedAt: new Date().toISOString(),
      at: new Date().toISOString(),
    };
    const before = texts().length;
    await perform()(fromModal, async (attempt) => {
      await attempt.progress(bulk);
      return [{ ...cancelled, outcome: { kind: 'cancelled', verb: 'activate', by: OPERATOR }, to: 'here', at }];
    });
    expect(texts().length).toBe(before);
    expect(slack.messages().find(({ ts }) => ts === card.ts)?.text).toContain('NOT activated');
  });

  it('files a record of ten thousand entries, of which an item of the table could not hold a tenth', async () => {
    const entries = Array.from({ length: 10_000 }, (_, index) => ({
      at: new Date(1.7e12 + index).toISOString(),
      id: randomBytes(60).toString('hex'),
      actor: OPERATOR,
      what: 'deactivate' as const,
      result: 'done' as const,
    }));
    await perform()(request(), async () => [
      { outcome: { kind: 'audited', entries, more: false, file: 'csv' }, to: 'channel' },
    ]);
    expect(texts().at(-1)).toContain('The file has 10,000 entries');
  });

  it('writes every denial into the record', async () => {
    const asked = request();
    await perform()(asked, async () => [
      { outcome: { kind: 'denied', verb: 'delete', why: 'no_role', roles: [] }, to: 'me' },
    ]);
    const entries = await bench.services.store.audit.query({ actorUserId: OPERATOR.userId, limit: 5 });
    expect(entries[0]).toMatchObject({ what: 'denied', verb: 'delete', detail: { kind: 'denied', why: 'no_role' } });
  });
});
