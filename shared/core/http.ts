import { defined } from './defined.ts';
import { Fault } from './fault.ts';
import { tryParseJson } from './try-parse-json.ts';

/** How long, how often and how much; times in milliseconds. */
export interface HttpLimits {
  /** Attempts in all for a safe request. */
  readonly attempts: number;
  /** Longest time for one attempt, body included. */
  readonly attemptMs: number;
  /** Longest `Retry-After` that is waited for; a longer one is the caller's to keep. */
  readonly retryAfterMs: number;
  /** First back-off, doubled each time up to the cap, then drawn at random from zero ("full jitter"). */
  readonly backoffMs: number;
  readonly backoffCapMs: number;
  readonly replyBytes: number;
}

export const HTTP_LIMITS: HttpLimits = {
  attempts: 3,
  attemptMs: 5_000,
  retryAfterMs: 3_000,
  backoffMs: 200,
  backoffCapMs: 2_000,
  replyBytes: 16 * 1024 * 1024,
};

export interface HttpDeps {
  readonly fetch: typeof fetch;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Number from 0 up to 1. */
  readonly random: () => number;
  readonly limits?: Partial<HttpLimits>;
}

export interface HttpRequest {
  /** Names the call in faults: who is called and what for, and no value. */
  readonly label: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** True when sending it again does no harm. Everything else is sent once, whatever happens. */
  readonly isSafe: boolean;
  /** Milliseconds since the epoch after which no attempt begins and none goes on. */
  readonly until?: number;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: Headers;
  /** What kind of body came; `other` is HTML, broken JSON or anything else that is not the provider speaking. */
  readonly body: 'json' | 'empty' | 'other';
  /** True for a body that is more than `replyBytes`, of which no more was read: another try would meet the same. */
  readonly isTooLong?: true;
  /** The parsed body, to be read through a schema; `undefined` unless `body` is `json`. */
  readonly json: unknown;
  /** True when an earlier attempt of the same request may have had its effect (no answer, or a 5xx). */
  readonly mayHaveActed: boolean;
}

export type Http = (request: HttpRequest) => Promise<HttpReply>;

type Ending = Omit<HttpReply, 'mayHaveActed'> | { readonly lost: string };

/** Seconds that a `Retry-After` header asks for, as a number or a date (RFC 9110, 10.2.3). */
export function readRetryAfter(headers: Headers, now: Date): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const date = /^[A-Z][a-z]{2},/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now.getTime()) / 1000));
}

/** The short name of what broke a connection. Its message may quote a header, so that it is never used. */
function nameLoss(error: unknown): string {
  if (!(error instanceof Error)) return 'connection lost';
  if (error.name === 'TimeoutError') return 'no answer in time';
  const cause: unknown = error.cause;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  return /^[A-Z][A-Z0-9_]{2,40}$/.test(code) ? `connection lost (${code})` : 'connection lost';
}

type Body = Pick<HttpReply, 'body' | 'json' | 'isTooLong'>;

const EMPTY = { body: 'empty', json: undefined } as const;
const TOO_LONG = { body: 'other', json: undefined, isTooLong: true } as const;

/**
 * Reads a body up to the limit, as text while it comes, and parses it here: fifty long listings are not held as bytes and as
 * text beside what they say.
 */
async function readBody(response: Response, limit: number): Promise<Body> {
  const body: AsyncIterable<Uint8Array> | undefined = response.body ?? undefined;
  if (!body) return EMPTY;
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let text = '';
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > limit) return TOO_LONG;
    text += decoder.decode(chunk, { stream: true });
  }
  return parseBody(text + decoder.decode());
}

function parseBody(text: string): Body {
  if (text.trim() === '') return EMPTY;
  const json = tryParseJson(text);
  return { body: json === undefined ? 'other' : 'json', json };
}

async function attempt(request: HttpRequest, deps: HttpDeps, limits: HttpLimits): Promise<Ending> {
  const left = (request.until ?? Number.POSITIVE_INFINITY) - deps.now().getTime();
  if (left <= 0) return { lost: 'no time left' };
  let response: Response | undefined;
  try {
    response = await deps.fetch(request.url, {
      method: request.method,
      headers: { ...request.headers },
      ...defined({ body: request.body }),
      redirect: 'manual',
      signal: AbortSignal.timeout(Math.ceil(Math.min(limits.attemptMs, left))),
    });
    const read = await readBody(response, limits.replyBytes);
    return { status: response.status, headers: response.headers, ...read };
  } catch (error) {
    // A refusal counts although its body broke off; an acceptance without its whole body is no answer.
    if (response === undefined || response.ok) return { lost: nameLoss(error) };
    return { status: response.status, headers: response.headers, body: 'other', json: undefined };
  }
}

/** Answers that end nothing: they are tried again where that does no harm, and are faults in the end. */
function isTransient(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** A success that is a page: somebody in between is closed for a moment, or the address is none of an API. */
function isPage(ending: Ending): boolean {
  return !('lost' in ending) && ending.status < 300 && ending.body === 'other' && ending.isTooLong !== true;
}

function toFault(request: HttpRequest, ending: Ending, now: Date): Fault {
  if ('lost' in ending) return new Fault('provider_unavailable', `${request.label}: ${ending.lost}`);
  const retryAfterSeconds = readRetryAfter(ending.headers, now);
  return new Fault(
    ending.status === 429 ? 'provider_rate_limited' : 'provider_unavailable',
    `${request.label}: HTTP ${ending.status}`,
    { status: ending.status, ...defined({ retryAfterSeconds }) },
  );
}

/** Milliseconds to wait before the next attempt; `undefined` when the other side asks for longer than we wait. */
export function chooseDelay(fault: Fault, attempts: number, deps: HttpDeps): number | undefined {
  const limits = { ...HTTP_LIMITS, ...deps.limits };
  const asked = (fault.retryAfterSeconds ?? 0) * 1000;
  if (asked > limits.retryAfterMs) return undefined;
  const ceiling = Math.min(limits.backoffCapMs, limits.backoffMs * 2 ** (attempts - 1));
  return asked + deps.random() * ceiling;
}

/**
 * Makes the one way out to a provider over HTTP. Any answer below 500 but 408 and 429 is returned as it is, redirects included
 * (none is followed); a page with a 2xx only when it came each time. The rest throws `provider_rate_limited` or
 * `provider_unavailable` after bounded retries of safe requests. A fault holds the label and the status, never a body, a header
 * or an address.
 */
export function createHttp(deps: HttpDeps): Http {
  const limits = { ...HTTP_LIMITS, ...deps.limits };
  return async (request) => {
    let mayHaveActed = false;
    for (let attempts = 1; ; attempts += 1) {
      const ending = await attempt(request, deps, limits);
      const isAnswer = !('lost' in ending) && !isTransient(ending.status);
      if (isAnswer && !isPage(ending)) return { ...ending, mayHaveActed };
      const fault = toFault(request, ending, deps.now());
      mayHaveActed ||= fault.code === 'provider_unavailable';
      const delay = chooseDelay(fault, attempts, deps);
      const isLate = deps.now().getTime() + (delay ?? 0) >= (request.until ?? Number.POSITIVE_INFINITY);
      if (!request.isSafe || attempts >= limits.attempts || delay === undefined || isLate) {
        if (isAnswer) return { ...ending, mayHaveActed };
        throw fault;
      }
      await deps.sleep(delay);
    }
  };
}

/** Makes a call and, when it is limited (429) for a few seconds only, waits these out and makes it once more. */
export async function waitOutLimit<T>(call: () => Promise<T>, sleep: HttpDeps['sleep']): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const asked =
      error instanceof Fault && error.status === 429 ? (error.retryAfterSeconds ?? Infinity) * 1000 : Infinity;
    if (asked > HTTP_LIMITS.retryAfterMs) throw error;
    await sleep(asked);
    return call();
  }
}

/**
 * The fault that an answer means which the caller has no use for: who refused, and the status. A page below 500 is no answer of
 * the provider: something in between, or at a wrong address, gave it, and would again. So is a success that says nothing.
 */
export function refusedBy(reply: HttpReply, label: string): Fault {
  const { status, body, isTooLong } = reply;
  if (isTooLong === true && status < 300) {
    return new Fault('provider_unexpected', `${label}: HTTP ${status}, a reply longer than is read`, { status });
  }
  const detail = `${label}: HTTP ${status}${body === 'json' ? '' : body === 'empty' ? ', no body' : ', not JSON'}`;
  if (body === 'other' || (body === 'empty' && status < 300))
    return new Fault('provider_unreached', detail, { status });
  if (status === 401 || status === 403) return new Fault('provider_unauthorized', detail, { status });
  return new Fault('provider_unexpected', detail, { status });
}
