import { defined } from '#shared/core/defined.ts';
import { without } from '#shared/core/without.ts';
import type { Case, Store } from '#shared/store/store.ts';
import { caseId } from '#shared/store/case-id.ts';
import { changeCase, joinAnswers, KEPT_REPORTS } from './keep-case.ts';

/**
 * Merges cases that were opened before their token was known into the token's case, and gives their ids, since their cards
 * have to follow. What they know (reports, answers owed, who has taken it, that the owner was told) is written into the
 * token's case first, so that a crash between the two writes loses nothing; a repeat adds nothing. Whose an earlier card is
 * says the token's case alone: it adopts the card when it is shown (see `createShowCase`).
 */
export async function mergeCases(
  store: Store,
  from: { readonly keys: readonly string[]; readonly now: Date },
  into: Case,
): Promise<readonly string[]> {
  const merged: string[] = [];
  for (const id of from.keys.map(caseId).filter((one) => one !== into.id)) {
    const earlier = await store.cases.get(id);
    // What a person has closed stays closed.
    if (earlier === undefined || earlier.dismissedBy !== undefined) continue;
    merged.push(id);
    if (isMerged(earlier)) continue;
    await changeCase(store, { id: into.id, now: from.now }, (kase) => withEarlier(kase, earlier));
    await changeCase(store, { id, now: from.now }, (kase) =>
      kase.dismissedBy === undefined
        ? { ...without(kase, 'troubles'), state: 'dismissed', mergedInto: into.id }
        : undefined,
    );
  }
  return merged;
}

/** True for a case that goes on in another one: nobody has dismissed it, and nothing more happens to it. */
export function isMerged({ mergedInto, dismissedBy }: Case): boolean {
  return mergedInto !== undefined && dismissedBy === undefined;
}

function withEarlier(kase: Case, earlier: Case): Omit<Case, 'version'> | undefined {
  if (kase.mergedFrom?.includes(earlier.id) === true) return undefined;
  const reports = earlier.reports.filter(({ key }) => !kase.reports.some((known) => known.key === key));
  const answers = joinAnswers(kase.answers, earlier.answers);
  return {
    ...kase,
    mergedFrom: [...(kase.mergedFrom ?? []), earlier.id],
    openedAt: earlier.openedAt < kase.openedAt ? earlier.openedAt : kase.openedAt,
    reports: [...reports, ...kase.reports].slice(-KEPT_REPORTS),
    count: kase.count + reports.length,
    ...defined({
      answers: answers.length === 0 ? undefined : answers,
      takenBy: kase.takenBy ?? earlier.takenBy,
      ownerToldAt: kase.ownerToldAt ?? earlier.ownerToldAt,
    }),
  };
}
