import { defined } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';

interface ResponseUrlDeps {
  /** The only origin that is written to. */
  readonly origin: string;
  readonly fetch: typeof fetch;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const TIMEOUT_MS = 4000;
const LONGEST_WAIT_SECONDS = 3;

/**
 * Answers through a request's `response_url`, which needs no token and works where the bot is no member (5 times within
 * 30 minutes). Follows no redirect. Throws `slack_rejected` when the URL is elsewhere, used up or too old, and
 * `slack_unavailable` when another try may help.
 */
export function createResponseUrl({ origin, fetch, sleep }: ResponseUrlDeps) {
  return async (responseUrl: string | undefined, body: Readonly<Record<string, unknown>>): Promise<void> => {
    const url = URL.canParse(responseUrl ?? '') ? new URL(responseUrl ?? '') : undefined;
    // The signature vouches for the URL, but a bot that writes wherever it is told to is a gift to whoever gets around it.
    if (url === undefined || url.origin !== origin || url.username !== '' || url.password !== '') {
      throw new Fault('slack_rejected', 'response_url: missing or elsewhere');
    }
    const send = () =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify(body),
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }).catch((cause: unknown) => {
        throw new Fault('slack_unavailable', 'response_url: no answer', { cause });
      });
    let response = await send();
    const seconds = retryAfter(response);
    if (seconds !== undefined && seconds <= LONGEST_WAIT_SECONDS) {
      await sleep(seconds * 1000);
      response = await send();
    }
    const { status } = response;
    if (status === 429 || status >= 500) {
      const later = retryAfter(response);
      throw new Fault('slack_unavailable', `response_url: ${status}`, {
        status,
        ...defined({ retryAfterSeconds: later }),
      });
    }
    if (status !== 200 || (await saysNotOk(response)))
      throw new Fault('slack_rejected', `response_url: ${status}`, { status });
  };
}

function retryAfter(response: Response): number | undefined {
  if (response.status !== 429) return undefined;
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}

/** Slack may refuse with 200 and `{"ok":false}`. */
async function saysNotOk(response: Response): Promise<boolean> {
  return /^\s*\{\s*"ok"\s*:\s*false/.test(await response.text());
}
