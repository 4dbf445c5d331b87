import type { Token } from '#shared/core/vocabulary.ts';
import { type BegunChange, holdToken, isUnfinished, lastBegun, onRecord } from '#shared/tokens/begun-change.ts';
import { finishBegun } from '#shared/tokens/change-token.ts';
import type { Services } from '#shared/tokens/services.ts';
import { settle } from './settle.ts';

/**
 * Ends what a person asked for where a token was brought back through Patrol, its provider had not done it yet when it was
 * read back, and a read shows now that it has: it is on record and enters its case. False where nothing of ours explains that the
 * token works. Safe to repeat.
 */
export async function proveReturn(services: Services, token: Token): Promise<boolean> {
  if (!isUnproved(await lastBegun(services, token))) return false;
  return holdToken(services, { ref: token }, async ({ keep }, begun) => {
    if (begun === undefined || !isUnproved(begun)) return false;
    const change = await finishBegun(services, begun, token);
    const { requester } = begun.order;
    await settle(services, change, 'userId' in requester ? { by: requester } : {});
    keep(onRecord(begun, change));
    return true;
  });
}

function isUnproved(begun: BegunChange | undefined): boolean {
  return begun?.verb === 'activate' && isUnfinished(begun);
}
