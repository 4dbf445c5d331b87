import * as z from 'zod';
import type { Secret } from '#shared/core/secret.ts';
import { STALE_TOKEN } from './to-slack-fault.ts';

interface BotFetchDeps {
  readonly fetch: typeof fetch;
  /** The bot token as it is known. */
  readonly read: () => Promise<Secret>;
  /** The bot token as it is stored now. */
  readonly refresh: () => Promise<Secret>;
}

const refusalSchema = z.object({ ok: z.literal(false), error: z.string() });

/**
 * Makes the `fetch` of Slack's client, which puts the bot token into each authorised call. When Slack says that it is no
 * longer good (rotated, or the app installed anew) it is read again once, and the call made again with the other one.
 */
export function createBotFetch({ fetch, read, refresh }: BotFetchDeps): typeof fetch {
  return async (url, init) => {
    const headers = new Headers(init?.headers);
    // An upload goes to an address of its own, which the token is not for.
    if (!headers.has('authorization')) return fetch(url, init);
    const send = (token: Secret): Promise<Response> => {
      headers.set('authorization', `Bearer ${token.expose()}`);
      return fetch(url, { ...init, headers });
    };
    const known = await read();
    const response = await send(known);
    if (!(await isStale(response))) return response;
    const stored = await refresh();
    return stored.expose() === known.expose() ? response : send(stored);
  };
}

async function isStale(response: Response): Promise<boolean> {
  const json: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  const refusal = refusalSchema.safeParse(json);
  return refusal.success && STALE_TOKEN.has(refusal.data.error);
}
