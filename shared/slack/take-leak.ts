import type { Clue } from '#shared/providers/clue.ts';
import { SEALED, scrub } from '#shared/providers/text/scrub.ts';
import type { ViewPayload } from './payload.ts';
import type { Fingerprint } from '#shared/core/fingerprint.ts';
import { BREAK_GLASS_CALLBACK, DISMISS_CALLBACK, LEAK_CALLBACK, LEAK_INPUT, REASON_BLOCK } from './skeleton-modal.ts';

/** What Slack shows under the inputs, by block id. */
type InputErrors = Readonly<Record<string, string>>;

interface Leak {
  readonly clues: Clue[];
  /** Secrets that no provider of ours issued, and lines in which no secret was found. */
  readonly unrecognised: number;
  /** The view without what was typed into it as a leak. */
  readonly view: ViewPayload;
}

/** Tells what a person must correct before a submission can be accepted; `undefined` when nothing. */
export function problemsOf(view: ViewPayload): InputErrors | undefined {
  if (view.callback_id === LEAK_CALLBACK && typed(view, LEAK_INPUT.block).trim() === '') {
    return { [LEAK_INPUT.block]: 'Paste the secret that leaked, or the text that holds it.' };
  }
  if (view.callback_id === BREAK_GLASS_CALLBACK && typed(view, REASON_BLOCK).trim() === '') {
    return { [REASON_BLOCK]: 'Type why this cannot wait for an approval.' };
  }
  if (view.callback_id === DISMISS_CALLBACK && typed(view, REASON_BLOCK).trim() === '') {
    return { [REASON_BLOCK]: 'Type how you know that this is not ours.' };
  }
  return undefined;
}

/** Tells that a paste holds more secrets than one job may carry. */
export function tooManySecrets(limit: number): InputErrors {
  return {
    [LEAK_INPUT.block]: `That is more than ${limit} secrets. Nothing was accepted or kept: paste them in parts.`,
  };
}

/** Turns what was pasted as a leak into clues; the text ends here. */
export function takeLeak(view: ViewPayload, fingerprint: Fingerprint): Leak {
  // Sealed as a whole, because a secret may be wrapped over lines.
  const { text, clues, unrecognised } = scrub(typed(view, LEAK_INPUT.block), fingerprint);
  const others = text.split(/[\r\n]+/).filter((line) => line.trim() !== '' && !line.includes(SEALED));
  const values = Object.fromEntries(
    Object.entries(view.state?.values ?? {}).filter(([block]) => block !== LEAK_INPUT.block),
  );
  return { clues: [...clues], unrecognised: unrecognised + others.length, view: { ...view, state: { values } } };
}

/** Everything typed into one block. */
function typed(view: ViewPayload, block: string): string {
  const inputs = Object.values(view.state?.values[block] ?? {});
  return inputs.map(({ value }) => value ?? '').join('\n');
}
