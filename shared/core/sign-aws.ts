import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { sha256Hex } from './hmac-sha256.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A POST to the root of a host, before it is signed. Header names are lower case, and no value has blanks around it. */
interface Unsigned {
  readonly host: string;
  readonly service: string;
  readonly region: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Gives all headers of a request, with the signature of the given moment. */
export type SignAws = (request: Unsigned, credentials: AwsCredentials, now: Date) => Readonly<Record<string, string>>;

const hmac = (key: string | KeyObject, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/**
 * Makes what signs requests by AWS Signature Version 4 (docs.aws.amazon.com, "Create a signed AWS API request"). The key of
 * a day is derived once for each service.
 */
export function createSignAws(): SignAws {
  const keys = new Map<string, { readonly secret: string; readonly scope: string; readonly key: KeyObject }>();

  const keyOf = (service: string, secret: string, scope: string): KeyObject => {
    const known = keys.get(service);
    if (known?.secret === secret && known.scope === scope) return known.key;
    const step = (one: string | KeyObject, part: string): KeyObject => createSecretKey(hmac(one, part));
    const key = scope.split('/').reduce<string | KeyObject>(step, `AWS4${secret}`) as KeyObject;
    keys.set(service, { secret, scope, key });
    return key;
  };

  return ({ host, service, region, headers, body }, { accessKeyId, secretAccessKey, sessionToken }, now) => {
    const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
    const token = sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken };
    const signed = { ...headers, host, 'x-amz-date': time, ...token };
    const lines = Object.entries(signed).toSorted(([one], [other]) => (one < other ? -1 : 1));
    const names = lines.map(([name]) => name).join(';');
    const canonical = `POST\n/\n\n${lines.map((line) => `${line.join(':')}\n`).join('')}\n${names}\n${sha256Hex(body)}`;
    const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
    const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256Hex(canonical)}`;
    const signature = hmac(keyOf(service, secretAccessKey, scope), text).toString('hex');
    const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
    return { ...signed, authorization, 'content-length': String(Buffer.byteLength(body)) };
  };
}
