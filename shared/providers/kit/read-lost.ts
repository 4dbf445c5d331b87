import { Fault, isFault } from '#shared/core/fault.ts';

/**
 * Tells whether a change was made whose answer was lost. Where a read is refused nobody knows: that is no refusal of the change,
 * and is thrown as what passes, so that it is read again.
 */
export async function readLost(isReached: () => Promise<boolean>, label: string): Promise<boolean> {
  try {
    return await isReached();
  } catch (error) {
    if (!isFault(error) || error.isRetryable) throw error;
    throw new Fault('provider_unavailable', `${label}: the answer was lost, and what came of it cannot be read`, {
      cause: error,
    });
  }
}
