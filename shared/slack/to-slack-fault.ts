import { webApi } from '@slack/bolt';
import { defined } from '#shared/core/defined.ts';
import { Fault, type FaultCode } from '#shared/core/fault.ts';
import { SILENT_LOGGER } from './silent-logger.ts';

/**
 * Options for Slack's client in a function: its defaults (ten tries over half an hour, no time-out, sleeping out limits)
 * would outlive the invocation. One more try here; what lasts is the queue's to repeat.
 */
export const WEB_CLIENT_OPTIONS = {
  retryConfig: { retries: 1, minTimeout: 200, maxTimeout: 400 },
  timeout: 4000,
  rejectRateLimitedCalls: true,
  allowAbsoluteUrls: false,
  logger: SILENT_LOGGER,
} satisfies webApi.WebClientOptions;

/** The same for whatever says something: a call whose answer was lost has spoken, and repeated it would speak twice. */
export const SAYING_OPTIONS = { ...WEB_CLIENT_OPTIONS, retryConfig: { retries: 0 } } satisfies webApi.WebClientOptions;

/** Slack's words for trouble of its own, which the same call may not meet again. */
const PASSING = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);

/** Slack's words for a token that is no longer good, all said before anything was done. */
export const STALE_TOKEN: ReadonlySet<string> = new Set([
  'invalid_auth',
  'not_authed',
  'token_expired',
  'token_revoked',
  'account_inactive',
]);

/**
 * Turns whatever Slack's client threw into a fault. `slack_unavailable` may pass by itself and names when to try again;
 * `slack_unauthorized` when the bot token is stored anew; `slack_rejected` will not. The detail names the method and Slack's error code, never what was sent.
 */
export function toSlackFault(method: string, error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof webApi.WebAPIRateLimitedError) {
    return new Fault('slack_unavailable', `${method}: rate limited`, {
      status: 429,
      retryAfterSeconds: error.retryAfter,
      cause: error,
    });
  }
  if (error instanceof webApi.WebAPIPlatformError) {
    // A page of HTML counts as an "error" to the client: only what looks like a code is named.
    const code = /^[a-z0-9_]{1,60}$/.test(error.data.error) ? error.data.error : undefined;
    return new Fault(codeOf(code), `${method}: ${code ?? 'no JSON'}`, { cause: error });
  }
  const status = error instanceof webApi.WebAPIHTTPError ? error.statusCode : undefined;
  const isRefusal = status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429;
  return new Fault(isRefusal ? 'slack_rejected' : 'slack_unavailable', `${method}: ${status ?? 'no answer'}`, {
    cause: error,
    ...defined({ status }),
  });
}

function codeOf(error: string | undefined): FaultCode {
  if (error === undefined || PASSING.has(error)) return 'slack_unavailable';
  return STALE_TOKEN.has(error) ? 'slack_unauthorized' : 'slack_rejected';
}

/** Slack's error code inside a fault of `toSlackFault` or of a `response_url`, or `undefined`. */
export function slackErrorCode(error: unknown): string | undefined {
  const cause = error instanceof Fault ? error.cause : error;
  if (cause instanceof webApi.WebAPIPlatformError) return cause.data.error;
  return error instanceof Fault ? /^response_url: ([a-z_]+)$/.exec(error.detail)?.[1] : undefined;
}
