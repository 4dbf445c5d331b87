import { defined } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';
import { readRetryAfter, waitOutLimit } from '#shared/core/http.ts';

interface ResponseUrlDeps {
  /** The only origin that is written to. */
  readonly origin: string;
  readonly fetch: typeof fetch;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const TIMEOUT_MS = 4000;

/**
 * Answers through a request's `response_url`, which needs no token and works where the bot is no member (5 times within
 * 30 minutes). Follows no redirect. Throws `slack_rejected` when the URL is elsewhere, used up or too old, and
 * `slack_unavailable` when another try may help.
 */
export function createResponseUrl({ origin, fetch, now, sleep }: ResponseUrlDeps) {
  const send = async (url: URL, body: Readonly<Record<string, unknown>>): Promise<Response> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause: unknown) => {
      throw new Fault('slack_unavailable', 'response_url: no answer', { cause });
    });
    const { status, headers } = response;
    if (status !== 429 && status < 500) return response;
    const retryAfterSeconds = readRetryAfter(headers, now());
    throw new Fault('slack_unavailable', `response_url: ${status}`, { status, ...defined({ retryAfterSeconds }) });
  };
  return async (responseUrl: string | undefined, body: Readonly<Record<string, unknown>>): Promise<void> => {
    const url = URL.canParse(responseUrl ?? '') ? new URL(responseUrl ?? '') : undefined;
    // The signature vouches for the URL, but a bot that writes wherever it is told to is a gift to whoever gets around it.
    if (url === undefined || url.origin !== origin || url.username !== '' || url.password !== '') {
      throw new Fault('slack_rejected', 'response_url: missing or elsewhere');
    }
    const response = await waitOutLimit(() => send(url, body), sleep);
    const { status } = response;
    const text = await response.text();
    // A page of somebody in between: Slack has not heard it.
    if (status === 200 && /^\s*</.test(text)) throw new Fault('slack_unavailable', 'response_url: a page, not Slack');
    if (status !== 200 || saysNotOk(text)) {
      throw new Fault('slack_rejected', `response_url: ${codeIn(text) ?? status}`, { status });
    }
  };
}

/** Slack's error code, where its refusal names one. */
function codeIn(text: string): string | undefined {
  return /^\s*\{[^{}]*"error"\s*:\s*"([a-z_]{1,60})"/.exec(text)?.[1];
}

/** Slack may refuse with 200 and `{"ok":false}`. */
function saysNotOk(text: string): boolean {
  return /^\s*\{\s*"ok"\s*:\s*false/.test(text);
}
