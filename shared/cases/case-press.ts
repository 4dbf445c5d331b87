import type { Case } from '#shared/store/store.ts';

/** Everything that can be asked for on a case's card. */
export const CASE_ACTS = [
  'open',
  'deactivate',
  'delete',
  'undo',
  'dismiss',
  'reopen',
  'take',
  'retry',
  'lever',
  'mine',
  'not_mine',
  'wait',
] as const;

/** What is said as the owner of the token. */
export type OwnersAct = Extract<(typeof CASE_ACTS)[number], 'mine' | 'not_mine' | 'wait'>;

/** One press on a case's card, decoded. */
export interface CasePress {
  readonly case: string;
  readonly act: (typeof CASE_ACTS)[number];
  /** `profile:id`, where the case has several candidates. */
  readonly token?: string | undefined;
  readonly lever?: string | undefined;
  /** As typed, where closing the case wants one; no button carries it. */
  readonly reason?: string | undefined;
}

/** True where closing a case needs a typed reason: what matches one token for sure is hardly somebody else's. */
export function needsReason({ token, grade }: Pick<Case, 'token' | 'grade'>): boolean {
  return token !== undefined && (grade === 'proved' || grade === 'exact');
}
