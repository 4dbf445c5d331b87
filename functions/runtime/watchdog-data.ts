import type { Postponable } from '#shared/jobs/postpone.ts';

/** What the watchdog's thread is started with. */
export interface WatchdogData {
  /** Goes up while the loop turns. */
  readonly heartbeat: Int32Array;
  readonly beatMs: number;
  readonly function: string;
  readonly region: string;
  readonly table: string;
  readonly queueUrl: string;
  /** Where the table is when not at AWS's own address. */
  readonly tableEndpoint?: string | undefined;
}

/** A job as the thread has to know it. */
export type Watched = Postponable & { readonly messageId: string };

/** What the loop tells the thread. */
export type Beat = { readonly begins: Watched; readonly heldBefore: number | undefined } | { readonly ends: string };

/** The note about a queue message whose work has held the loop: how often it did so while it ran alone. */
export const heldNote = (messageId: string): string => `held:${messageId}`;

/** No message lives longer in its queue and as a dead letter. */
export const HELD_SECONDS = 30 * 24 * 3600;
