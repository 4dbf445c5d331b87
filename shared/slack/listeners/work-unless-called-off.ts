import { isMutation } from '../blocks/words.ts';
import { asCalledOff, calledOffIn, findCallOff, findWaiting, subjectIn } from '../waiting-request.ts';
import type { Attempt } from '#shared/tokens/attempt.ts';
import { hasBegunOrder } from '#shared/tokens/resume-order.ts';
import type { Services } from '#shared/tokens/services.ts';
import type { CallOff } from '#shared/tokens/trouble.ts';
import { isRetrying } from '#shared/tokens/trouble-of.ts';
import { recordOf, subjectOf } from '#shared/tokens/warrant.ts';
import type { Answer } from './answer.ts';
import type { Request } from './request.ts';

/** What a listener does in one delivery. */
export type DeliveryWork = (attempt: Attempt) => Promise<readonly Answer[]>;

interface Delivered {
  readonly services: Services;
  readonly request: Request;
  readonly attempt: Attempt;
}

/**
 * Does the work of one delivery. Where somebody has given the request up nothing more is begun: what an earlier delivery had
 * begun is read once more and told as it is, and that it was given up, and by whom, is on record. What is under way when that
 * is pressed comes to its end first, and is not tried again.
 */
export async function workUnlessCalledOff(delivered: Delivered, work: DeliveryWork): Promise<readonly Answer[]> {
  const { services, request, attempt } = delivered;
  const { deliveryKey } = request.job;
  const before = attempt.journal.attempt === 1 ? undefined : await findCallOff(services, deliveryKey);
  const answers = before === undefined ? await work(attempt) : await endWork(delivered, before, work);
  const isOpen = answers.some(({ outcome }) => isRetrying(outcome));
  const calledOff = before ?? (isOpen ? await findCallOff(services, deliveryKey) : undefined);
  if (calledOff === undefined) return answers;
  const ended = asCalledOff(answers, calledOff);
  const given = calledOffIn(ended, calledOff);
  if (given === undefined) return ended;
  await services.store.audit.append({
    at: calledOff.at,
    id: `give-up-${deliveryKey}`,
    actor: calledOff.by,
    what: 'give_up',
    result: 'done',
    ...whatOf(given, ended),
  });
  return ended;
}

/** How the record names what was given up. */
function whatOf(given: NonNullable<ReturnType<typeof calledOffIn>>, ended: readonly Answer[]) {
  if (given.kind === 'approval') return { ...recordOf(given.approval.order), ...subjectOf(given.approval.order) };
  return { ...(isMutation(given.verb) && { verb: given.verb }), ...subjectIn(ended) };
}

/** Looks at what was begun; where nothing was, what was said last is what is known. */
async function endWork(
  { services, request, attempt }: Delivered,
  { by }: CallOff,
  work: DeliveryWork,
): Promise<readonly Answer[]> {
  const hasBegun = await hasBegunOrder({ services, attempt });
  const waiting = hasBegun ? undefined : await findWaiting(services, request.job.deliveryKey);
  return waiting?.answers ?? work({ ...attempt, calledOffBy: by });
}
