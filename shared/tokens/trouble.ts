import type { FaultCode } from '#shared/core/fault.ts';
import type { Actor, ProviderName } from '#shared/core/vocabulary.ts';

/** A fault as a person needs it: what happened and what comes next. */
export interface Trouble {
  readonly fault: FaultCode;
  /** Who failed us, for the words. */
  readonly provider?: ProviderName;
  readonly profile?: string;
  /** HTTP status the provider answered, where one arrived. */
  readonly status?: number;
  /** What the provider said of its refusal: foreign text. */
  readonly quoted?: string;
  /** Slack's own word for its refusal. */
  readonly code?: string;
  /** `retrying`: tried again by itself; `given_up`: kept in the dead-letter queue, nothing more happens by itself; `final`: not tried again. */
  readonly next: 'retrying' | 'given_up' | 'final';
  readonly attempt: number;
  /** True where a try had begun to make the change, so that its answer may only have been lost. */
  readonly begun?: true;
  /** Who has ended it, where it would else be tried again. */
  readonly calledOff?: CallOff;
}

/** Who has given up a request that was tried again by itself, and when. */
export interface CallOff {
  readonly by: Actor;
  /** ISO 8601: no try is begun after that. */
  readonly at: string;
}

export interface ProfileTrouble {
  readonly profile: string;
  readonly trouble: Trouble;
}
