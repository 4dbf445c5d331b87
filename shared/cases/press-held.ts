import { allEnded } from '#shared/core/all-ended.ts';
import type { NamedRef } from '#shared/core/vocabulary.ts';
import { requestOf } from '#shared/tokens/attempt.ts';
import type { Context } from '#shared/tokens/context.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { placeOrder } from '#shared/tokens/place-order.ts';
import { hasBegunOrder, resumeOrder } from '#shared/tokens/resume-order.ts';
import type { Services } from '#shared/tokens/services.ts';
import { type HeldCard, type HeldCase, isHeld, readHeld, releaseHeldCard } from './held-cases.ts';

/** The note of a job that says what takes the place of the card, where nothing was begun. */
const TOLD = 'told';

/** One press that goes on where the brake of a profile has stopped. */
export interface HeldPress {
  readonly profile: string;
  /** The last number that the pressed card told of: what was held back later is not meant. */
  readonly upTo: number;
}

/**
 * Carries out what the brake of a profile holds back, as one order of whoever presses: with the rights, limits and
 * approvals of any other. What has been decided meanwhile, or came later than the card that was pressed, is left alone. A
 * replay goes on with what it had begun.
 */
export async function pressHeld(context: Context, press: HeldPress, pressed: HeldCard | undefined): Promise<Outcome> {
  const { services, attempt } = context;
  // Whatever the rules say by now of what was begun by them: it is told.
  const outcome =
    (await resumeOrder(context))?.outcome ?? attempt.journal.get<Outcome>(TOLD) ?? (await placeHeld(context, press));
  if (!takesTheCard(outcome)) return outcome;
  // Once the card is let go of, only this press says anything there: a replay tells the same, also where nothing was begun.
  if (!(await hasBegunOrder(context))) await attempt.journal.put(TOLD, outcome);
  // The outcome takes the place of the card that was pressed; what is left over is asked about anew, or by a newer card.
  await releaseHeldCard(services, press.profile, pressed);
  return outcome;
}

/** Orders the end of whatever the card told of and is held back still. */
async function placeHeld(context: Context, { profile, upTo }: HeldPress): Promise<Outcome> {
  const { services, authority, attempt } = context;
  const { held } = await readHeld(services.store, profile);
  const meant = held.filter(({ number }) => number <= upTo).slice(0, services.policy.limits.bulkMax);
  const tokens = await tokensOf(services, meant);
  if (tokens.length === 0) return { kind: 'denied', verb: 'deactivate', why: 'settled', roles: [] };
  return placeOrder(context, {
    verb: 'deactivate',
    tokens,
    requester: authority.actor,
    ...requestOf(attempt),
    // Each of them has leaked: one that cannot be stopped keeps no other alive.
    keepGoing: true,
    reason: 'leaked, held back by the brake',
    ofLeaks: true,
  });
}

async function tokensOf({ store }: Services, held: readonly HeldCase[]): Promise<readonly NamedRef[]> {
  const cases = await allEnded(held.map(({ caseId }) => store.cases.get(caseId)));
  return cases.flatMap((kase) => {
    if (kase?.token === undefined || !isHeld(kase)) return [];
    const { profile, id, name } = kase.token;
    return [{ profile, id, name }];
  });
}

/** True where the pressed card becomes the message that says what came of it. */
export function takesTheCard({ kind }: Outcome): boolean {
  return kind !== 'denied' && kind !== 'approval' && kind !== 'no_approver' && kind !== 'asked_before';
}
