import type { Fingerprint } from '#shared/core/fingerprint.ts';
import type { HttpLimits } from '#shared/core/http.ts';
import type { Grade, Lever, Mutation, ProviderAnswer, ProviderName, Token } from '#shared/core/vocabulary.ts';
import type { Clue } from './clue.ts';
import type { MatchReason } from './match-reason.ts';
import type { ProviderFacts } from './provider-facts.ts';

/** How a change that we asked for ended, in the provider's own terms. Nothing here is proof: read the token back. */
export type Effect =
  /** The provider accepted. */
  | { readonly kind: 'done'; readonly answer: ProviderAnswer }
  /** Accepted, but waiting for somebody at the provider (Dfns 202, a policy approval). */
  | { readonly kind: 'pending'; readonly answer: ProviderAnswer }
  /** This server cannot do it (an old self-hosted LangSmith knows no revocation). Never turned into another verb. */
  | { readonly kind: 'unsupported'; readonly answer: ProviderAnswer }
  | { readonly kind: 'not_found' };

/** What a provider answered that was asked to pull a lever; `unproved`: it accepted, and no fresh read agrees. */
export type Pull = Effect | { readonly kind: 'unproved'; readonly answer: ProviderAnswer };

/** What is known of a token from an earlier look: which collection holds it, and whose it is. */
export type KnownToken = Partial<Pick<Token, 'kind' | 'owner' | 'organizationId'>>;

/** What a profile's credential can reach. */
export interface Listing {
  readonly tokens: readonly Token[];
  /** Sentences about what this credential cannot see ("only the tokens of its own user"). */
  readonly unseen: readonly string[];
  /** How many rows could not be read, each of which may be any token; absent where none. */
  readonly unreadable?: number;
}

export interface Candidate {
  readonly token: Token;
  readonly grade: Grade;
  /** What explains the grade. */
  readonly because: readonly MatchReason[];
  /** Set when something that is known of the leaked secret cannot be true of this token. */
  readonly contradicts?: true;
}

/** What `/pat doctor` tells about one profile. */
export interface Checkup {
  readonly works: boolean;
  /** Who the credential is ("user us-… of org or-…"). */
  readonly identity?: string;
  readonly tokens?: number;
  readonly can: readonly string[];
  readonly cannot: readonly string[];
  /** Our clock minus the provider's `Date` header, seconds. */
  readonly clockSkewSeconds?: number;
  /** What to do, where something is wrong. */
  readonly advice: readonly string[];
}

/**
 * The port to one provider through one profile's credential.
 *
 * All methods: ids are validated before a URL is built (a hostile id is `undefined`/`not_found`, and no call is made);
 * each call has a deadline; reads are retried a bounded number of times, `Retry-After` is honoured up to a few seconds;
 * faults are `provider_unauthorized` (401/403), `provider_rate_limited` (429), `provider_unavailable` (5xx, time-out,
 * connection lost), `provider_unreached` (a page, or an empty success) and `provider_unexpected` (anything else). No fault holds a body, a header or a secret.
 */
export interface Provider {
  readonly name: ProviderName;
  readonly profile: string;
  /** What this kind of provider tells and can undo. */
  readonly knows: ProviderFacts['knows'];

  /**
   * Lists every token that the credential can see. All who ask before a listing begins share it, searches by `find` too;
   * what anybody gets was begun after they asked.
   */
  list(): Promise<Listing>;
  /**
   * Reads one token afresh; `undefined` only when every collection that could hold it was read whole, and it is in none: a
   * collection that is refused, or has a row that cannot be read, is `provider_unexpected`, and so is the absence of a token
   * that this credential may not see. `known`: what an earlier look has shown of it, maybe by another credential. Without it
   * `undefined` says that this credential shows none, and no more.
   */
  get(id: string, known?: KnownToken): Promise<Token | undefined>;
  /**
   * Asks ahead for what a change of this token begins with, so that one that follows at once waits for a call less. Changes
   * nothing, waits for nothing and never throws: what fails or lapses is asked for anew by the change.
   */
  prepare(verb: Mutation, id: string): void;
  /** Reversible kill. Idempotent: an inactive token stays inactive and the effect is `done`. */
  deactivate(id: string): Promise<Effect>;
  /** Undoes `deactivate`. Idempotent. */
  activate(id: string): Promise<Effect>;
  /** Final kill. A 404 after an attempt of our own within the call is `done`; a 404 on the first attempt is `not_found`. */
  delete(id: string): Promise<Effect>;
  /**
   * Finds the tokens a clue may mean, best first. `exact` and `strong` are given only when there is exactly one such
   * candidate; several equally good ones are all `weak`. Never offers a token of another organisation than the clue's.
   * `among`: ids that the issuer itself named to whoever showed it the secret; none but these is meant.
   */
  find(clue: Clue, among?: ReadonlySet<string>): Promise<readonly Candidate[]>;
  /** True for a token, seen through whichever profile, that is surely the one this credential is. Pure: makes no call. */
  worksWith(token: Token): boolean;
  /** Tells whether the credential works and what it can see and do. Changes nothing. Never throws a `Fault`. */
  check(): Promise<Checkup>;
  /** The bigger levers that could stop this token's owner. Pure: makes no call. */
  levers(token: Token): readonly Lever[];
  /** Pulls a lever by its id, and reads the result back: `done` only when a fresh read (or the provider's reply) agrees. */
  pull(leverId: string): Promise<Pull>;
  /** Reads afresh whether a lever is pulled; false, and no call, for an id that is none. */
  isPulled(leverId: string): Promise<boolean>;
}

/** Everything a provider is made of; nothing is read from the environment. */
export interface ProviderDeps {
  readonly profile: string;
  readonly fetch: typeof fetch;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Keyed fingerprint (hex) as used in clues; lets a row id be compared with a clue's. */
  readonly fingerprint: Fingerprint;
  /** Number from 0 up to 1 for the jitter of retries. */
  readonly random: () => number;
  /** Overrides of `HTTP_LIMITS`; `deadlineMs` bounds a whole method of the port (default 25 000). */
  readonly limits?: Partial<HttpLimits & { readonly deadlineMs: number }>;
}
