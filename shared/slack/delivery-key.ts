import { sha256Hex } from '#shared/core/hmac-sha256.ts';
import type { Clue } from '#shared/providers/clue.ts';

type Payload = Readonly<Record<string, unknown>>;

/**
 * Names one press or one command: the same for every delivery of it, whatever headers or signing time the delivery has.
 * The payload must be allow-listed and sealed, so that the key tells nothing of a secret.
 */
export function deliveryKey(kind: string, payload: Payload, clues: readonly Clue[]): string {
  return `slack:${kind}:${sha256Hex(canonical([identity(kind, payload), clues]))}`;
}

function identity(kind: string, payload: Payload): unknown {
  if (kind === 'event') return [payload['team_id'], payload['event_id']];
  if (kind !== 'view') return payload;
  // Pressing Submit again after an error brings a new trigger for the same form: still one submission. What was typed
  // counts, so a corrected form is another one.
  return { ...payload, trigger_id: undefined };
}

/** JSON with sorted names, so that the order in which Slack sends fields does not matter. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}
