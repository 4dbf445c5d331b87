import { type CaseEffects, followCases } from '#shared/cases/follow-cases.ts';
import { isSpent, tellStop } from './tell-stop.ts';
import { atWorkKey } from '#shared/cases/case-keys.ts';
import { changeCase } from '#shared/cases/keep-case.ts';
import { settle } from '#shared/cases/settle.ts';
import { stopsForOwner, WAIT_RULE } from '#shared/cases/stops-for-owner.ts';
import { againOf, failedKill, unconfirmed } from '#shared/cases/trouble-of-change.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import type { LeakJob, SendLeaksLater } from '#shared/jobs/job.ts';
import { hasCome } from '#shared/jobs/has-come.ts';
import { sendPlanned } from '#shared/jobs/send-planned.ts';
import type { Case, Journal } from '#shared/store/store.ts';
import { changeToken, hasBegun } from '#shared/tokens/change-token.ts';
import type { Delivery } from '#shared/tokens/delivery.ts';
import type { Services } from '#shared/tokens/services.ts';
import type { TokenChange } from '#shared/tokens/warrant.ts';

type WaitOverJob = Extract<LeakJob, { kind: 'wait-over' }>;

interface EndWaitDeps extends CaseEffects {
  readonly services: Services;
  readonly sendLater: SendLeaksLater;
  /** Plans the next try of a kill that was decided and not made. */
  readonly planSearch: (kase: Case) => Promise<unknown>;
}

/** How a wait ended: its token was stopped (or that was tried), or somebody is asked again. */
type WaitEnd = 'stopped' | 'asked';

/**
 * Ends the time for which an owner holds the question about a token: by deactivating it, where the policy said so when it was
 * asked for and says so still, else by asking again. `undefined` where somebody has decided before anything was begun, or the time
 * has not come and the job was put back; a kill that had begun before that is read and told, and no other is made. Safe to
 * repeat: after a crash there is one kill, told as one. Throws what the queue shall retry.
 */
export type EndWait = (job: WaitOverJob, delivery: Delivery) => Promise<WaitEnd | undefined>;

/** Makes what ends waits. The case itself says which one is running, so that the job of another does nothing. */
export function createEndWait(deps: EndWaitDeps): EndWait {
  const { services, sendLater } = deps;
  const { store, now } = services;
  return async (job, delivery) => {
    const { caseId, at } = job;
    const bringBack = () => sendPlanned(job, { send: sendLater, now });
    const plannedAt = async () => (await store.cases.get(caseId))?.wait?.until;
    const run = `wait-over:${caseId}:${at}`;
    // What an attempt has begun had come by its clock, and nobody else ends it.
    const isAgain = (await store.progressOf(run)) !== undefined;
    if (!isAgain) {
      if (!(await hasCome(at, { now, plannedAt, bringBack }))) return undefined;
      // Its press may have died before the case said so, and come back to that: this is not remembered as the end.
      if ((await plannedAt()) !== at) return undefined;
    }
    try {
      const { value } = await store.remember(run, (journal) =>
        store.hold(atWorkKey(caseId), () => end(services, job, { journal, delivery })),
      );
      // An attempt that died may have ended it, and shown it to nobody.
      if (value !== null || isAgain) await followCases(deps, [caseId]);
      return value ?? undefined;
    } catch (error) {
      throw (await tellStop({ ...deps, store, now }, caseId, { error, delivery, isTelling: true })) ?? error;
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

/** What this job has found to be stopped. */
interface Stopping {
  readonly wait: NonNullable<Case['wait']>;
  readonly generation: number;
}

const STOPPING = 'stopping';

/** `null` where there is nothing to end: what is remembered is JSON. */
async function end(services: Services, { caseId: id, at }: WaitOverJob, attempt: EndAttempt): Promise<WaitEnd | null> {
  const { store, now } = services;
  const kase = await store.cases.get(id);
  if (attempt.journal.get<Stopping>(STOPPING) === undefined) {
    // An attempt that died may have ended it, and shown it to nobody: whoever is to be called hears of it now.
    if (kase?.state === 'asking' && kase.wait?.until === at && kase.wait.isOver === true) return 'asked';
    if (!isRunning(kase, at)) return null;
    const { wait } = kase;
    if (wait?.then !== 'deactivate' || !(await mayStop(services, kase, { delivery: attempt.delivery, at }))) {
      await changeCase(store, { id, now: now() }, (current) =>
        isRunning(current, at) && current.wait ? { ...current, wait: { ...current.wait, isOver: true } } : undefined,
      );
      return 'asked';
    }
    await attempt.journal.put(STOPPING, { wait, generation: kase.generation } satisfies Stopping);
  }
  return kase === undefined ? null : stop(services, kase, attempt);
}

/** Asks the policy, and the profile, once more. Where that ends in a fault the kill has failed: nobody else would make it. */
async function mayStop(services: Services, kase: Case, { delivery, at }: Omit<FailedStop, 'error'>): Promise<boolean> {
  try {
    return await stopsForOwner(services, kase, 'afterWait');
  } catch (error) {
    if (delivery.isLast || isSpent(error)) await sayFailed(services, kase, { error, delivery, at });
    throw error;
  }
}

interface FailedStop extends Pick<EndAttempt, 'delivery'> {
  readonly error: unknown;
  /** The end of the wait, ISO 8601. */
  readonly at: string;
}

/** Has the case say that its kill has failed, where nobody has decided meanwhile, and gives what the queue hears. */
async function sayFailed(
  { store, now }: Services,
  { id, token }: Case,
  { error, delivery, at }: FailedStop,
): Promise<unknown> {
  const { trouble, thrown } = failedKill(error, delivery, token?.profile);
  await changeCase(store, { id, now: now() }, (kase) =>
    kase.state === 'acting' || isRunning(kase, at)
      ? { ...kase, state: 'not_revoked', decision: BY_WAIT, troubles: [trouble] }
      : undefined,
  );
  return thrown;
}

const BY_WAIT = { action: 'deactivate', rule: WAIT_RULE } as const;

/** States of a case whose token an earlier attempt was stopping. */
const AT_WORK: ReadonlySet<Case['state']> = new Set(['acting', 'not_revoked', 'waiting']);

/** True for a case that nobody has decided about since its token was found to be stopped. */
function isUndecided(kase: Case, { wait, generation }: Stopping): boolean {
  const isTried = AT_WORK.has(kase.state) && kase.decision?.rule === WAIT_RULE;
  return kase.generation === generation && (isTried || isRunning(kase, wait.until));
}

/**
 * Stops the token, where the write that says so finds a case that nobody has decided about meanwhile. Else nothing is begun, and
 * what an attempt of this job had begun is told; `null` where nothing had.
 */
async function stop(services: Services, kase: Case, { journal, delivery }: EndAttempt): Promise<WaitEnd | null> {
  const { id, token } = kase;
  const stopping = journal.get<Stopping>(STOPPING);
  if (token === undefined || stopping === undefined) return null;
  const { store, now } = services;
  const change = (more: Partial<Case>) =>
    changeCase(store, { id, now: now() }, (current) =>
      isUndecided(current, stopping) ? { ...current, ...more } : undefined,
    );
  const asked = stopOf({ id, token }, stopping);
  const acting = await change({ state: 'acting', decision: BY_WAIT });
  if (!isUndecided(acting, stopping)) return tellBegun(services, acting, { journal, asked });
  const made = await changeToken(services, { journal, asksAgain: false }, asked).catch(async (error: unknown) => {
    throw await sayFailed(services, kase, { error, delivery, at: stopping.wait.until });
  });
  await settle(services, made, { from: id });
  if (made.kind !== 'unconfirmed') return 'stopped';
  const fault = unconfirmed(made);
  await change({ troubles: [{ kind: 'unconfirmed', read: made.read, again: againOf(fault, delivery) }] });
  throw fault;
}

function stopOf({ id, token }: { readonly id: string; readonly token: Token }, { wait }: Stopping): TokenChange {
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
  return { order, warrant: { rule: WAIT_RULE, approvedBy: [] }, ref };
}

/** Reads what an attempt of this job had begun, and puts it on record; a case that knows of no end yet hears of this one. */
async function tellBegun(
  services: Services,
  { id, state }: Case,
  { journal, asked }: Pick<EndAttempt, 'journal'> & { readonly asked: TokenChange },
): Promise<WaitEnd | null> {
  if (!hasBegun({ journal }, asked)) return null;
  const made = await changeToken(
    services,
    { journal },
    { ...asked, warrant: { ...asked.warrant, withdrawn: 'overruled' } },
  );
  if (made.kind === 'changed' && state !== 'dead') await settle(services, made, { from: id });
  return 'stopped';
}
