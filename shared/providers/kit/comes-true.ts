import { isFault } from '#shared/core/fault.ts';
import type { ProviderDeps } from '../provider.ts';

/** How long after a change its provider is read again while it does not agree yet, milliseconds. */
export const READ_BACK_PAUSES = [0, 250, 750, 2000];

/**
 * True once a read agrees with what the provider has accepted; false where none does, or none can be made. Throws what passes by
 * itself.
 */
export async function comesTrue(
  isReached: () => Promise<boolean>,
  { sleep }: Pick<ProviderDeps, 'sleep'>,
): Promise<boolean> {
  for (const pause of READ_BACK_PAUSES) {
    if (pause > 0) await sleep(pause);
    try {
      if (await isReached()) return true;
    } catch (error) {
      if (!isFault(error) || error.isRetryable) throw error;
      return false;
    }
  }
  return false;
}
