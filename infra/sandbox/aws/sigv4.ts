import { createHash, createHmac } from 'node:crypto';
import type { Exchange } from '../stand-ins/listener.ts';

export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const FORM =
  /^AWS4-HMAC-SHA256 Credential=([^/\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');
const mac = (key: string | Buffer, content: string) => createHmac('sha256', key).update(content).digest();

/**
 * Says what is wrong with a request's AWS Signature Version 4, or nothing. Without `credentials` only the form is looked
 * at; with them the signature is computed again over the bytes received. The age is not checked: the sandbox shifts clocks.
 */
export function findSignatureProblem(
  exchange: Exchange,
  service: string,
  credentials?: SigningCredentials,
): 'MissingAuthenticationTokenException' | 'IncompleteSignatureException' | 'InvalidSignatureException' | undefined {
  const { authorization, 'x-amz-date': date } = exchange.headers;
  if (authorization === undefined) return 'MissingAuthenticationTokenException';
  const [, accessKeyId, day, region, scopedService, signedHeaders, signature] = FORM.exec(authorization) ?? [];
  if (signature === undefined || typeof date !== 'string' || !/^\d{8}T\d{6}Z$/.test(date))
    return 'IncompleteSignatureException';
  const names = signedHeaders?.split(';') ?? [];
  if (!names.includes('host') || scopedService !== service || day !== date.slice(0, 8))
    return 'InvalidSignatureException';
  if (credentials === undefined) return undefined;
  if (accessKeyId !== credentials.accessKeyId) return 'InvalidSignatureException';
  const headers = names.map(
    (name) =>
      `${name}:${String(exchange.headers[name] ?? '')
        .trim()
        .replace(/ +/g, ' ')}\n`,
  );
  const query = [...exchange.query]
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .sort();
  const request = [
    exchange.method,
    exchange.path,
    query.join('&'),
    headers.join(''),
    signedHeaders,
    sha256(exchange.body),
  ];
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(request.join('\n'))].join('\n');
  const key = [region ?? '', service, 'aws4_request'].reduce(mac, mac(`AWS4${credentials.secretAccessKey}`, day));
  return mac(key, toSign).toString('hex') === signature ? undefined : 'InvalidSignatureException';
}
