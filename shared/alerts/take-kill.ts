import type { Services } from '#shared/tokens/services.ts';

/**
 * Takes one kill without a human out of a profile's allowance: at most `kills` in any `minutes`. False when there is none
 * left. The same case asking again within that time keeps what it took, whose time begins anew: its kill is only made now.
 */
export async function takeKill(
  { policy, store }: Pick<Services, 'policy' | 'store'>,
  { profile, caseId }: { readonly profile: string; readonly caseId: string },
): Promise<boolean> {
  const { kills, minutes } = policy.alerts.brake;
  // Each place is free again when its time is over: no window of that length ever sees more.
  const places = Array.from({ length: kills }, (_, place) => `brake:${profile}:${place}`);
  return store.notes.claimOneOf(places, minutes * 60, { by: caseId });
}
