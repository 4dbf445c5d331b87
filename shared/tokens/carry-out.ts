import { defined } from '#shared/core/defined.ts';
import { Fault, FAULTS, isFault } from '#shared/core/fault.ts';
import type { Actor, ChangeOrder, NamedRef, TokenRef } from '#shared/core/vocabulary.ts';
import { changeToken, failedChange, hasBegun } from './change-token.ts';
import { stableId } from './attempt.ts';
import type { Context } from './context.ts';
import { inBatches, type Reads } from './in-batches.ts';
import { openRun, stopperOf } from './stop-run.ts';
import type { TokenChange, Warrant } from './warrant.ts';
import type { Change, OutcomeOf } from './outcome.ts';
import type { Trouble } from './trouble.ts';
import type { Services } from './services.ts';
import { createPatience, LAST_CALL_MS, type Patience } from './patience.ts';

type Working = Pick<Context, 'services' | 'attempt'>;

/** What a job has begun to carry out. */
export interface Carrying {
  readonly order: ChangeOrder;
  readonly warrant: Warrant;
}

/** Where a job's journal keeps it. */
export const CARRYING = 'carrying';

/**
 * Does what was confirmed and approved, for one token or for many, and writes down first what that is: a replay goes on with
 * it (`resumeOrder`). One token's passing fault ends as `retrying`, so that
 * the queue brings the job back. Many are changed with the first alone as a canary, the rest a few at a time, stopping at
 * the first surprise unless told to keep going; a replay, after a crash or for want of time, finds what was done before as
 * done, and faults of single tokens are outcomes.
 */
export async function carryOut(
  working: Working,
  order: ChangeOrder,
  given: Warrant,
): Promise<Change | OutcomeOf<'bulk'>> {
  const { services, attempt } = working;
  const { journal, counted = () => [], calledOffBy } = attempt;
  const carrying: Carrying = { order, warrant: given };
  const warrant = { ...given, decidedAt: attempt.requestedAt, ...defined({ calledOffBy }) };
  const isNoted = () => journal.get<Carrying>(CARRYING) !== undefined;
  const [only, ...others] = order.tokens;
  if (only === undefined || others.length > 0) {
    if (!isNoted()) await journal.put(CARRYING, carrying, counted());
    return carryOutMany(working, order, warrant);
  }
  // Of one token it is written together with the note that its change begins: before that nothing was done.
  const beginning = () => (isNoted() ? [] : [journal.writing(CARRYING, carrying), ...counted()]);
  const change = await changeOrTell({ services, attempt: { ...attempt, beginning } }, { order, warrant, ref: only });
  if (change.kind === 'failed' && change.trouble.next === 'retrying' && !isNoted()) {
    await journal.put(CARRYING, carrying, counted());
  }
  return change;
}

interface Brake {
  isStopped: boolean;
  isOutOfTime: boolean;
  /** True while nobody knows how a change has ended that was begun: then the run has no end either. */
  isOwing: boolean;
  stoppedBy?: Actor | undefined;
}

async function carryOutMany(given: Working, order: ChangeOrder, warrant: Warrant): Promise<OutcomeOf<'bulk'>> {
  const { attempt } = given;
  const services = asOneOfMany(given.services);
  const working = { services, attempt };
  const changes = new Map<string, Change>();
  const patience = createPatience(services, attempt);
  const brake: Brake = { isStopped: false, isOutOfTime: false, isOwing: false };
  const run = await stableId(attempt, 'run', services.newId);
  const profiles = [...new Set(order.tokens.map(({ profile }) => profile))];
  await openRun(services, run, { requester: order.requester, verb: order.verb, profiles });

  const report = (state: OutcomeOf<'bulk'>['state']): OutcomeOf<'bulk'> => ({
    kind: 'bulk',
    verb: order.verb,
    state,
    run,
    ...defined({ stoppedBy: brake.stoppedBy }),
    total: order.tokens.length,
    changes: order.tokens.flatMap((ref) => changes.get(keyOf(ref)) ?? []),
    left: order.tokens.filter((ref) => !changes.has(keyOf(ref))),
    requester: order.requester,
    approvedBy: warrant.approvedBy,
    ...defined({ reason: order.reason, brokenGlassBy: warrant.brokenGlassBy }),
    startedAt: attempt.requestedAt,
    at: services.now().toISOString(),
  });
  const one = async (ref: NamedRef, reads: Reads): Promise<void> => {
    if (!brake.isStopped) brake.stoppedBy = await stopperOf(services, run);
    if (brake.stoppedBy !== undefined) brake.isStopped = true;
    // What an attempt before this one began is told as it ended, also when nothing more is begun.
    const asked = { order, warrant, ref };
    const leave = (): undefined => {
      brake.isOutOfTime = true;
      brake.isOwing ||= hasBegun(attempt, asked);
    };
    if (brake.isStopped && !hasBegun(attempt, asked)) return;
    if (attempt.timeLeftMs !== undefined && attempt.timeLeftMs() < LAST_CALL_MS) brake.isOutOfTime = true;
    if (brake.isOutOfTime) {
      leave();
      return;
    }
    const reading = { services, attempt: { ...attempt, ...reads } };
    const change = await changeOrTell(reading, asked, patience).catch((error: unknown) => {
      // Another run holds this token, it cannot be read, or there is no time to wait for a limit: the next delivery goes on.
      if (!isFault(error, 'delivery_in_progress')) throw error;
      leave();
    });
    if (change === undefined) return;
    changes.set(keyOf(ref), change);
    if (change.kind !== 'changed' && !order.keepGoing) brake.isStopped = true;
    await attempt.progress(report('running'));
  };

  await inBatches(working, order, { goesOn: () => !brake.isStopped && !brake.isOutOfTime, work: one });
  if (brake.isOwing || (brake.isOutOfTime && !brake.isStopped)) {
    // Ended here the job comes back in seconds; cut off by the runtime it would come back when it is visible again.
    throw new Fault('delivery_in_progress', 'out of time: the rest goes on with the next delivery');
  }
  return report(changes.size === order.tokens.length ? 'done' : 'stopped');
}

/** So many changes at once leave some of a provider's limit to kills. */
function asOneOfMany(services: Services): Services {
  const { providers } = services;
  return { ...services, providers: { ...providers, open: (profile) => providers.open(profile, 'many') } };
}

/**
 * Changes one token; what goes wrong with it is its outcome, on record. With patience a provider's limit is waited out and
 * nothing is left to the queue but what has begun, by this delivery or an earlier one. Without, a fault that may pass is left to
 * it too. That something may be done already is no end: it is tried again until it is read, whatever keeps it from that.
 */
async function changeOrTell({ services, attempt }: Working, asked: TokenChange, patience?: Patience): Promise<Change> {
  for (let tries = 1; ; tries += 1) {
    const step = { isActing: false };
    const beginning = () => {
      step.isActing = true;
      return attempt.beginning?.() ?? [];
    };
    try {
      const change = await changeToken(services, { ...attempt, beginning }, asked);
      patience?.renew();
      if (change.kind !== 'unconfirmed' || change.unread === undefined) return change;
      step.isActing = false;
      throw new Fault(change.unread.fault, 'accepted, and not read back', change.unread);
    } catch (error) {
      // Our own record failing is no fact about this token, and without it nothing may be said: the job is tried again.
      if (!isFault(error) || isFault(error, 'store_unavailable', 'delivery_in_progress')) throw error;
      // Trying again is safe wherever the limit struck: the token is read first.
      if (await patience?.outlasts(error, tries)) continue;
      const isBegun = hasBegun(attempt, asked);
      // A refusal to make the change is an end; one to read it, before or after, says nothing of what was begun.
      const mayPass = error.isRetryable || (isBegun && !step.isActing && FAULTS[error.code].later === 'again');
      if (patience !== undefined && isBegun && mayPass) {
        throw new Fault('delivery_in_progress', 'what was begun cannot be read now', { cause: error });
      }
      const next: Trouble['next'] = patience === undefined && mayPass ? 'retrying' : 'final';
      const begun = next === 'retrying' && isBegun ? true : undefined;
      return failedChange(services, asked, { error, next, attempt: attempt.journal.attempt, ...defined({ begun }) });
    }
  }
}

function keyOf(ref: TokenRef): string {
  return `${ref.profile}:${ref.id}`;
}
