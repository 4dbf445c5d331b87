import * as z from 'zod';
import { createReconcileGithub, type Reconciled } from '#shared/alerts/reconcile-github.ts';
import { countCases } from '#shared/cases/count-cases.ts';
import { countMuted } from '#shared/cases/count-muted.ts';
import { findRevived } from '#shared/cases/find-revived.ts';
import { parseEnv } from '#shared/core/parse-env.ts';
import { isFault } from '#shared/core/fault.ts';
import { once } from '#shared/core/once.ts';
import { countDeadLetters } from '#shared/jobs/count-dead-letters.ts';
import { digest } from '#shared/hygiene/assess.ts';
import { withOwners } from '#shared/hygiene/with-owners.ts';
import { keepProtected, newlyProtected, protectedAmong } from '#shared/tokens/newly-protected.ts';
import { readInventories } from '#shared/hygiene/read-inventories.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { protectedBy } from '#shared/policy/protected-by.ts';
import { isOverheard } from '#shared/slack/is-overheard.ts';
import { PROTECTED_SHOWN } from '#shared/slack/blocks/protected-lines.ts';
import { renderDigest } from '#shared/slack/blocks/render-digest.ts';
import { announceDeadLetters } from '#shared/slack/announce-dead-letters.ts';
import { createApprovalMessenger } from '#shared/slack/approval-messenger.ts';
import { createSayLoud } from '#shared/slack/say-loud.ts';
import { CASE_STATES } from '#shared/store/store.ts';
import { isOpenCase } from '#shared/store/is-open-case.ts';
import { emfLine, type Metric } from '#shared/telemetry/emf-line.ts';
import { faultFields } from '#shared/telemetry/log.ts';
import { createCases } from './runtime/cases.ts';
import { createSlackWorkerServices } from './runtime/slack-worker-services.ts';

const Env = z.object({
  LEAKS_QUEUE_URL: z.url(),
  LEAKS_DEAD_QUEUE_URL: z.url(),
  COMMANDS_DEAD_QUEUE_URL: z.url(),
  STAGE: z.string().min(1),
});

// Once on cold start; a failure is not kept.
const start = once(async () => {
  const env = parseEnv(Env, process.env);
  const worker = await createSlackWorkerServices('hygiene', env.LEAKS_QUEUE_URL);
  const { show, planLook, github } = createCases(worker);
  const deadQueues = { leaks: env.LEAKS_DEAD_QUEUE_URL, commands: env.COMMANDS_DEAD_QUEUE_URL };
  return { ...worker, show, planLook, github, deadQueues, stage: env.STAGE };
});
type Started = Awaited<ReturnType<typeof start>>;

interface Firing {
  readonly id?: string;
  readonly time?: string;
  /** What the schedule's input names; the weekly one names nothing. */
  readonly task?: string;
}

const TASKS: Readonly<Record<string, (started: Started, event: Firing) => Promise<unknown>>> = {
  hygiene: report,
  count: writeCounts,
  'dead-letters': announce,
  reconcile,
};

/**
 * Called by the schedules: weekly for the hygiene report, daily to compare GitHub's open alerts with the cases, every five
 * minutes to count the open cases and the dead letters. `npm run reconcile` calls it too, and is answered.
 */
export const handler = async (event: Firing): Promise<unknown> => {
  const started = await start();
  const { task = 'hygiene' } = event;
  const work = Object.hasOwn(TASKS, task) ? TASKS[task] : undefined;
  if (work === undefined) throw new TypeError('no such task');
  return work(started, event).catch((error: unknown) => {
    started.log('error', { event: task.replaceAll('-', '_'), result: 'failed', ...faultFields(error) });
    throw error;
  });
};

/** Queues a report for each open alert of ours that never arrived. */
async function reconcile(started: Started): Promise<Reconciled | undefined> {
  const { services, github, fingerprint, sendLeaksLater, log } = started;
  const { sources, repositories } = services.policy.alerts;
  if (!sources.includes('github')) return undefined;
  const { store, now } = services;
  const send = (jobs: Parameters<typeof sendLeaksLater>[0]) => sendLeaksLater(jobs, 0);
  const found = await createReconcileGithub({ github, repositories, store, now, fingerprint, send })();
  log(found.unread.length === 0 ? 'info' : 'warn', {
    event: 'reconcile',
    count: found.missed,
    skipped: found.unread.length,
  });
  return found;
}

/** Writes how many cases are open, by state, how many need a person, and how long the first of these has waited. */
async function writeCounts({ services, stage }: Started): Promise<void> {
  const now = services.now();
  const { byState, waiting, longestWaitSeconds } = await countCases(services.store, now);
  const figures: readonly Metric[] = [
    { name: 'CasesWaiting', unit: 'Count', value: waiting },
    { name: 'LongestWait', unit: 'Seconds', value: longestWaitSeconds },
    ...CASE_STATES.filter((state) => isOpenCase({ state })).map((state) => ({
      name: 'OpenCases',
      unit: 'Count' as const,
      value: byState[state] ?? 0,
      dimensions: { State: state },
    })),
  ];
  for (const figure of figures) process.stdout.write(`${emfLine(figure, { namespace: `Patrol/${stage}`, now })}\n`);
}

async function announce(started: Started): Promise<void> {
  const { services, reply, call, deadQueues, searchAgain, log } = started;
  const { follow } = createApprovalMessenger({ services, reply });
  const dead = await countDeadLetters(call, deadQueues);
  if (dead.leaks + dead.commands > 0) log('info', { event: 'dead_letters', count: dead.leaks + dead.commands });
  await announceDeadLetters({ ...started, followApproval: follow, planSearch: searchAgain.plan }, dead);
}

const WEEK_MS = 7 * 86_400_000;

/** Posts one digest of every profile's tokens, and has leaks looked for that could not be. */
async function report({ services, reply, searchAgain, show, planLook, log }: Started, event: Firing): Promise<void> {
  const { policy } = services;
  const sayLoud = createSayLoud({ services, reply });
  // The schedule may deliver twice: one digest per firing.
  const firing = event.id ?? event.time ?? services.now().toISOString();
  const searched = async () => log('info', { event: 'searched_again', count: await searchAgain.all() });
  const reporting = services.store.remember(`hygiene:${firing}`, async () => {
    const now = services.now();
    const { inventories, unread } = await readInventories(services, services.providers.names());
    const isProtected = (token: Token) => protectedBy(policy, token) !== undefined;
    const alive = await findRevived(
      services,
      inventories.flatMap(({ tokens }) => tokens),
    );
    const fresh = await newlyProtected(
      services.store,
      inventories.flatMap(({ tokens }) => protectedAmong(policy, tokens)),
    );
    const counted = digest({
      ...{ inventories, unread, thresholds: policy.hygiene, isProtected, ...alive, now },
      muted: await countMuted(services.store, new Date(now.getTime() - WEEK_MS)),
      newlyProtected: fresh,
    });
    const found = await withOwners(services, counted);
    // The cards that said "dead" are told first, and a card that cannot be changed hides no finding.
    const ids = [...alive.revived.map(({ caseId }) => caseId), ...alive.returned];
    const followed = await Promise.allSettled(ids.map((id) => show(id).then(() => planLook(id))));
    const channel = policy.hygiene.channel ?? policy.channels.security;
    const message = renderDigest(found, { now, discreet: isOverheard(policy, channel) });
    await sayLoud({ channel, message, key: `hygiene:${firing}` }).catch((error: unknown) => {
      // The admins have it instead.
      if (!isFault(error, 'channel_closed')) throw error;
      log('error', { event: 'hygiene', result: 'told_alone', ...faultFields(error) });
    });
    // Whose look is not planned is found again by the next attempt.
    for (const told of followed) if (told.status === 'rejected') throw told.reason;
    // Those that did not fit are new again next week: nobody hides one among many.
    await keepProtected(services.store, fresh.slice(0, PROTECTED_SHOWN));
    return { seen: found.seen, troubled: found.troubled };
  });
  const { value } = await reporting.finally(searched);
  log('info', { event: 'hygiene', result: 'done', count: value.troubled });
}
