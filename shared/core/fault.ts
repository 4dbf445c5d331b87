/** What each unexpected ending means to a sender, to the queue and to whoever is paged. */
interface Consequence {
  /** HTTP status that an edge answers. */
  readonly http: 400 | 401 | 500 | 503;
  /** Whether the queue delivers the job again. */
  readonly queue: 'drop' | 'retry';
  /** When somebody is paged: the level of its line in the log (`levelOf`) rings the alarm `faults`, or does not. */
  readonly page: 'always' | 'if-lasting' | 'rate-only';
  /**
   * Whether a kill that was decided, and that it ended, is tried again later: somebody may have mended it by then, or it has
   * passed. Never what a kill does not meet, and what the very same work is sure to meet again until a new release.
   */
  readonly later: 'again' | 'never';
}

/** The closed table of faults. A new code does not compile until all its consequences are stated. */
export const FAULTS = {
  signature_missing: { http: 401, queue: 'drop', page: 'rate-only', later: 'never' },
  signature_invalid: { http: 401, queue: 'drop', page: 'rate-only', later: 'never' },
  signature_stale: { http: 401, queue: 'drop', page: 'rate-only', later: 'never' },
  payload_invalid: { http: 400, queue: 'drop', page: 'always', later: 'never' },
  keys_unavailable: { http: 503, queue: 'retry', page: 'if-lasting', later: 'again' },
  secret_unavailable: { http: 503, queue: 'retry', page: 'if-lasting', later: 'again' },
  config_invalid: { http: 500, queue: 'drop', page: 'always', later: 'again' },
  provider_unauthorized: { http: 500, queue: 'drop', page: 'always', later: 'again' },
  provider_unexpected: { http: 500, queue: 'drop', page: 'always', later: 'again' },
  /** A page, or nothing, came from whatever stands before the provider: trying again at once meets the same. */
  provider_unreached: { http: 500, queue: 'drop', page: 'always', later: 'again' },
  provider_rate_limited: { http: 503, queue: 'retry', page: 'if-lasting', later: 'again' },
  provider_unavailable: { http: 503, queue: 'retry', page: 'if-lasting', later: 'again' },
  delivery_in_progress: { http: 503, queue: 'retry', page: 'if-lasting', later: 'again' },
  store_unavailable: { http: 503, queue: 'retry', page: 'if-lasting', later: 'again' },
  slack_unavailable: { http: 503, queue: 'retry', page: 'if-lasting', later: 'again' },
  /** The bot token was rotated, or the app installed anew, and the new token is not stored yet: the queue keeps the job. */
  slack_unauthorized: { http: 503, queue: 'retry', page: 'always', later: 'again' },
  slack_rejected: { http: 500, queue: 'drop', page: 'always', later: 'again' },
  /** What must be heard in a channel is told to the admins alone, until Slack lets us into the channel again. */
  channel_closed: { http: 503, queue: 'retry', page: 'always', later: 'again' },
  /** Its work held the event loop, and with it everybody else's, until the watchdog ended the process. */
  work_too_long: { http: 500, queue: 'drop', page: 'always', later: 'never' },
  /** A defect of ours: an error that is no fault. The queue keeps the job until it is mended. */
  internal_error: { http: 503, queue: 'retry', page: 'always', later: 'again' },
} as const satisfies Record<string, Consequence>;

export type FaultCode = keyof typeof FAULTS;

interface FaultOptions {
  readonly cause?: unknown;
  /** Seconds after which the other side asked to be called again. */
  readonly retryAfterSeconds?: number;
  /** HTTP status that the other side answered, where one arrived. */
  readonly status?: number;
  /** What the other side said of its refusal: foreign text, bounded and without secrets. */
  readonly quoted?: string;
}

/**
 * The one error class. `detail` is for our own logs: it names things (a profile, a field, a status) and never holds a
 * value, a body or a header. Only `code`, `detail`, `status` and `retryAfterSeconds` may be logged; `cause` and `quoted`, which
 * is for whoever asked, may not.
 */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly detail: string;
  readonly retryAfterSeconds: number | undefined;
  readonly status: number | undefined;
  declare readonly quoted: string | undefined;

  constructor(code: FaultCode, detail: string, options: FaultOptions = {}) {
    super(`${code}: ${detail}`, { cause: options.cause });
    this.name = 'Fault';
    this.code = code;
    this.detail = detail;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.status = options.status;
    // Whatever prints, logs or stores an error leaves it out.
    Object.defineProperty(this, 'quoted', { value: options.quoted });
  }

  /** True when the queue should deliver the job again. */
  get isRetryable(): boolean {
    return FAULTS[this.code].queue === 'retry';
  }
}

/** True when `error` is a `Fault`, of one of the given codes where any is named. */
export function isFault<C extends FaultCode>(
  error: unknown,
  ...codes: readonly C[]
): error is Fault & { readonly code: C } {
  return error instanceof Fault && (codes.length === 0 || codes.some((code) => code === error.code));
}
