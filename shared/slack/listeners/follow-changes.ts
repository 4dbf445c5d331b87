import pLimit from 'p-limit';
import { caseId, tokenKey } from '#shared/cases/case-key.ts';
import { followChange } from '#shared/cases/settle.ts';
import type { Store } from '#shared/store/store.ts';
import { isChange, type OutcomeOf } from '#shared/tokens/outcome.ts';
import type { Answer } from './answer.ts';
import type { CaseActs } from './slack-context.ts';

const AT_ONCE = 8;

/** Writes what was confirmed of tokens into the cases about them, so that no card says less or more than is known. */
export async function followChanges(store: Store, answers: readonly Answer[], now: Date): Promise<void> {
  const limit = pLimit(AT_ONCE);
  await Promise.all(changedIn(answers).map((change) => limit(() => followChange(store, change, now))));
}

/** Brings the cards of those cases up to date and answers their alerts. Safe to repeat; a token without a case is no fault. */
export async function showFollowed(
  { show, answerBack }: Pick<CaseActs, 'show' | 'answerBack'>,
  answers: readonly Answer[],
): Promise<void> {
  const limit = pLimit(AT_ONCE);
  const ids = changedIn(answers).map(({ token: { profile, id } }) => caseId(tokenKey({ profile, id })));
  await Promise.all(
    ids.map((id) =>
      limit(async () => {
        await show(id);
        await answerBack(id);
      }),
    ),
  );
}

function changedIn(answers: readonly Answer[]): OutcomeOf<'changed'>[] {
  return answers
    .flatMap(({ outcome }) => (outcome.kind === 'bulk' ? outcome.changes : isChange(outcome) ? [outcome] : []))
    .filter((change) => change.kind === 'changed');
}
