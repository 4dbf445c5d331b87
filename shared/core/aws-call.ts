import { sign } from 'aws4';
import { createPost } from './post.ts';
import { Secret } from './secret.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

interface AwsCallDeps {
  readonly region: string;
  /** Read for each call: Lambda may hand out new ones. */
  readonly credentials: () => AwsCredentials;
  readonly timeoutMs?: number;
}

interface AwsRequest {
  readonly service: 'secretsmanager' | 'sqs';
  /** Where to send it; the service's own regional host when absent. */
  readonly endpoint?: string;
  /** `X-Amz-Target`, such as `AmazonSQS.SendMessage`. */
  readonly target: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** An answer other than 200. `code` is AWS's error name and nothing else of its body. */
export interface AwsRefusal {
  readonly status: number;
  readonly code: string;
}

export type AwsReply =
  | { readonly ok: true; readonly json: Secret }
  | { readonly ok: false; readonly refusal: AwsRefusal };

export type AwsCall = (request: AwsRequest) => Promise<AwsReply>;

/**
 * Makes signed JSON calls to AWS over kept-alive connections without the AWS SDK, whose first call costs the edges four
 * times as much. Rejects when no answer arrives within the time-out. The reply's body is a `Secret`: it may be one.
 */
export function createAwsCall({ region, credentials, timeoutMs = 2000 }: AwsCallDeps): AwsCall {
  const post = createPost(timeoutMs);
  return async ({ service, endpoint, target, json }) => {
    const url = new URL(endpoint ?? `https://${service}.${region}.amazonaws.com/`);
    const version = service === 'sqs' ? '1.0' : '1.1';
    const signed = sign(
      {
        host: url.host,
        path: '/',
        method: 'POST',
        service,
        region,
        headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target },
        body: JSON.stringify(json),
      },
      credentials(),
    );
    const { status, body } = await post(
      new URL('/', url),
      signed.headers as Record<string, string>,
      signed.body as string,
    );
    if (status === 200) return { ok: true, json: new Secret(body) };
    return { ok: false, refusal: { status, code: errorName(body) } };
  };
}

/** Takes the error's name out of AWS's JSON body: `com.amazonaws.x#Name` or `Name:http…`. */
function errorName(body: string): string {
  const found = /"(?:__type|code)"\s*:\s*"(?:[^"#]*#)?([A-Za-z.]{1,80})/.exec(body);
  return found?.[1] ?? 'unknown';
}
