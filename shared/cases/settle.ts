import { without } from '#shared/core/without.ts';
import type { Case, Store } from '#shared/store/store.ts';
import type { Change } from '#shared/tokens/outcome.ts';
import { caseId, tokenKey } from './case-key.ts';
import { changeCase } from './keep-case.ts';
import { failureWords } from './trouble.ts';

/** What the end of a change makes of its case. A change that did not happen leaves a dead token's case dead. */
export function afterChange(kase: Case, change: Change): Omit<Case, 'version'> {
  const rest = without(kase, 'version', 'trouble');
  const found = 'token' in change ? { token: change.token } : {};
  if (change.kind === 'changed') {
    const { verb, receipt } = change;
    return verb === 'activate'
      ? { ...without(rest, 'receipt', 'verb'), ...found, state: 'restored', generation: kase.generation + 1 }
      : { ...rest, ...found, state: 'dead', verb, receipt };
  }
  const trouble = unchangedWords(change);
  if (change.verb === 'activate' || kase.state === 'dead') return { ...rest, trouble };
  return { ...rest, ...found, state: UNCHANGED_STATE[change.kind], trouble };
}

type Unchanged = Exclude<Change, { kind: 'changed' }>;

/** Where a case stands after a kill that did not happen. */
const UNCHANGED_STATE: Readonly<Record<Unchanged['kind'], Case['state']>> = {
  waiting_on_provider: 'waiting',
  unsupported: 'asking',
  refused: 'not_revoked',
  not_found: 'unmatched',
  unconfirmed: 'not_revoked',
  failed: 'not_revoked',
};

function unchangedWords(change: Unchanged): string {
  switch (change.kind) {
    case 'waiting_on_provider':
      return `The provider says: ${change.said}.`;
    case 'unsupported':
      return change.verb === 'deactivate'
        ? `This server cannot deactivate (${change.said}). Deleting is left, which cannot be undone.`
        : `This server cannot ${change.verb} (${change.said}).`;
    case 'refused':
      return `Patrol refused: ${change.reason}.`;
    case 'not_found':
      return 'The provider does not know this token any more.';
    case 'unconfirmed':
      return unconfirmedWords(change.said);
    case 'failed':
      return failureWords(change.trouble);
  }
}

/** Says that the provider accepted a change, and that reading back does not agree. */
export function unconfirmedWords(said: string): string {
  return `The provider accepted, but does not agree when read back (${said}).`;
}

/**
 * Writes what became of a token into its case, if it has one: for changes that were asked for outside the card, so that no
 * card says less or more than is true. Gives the changed case, to be shown; `undefined` when there is none.
 */
export async function followChange(store: Store, change: Change, now: Date): Promise<Case | undefined> {
  if (change.kind !== 'changed') return undefined;
  const { profile, id } = change.token;
  const known = await store.cases.get(caseId(tokenKey({ profile, id })));
  if (known === undefined) return undefined;
  return changeCase(store, { id: known.id, now }, (kase) =>
    isNews(kase, change) ? afterChange(kase, change) : undefined,
  );
}

/** A change that the case knows already, that is older than what it knows, or that undoes no kill of it, is no news. */
function isNews({ state, verb, receipt }: Case, change: Extract<Change, { kind: 'changed' }>): boolean {
  if (state === 'dismissed') return false;
  if (receipt !== undefined && receipt.confirmedAt >= change.receipt.confirmedAt) return false;
  if (change.verb === 'activate') return state === 'dead';
  return state !== 'dead' || verb !== change.verb;
}
