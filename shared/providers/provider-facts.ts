import type { Lever, TokenKind } from '#shared/core/vocabulary.ts';
import type { Clue } from './clue.ts';

/** A line of what little is known of a secret: a text of ours, and behind it a foreign piece to be shown as code. */
export interface ClueLine {
  readonly text: string;
  readonly code?: string;
}

/** One thing that `setup` has to ask for a profile's credential, in the order in which it is asked. */
export type Question = {
  /** The field of the profile's secret that the answer becomes; an empty answer leaves it out. */
  readonly field: string;
  readonly ask: string;
} & (
  | { readonly kind: 'address'; readonly initial: string }
  /** Asked without echo. */
  | { readonly kind: 'secret' }
  /** An identifier that may be left empty. */
  | { readonly kind: 'identifier' }
  /** Values of the field, each with its words. */
  | { readonly kind: 'choice'; readonly options: Readonly<Record<string, string>> }
  /** A signing key: made here, pasted, or read from a file. `told` says what to do with the public half of a new one. */
  | { readonly kind: 'private-key'; readonly told: string }
);

/** What is to be said of one kind of lever. */
export interface LeverFacts {
  /** What it does and what stops with it, as sentences. */
  readonly words: (lever: Lever) => string;
  /** What somebody is asked to agree to: "deactivate the Dfns user us-1". */
  readonly wanted: (lever: Lever) => string;
  /** On its button. */
  readonly button: string;
  /** How a person takes it back, since Patrol cannot; a sentence. */
  readonly undo: string;
}

/** All that any room may ask about a provider without loading its client. Pure data: no socket, no clock, no environment. */
export interface ProviderFacts {
  /** How we speak of it. */
  readonly displayName: string;
  /** What this kind of provider tells and can undo. A missing time means "never" only where it would be told. */
  readonly knows: { readonly lastUse: boolean; readonly expiry: boolean; readonly undo: boolean };
  /** The kinds of token that it can deactivate; of any other it can only be asked to delete it. */
  readonly deactivates: readonly TokenKind[];
  /** Where a person does by hand what Patrol cannot do now: the page of the public service, and the way on it. */
  readonly console: { readonly url: string; readonly path: string };
  /** How many calls it takes in a minute from one organisation or key, as it publishes that. */
  readonly callsPerMinute: number;
  /** Whether that counts for all credentials of an organisation together, or for each. */
  readonly limitedBy: 'organisation' | 'credential';
  /** How many calls a leak's kill takes: the listing, the change, the read that proves it. */
  readonly callsPerKill: number;
  /** A sentence about the provider's own delay between a change and its effect, where there is one. */
  readonly delay?: string;
  /**
   * What a token's id looks like in any case: no ordinary word may match. It decides where a typed id is looked up; an id
   * that does not match is still found by listing.
   */
  readonly tokenId: RegExp;
  /** Spells a matching id as the provider does; phones make the first letter capital. */
  readonly spellId: (typed: string) => string;
  /** What a clue of the provider's own form says to a person; nothing for any other. */
  readonly clueLines: (clue: Clue) => readonly ClueLine[];
  /** Its levers under the policy's names for them. */
  readonly levers: Readonly<Record<string, LeverFacts>>;
  /** What `setup` asks for; the secret it stores holds exactly these fields and the provider's name. */
  readonly credential: readonly Question[];
}
