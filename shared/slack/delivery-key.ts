import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import type { Clue } from '#shared/providers/clue.ts';

/** A payload, and its JSON. */
interface Sealed {
  readonly payload: Readonly<Record<string, unknown>>;
  readonly json: string;
}

/**
 * Names one press or one command: the same for every delivery of it, whatever headers or signing time the delivery has. The
 * payload must be allow-listed and sealed, so that the key tells nothing of a secret, with its names sorted, so that the order
 * in which Slack sends fields does not matter.
 */
export function deliveryKey(kind: string, sealed: Sealed, clues: readonly Clue[]): string {
  return `slack:${kind}:${sha256Hex(`[${identity(kind, sealed)},${JSON.stringify(clues)}]`)}`;
}

function identity(kind: string, { payload, json }: Sealed): string {
  if (kind === 'event') return JSON.stringify([payload['team_id'], payload['event_id']]);
  // Pressing Submit again after an error brings a new trigger for the same form: still one submission. What was typed
  // counts, so a corrected form is another one.
  return kind === 'view' ? JSON.stringify({ ...payload, trigger_id: undefined }) : json;
}
