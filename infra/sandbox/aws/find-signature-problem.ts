import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Exchange } from '../kit/exchange.ts';

export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const FORM =
  /^AWS4-HMAC-SHA256 Credential=([^/\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/** Reads AWS's short form of a moment, `20261126T062559Z`. */
const moment = (date: string) =>
  new Date(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

/** Signs what was received once more, with AWS's own signer and the headers that the sender says it has signed. */
async function signAgain(exchange: Exchange, names: readonly string[], signer: SignatureV4): Promise<string> {
  const { method, path, query, headers, body } = exchange;
  const signed = await signer.sign(
    {
      method,
      protocol: 'https:',
      hostname: String(headers['host']),
      path,
      query: Object.fromEntries(query),
      headers: Object.fromEntries(names.map((name) => [name, String(headers[name] ?? '')])),
      body,
    },
    { signingDate: moment(String(headers['x-amz-date'])), signableHeaders: new Set(names) },
  );
  return signed.headers['authorization'] ?? '';
}

/**
 * Says what is wrong with a request's AWS Signature Version 4, or nothing. Without `credentials` only the form is looked
 * at; with them the signature is computed again over the bytes received. The age is not checked: the sandbox shifts clocks.
 */
export async function findSignatureProblem(
  exchange: Exchange,
  service: string,
  credentials?: SigningCredentials,
): Promise<
  'MissingAuthenticationTokenException' | 'IncompleteSignatureException' | 'InvalidSignatureException' | undefined
> {
  const { authorization, 'x-amz-date': date } = exchange.headers;
  if (authorization === undefined) return 'MissingAuthenticationTokenException';
  const [, accessKeyId, day, region = '', scopedService, signedHeaders = '', signature] =
    FORM.exec(authorization) ?? [];
  if (signature === undefined || typeof date !== 'string' || !/^\d{8}T\d{6}Z$/.test(date))
    return 'IncompleteSignatureException';
  const names = signedHeaders.split(';');
  if (!names.includes('host') || scopedService !== service || day !== date.slice(0, 8))
    return 'InvalidSignatureException';
  if (credentials === undefined) return undefined;
  if (accessKeyId !== credentials.accessKeyId) return 'InvalidSignatureException';
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256, applyChecksum: false });
  const genuine = await signAgain(exchange, names, signer);
  return genuine.endsWith(`Signature=${signature}`) ? undefined : 'InvalidSignatureException';
}
