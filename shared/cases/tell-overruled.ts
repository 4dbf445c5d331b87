import type { Case } from '#shared/store/store.ts';
import type { Context } from '#shared/tokens/context.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';
import { resumeOrder } from '#shared/tokens/resume-order.ts';

/**
 * What a press had begun that somebody has overruled since, as a read shows it: nothing is begun any more. `undefined` where
 * nothing had begun, or nothing came of it: the case stands as it was decided.
 */
export async function tellOverruled(context: Context, { state }: Case): Promise<Outcome | undefined> {
  const outcome = (await resumeOrder(context, { isOverruled: true }))?.outcome;
  // Where the case tells already that the end is not known, it has to hear of that too.
  return outcome?.kind === 'refused' && state !== 'not_revoked' ? undefined : outcome;
}
