import { isValid } from '#shared/core/is-valid.ts';
import { defined } from '#shared/core/defined.ts';
import { without } from '#shared/core/without.ts';
import type { Case, DeferredReport, Store } from '#shared/store/store.ts';
import { caseId } from '#shared/store/case-id.ts';
import { isMerged, readLiveCase } from '#shared/store/read-live-case.ts';
import { asReported, takesPlace } from './defer-report.ts';
import { changeCase, joinAnswers, joinClues, joinShowings, keptOf } from './keep-case.ts';
import { decidingReport } from './repeat-report.ts';

/**
 * Merges cases that were opened before their token was known into the token's case. Gives their ids, since their cards
 * have to follow, and the token's case as it then is. From the first write on whatever is pressed on an earlier card is about
 * the token's case; what the earlier one knows (reports, answers owed, who has taken it, that the owner was told, a proved report
 * that nobody could look for, unless whoever merges them acts on the same proof, or one that may go further waits there) follows,
 * and after a crash between the two writes does so with the next report or delivery. A repeat adds nothing. Whose an earlier card
 * is says the token's case alone: it adopts the card when it is shown (see `createShowCase`).
 */
export async function mergeCases(
  store: Store,
  from: { readonly keys: readonly string[]; readonly now: Date; readonly isProved?: boolean },
  into: Case,
): Promise<{ readonly merged: readonly string[]; readonly kase: Case }> {
  const merged: string[] = [];
  let kase = into;
  for (const id of from.keys.map(caseId).filter((one) => one !== into.id)) {
    const seen = await store.cases.get(id);
    if (seen === undefined) continue;
    if (await goesOnInClosed(store, seen, into)) {
      // An attempt that merged it may have told nobody: where it was told together with others it still stands as it was.
      merged.push(id);
      continue;
    }
    const earlier = await changeCase(store, { id, now: from.now, seen }, (current) =>
      // What a person has closed stays closed.
      current.dismissedBy === undefined && current.mergedInto !== into.id
        ? { ...without(current, 'troubles'), state: 'dismissed', mergedInto: into.id }
        : undefined,
    );
    if (earlier.dismissedBy !== undefined) continue;
    merged.push(id);
    const unlooked = from.isProved === true ? undefined : unlookedOf(seen);
    kase = await changeCase(store, { id: into.id, now: from.now, seen: kase }, (current) =>
      withEarlier(current, earlier, unlooked),
    );
  }
  return { merged, kase };
}

/** True for a case that goes on in another one which a person has closed: what it knows, and its card, are that one's and stay so. */
async function goesOnInClosed(store: Store, kase: Case, into: Case): Promise<boolean> {
  if (!isMerged(kase) || kase.mergedInto === into.id) return false;
  return (await readLiveCase(store, kase.id))?.dismissedBy !== undefined;
}

/** The proved report of a case that waits for its search, which ends with it; also where an attempt that died has merged it. */
function unlookedOf(kase: Case): DeferredReport | undefined {
  const { state, search, validity, clue, troubles = [] } = kase;
  const report = decidingReport(kase);
  const isWaiting = search !== undefined && (state === 'unsearched' || isMerged(kase));
  if (!isWaiting || report === undefined || report.test === true || !isValid(kase)) return undefined;
  return { key: report.key, troubles, ...defined({ clue, validity }) };
}

/** A case with what an earlier one knows that goes on in it; nothing where it does so already. */
export function withEarlier(kase: Case, earlier: Case, unlooked?: DeferredReport): Omit<Case, 'version'> | undefined {
  if (kase.mergedFrom?.includes(earlier.id) === true) return undefined;
  const reports = earlier.reports.filter(({ key }) => !kase.reports.some((known) => known.key === key));
  const answers = joinAnswers(kase.answers, earlier.answers);
  const isHeavier = unlooked !== undefined && takesPlace(kase, asReported(unlooked, earlier.reports));
  const deferred = isHeavier ? unlooked : kase.deferred;
  return {
    ...kase,
    mergedFrom: [...(kase.mergedFrom ?? []), earlier.id],
    openedAt: earlier.openedAt < kase.openedAt ? earlier.openedAt : kase.openedAt,
    reports: keptOf({ ...kase, ...defined({ deferred }) }, [...reports, ...kase.reports]),
    count: kase.count + reports.length,
    ...joinShowings(kase.showings, earlier.showings),
    ...joinClues(earlier.clueKeys, kase.clueKeys),
    ...defined({
      answers: answers.length === 0 ? undefined : answers,
      isPublic: kase.isPublic ?? earlier.isPublic,
      takenBy: kase.takenBy ?? earlier.takenBy,
      ownerToldAt: kase.ownerToldAt ?? earlier.ownerToldAt,
      deferred,
    }),
  };
}
