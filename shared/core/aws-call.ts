import type { Agent } from 'node:http';
import { sign } from 'aws4';
import { Secret } from './secret.ts';

// A plain `import 'node:https'` costs an ES module over 20 ms on Node 24, since its facade loads undici; this does not.
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');

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
  const agents: Record<string, Agent> = {
    'http:': new http.Agent({ keepAlive: true }),
    'https:': new https.Agent({ keepAlive: true }),
  };
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
    const { status, body } = await send(url, signed.headers as Record<string, string>, signed.body as string);
    if (status === 200) return { ok: true, json: new Secret(body) };
    return { ok: false, refusal: { status, code: errorName(body) } };
  };

  function send(url: URL, headers: Record<string, string>, body: string): Promise<{ status: number; body: string }> {
    const secure = url.protocol === 'https:';
    return new Promise((resolve, reject) => {
      const request = (secure ? https : http).request(
        {
          hostname: url.hostname,
          port: url.port === '' ? (secure ? 443 : 80) : url.port,
          path: '/',
          method: 'POST',
          headers,
          agent: agents[url.protocol],
          signal: AbortSignal.timeout(timeoutMs),
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
          });
          response.on('error', reject);
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  }
}

/** Takes the error's name out of AWS's JSON body: `com.amazonaws.x#Name` or `Name:http…`. */
function errorName(body: string): string {
  const found = /"(?:__type|code)"\s*:\s*"(?:[^"#]*#)?([A-Za-z.]{1,80})/.exec(body);
  return found?.[1] ?? 'unknown';
}
