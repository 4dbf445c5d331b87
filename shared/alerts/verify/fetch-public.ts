import { defined } from '#shared/core/defined.ts';
import { Fault } from '#shared/core/fault.ts';

export interface PublicText {
  readonly status: number;
  readonly etag?: string;
  readonly text: string;
}

/** Fetches something public and small (keys, a certificate); follows no redirect. Throws `keys_unavailable`. */
export type FetchPublic = (url: URL, etag?: string) => Promise<PublicText>;

const MAX_BYTES = 256 * 1024;

/** Makes the fetch for public keys: one try within the time-out, since the sender waits and will come again. */
export function createFetchPublic(fetch: typeof globalThis.fetch, timeoutMs = 3000): FetchPublic {
  return async (url, etag) => {
    try {
      const response = await fetch(url, {
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
        headers: { 'user-agent': 'patrol', ...defined({ 'if-none-match': etag }) },
      });
      const bytes = await readBounded(response);
      if (bytes === undefined) throw new Fault('keys_unavailable', `${url.host}: too long an answer`);
      const given = response.headers.get('etag');
      return { status: response.status, text: bytes.toString('utf8'), ...(given === null ? {} : { etag: given }) };
    } catch (cause) {
      if (cause instanceof Fault) throw cause;
      throw new Fault('keys_unavailable', `${url.host}: no answer`, { cause });
    }
  };
}

/** Reads a body, and stops reading as soon as it is too long: `undefined`. */
async function readBounded(response: Response): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    // Leaving the loop cancels the rest.
    if (length > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
