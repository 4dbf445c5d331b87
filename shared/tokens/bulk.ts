import pLimit from 'p-limit';
import { isFault } from '#shared/core/fault.ts';
import type { Actor, Mutation, TokenRef } from '#shared/core/vocabulary.ts';
import { changeToken } from './change.ts';
import type { Change, OutcomeOf } from './outcome.ts';
import type { Services } from './services.ts';
import type { Desk, Run } from './run.ts';
import { troubleOf } from './trouble.ts';

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

/** How many tokens are changed at once, after the first one went well. */
const AT_ONCE = 4;

/**
 * Changes many tokens: the first alone as a canary, the rest a few at a time, stopping at the first surprise unless told
 * to keep going. A replay after a crash finds what was done before as done. Faults of single tokens are outcomes here.
 */
export async function changeMany(services: Services, run: Run, request: BulkRequest): Promise<OutcomeOf<'bulk'>> {
  const startedAt = run.requestedAt;
  const changes = new Map<string, Change>();
  let isStopped = false;

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
    if (isStopped) return;
    const change = await changeOne({ services, run }, request, ref);
    changes.set(keyOf(ref), change);
    if (!isExpected(change) && !request.keepGoing) isStopped = true;
    await run.progress(report('running'));
  };

  const [canary, ...others] = request.tokens;
  if (canary !== undefined) await one(canary);
  const limit = pLimit(AT_ONCE);
  await Promise.all(others.map((ref) => limit(() => one(ref))));
  return report(changes.size === request.tokens.length ? 'done' : 'stopped');
}

async function changeOne(
  { services, run }: Pick<Desk, 'services' | 'run'>,
  request: BulkRequest,
  ref: NamedRef,
): Promise<Change> {
  const { verb, requester, rule, reason, approvedBy } = request;
  try {
    return await changeToken(services, {
      ref,
      verb,
      by: requester,
      journal: run.journal,
      rule,
      requestedAt: run.requestedAt,
      approvedBy,
      ...(reason === undefined ? {} : { reason }),
    });
  } catch (error) {
    // Our own record failing is no fact about this token: the whole run is tried again.
    if (isFault(error, 'store_unavailable')) throw error;
    const provider = services.providers.kindOf(ref.profile);
    const of = { profile: ref.profile, ...(provider === undefined ? {} : { provider }) };
    return {
      kind: 'failed',
      verb,
      ref,
      name: ref.name,
      trouble: troubleOf(error, { next: 'final', attempt: run.journal.attempt, ...of }),
    };
  }
}

function isExpected(change: Change): boolean {
  return change.kind === 'changed';
}

function keyOf(ref: TokenRef): string {
  return `${ref.profile}:${ref.id}`;
}
