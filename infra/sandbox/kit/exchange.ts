import type { IncomingHttpHeaders } from 'node:http';

/** One request as it arrived; the path is the raw one from the request line, nothing is normalised. */
export interface Exchange {
  readonly at: Date;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What a stand-in answers. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; `body` sends text or bytes as they are; neither sends nothing. */
  readonly json?: unknown;
  readonly body?: string | Buffer;
  /** Whether a signature that the call carried verified; recorded, not sent. */
  readonly signatureValid?: boolean;
}
