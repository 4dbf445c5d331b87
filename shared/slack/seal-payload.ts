import type { Fingerprint } from '#shared/core/fingerprint.ts';
import type { Clue } from '#shared/providers/clue.ts';
import { scrub } from '#shared/providers/text/scrub.ts';
import { ENCRYPTED_VALUE, PRESSED_TYPES } from './encrypted-value.ts';

/** Where the choices of a menu stand, each with a value of ours. */
const CHOICES: ReadonlySet<string> = new Set(['options', 'selected_option']);

interface Sealed<T> {
  readonly payload: T;
  /** One per secret, however often it occurred. */
  readonly clues: Clue[];
  /** Secrets that were hidden and that no provider of ours issued. */
  readonly unrecognised: number;
}

// Slack's own handles are no text of a person, and the worker needs them unchanged.
const HANDLES = new Set(['response_url', 'trigger_id', 'hash']);

/**
 * Replaces every secret in every text of a payload, at any depth, by the seal's mark. Names come sorted. What we have encrypted
 * stays as it is, where only what we have made can stand: it looks random, and may look like a secret.
 */
export function sealPayload<T extends Record<string, unknown>>(payload: T, fingerprint: Fingerprint): Sealed<T> {
  const clues: Clue[] = [];
  let unrecognised = 0;
  const walk = (value: unknown, name: string, isPressed = false): unknown => {
    if (typeof value === 'string') {
      if (HANDLES.has(name) || (isPressed && name === 'value' && ENCRYPTED_VALUE.test(value))) return value;
      const sealed = scrub(value, fingerprint);
      clues.push(...sealed.clues);
      unrecognised += sealed.unrecognised;
      return sealed.text;
    }
    if (Array.isArray(value)) return value.map((item) => walk(item, name, isPressed && CHOICES.has(name)));
    if (typeof value === 'object' && value !== null) {
      const record = value as Readonly<Record<string, unknown>>;
      const sealed: Record<string, unknown> = {};
      const isOurs = PRESSED_TYPES.has(record['type']) || (isPressed && CHOICES.has(name));
      for (const key of Object.keys(record).sort()) sealed[key] = walk(record[key], key, isOurs);
      return sealed;
    }
    return value;
  };
  return { payload: walk(payload, '') as T, clues: distinctClues(clues), unrecognised };
}

/** Drops clues that mean the same secret. */
export function distinctClues(clues: readonly Clue[]): Clue[] {
  if (clues.length < 2) return [...clues];
  return [...new Map(clues.map((clue) => [JSON.stringify(clue), clue])).values()];
}
