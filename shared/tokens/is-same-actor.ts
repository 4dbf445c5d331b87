import type { Actor } from '#shared/core/vocabulary.ts';

/** True for one id of one workspace. Whether two ids are one person is for `comparePerson` to find out. */
export function isSameActor(left: Actor, right: Actor): boolean {
  return left.userId === right.userId && left.teamId === right.teamId;
}
