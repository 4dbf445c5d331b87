import * as z from 'zod';
import { parseEnv } from '#shared/core/parse-env.ts';
import { once } from '#shared/core/once.ts';
import { createApprovalMessenger } from '#shared/slack/approval-messenger.ts';
import { createSlackApp } from '#shared/slack/slack-app.ts';
import { createCases } from './runtime/cases.ts';
import { type CommandJob, commandJobSchema } from '#shared/jobs/job.ts';
import { createQueueWorker } from './runtime/queue-worker.ts';
import { createSlackWorkerServices } from './runtime/slack-worker-services.ts';
import { startOnEvent } from './runtime/start-on-event.ts';

const Env = z.object({
  COMMANDS_QUEUE_URL: z.url(),
  LEAKS_QUEUE_URL: z.url(),
  MAX_RECEIVES: z.coerce.number().int().min(1),
});

// Once on cold start; a failure is not kept.
const start = once(async () => {
  const env = parseEnv(Env, process.env);
  const worker = await createSlackWorkerServices('slack-worker', env.LEAKS_QUEUE_URL, { side: 'people' });
  const { services, reply, log } = worker;
  const app = createSlackApp({
    services,
    reply,
    botToken: worker.botToken,
    buttons: worker.buttons,
    sendLeaks: (jobs, delaySeconds = 0) => worker.sendLeaksLater(jobs, delaySeconds),
    cases: createCases(worker),
    followApproval: createApprovalMessenger({ services, reply }).follow,
  });
  return createQueueWorker<CommandJob>({
    schema: commandJobSchema,
    handle: async (job, delivery) => {
      // A button of another release is for that one to answer.
      if (!(await app.handle(job, delivery))) return 'unknown';
      log('info', { event: 'job_done', kind: job.kind, attempt: delivery.attempt });
      return undefined;
    },
    call: worker.call,
    jobKey: worker.jobKey,
    now: worker.now,
    queueUrl: env.COMMANDS_QUEUE_URL,
    maxReceives: env.MAX_RECEIVES,
    log,
    random: Math.random,
    watchdog: worker.watchOver(env.COMMANDS_QUEUE_URL),
  });
});

/** Called by SQS with commands and presses from people. */
export const handler = await startOnEvent(start, 'COMMANDS_QUEUE_URL');
