/** What the function answered, or the error in the form in which Lambda reports it. Both are JSON text. */
export interface Invocation {
  readonly ok: boolean;
  readonly payload: string;
  /** The process died, or was killed at its time-out. */
  readonly died: boolean;
  /** What Lambda calls it. */
  readonly requestId?: string;
}
