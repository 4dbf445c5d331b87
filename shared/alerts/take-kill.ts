import type { Fault } from '#shared/core/fault.ts';
import type { Write } from '#shared/store/store.ts';
import type { Services } from '#shared/tokens/services.ts';

type Taking = Pick<Services, 'policy' | 'store'>;

interface Kill {
  readonly profile: string;
  readonly caseId: string;
}

/**
 * Takes one kill without a human out of a profile's allowance: at most `kills` in any `minutes`. False when there is none
 * left. The same case asking again within that time keeps what it took, whose time begins anew: its kill is only made now.
 */
export async function takeKill({ policy, store }: Taking, kill: Kill): Promise<boolean> {
  const { places, seconds } = allowanceOf(policy, kill);
  return store.notes.claimOneOf(places, seconds, { by: kill.caseId });
}

/**
 * Gives the same as a write, for the one that the beginning of the kill is noted with; the fault of `unmet` is thrown where somebody
 * else was quicker. `undefined` where none is known to be left.
 */
export function takingKill({ policy, store }: Taking, kill: Kill, unmet: () => Fault): Write | undefined {
  const { places, seconds } = allowanceOf(policy, kill);
  return store.notes.claimingOneOf(places, seconds, { by: kill.caseId, unmet });
}

/** Each place is free again when its time is over: no window of that length ever sees more. */
function allowanceOf({ alerts: { brake } }: Services['policy'], { profile }: Kill) {
  const places = Array.from({ length: brake.kills }, (_, place) => `brake:${profile}:${place}`);
  return { places, seconds: brake.minutes * 60 };
}
