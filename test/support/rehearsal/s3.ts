import type { Exchange, Reply } from '../../../infra/sandbox/kit/exchange.ts';
import { toXml } from './xml.ts';

export interface ObjectStore {
  /** By `/bucket/key` or by the key alone. */
  has(path: string): boolean;
  getText(path: string): string | undefined;
  /** Keys without their bucket, with their bytes. */
  all(): ReadonlyMap<string, Buffer>;
}

/** Keeps uploaded objects and answers path-style S3 requests. Every bucket exists. */
export function createObjectStore(): ObjectStore & { handle(exchange: Exchange): Reply } {
  const objects = new Map<string, Buffer>();
  const keyOf = (path: string): string => path.replace(/^\/[^/]+\//, '');
  const find = (path: string): Buffer | undefined => objects.get(path) ?? objects.get(keyOf(path));
  const xml = (body: string): Reply => ({
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0"?>${body}`,
  });

  const list = (exchange: Exchange): Reply => {
    const prefix = exchange.query.get('prefix') ?? '';
    const found = [...objects].filter(([key]) => key.startsWith(prefix));
    const name = exchange.query.has('versions') ? 'ListVersionsResult' : 'ListBucketResult';
    const entry = exchange.query.has('versions') ? 'Version' : 'Contents';
    return xml(
      toXml({
        [name]: {
          IsTruncated: false,
          KeyCount: found.length,
          [entry]: found.map(([Key, bytes]) => ({ Key, Size: bytes.length, VersionId: 'null' })),
        },
      }),
    );
  };
  return {
    has: (path) => find(path) !== undefined,
    getText: (path) => find(path)?.toString('utf8'),
    all: () => objects,
    handle: (exchange) => {
      const path = decodeURIComponent(exchange.path);
      const isBucket = !/^\/[^/]+\/./.test(path);
      const { method, body, headers } = exchange;
      if (method === 'PUT' && !isBucket) {
        objects.set(keyOf(path), unchunk(body, headers['content-encoding'] ?? ''));
        return { status: 200, headers: { etag: '"1"' } };
      }
      if (method === 'POST' && exchange.query.has('delete')) {
        for (const [, key = ''] of body.toString('utf8').matchAll(/<Key>([^<]*)<\/Key>/g)) objects.delete(key);
        return xml('<DeleteResult/>');
      }
      if (method === 'HEAD' || (isBucket && exchange.query.has('location'))) return { status: 200 };
      if (isBucket) return list(exchange);
      const bytes = find(path);
      return bytes === undefined
        ? { status: 404, body: toXml({ Error: { Code: 'NoSuchKey', Message: 'The specified key does not exist.' } }) }
        : { status: 200, body: bytes };
    },
  };
}

/** Takes the AWS chunk framing off a streamed upload. */
function unchunk(body: Buffer, encoding: string): Buffer {
  if (!encoding.includes('aws-chunked')) return body;
  const parts: Buffer[] = [];
  for (let offset = 0; offset < body.length; ) {
    const end = body.indexOf('\r\n', offset);
    const size = Number.parseInt(body.toString('latin1', offset, end), 16);
    if (!(size > 0)) break;
    parts.push(body.subarray(end + 2, end + 2 + size));
    offset = end + 2 + size + 2;
  }
  return Buffer.concat(parts);
}
