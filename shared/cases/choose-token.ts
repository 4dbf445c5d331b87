import { allEnded } from '#shared/core/all-ended.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { without } from '#shared/core/without.ts';
import { caseId, tokenKey } from '#shared/store/case-id.ts';
import { isMerged } from '#shared/store/read-live-case.ts';
import type { Case, Store } from '#shared/store/store.ts';
import { changeCase } from './keep-case.ts';
import { knownNotes } from './known-key.ts';
import { mergeCases, withEarlier } from './merge-cases.ts';

/** What another case does not take over of one that goes on in it: its messages, what is planned for it, and what others it might have meant. */
const LEFT = [
  ...(['version', 'message', 'ownerMessage', 'rollUp', 'look', 'need', 'search', 'deferred'] as const),
  ...(['candidates', 'isPublic', 'mergedInto', 'mergedFrom', 'dismissedBy', 'dismissReason'] as const),
] as const;

/** True for the case of a token, and not one that was opened before its token was known. */
export function isOwn({ key, token }: Pick<Case, 'key' | 'token'>): boolean {
  return token !== undefined && tokenKey(token) === key;
}

/**
 * Has a case on whose card a person has chosen its token go on in that token's own, as one does whose search finds it; gives the id
 * of that. A choice proves nothing: the own case is as sure of its token as it was, and that this leak was public makes no other
 * one so. Where somebody has chosen another token before, the card is that one's, and each token has a case. Safe to repeat: the
 * own case knows all of it before the other one says that it goes on there.
 */
export async function chooseToken(
  store: Store,
  kase: Case,
  { token, now }: { readonly token: Token; readonly now: Date },
): Promise<string> {
  const key = tokenKey(token);
  const id = caseId(key);
  const isApart = kase.dismissedBy !== undefined || (isMerged(kase) && kase.mergedInto !== id);
  const state = kase.state === 'dismissed' ? 'asking' : kase.state;
  const opening = { ...without(kase, ...LEFT), id, key, state, token };
  const { record } = await store.cases.open(isApart ? opening : { ...opening, mergedFrom: [kase.id] });
  if (isApart) return id;
  const own = await changeCase(store, { id, now, seen: record }, (current) =>
    withEarlier(asOpen(current), without(kase, 'isPublic')),
  );
  await allEnded(knownNotes([kase.key, ...(kase.clueKeys ?? [])], key).map((note) => store.notes.put(...note)));
  await mergeCases(store, { keys: [kase.key], now }, own);
  return id;
}

/** What a person has closed is asked about again: this is another leak than theirs. */
function asOpen(kase: Case): Case {
  return kase.dismissedBy === undefined ? kase : { ...without(kase, 'dismissedBy', 'dismissReason'), state: 'asking' };
}
