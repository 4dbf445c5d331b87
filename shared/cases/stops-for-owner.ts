import type { Policy } from '#shared/policy/policy.ts';
import { protectedBy } from '#shared/policy/protected-by.ts';
import { isDeleteOnly } from '#shared/providers/tells.ts';
import type { Case } from '#shared/store/store.ts';
import type { Services } from '#shared/tokens/services.ts';

/** What the record and the card name where the end of an owner's time stopped a token. */
export const WAIT_RULE = 'owner-wait';

/** Which of an owner's presses: the policy says of each what may follow. */
type OwnersPress = Exclude<keyof Policy['alerts']['owner'], 'waitMinutes'>;

/**
 * True where the policy lets an owner's press stop the token of a case although nobody who may deactivate it has decided. Never
 * in shadow mode, for a guess, or for what Patrol works with, the policy protects, or nobody could bring back.
 */
export async function stopsForOwner(
  { policy, providers }: Pick<Services, 'policy' | 'providers'>,
  { token, grade }: Pick<Case, 'token' | 'grade'>,
  press: OwnersPress,
): Promise<boolean> {
  if (policy.mode === 'shadow' || policy.alerts.owner[press] !== 'deactivate') return false;
  if (token === undefined || token.own || isDeleteOnly(token) || grade === undefined || grade === 'weak') return false;
  if (protectedBy(policy, token) !== undefined) return false;
  return (await providers.open(token.profile)).knows.undo;
}
