import { allEnded } from '#shared/core/all-ended.ts';
import type { People } from './services.ts';

/** Tells of others whether they may be the person who presses: nobody counts as two, by whatever ids Slack knows them. */
export type IsSelf = (userId: string) => boolean;

/** What is known of the ids of others beside one's own. */
export interface Selves {
  readonly isSelf: IsSelf;
  /** Ids of others of whom Slack could not tell whether they are somebody else. */
  readonly untold: ReadonlySet<string>;
}

/**
 * Compares a person with others who take part in the same request. A person of a grid can have two ids, one of the workspace
 * (`U…`) and one of the organisation (`W…`), and has one e-mail address: where only the letters differ, Slack is asked for
 * that. Whom it cannot tell of, and whoever came after it was asked, counts as the same person. Never throws.
 */
export async function comparePerson(people: People, own: string, others: readonly string[]): Promise<Selves> {
  const isOtherKind = (userId: string) => userId !== own && userId[0] !== own[0];
  const asked = [...new Set(others.filter(isOtherKind))];
  if (asked.length === 0) return { isSelf: (userId) => userId === own || isOtherKind(userId), untold: new Set() };
  const [mine, ...theirs] = await allEnded(
    [own, ...asked].map((userId) => people.emailOf(userId).catch(() => undefined)),
  );
  const untold = new Set(asked.filter((_, index) => mine === undefined || theirs[index] === undefined));
  const strangers = new Set(asked.filter((userId, index) => !untold.has(userId) && theirs[index] !== mine));
  return { isSelf: (userId) => userId === own || (isOtherKind(userId) && !strangers.has(userId)), untold };
}
