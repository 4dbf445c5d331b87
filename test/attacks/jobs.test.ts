import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeAll, expect } from 'vitest';
import type { CommandJob, LeakJob } from '#shared/jobs/job.ts';
import { attack } from '#test/support/attack.ts';
import type { TestSandbox } from '#test/support/sandbox.ts';
import { sharedSandbox } from '#test/support/shared-sandbox.ts';
import { createTalk, type Talk } from '#test/support/slack-talk.ts';

let sandbox: TestSandbox;
let talk: Talk;
let sqs: SQSClient;

beforeAll(async () => {
  sandbox = await sharedSandbox();
  talk = createTalk(sandbox);
  sqs = new SQSClient({
    region: 'eu-central-1',
    endpoint: sandbox.ready.aws.sqs,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
});

/** Puts a job straight into a queue, and waits until its worker has logged that it is done with it. */
async function plant(queue: 'commands' | 'leaks', job: CommandJob | LeakJob): Promise<void> {
  const before = (await sandbox.logs()).length;
  const QueueUrl = sandbox.ready.aws.queues[queue];
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(job) }));
  await sandbox.until('the worker to be done with the job', async () =>
    (await sandbox.logs())
      .slice(before)
      .some(({ text }) => /"event":"(job_unreadable|job_done|leak_handled|job_dropped)"/.test(text)),
  );
}

const WITHOUT_MAC = {
  file: 'shared/jobs/sign-job.ts',
  replace: "  if (!signedSchema.safeParse(value).success) return { refused: 'unsigned' };\n",
  by: '  if (0 < 1) return { job: value };\n',
};

attack(
  {
    name: 'planted-command',
    finding: 7,
    does: 'sends a command of an admin straight into the commands queue, with the right `sqs:SendMessage` and nothing else',
    holds: 'the job is dropped: the token lives and nothing is said',
    without: [WITHOUT_MAC],
  },
  async () => {
    const token = await talk.mint('planted-command');
    const { slack } = sandbox.ready;
    const [sent] = await sentBy(() => sandbox.pat(`show ${token.id}`, 'viewer'));
    const { mac: _, ...job } = sent as CommandJob & { mac: string };
    await talk.idle();
    const payload = { ...job.payload, user_id: slack.users.admin, text: `deactivate ${token.id}` };
    await plant('commands', { ...job, deliveryKey: 'planted', receivedAt: new Date().toISOString(), payload });
    expect(await talk.stateOf(token)).toBe('active');
  },
);

attack(
  {
    name: 'planted-report',
    finding: 7,
    does: 'sends a report that names a token straight into the leaks queue',
    holds: 'the job is dropped, and no case is opened',
    without: [WITHOUT_MAC],
  },
  async () => {
    const token = await talk.mint('planted-report');
    const before = (await sandbox.messages()).length;
    await plant('leaks', {
      v: 1,
      kind: 'report',
      source: 'generic',
      receivedAt: new Date().toISOString(),
      deliveryKey: 'planted',
      report: { key: 'planted:0', note: `token ${token.id}`, unrecognised: true },
    });
    expect((await sandbox.messages()).length).toBe(before);
    expect(await talk.stateOf(token)).toBe('active');
  },
);

/** The bodies that something brings into the queues. */
async function sentBy(doing: () => Promise<unknown>): Promise<unknown[]> {
  const before = (await sandbox.history()).length;
  await doing();
  return sandbox.until('a queued job', async () => {
    const sent = (await sandbox.history()).slice(before).map(({ body }) => JSON.parse(body) as unknown);
    return sent.length > 0 && sent;
  });
}
