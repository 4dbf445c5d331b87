import type { Actor } from '#shared/core/vocabulary.ts';
import type { Outcome } from '#shared/tokens/outcome.ts';

/**
 * One answer. `channel`: a new message; `me`: only for the person; `here`: the pressed message is replaced; `security`: a
 * new message in the security channel; `card`: nothing apart, since the case's card shows it.
 */
export interface Answer {
  readonly outcome: Outcome;
  readonly to: 'channel' | 'me' | 'here' | 'security' | 'card';
  /** The case from which it was asked for: what became of its token enters it, and its card follows. */
  readonly caseId?: string;
  readonly reason?: string;
  readonly approvedBy?: readonly Actor[];
  /** Whoever went ahead without an approval. */
  readonly brokenGlassBy?: Actor;
  /** Who asked, where that is not the person who pressed. */
  readonly actor?: Actor;
  /** A message known from elsewhere (a modal's origin), to be replaced instead. */
  readonly at?: { readonly channel: string; readonly ts: string };
  /** Where a new message belongs when the press came from no channel (App Home, a modal). */
  readonly where?: string;
}

/** Chooses where the answer to a typed command belongs: refusals and help are nobody else's business. */
export function placeOf(outcome: Outcome): Answer['to'] {
  switch (outcome.kind) {
    case 'denied':
    case 'help':
    case 'whoami':
    case 'version':
    case 'no_window':
    case 'leak_received':
    case 'misunderstood':
      return 'me';
    case 'listed':
      return outcome.private ? 'me' : 'channel';
    default:
      return 'channel';
  }
}
