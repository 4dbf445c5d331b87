/** What every stand-in offers the sandbox and the contract tests. All listeners bind 127.0.0.1. */
export type FaultMode =
  | 'down'
  | 'slow'
  | 'hang'
  | 'half'
  | '401'
  | '429'
  | '500'
  | 'html'
  | '202'
  | 'no-revocation'
  | 'none';

export interface FaultSwitch {
  readonly mode: FaultMode;
  /** How many calls misbehave; without it, until `none`. */
  readonly count?: number;
  /** Milliseconds for `slow`. */
  readonly ms?: number;
  /** Seconds in the `Retry-After` of a 429, where the vendor sends one; 1 by default. */
  readonly retryAfterSeconds?: number;
}

/** One request that a stand-in received. Status 0: nothing was answered. No secret in any field. */
export interface Call {
  readonly at: string;
  /** From the request's arrival to the answer. */
  readonly milliseconds: number;
  readonly provider: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** True when a change was asked for and accepted (2xx); a refused request changed nothing. */
  readonly mutation: boolean;
  readonly signatureValid?: boolean;
  /** The request that the call was made for, where a function of ours made it. */
  readonly requestId?: string;
}

/** A token as the stand-in keeps it; the secrets are fake. */
export interface StandInToken {
  readonly provider: string;
  readonly profile: string;
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  /** `service`: a Dfns service account's token, a LangSmith service key. */
  readonly kind?: 'pat' | 'service';
  readonly state: 'active' | 'inactive' | 'deleted';
  readonly shortKey?: string;
  readonly createdAt: string;
  /** Where the provider knows it and it was ever used. */
  readonly lastUsedAt?: string;
  readonly secret: string;
}

export type CrashPoint = 'before-effect' | 'after-effect';

export interface StandIn {
  readonly url: string;
  readonly calls: Call[];
  setFault(fault: FaultSwitch): void;
  /** Milliseconds added to every answer. */
  setRtt(milliseconds: number): void;
  /**
   * Calls `kill` once when the next mutating call reaches the point; the sandbox kills the calling function's process there.
   * Returns how to call it off.
   */
  crashNext(at: CrashPoint, kill: () => void): () => void;
  reset(): void;
  close(): Promise<void>;
}

/** What a provider's stand-in adds: it mints and shows tokens, and gives the profile secret that works with it. */
export interface ProviderStandIn extends StandIn {
  tokens(): readonly StandInToken[];
  mint(options: {
    readonly profile: string;
    readonly name: string;
    readonly secret?: string;
    readonly owner?: string;
    readonly createdAt?: string;
    readonly expiresAt?: string;
    readonly lastUsedAt?: string;
    readonly permissions?: readonly string[];
    readonly kind?: 'pat' | 'service';
  }): StandInToken;
  /** The JSON that this profile's secret in Secrets Manager holds. */
  profileSecret(profile: string): Readonly<Record<string, string>>;
}
