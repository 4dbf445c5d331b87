/** What a request over a kept connection comes to when the other side has closed it meanwhile. */
export const STALE = Symbol('stale');

/** True for the error of a kept connection that the other side has closed before it read anything. */
export function isClosed({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/** Sends until the connection was a live one: each kept one is tried once at most, and a fresh one is never stale, so this ends. */
export async function onLiveConnection<T>(send: () => Promise<T | typeof STALE>): Promise<T> {
  for (;;) {
    const reply = await send();
    if (reply !== STALE) return reply;
  }
}
