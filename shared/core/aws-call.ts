import { awsDomain } from './aws-domain.ts';
import type { Post } from './post.ts';
import { Secret } from './secret.ts';
import { type AwsCredentials, createSignAws } from './sign-aws.ts';

interface AwsCallDeps {
  readonly region: string;
  /** Read for each call: Lambda may hand out new ones. */
  readonly credentials: () => AwsCredentials;
  readonly now: () => Date;
  /** With a time-out of `AWS_PATIENCE_MS`. */
  readonly post: Post;
}

/** How long a call to AWS may take. */
export const AWS_PATIENCE_MS = 2000;

interface Destination {
  /** The function's own region when absent. */
  readonly region?: string;
  /** Where to send it; the service's own regional host when absent. */
  readonly endpoint?: string;
}

interface JsonRequest extends Destination {
  readonly service: 'secretsmanager' | 'sqs' | 'dynamodb';
  /** `X-Amz-Target`, such as `AmazonSQS.SendMessage`. */
  readonly target: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** For services of AWS's older query protocol; the action is a field of the form, and the answer is XML. */
interface FormRequest extends Destination {
  readonly service: 'sns';
  readonly form: Readonly<Record<string, string>>;
}

type AwsRequest = JsonRequest | FormRequest;

/** An answer other than 200. `code` is AWS's error name and nothing else of its body. */
export interface AwsRefusal {
  readonly status: number;
  readonly code: string;
}

export type AwsReply =
  | { readonly ok: true; readonly body: Secret }
  | { readonly ok: false; readonly refusal: AwsRefusal };

export type AwsCall = (request: AwsRequest) => Promise<AwsReply>;

/**
 * Makes signed calls to AWS over kept-alive connections without the AWS SDK, whose first call costs the edges four
 * times as much. Rejects when no answer arrives within the time-out. The reply's body is a `Secret`: it may be one.
 */
export function createAwsCall(deps: AwsCallDeps): AwsCall {
  const { region: home, credentials, now, post } = deps;
  const sign = createSignAws();
  return async (request) => {
    const { service, endpoint, region = home } = request;
    const url = new URL(endpoint ?? `https://${service}.${region}.${awsDomain(region)}/`);
    const { headers, body: content } = contentOf(request);
    const signed = sign({ host: url.host, service, region, headers, body: content }, credentials(), now());
    const { status, body } = await post(new URL('/', url), signed, content);
    if (status === 200) return { ok: true, body: new Secret(body) };
    return { ok: false, refusal: { status, code: errorName(body) } };
  };
}

function contentOf(request: AwsRequest) {
  if ('form' in request) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { headers, body: new URLSearchParams(request.form).toString() };
  }
  const version = request.service === 'secretsmanager' ? '1.1' : '1.0';
  const headers = { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': request.target };
  return { headers, body: JSON.stringify(request.json) };
}

/** Takes the error's name out of AWS's JSON body: `com.amazonaws.x#Name` or `Name:http…`. */
function errorName(body: string): string {
  const found = /"(?:__type|code)"\s*:\s*"(?:[^"#]*#)?([A-Za-z.]{1,80})/.exec(body);
  return found?.[1] ?? 'unknown';
}
