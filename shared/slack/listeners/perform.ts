import { type CaseEffects, followCases } from '#shared/cases/follow-cases.ts';
import { casesOf, settle } from '#shared/cases/settle.ts';
import { allEnded } from '#shared/core/all-ended.ts';
import { defined } from '#shared/core/defined.ts';
import { Fault, isFault } from '#shared/core/fault.ts';
import { without } from '#shared/core/without.ts';
import type { Attempt } from '#shared/tokens/attempt.ts';
import { isDenied } from '#shared/tokens/authorise.ts';
import type { Outcome, OutcomeOf } from '#shared/tokens/outcome.ts';
import { recordDenial } from '#shared/tokens/record-denial.ts';
import type { Services } from '#shared/tokens/services.ts';
import type { Journal, Notes } from '#shared/store/store.ts';
import { refuseHeldLoop } from '#shared/tokens/delivery.ts';
import { isRetrying } from '#shared/tokens/trouble-of.ts';
import { withWhoMay } from '#shared/tokens/with-who-may.ts';
import type { Reply } from '../reply.ts';
import { isCalledOff, withRun } from '../waiting-request.ts';
import { createReporterMessenger } from '../reporter-messenger.ts';
import { SPOKEN_SECONDS, toldEndNote } from '../spoken.ts';
import { slackErrorCode } from '../to-slack-fault.ts';
import { withoutPromise } from '../without-promise.ts';
import type { Answer } from './answer.ts';
import { isAmongStrangers, keepFromStrangers } from './keep-from-strangers.ts';
import { createLiveMessage, type LiveMessage } from './live-message.ts';
import type { Request } from './request.ts';
import { answeredAlone, createSay, type Say } from './say.ts';
import { uploadFile } from './upload-file.ts';
import { type DeliveryWork, workUnlessCalledOff } from './work-unless-called-off.ts';

/** What follows the requests that wait for others. */
type FollowApproval = (approvalId: string) => Promise<void>;

interface PerformDeps {
  readonly services: Services;
  readonly reply: Reply;
  /** What keeps cards equal to their cases; without it nothing is shown of cases here. */
  readonly cases?: CaseEffects;
  /** What tells those who may agree to a request; without it nobody is told apart from its card. */
  readonly followApproval?: FollowApproval;
}

/** Does the work of one request and says what came of it. */
export type Perform = (request: Request, work: DeliveryWork) => Promise<void>;

/**
 * Creates the frame around every listener: the work is done once however often the job is delivered, and its result kept,
 * so that a replay repeats only the words. Trouble that may pass is said at once, in one message that later attempts edit,
 * and the queue brings the job back; on the last delivery it is said that Patrol has stopped.
 */
export function createPerform({ services, reply, cases, followApproval }: PerformDeps): Perform {
  const { store } = services;
  const words = createSay({ services, reply });
  const tellReporter = createReporterMessenger({ services, reply });
  return async (request, work) => {
    const { deliveryKey } = request.job;
    const live = createLiveMessage({ services, reply, ...words }, request);
    let reached: Outcome | undefined;
    const progress: LiveMessage['show'] = async (outcome) => {
      reached = outcome;
      if (!(await isAmongStrangers(services, request))) await live.show(outcome);
    };
    // Nobody else says it meanwhile: another delivery of the same request would find nothing that was said, and say it too.
    const tell = (answers: readonly Answer[]) => sayAll({ ...words, live }, request, answers);
    let postponed: readonly Answer[] | undefined;
    let told: readonly Answer[] | undefined;
    const end = async (answers: readonly Answer[]): Promise<void> => {
      await tell(answers);
      told = answers;
      await follow(cases, answers);
      await followApprovals(followApproval, answers);
      // A case may have come to its end before this was said: then nothing else would bring it up to date.
      if (answers.some(isReceived)) await tellReporter(deliveryKey);
    };
    try {
      refuseHeldLoop(request.delivery);
      const doIt = async (journal: Journal): Promise<readonly Answer[]> => {
        const attempt = attemptOf(request, { journal, progress });
        const answers = await workUnlessCalledOff({ services, request, attempt }, work);
        const now = request.delivery.isLast ? answers.map(givenUp) : answers;
        await recordAll(services, { ...request, isFirst: journal.attempt === 1 }, now);
        if (!answers.some(({ outcome }) => isRetrying(outcome))) {
          return await toKeep({ services, reply }, request, answers);
        }
        postponed = now;
        await live.settle();
        if (saysMeanwhile(request, now)) await tell(await toSayMeanwhile(services, request, now));
        throw faultOf(answers);
      };
      await store.remember(`job:${deliveryKey}`, doIt, end);
    } catch (error) {
      // Trouble with a card is the queue's to repeat then, and no news about the request.
      if (told !== undefined) throw error;
      // The next delivery must not be overtaken by what this one has shown.
      await live.settle();
      // What comes next is the queue's to say: it goes on by itself.
      if (request.delivery.isExtra === true) throw error;
      if (postponed === undefined) {
        const tally = request.delivery.isLast ? givenUpRun(reached, request.delivery.attempt) : undefined;
        await sayEnd({ ...words, live, notes: store.notes }, request, { error, tally });
        await enterRun({ services, cases }, tally).catch(() => undefined);
        throw error;
      }
      // The queue brings the whole job back, and the cards with it: trouble with those hides nothing from it.
      const asked = postponed;
      const later = await noSooner(error, () => follow(cases, asked));
      throw await noSooner(later, () => followApprovals(followApproval, asked));
    }
  };
}

/** One delivery of a request, as the use cases see it. */
function attemptOf({ job, delivery }: Request, told: Pick<Attempt, 'journal' | 'progress'>): Attempt {
  const { timeLeftMs } = delivery;
  return { ...told, requestedAt: job.receivedAt, request: job.deliveryKey, ...defined({ timeLeftMs }) };
}

/** Answers as they are kept and said: to whom they may be said, with who may do more, and with their files uploaded. */
async function toKeep(
  deps: Pick<PerformDeps, 'services' | 'reply'>,
  request: Request,
  answers: readonly Answer[],
): Promise<readonly Answer[]> {
  const { services } = deps;
  const kept = await keepFromStrangers(services, request, answers);
  const named = await allEnded(
    kept.map(async (answer) => ({
      ...answer,
      outcome: await withWhoMay(services, answer.outcome, request.actor.userId),
    })),
  );
  return allEnded(named.map((answer) => uploadFile(deps, request, answer)));
}

/** The fault with which a job goes back, no sooner than when an edit of a card that was not answered cannot come any more. */
async function noSooner(error: unknown, followCards: () => Promise<void>): Promise<unknown> {
  const trouble = await followCards().catch((reason: unknown) => reason);
  if (!isFault(error) || !isFault(trouble)) return error;
  const { retryAfterSeconds = 0 } = trouble;
  if (retryAfterSeconds <= (error.retryAfterSeconds ?? 0)) return error;
  return new Fault(error.code, error.detail, { retryAfterSeconds, cause: error.cause });
}

/** True for secrets that were recognised and are looked for by now. */
function isReceived({ outcome }: Answer): boolean {
  return outcome.kind === 'leak_received' && outcome.recognised > 0;
}

/** False for a delivery beside those of the queue: whoever pressed for it is told. That it was given up stands in its message at once. */
function saysMeanwhile({ delivery }: Request, answers: readonly Answer[]): boolean {
  return delivery.isExtra !== true || answers.some(({ outcome }) => isCalledOff(outcome));
}

/** What is said of trouble that may pass, with what hurries the request or ends it. */
async function toSayMeanwhile(
  services: Services,
  request: Request,
  answers: readonly Answer[],
): Promise<readonly Answer[]> {
  return withRun(services, request, await untilTheEnd(services, request, answers));
}

/** What is told of trouble that may pass: where only the person reads it nothing can be edited, so it is said once, and at the end. */
async function untilTheEnd(
  services: Services,
  request: Request,
  answers: readonly Answer[],
): Promise<readonly Answer[]> {
  const { attempt, isLast } = request.delivery;
  const kept = await keepFromStrangers(services, request, answers);
  const isAlone = kept !== answers || request.place.pressed?.ephemeral === true;
  return !isAlone || attempt === 1 || isLast ? kept : [];
}

async function followApprovals(followOne: FollowApproval | undefined, answers: readonly Answer[]): Promise<void> {
  const ids = answers.flatMap(({ outcome }) => (outcome.kind === 'approval' ? [outcome.approval.id] : []));
  for (const id of new Set(ids)) await followOne?.(id);
}

/** Puts refusals on record, and what became of tokens into the cases about them. */
async function recordAll(
  services: Services,
  request: Request & { readonly isFirst: boolean },
  answers: readonly Answer[],
): Promise<void> {
  const { job, actor, isFirst } = request;
  const pressed = { name: job.deliveryKey, isFirst };
  for (const [index, { outcome, actor: asker = actor }] of answers.entries()) {
    if (isDenied(outcome)) await recordDenial(services, outcome, { actor: asker, id: `${job.deliveryKey}-${index}` });
  }
  for (const { outcome, caseId, actor: asker = actor } of answers) {
    await settle(services, outcome, { from: caseId, by: asker, pressed });
  }
}

async function follow(cases: CaseEffects | undefined, answers: readonly Answer[]): Promise<void> {
  if (cases === undefined) return;
  await followCases(
    cases,
    answers.flatMap(({ outcome, caseId }) => casesOf(outcome, caseId)),
  );
}

async function sayAll(
  { say, close, toMessage, live }: Say & { readonly live: LiveMessage },
  request: Request,
  answers: readonly Answer[],
): Promise<void> {
  for (const [index, answer] of answers.entries()) {
    if (answer.to === 'me' && index === 0 && (await live.finish(answeredAlone(request)))) {
      // What only the person may see never takes the place of what all have seen.
      await say(request, answer, index);
      continue;
    }
    const finish = () => live.finish(toMessage(request, answer));
    if (index === 0 && answer.to !== 'card' && (await close(request, answer, finish))) {
      // What was pressed may be one person's copy of it: the card itself is brought up to date too.
      if (answer.outcome.kind !== 'approval') continue;
    }
    const mayStand = index === 0 && (await live.settle());
    await say(request, mayStand ? { ...answer, mayStand } : answer, index);
  }
}

/**
 * A job that ends in a fault is answered, not forgotten: when it is dropped, or will not be delivered again. Says it
 * without the store, which may be what failed, and that it was told is noted after that; words that fail as well leave the fault as it is.
 */
async function sayEnd(
  { say, close, post, toMessage, live, notes }: Say & { readonly live: LiveMessage; readonly notes: Notes },
  request: Request,
  { error, tally }: { readonly error: unknown; readonly tally: OutcomeOf<'bulk'> | undefined },
): Promise<void> {
  const fault = error instanceof Fault ? error : new Fault('internal_error', 'no fault', { cause: error });
  const { attempt, isLast } = request.delivery;
  // A defect may take hours to be mended: it is told at once, and not again before the end.
  const isFirstOfDefect = fault.code === 'internal_error' && attempt === 1;
  if (fault.isRetryable && !isLast && !isFirstOfDefect) return;
  const again = isLast ? 'given_up' : 'retrying';
  const next = fault.isRetryable ? again : 'final';
  const trouble = { fault: fault.code, next, attempt, ...defined({ code: slackErrorCode(fault) }) } as const;
  const outcome: Outcome = tally ?? { kind: 'trouble', verb: undefined, trouble };
  // A sign of life must not be the last word.
  const isEnded = await live.finish(toMessage(request, { outcome, to: 'channel' })).catch(() => false);
  // How far a run has come nobody else knows: whoever ends the words of dead letters leaves that as it stands.
  if (isEnded && tally !== undefined)
    await close(request, { outcome, to: 'channel' }, async () => true).catch(() => undefined);
  if (!isEnded && (await live.settle()))
    await say(request, { outcome, to: 'card', mayStand: true }, 0).catch(() => undefined);
  const tellEnd = async () => {
    await post(request, { outcome, to: 'me' });
    if (isLast) await notes.put(toldEndNote(request.job.deliveryKey), true, SPOKEN_SECONDS);
  };
  await tellEnd().catch(() => undefined);
}

/** Enters what a run has done into the cases about its tokens, where it is given up before its end: nobody else knows it any more. */
async function enterRun(
  { services, cases }: { readonly services: Services; readonly cases: CaseEffects | undefined },
  tally: OutcomeOf<'bulk'> | undefined,
): Promise<void> {
  if (tally === undefined) return;
  await settle(services, tally, { by: tally.requester });
  await follow(cases, [{ outcome: tally, to: 'channel' }]);
}

/** A run as far as its last delivery knows it. */
function givenUpRun(reached: Outcome | undefined, attempts: number): OutcomeOf<'bulk'> | undefined {
  return reached?.kind === 'bulk' ? { ...without(reached, 'run'), state: 'given_up', attempts } : undefined;
}

function faultOf(answers: readonly Answer[]): Fault {
  const code = answers.flatMap(({ outcome }) => (isRetrying(outcome) ? [outcome.trouble.fault] : []))[0];
  const fault = new Fault(code ?? 'provider_unavailable', 'said to the person, to be tried again');
  // What may have been done is read until it is known, also where the fault by itself would end a job.
  return fault.isRetryable ? fault : new Fault('provider_unavailable', `${fault.detail}: ${fault.code}`);
}

/** What is said at last. The request stays as it is, so that a job taken out of the dead-letter queue goes on with it. */
function givenUp(answer: Answer): Answer {
  const { outcome } = answer;
  if (isRetrying(outcome))
    return { ...answer, outcome: { ...outcome, trouble: { ...outcome.trouble, next: 'given_up' } } };
  if (outcome.kind !== 'approval') return answer;
  // Its result is the trouble that is told beside it.
  return { ...answer, outcome: { ...outcome, approval: withoutPromise(outcome.approval) } };
}
