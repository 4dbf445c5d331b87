import { Fault, isFault } from '#shared/core/fault.ts';
import { type CaseEffects, followCases } from '#shared/cases/follow-cases.ts';
import { casesOf, settle } from '#shared/cases/settle.ts';
import type { Attempt } from '#shared/tokens/attempt.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import type { Services } from '#shared/tokens/services.ts';
import { isRetrying } from '#shared/tokens/trouble.ts';
import { auditFile } from '../blocks/render-audit.ts';
import type { Message } from '../blocks/bricks.ts';
import { render } from '../blocks/render.ts';
import { createProgress, type Progress } from '../progress.ts';
import type { Posted, Reply, Target } from '../reply.ts';
import type { Answer } from './answer.ts';
import type { Request } from './request.ts';

/** How long the place of a message is kept, so that a later attempt edits it instead of posting again. */
const PLACE_SECONDS = 30 * 86_400;

interface AnswerDeps {
  readonly services: Services;
  readonly reply: Reply;
  /** What keeps cards equal to their cases; without it nothing is shown of cases here. */
  readonly cases?: CaseEffects;
}

/** Does the work of one request and says what came of it. */
export type Perform = (request: Request, work: (attempt: Attempt) => Promise<readonly Answer[]>) => Promise<void>;

/**
 * Creates the frame around every listener: the work is done once however often the job is delivered, and its result kept,
 * so that a replay repeats only the words. Trouble that may pass is said at once, in one message that later attempts edit,
 * and the queue brings the job back; on the last delivery it is said that Patrol has stopped.
 */
export function createPerform({ services, reply, cases }: AnswerDeps): Perform {
  const { store } = services;
  return async (request, work) => {
    const { deliveryKey, receivedAt } = request.job;
    const live = createLiveMessage(request);
    const { timeLeftMs } = request.delivery;
    const timeLeft = timeLeftMs === undefined ? {} : { timeLeftMs };
    let postponed: readonly Answer[] | undefined;
    let done: readonly Answer[] = [];
    try {
      const { value } = await store.remember<readonly Answer[]>(`job:${deliveryKey}`, async (journal) => {
        const answers = await work({ journal, requestedAt: receivedAt, progress: live.show, ...timeLeft });
        await recordDenials(request, answers);
        await settleAll(request.delivery.isLast ? answers.map(givenUp) : answers);
        if (!answers.some(({ outcome }) => isRetrying(outcome))) {
          return await Promise.all(answers.map((answer) => fileEntries(request, answer)));
        }
        postponed = answers;
        throw faultOf(answers);
      });
      await sayAll(request, value, live);
      done = value;
    } catch (error) {
      if (postponed !== undefined) {
        await sayAll(request, request.delivery.isLast ? postponed.map(givenUp) : postponed, live);
        // The queue brings the whole job back, and the card with it: trouble with that hides nothing from it.
        await follow(postponed).catch(() => undefined);
      } else await sayEnd(request, error);
      throw error;
    }
    // Whoever asked has been answered by now: trouble with a card is the queue's to repeat, and no news about the request.
    await follow(done);
  };

  async function settleAll(answers: readonly Answer[]): Promise<void> {
    for (const { outcome, caseId } of answers) await settle(services, outcome, caseId);
  }

  async function follow(answers: readonly Answer[]): Promise<void> {
    if (cases === undefined) return;
    await followCases(
      cases,
      answers.flatMap(({ outcome, caseId }) => casesOf(outcome, caseId)),
    );
  }

  /**
   * A job that ends in a fault is answered, not forgotten: when it is dropped, or will not be delivered again. Says it
   * without the store, which may be what failed; words that fail as well leave the fault as it is.
   */
  async function sayEnd(request: Request, error: unknown): Promise<void> {
    const fault = error instanceof Fault ? error : new Fault('internal_error', 'no fault', { cause: error });
    const { attempt, isLast } = request.delivery;
    // A defect may take hours to be mended: it is told at once, and not again before the end.
    const isFirstOfDefect = fault.code === 'internal_error' && attempt === 1;
    if (fault.isRetryable && !isLast && !isFirstOfDefect) return;
    const again = isLast ? 'given_up' : 'retrying';
    const next = fault.isRetryable ? again : 'final';
    const outcome: Outcome = { kind: 'trouble', verb: undefined, trouble: { fault: fault.code, next, attempt } };
    await post(request, { outcome, to: 'me' }, toMessage(request, { outcome, to: 'me' })).catch(() => undefined);
  }

  async function sayAll(request: Request, answers: readonly Answer[], live: LiveMessage): Promise<void> {
    for (const [index, answer] of answers.entries()) {
      if (answer.to === 'card') continue;
      const message = toMessage(request, answer);
      if (index === 0 && (await live.finish(message))) continue;
      await say(request, answer, { index, message });
    }
  }

  function toMessage(request: Request, answer: Answer): Message {
    return render(answer.outcome, {
      actor: answer.actor ?? request.actor,
      now: services.now(),
      showWhere: services.policy.alerts.showWhere,
      ...(answer.reason === undefined ? {} : { reason: answer.reason }),
      ...(answer.approvedBy === undefined ? {} : { approvedBy: answer.approvedBy }),
    });
  }

  /** Says one answer; where it was said before (a progress message, an earlier attempt) that message is edited. */
  async function say(
    request: Request,
    answer: Answer,
    { index, message }: { index: number; message: Message },
  ): Promise<Posted | undefined> {
    const note = `said:${request.job.deliveryKey}:${index}`;
    const known = await store.notes.get<Posted>(note);
    const target = known ?? answer.at ?? (answer.to === 'here' ? request.place.pressed : undefined);
    const posted = target === undefined ? await post(request, answer, message) : await change(request, target, message);
    if (posted?.ts !== undefined && posted.ts !== known?.ts) await store.notes.put(note, posted, PLACE_SECONDS);
    if (answer.outcome.kind === 'approval') await tieApproval(answer.outcome.approval.id, posted);
    return posted;
  }

  async function post({ place }: Request, answer: Answer, message: Message): Promise<Posted | undefined> {
    if (answer.to === 'security') return reply.post({ channel: services.policy.channels.security }, message);
    const { userId, responseUrl } = place;
    const channel = place.channel ?? (answer.to === 'me' ? undefined : answer.where);
    if (channel === undefined) return reply.tell(userId, message);
    const spot = { channel, ...(responseUrl === undefined ? {} : { responseUrl }) };
    if (answer.to !== 'me') return reply.post(spot, message);
    await reply.whisper({ ...spot, userId }, message);
    return undefined;
  }

  /** A message that is gone (deleted by somebody) is posted anew. */
  async function change({ place }: Request, target: Target, message: Message): Promise<Posted> {
    const { channel, ts } = target;
    try {
      await reply.edit(
        { ...target, ...(place.responseUrl === undefined ? {} : { responseUrl: place.responseUrl }) },
        message,
      );
      return { channel, ...(ts === undefined ? {} : { ts }) };
    } catch (error) {
      if (!isFault(error, 'slack_rejected')) throw error;
      return reply.post({ channel }, message);
    }
  }

  /** Remembers where an approval's card is, so that whoever settles it elsewhere can edit it. */
  async function tieApproval(id: string, posted: Posted | undefined): Promise<void> {
    if (posted?.ts === undefined) return;
    const message = { channel: posted.channel, ts: posted.ts };
    await store.approvals.change(id, (record) => (record.message === undefined ? { ...record, message } : undefined));
  }

  /** Uploads a record that was asked for as a file; only their number is remembered, since a year of it fits into no item. */
  async function fileEntries(request: Request, answer: Answer): Promise<Answer> {
    const { outcome } = answer;
    const { channel } = request.place;
    if (outcome.kind !== 'audited' || outcome.file === undefined || channel === undefined) return answer;
    const { file: format, entries } = outcome;
    await store.remember(`file:${request.job.deliveryKey}`, async () => {
      await reply.upload(
        { channel },
        {
          filename: `patrol-audit.${format}`,
          title: `Audit record, ${entries.length} entries`,
          content: auditFile(entries, format),
          comment: `The record as a file: ${entries.length} entries.`,
        },
      );
      return true;
    });
    return { ...answer, outcome: { ...outcome, entries: [], filed: entries.length } };
  }

  async function recordDenials(request: Request, answers: readonly Answer[]): Promise<void> {
    for (const [index, { outcome }] of answers.entries()) {
      if (outcome.kind !== 'denied') continue;
      await store.audit.append({
        at: services.now().toISOString(),
        id: `denied-${request.job.deliveryKey}-${index}`,
        actor: request.actor,
        what: 'denied',
        verb: outcome.verb,
        result: 'refused',
        detail: outcome.profile === undefined ? outcome.why : `${outcome.why} in ${outcome.profile}`,
      });
    }
  }

  interface LiveMessage {
    /** Shows how far a long run has come. Never throws: words that fail must not stop the work. */
    readonly show: (outcome: Outcome) => Promise<void>;
    /** Makes the live message the final one; false when there is none (any more). */
    readonly finish: (message: Message) => Promise<boolean>;
  }

  function createLiveMessage(request: Request): LiveMessage {
    let progress: Promise<Progress | undefined> | undefined;
    const open = async (outcome: Outcome): Promise<Progress | undefined> => {
      const answer: Answer = { outcome, to: request.place.pressed === undefined ? 'channel' : 'here' };
      const target = await say(request, answer, { index: 0, message: toMessage(request, answer) }).catch(
        () => undefined,
      );
      return target && createProgress(target, { reply, now: services.now, sleep: services.sleep });
    };
    const { channel, pressed } = request.place;
    return {
      show: async (outcome) => {
        // From App Home and from a modal there is no message to edit; what is said in the end belongs elsewhere.
        if (channel === undefined && pressed === undefined) return;
        if (progress === undefined) {
          progress = open(outcome);
          await progress;
          return;
        }
        (await progress)?.show(() => toMessage(request, { outcome, to: 'here' }));
      },
      finish: async (message) => {
        const shown = await progress;
        if (shown === undefined) return false;
        try {
          await shown.finish(message);
          return true;
        } catch (error) {
          if (!isFault(error, 'slack_rejected')) throw error;
          return false;
        }
      },
    };
  }
}

function faultOf(answers: readonly Answer[]): Fault {
  const code = answers.flatMap(({ outcome }) => (isRetrying(outcome) ? [outcome.trouble.fault] : []))[0];
  return new Fault(code ?? 'provider_unavailable', 'said to the person, to be tried again');
}

/** What is said at last. The request stays as it is, so that a job taken out of the dead-letter queue goes on with it. */
function givenUp(answer: Answer): Answer {
  const { outcome } = answer;
  if (isRetrying(outcome))
    return { ...answer, outcome: { ...outcome, trouble: { ...outcome.trouble, next: 'given_up' } } };
  if (outcome.kind !== 'approval' || outcome.approval.state !== 'approved') return answer;
  // Not "working on it" any more: its result is the trouble that is told beside it.
  return { ...answer, outcome: { ...outcome, approval: { ...outcome.approval, state: 'done' } } };
}
