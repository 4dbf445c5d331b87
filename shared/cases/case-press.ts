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
] as const;

/** One press on a case's card, decoded. */
export interface CasePress {
  readonly case: string;
  readonly act: (typeof CASE_ACTS)[number];
  /** `profile:id`, where the case has several candidates. */
  readonly token?: string | undefined;
  readonly lever?: string | undefined;
}
