import { defined } from '#shared/core/defined.ts';
import { without } from '#shared/core/without.ts';
import type { Actor, Mutation } from '#shared/core/vocabulary.ts';
import type { CommandJob } from '#shared/jobs/job.ts';
import type { Approval } from '#shared/store/store.ts';
import { isSameActor } from '#shared/tokens/is-same-actor.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import type { Services } from '#shared/tokens/services.ts';
import type { StoppableRun } from '#shared/tokens/stop-run.ts';
import type { CallOff, Trouble } from '#shared/tokens/trouble.ts';
import { isRetrying } from '#shared/tokens/trouble-of.ts';
import { isMutation } from './blocks/words.ts';
import type { Answer } from './listeners/answer.ts';
import type { Request } from './listeners/request.ts';
import { withoutPromise } from './without-promise.ts';

/** A request for a change that is tried again by itself, as whoever wants to hurry it or to end it finds it. */
export interface WaitingRequest extends StoppableRun {
  readonly job: CommandJob;
  /** What was said of it last. */
  readonly answers: readonly Answer[];
}

/** As long as a job is remembered: one that comes back from the dead letters may have been given up before. */
const KEPT_SECONDS = 30 * 86_400;
const waitingKey = (key: string): string => `waiting:${key}`;
const callOffKey = (key: string): string => `call-off:${key}`;

type Notes = Pick<Services, 'store'>;

/** The request of that name, if it was told as being tried again. */
export function findWaiting({ store }: Notes, key: string): Promise<WaitingRequest | undefined> {
  return store.notes.get<WaitingRequest>(waitingKey(key));
}

/** Notes that somebody gives a request up, where nobody has yet: every later delivery reads it, and ends. */
export async function callOff({ store }: Notes, key: string, mine: CallOff): Promise<void> {
  await store.notes.claim(callOffKey(key), KEPT_SECONDS, { by: JSON.stringify(mine) });
}

/** Who has given a request up; `undefined` while nobody has. */
export async function findCallOff({ store }: Notes, key: string): Promise<CallOff | undefined> {
  // An earlier release has put it as it is.
  const noted = await store.notes.get<CallOff | string>(callOffKey(key));
  return typeof noted === 'string' ? (JSON.parse(noted) as CallOff) : noted;
}

/**
 * Keeps a request that is tried again, and offers in its message to hurry it and to end it: only in one that is edited when
 * it is over, so that no button stays that could not work.
 */
export async function withRun(
  services: Pick<Services, 'store' | 'providers'>,
  request: Request,
  answers: readonly Answer[],
): Promise<readonly Answer[]> {
  const waiting = answers.find((answer) => isOffered(request, answer));
  if (waiting === undefined || !isWaiting(waiting.outcome)) return answers;
  const { verb } = waiting.outcome;
  const { deliveryKey } = request.job;
  const kept: WaitingRequest = {
    requester: waiting.actor ?? request.actor,
    verb,
    // Where no token was found yet it may be one of any profile.
    profiles: waiting.outcome.kind === 'failed' ? [waiting.outcome.ref.profile] : services.providers.names(),
    job: { ...request.job, payload: without(request.payload, 'response_url') },
    answers,
  };
  await services.store.notes.put(waitingKey(deliveryKey), kept, KEPT_SECONDS);
  return answers.map((answer) => (isOffered(request, answer) ? { ...answer, run: deliveryKey } : answer));
}

type WaitingOutcome = Extract<Outcome, { trouble: Trouble }> & { readonly verb: Mutation };

function isWaiting(outcome: Outcome): outcome is WaitingOutcome {
  return isRetrying(outcome) && !isCalledOff(outcome) && 'verb' in outcome && isMutation(outcome.verb);
}

/** True for trouble with what somebody has given up. */
export function isCalledOff(outcome: Outcome): boolean {
  return 'trouble' in outcome && outcome.trouble.calledOff !== undefined;
}

function isOffered({ place }: Request, { outcome, to }: Answer): boolean {
  if (!isWaiting(outcome)) return false;
  return to === 'channel' || (to === 'here' && place.pressed?.ephemeral !== true);
}

/** The answers of a request that somebody has given up: what would be tried again is not, and what had begun is only read. */
export function asCalledOff(answers: readonly Answer[], calledOff: CallOff): readonly Answer[] {
  return answers.map((answer) => {
    const { outcome } = answer;
    if (isRetrying(outcome)) {
      const next = outcome.trouble.begun === true ? 'retrying' : 'final';
      return { ...answer, outcome: { ...outcome, trouble: { ...outcome.trouble, next, calledOff } } };
    }
    if (outcome.kind !== 'approval') return answer;
    return { ...answer, outcome: { ...outcome, approval: withoutPromise(outcome.approval) } };
  });
}

/** What of a request was given up: the first change that is told as that, or the request for others that has ended with it. */
export function calledOffIn(answers: readonly Answer[], { by }: CallOff) {
  return answers
    .map(({ outcome }) => outcome)
    .find(
      (outcome): outcome is Extract<Outcome, { kind: 'failed' | 'refused' | 'trouble' | 'approval' }> =>
        (outcome.kind === 'approval' && isRefusedBy(outcome.approval, by)) ||
        (outcome.kind === 'refused' && outcome.why === 'called_off') ||
        ((outcome.kind === 'failed' || outcome.kind === 'trouble') && outcome.trouble.calledOff !== undefined),
    );
}

function isRefusedBy({ refusedBy }: Approval, by: Actor): boolean {
  return refusedBy !== undefined && isSameActor(refusedBy.actor, by);
}

/** How the record names what a request that waits is about. */
export function subjectIn(answers: readonly Answer[]) {
  const [outcome] = answers.map((answer) => answer.outcome).filter((one) => 'verb' in one && isMutation(one.verb));
  if (outcome?.kind === 'failed') return { token: outcome.ref, tokenName: outcome.name };
  if (outcome?.kind === 'refused') {
    const { profile, id, name } = outcome.token;
    return { token: { profile, id }, tokenName: name };
  }
  return defined({ tokenName: outcome?.kind === 'trouble' ? outcome.asked?.join(', ') : undefined });
}
