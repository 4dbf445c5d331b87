import * as z from 'zod';
import { createCheckValidity } from '#shared/alerts/check-validity.ts';
import { createEndWait, type EndWait } from '#shared/alerts/end-wait.ts';
import { createHandleLeak } from '#shared/alerts/handle-leak.ts';
import { createWatched } from '#shared/alerts/watched.ts';
import { defined } from '#shared/core/defined.ts';
import { parseEnv } from '#shared/core/parse-env.ts';
import { issuerOf, issuersOf } from '#shared/policy/issuers.ts';
import { once } from '#shared/core/once.ts';
import { createApprovalMessenger } from '#shared/slack/approval-messenger.ts';
import { type Cases, createCases } from './runtime/cases.ts';
import { readIssuerUrls } from './runtime/read-issuer-urls.ts';
import { confirmSubscription } from './runtime/confirm-subscription.ts';
import { listWatched } from './runtime/list-watched.ts';
import { type LeakJob, leakJobSchema } from '#shared/jobs/job.ts';
import { sendPart } from '#shared/jobs/to-parts.ts';
import { createQueueWorker } from './runtime/queue-worker.ts';
import type { Delivery } from '#shared/tokens/delivery.ts';
import { createSlackWorkerServices, type SlackWorkerServices } from './runtime/slack-worker-services.ts';
import { startOnEvent } from './runtime/start-on-event.ts';

const Env = z.object({
  LEAKS_QUEUE_URL: z.url(),
  MAX_RECEIVES: z.coerce.number().int().min(1),
  AWS_ENDPOINT_URL_SNS: z.url().optional(),
});

/** Nobody waits for a worker's answer, but the kill does. */
const VALIDITY_BUDGET_MS = 3000;

// Once on cold start; a failure is not kept.
const start = once(async () => {
  const env = parseEnv(Env, process.env);
  const worker = await createSlackWorkerServices('alert-worker', env.LEAKS_QUEUE_URL, { side: 'alerts' });
  const { services, secrets, secretsManager, fingerprint, searchAgain, now, log } = worker;
  const cases = createCases(worker);
  const issuerUrls = readIssuerUrls(process.env);
  const handleLeak = createHandleLeak({
    services,
    ...cases,
    fingerprint,
    watched: createWatched({ list: () => listWatched(secretsManager, secrets), fingerprint, now }),
    checkValidity: createCheckValidity({
      issuers: issuersOf(services.policy, issuerUrls),
      get: globalThis.fetch,
      fingerprint,
      now,
      budgetMs: VALIDITY_BUDGET_MS,
    }),
    issuerOf: (profile) => issuerOf(services.policy, profile, issuerUrls),
    planSearch: searchAgain.plan,
    sendLater: worker.sendLeaksLater,
  });
  const endWait = createEndWait({
    services,
    ...cases,
    planSearch: searchAgain.plan,
    sendLater: worker.sendLeaksLater,
  });
  return createQueueWorker<LeakJob>({
    schema: leakJobSchema,
    handle: createHandleJob(worker, { handleLeak, endWait, ...cases, snsUrl: env.AWS_ENDPOINT_URL_SNS }),
    call: worker.call,
    jobKey: worker.jobKey,
    now: worker.now,
    queueUrl: env.LEAKS_QUEUE_URL,
    maxReceives: env.MAX_RECEIVES,
    log,
    random: Math.random,
    watchdog: worker.watchOver(env.LEAKS_QUEUE_URL),
  });
});

interface Handlers extends Pick<Cases, 'readAgain' | 'wake'> {
  readonly endWait: EndWait;
  readonly handleLeak: ReturnType<typeof createHandleLeak>;
  readonly snsUrl: string | undefined;
}

/** Does what one job of the leaks' queue asks for, and writes its line. */
function createHandleJob(
  { services, reply, call, searchAgain, sendLeaksLater, now, log }: SlackWorkerServices,
  { handleLeak, endWait, readAgain, wake, snsUrl }: Handlers,
): (job: LeakJob, delivery: Delivery) => Promise<void> {
  const approvals = createApprovalMessenger({ services, reply });
  return async (job, delivery) => {
    if (job.kind === 'sns-confirm') {
      await confirmSubscription({ call: call, endpoint: snsUrl }, job);
      log('info', { event: 'sns_confirmed', attempt: delivery.attempt });
      return;
    }
    if (job.kind === 'wake') {
      if (await wake.due(job)) log('info', { event: 'called', caseId: job.caseId, kind: job.step });
      return;
    }
    if (job.kind === 'wait-over') {
      const result = await endWait(job, delivery);
      if (result !== undefined) log('info', { event: 'wait_over', caseId: job.caseId, result });
      return;
    }
    if (job.kind === 'read-again') {
      const result = await readAgain(job);
      // A leaked token that lives again although its end was proved: somebody is needed.
      const level = result === 'alive_again' ? 'error' : 'info';
      if (result !== undefined) log(level, { event: 'read_again', caseId: job.caseId, result });
      return;
    }
    if (job.kind === 'approval-due') {
      await approvals.due(job);
      return;
    }
    if (job.kind === 'report-part') {
      await sendPart(job, sendLeaksLater);
      log('info', { event: 'report_part', source: job.source, count: job.reports.length });
      return;
    }
    const report = job.kind === 'search-again' ? await searchAgain.due(job, delivery.attempt) : job;
    if (report === undefined) return;
    const { caseId, state, rule, provider } = await handleLeak(report, delivery);
    // A leak that nobody could look for is worse than any error: it rings the alarm.
    log(state === 'unsearched' ? 'error' : 'info', {
      event: 'leak_handled',
      source: report.source,
      caseId,
      result: state,
      attempt: delivery.attempt,
      milliseconds: now().getTime() - Date.parse(report.receivedAt),
      ...defined({ rule, provider }),
    });
  };
}

/** Called by SQS with sealed reports from scanners and people. */
export const handler = await startOnEvent(start, 'LEAKS_QUEUE_URL');
