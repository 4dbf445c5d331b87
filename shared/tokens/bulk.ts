import pLimit from 'p-limit';
import { Fault, isFault } from '#shared/core/fault.ts';
import type { Actor, Mutation, TokenRef } from '#shared/core/vocabulary.ts';
import type { Attempt } from './attempt.ts';
import { changeToken, failedChange } from './change.ts';
import type { Context } from './context.ts';
import type { Change, OutcomeOf } from './outcome.ts';
import type { Services } from './services.ts';

export type NamedRef = TokenRef & { readonly name: string };

/** A bulk change that is confirmed, approved where needed, and ready to run. */
export interface BulkRequest {
  readonly verb: Mutation;
  readonly tokens: readonly NamedRef[];
  readonly requester: Actor;
  readonly approvedBy: readonly Actor[];
  readonly rule: string;
  readonly keepGoing: boolean;
  readonly reason?: string;
}

/** Nothing new is begun with less time than this: one change takes seconds where a provider is slow, and so do the words. */
const LAST_CALL_MS = 25_000;
/** How many tokens are changed at once, after the first one went well. */
const AT_ONCE = 4;
/** The published limits count calls per minute: a run of the largest size meets them, and is through a minute later. */
const LIMIT_WAIT_MS = 61_000;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Changes many tokens: the first alone as a canary, the rest a few at a time, stopping at the first surprise unless told
 * to keep going. A replay, after a crash or for want of time, finds what was done before as done. Faults of single tokens
 * are outcomes here.
 */
export async function changeMany(
  services: Services,
  attempt: Attempt,
  request: BulkRequest,
): Promise<OutcomeOf<'bulk'>> {
  const startedAt = attempt.requestedAt;
  const changes = new Map<string, Change>();
  const patience = createPatience(services, attempt);
  const brake = { isStopped: false, isOutOfTime: false };

  const report = (state: 'running' | 'done' | 'stopped'): OutcomeOf<'bulk'> => ({
    kind: 'bulk',
    verb: request.verb,
    state,
    total: request.tokens.length,
    changes: request.tokens.flatMap((ref) => changes.get(keyOf(ref)) ?? []),
    left: request.tokens.filter((ref) => !changes.has(keyOf(ref))),
    requester: request.requester,
    approvedBy: request.approvedBy,
    ...(request.reason === undefined ? {} : { reason: request.reason }),
    startedAt,
    at: services.now().toISOString(),
  });
  const one = async (ref: NamedRef): Promise<void> => {
    if (brake.isStopped) return;
    if (attempt.timeLeftMs !== undefined && attempt.timeLeftMs() < LAST_CALL_MS) brake.isOutOfTime = true;
    if (brake.isOutOfTime) return;
    const change = await changeOne({ services, attempt }, request, { ref, patience }).catch((error: unknown) => {
      // Another run holds this token, or there is no time to wait for a limit: the next delivery goes on.
      if (!isFault(error, 'delivery_in_progress')) throw error;
      brake.isOutOfTime = true;
      return undefined;
    });
    if (change === undefined) return;
    changes.set(keyOf(ref), change);
    if (!isExpected(change) && !request.keepGoing) brake.isStopped = true;
    await attempt.progress(report('running'));
  };

  const [canary, ...others] = request.tokens;
  if (canary !== undefined) await one(canary);
  const limit = pLimit(AT_ONCE);
  await Promise.all(others.map((ref) => limit(() => one(ref))));
  if (brake.isOutOfTime && !brake.isStopped) {
    // Ended here the job comes back in seconds; cut off by the runtime it would come back when it is visible again.
    throw new Fault('delivery_in_progress', 'out of time: the rest goes on with the next delivery');
  }
  return report(changes.size === request.tokens.length ? 'done' : 'stopped');
}

/** Changes one token; a provider's limit is waited out. Whatever else goes wrong with it is its outcome, on record. */
async function changeOne(
  { services, attempt }: Pick<Context, 'services' | 'attempt'>,
  { verb, requester, rule, reason, approvedBy }: BulkRequest,
  { ref, patience }: { readonly ref: NamedRef; readonly patience: Patience },
): Promise<Change> {
  const request = {
    ref,
    verb,
    by: requester,
    journal: attempt.journal,
    rule,
    requestedAt: attempt.requestedAt,
    approvedBy,
    ...(reason === undefined ? {} : { reason }),
  };
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await changeToken(services, request);
    } catch (error) {
      // Our own record failing is no fact about this token: the whole run is tried again.
      if (isFault(error, 'store_unavailable') || isFault(error, 'delivery_in_progress')) throw error;
      // Trying again is safe wherever the limit struck: the token is read first.
      if (await patience.waitOut(error, attempts)) continue;
      return failedChange(services, request, { error, name: ref.name, next: 'final' });
    }
  }
}

interface Patience {
  /** Waits when a provider limits our calls, and tells whether to try again; never longer than a minute for a whole run. */
  waitOut(error: unknown, attempts: number): Promise<boolean>;
}

function createPatience({ now, sleep }: Services, { timeLeftMs }: Attempt): Patience {
  let until: number | undefined;
  return {
    waitOut: async (error, attempts) => {
      if (!isFault(error, 'provider_rate_limited')) return false;
      until ??= now().getTime() + LIMIT_WAIT_MS;
      const doubled = Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS);
      const pause = Math.max(doubled, (error.retryAfterSeconds ?? 0) * 1000);
      if (now().getTime() + pause > until) return false;
      if (timeLeftMs !== undefined && timeLeftMs() - pause < LAST_CALL_MS) {
        throw new Fault('delivery_in_progress', 'no time to wait for a limit');
      }
      await sleep(pause);
      return true;
    },
  };
}

function isExpected(change: Change): boolean {
  return change.kind === 'changed';
}

function keyOf(ref: TokenRef): string {
  return `${ref.profile}:${ref.id}`;
}
