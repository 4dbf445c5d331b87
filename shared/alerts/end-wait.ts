import { type CaseEffects, followCases } from '#shared/cases/follow-cases.ts';
import { atWorkKey } from '#shared/cases/case-keys.ts';
import { changeCase } from '#shared/cases/keep-case.ts';
import { settle } from '#shared/cases/settle.ts';
import { stopsForOwner } from '#shared/cases/stops-for-owner.ts';
import { againOf, failureOf, unconfirmed } from '#shared/cases/trouble-of-change.ts';
import type { LeakJob, SendLeaksLater } from '#shared/jobs/job.ts';
import { delayUntil, isDue } from '#shared/jobs/is-due.ts';
import type { Case, Journal } from '#shared/store/store.ts';
import { changeToken } from '#shared/tokens/change-token.ts';
import type { Delivery } from '#shared/tokens/delivery.ts';
import type { Services } from '#shared/tokens/services.ts';

type WaitOverJob = Extract<LeakJob, { kind: 'wait-over' }>;

interface EndWaitDeps extends CaseEffects {
  readonly services: Services;
  readonly sendLater: SendLeaksLater;
}

/** How a wait ended: its token was stopped (or that was tried), or somebody is asked again. */
type WaitEnd = 'stopped' | 'asked';

/**
 * Ends the time for which an owner holds the question about a token: by deactivating it, where the policy said so when it was
 * asked for and says so still, else by asking again. `undefined` where somebody has decided meanwhile, or the time has not come
 * and the job was put back. Safe to repeat: after a crash there is one kill, told as one. Throws what the queue shall retry.
 */
export type EndWait = (job: WaitOverJob, delivery: Delivery) => Promise<WaitEnd | undefined>;

/** What the record and the card name where the end of an owner's time stopped a token. */
const WAIT_RULE = 'owner-wait';

/** Makes what ends waits. The case itself says which one is running, so that the job of another does nothing. */
export function createEndWait(deps: EndWaitDeps): EndWait {
  const { services, sendLater } = deps;
  const { store, now } = services;
  return async (job, delivery) => {
    const { caseId, at } = job;
    if (!isDue(at, now())) {
      const kase = await store.cases.get(caseId);
      if (isRunning(kase, at)) {
        await sendLater([{ ...job, receivedAt: now().toISOString() }], delayUntil(at, now()));
      }
      return undefined;
    }
    try {
      const { value } = await store.remember(`wait-over:${caseId}:${at}`, (journal) =>
        store.hold(atWorkKey(caseId), () => end(services, job, { journal, delivery })),
      );
      if (value !== null) await followCases(deps, [caseId]);
      return value ?? undefined;
    } catch (error) {
      await deps.show(caseId).catch(() => undefined);
      throw error;
    }
  };
}

function isRunning(kase: Case | undefined, at: string): kase is Case {
  return kase?.state === 'asking' && kase.wait?.until === at && kase.wait.isOver !== true;
}

interface EndAttempt {
  readonly journal: Journal;
  readonly delivery: Delivery;
}

/** `null` where there is nothing to end: what is remembered is JSON. */
async function end(services: Services, { caseId: id, at }: WaitOverJob, attempt: EndAttempt): Promise<WaitEnd | null> {
  const { store, now } = services;
  const kase = await store.cases.get(id);
  const begun = attempt.journal.get<number>('generation');
  if (begun === undefined) {
    // An attempt that died may have ended it, and shown it to nobody: whoever is to be called hears of it now.
    if (kase?.state === 'asking' && kase.wait?.until === at && kase.wait.isOver === true) return 'asked';
    if (!isRunning(kase, at)) return null;
    const { wait } = kase;
    if (wait?.then !== 'deactivate' || !(await stopsForOwner(services, kase, 'afterWait'))) {
      await changeCase(store, { id, now: now() }, (current) =>
        isRunning(current, at) && current.wait ? { ...current, wait: { ...current.wait, isOver: true } } : undefined,
      );
      return 'asked';
    }
    await attempt.journal.put('generation', kase.generation);
    await attempt.journal.put('wait', wait);
  }
  // Somebody has closed it, or brought the token back, between two tries.
  if (kase === undefined || (begun !== undefined && kase.generation > begun)) return null;
  await stop(services, kase, attempt);
  return 'stopped';
}

async function stop(services: Services, { id, token }: Case, { journal, delivery }: EndAttempt): Promise<void> {
  const wait = journal.get<NonNullable<Case['wait']>>('wait');
  if (token === undefined || wait === undefined) return;
  const { store, now } = services;
  const change = (more: Partial<Case>) => changeCase(store, { id, now: now() }, (kase) => ({ ...kase, ...more }));
  const ref = { profile: token.profile, id: token.id, name: token.name };
  const order = {
    verb: 'deactivate',
    tokens: [ref],
    requester: wait.by,
    requestedAt: wait.until,
    keepGoing: false,
    reason: `case ${id}: the time that its owner asked for is over`,
    caseId: id,
  } as const;
  await change({ state: 'acting', decision: { action: 'deactivate', rule: WAIT_RULE } });
  try {
    const made = await changeToken(services, { journal }, { order, warrant: { rule: WAIT_RULE, approvedBy: [] }, ref });
    await settle(services, made, { from: id });
    if (made.kind !== 'unconfirmed') return;
    const fault = unconfirmed(made);
    await change({ troubles: [{ kind: 'unconfirmed', read: made.read, again: againOf(fault, delivery) }] });
    throw fault;
  } catch (error) {
    const { state } = (await store.cases.get(id)) ?? {};
    if (state === 'acting')
      await change({ state: 'not_revoked', troubles: [failureOf(error, delivery, token.profile)] });
    throw error;
  }
}
