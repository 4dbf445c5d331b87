// As in `shared/core/post.ts`: a plain `import` of these costs more.
const { createHash, createHmac, timingSafeEqual } = process.getBuiltinModule('node:crypto');
const tls = process.getBuiltinModule('node:tls');

type Socket = ReturnType<typeof tls.connect>;

interface Request {
  readonly service: 'secretsmanager' | 'sqs';
  readonly target: string;
  readonly url: URL;
  readonly json: Readonly<Record<string, string>>;
}

interface Event {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

const environment = (name: string): string => process.env[name] ?? '';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const secretsUrl = new URL(environment('AWS_ENDPOINT_URL_SECRETS_MANAGER'));
const queueUrl = new URL(environment('COMMANDS_QUEUE_URL'));
const [secrets, queue] = [open(secretsUrl), open(queueUrl)];
const stored = await exchange(secrets, {
  service: 'secretsmanager',
  target: 'secretsmanager.GetSecretValue',
  url: secretsUrl,
  json: { SecretId: `${environment('SECRETS_PREFIX')}/slack` },
});
const { SecretString } = JSON.parse(stored.body) as { readonly SecretString: string };
const { signingSecret } = JSON.parse(SecretString) as { readonly signingSecret: string };

/**
 * The least that acknowledges a command: its signature, one secret and one message in the queue, written by hand on two TLS
 * connections, with no check of what anybody sends. The bench measures how near the edges come to it; nobody deploys it.
 */
export const handler = async (event: Event): Promise<{ readonly statusCode: number }> => {
  const body = event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString() : event.body;
  const ours = `v0=${hmac(signingSecret, `v0:${event.headers['x-slack-request-timestamp']}:${body}`).toString('hex')}`;
  const theirs = event.headers['x-slack-signature'] ?? '';
  if (theirs.length !== ours.length || !timingSafeEqual(Buffer.from(theirs), Buffer.from(ours))) {
    return { statusCode: 401 };
  }
  const { status } = await exchange(queue, {
    service: 'sqs',
    target: 'AmazonSQS.SendMessage',
    url: queueUrl,
    json: { QueueUrl: queueUrl.href, MessageBody: body },
  });
  return { statusCode: status };
};

function open({ hostname, port }: URL): Socket {
  return tls.connect({ host: hostname, port: Number(port), servername: hostname }).setNoDelay(true);
}

/** Sends one request and waits for the whole answer. */
function exchange(socket: Socket, request: Request): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const onData = (chunk: Buffer) => {
      answer += chunk.toString();
      const body = bodyOf(answer);
      if (body === undefined) return;
      socket.off('data', onData);
      resolve({ status: Number(answer.split(' ')[1]), body });
    };
    socket.on('data', onData).once('error', reject).write(sign(request));
  });
}

/** The body of an answer, once all of it has come: its length is told, or it comes in chunks of which the last is empty. */
function bodyOf(answer: string): string | undefined {
  const at = answer.indexOf('\r\n\r\n');
  const [head, body] = [answer.slice(0, at), answer.slice(at + 4)];
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  if (length !== undefined) return Buffer.byteLength(body) < Number(length) ? undefined : body;
  return body.endsWith('\r\n0\r\n\r\n') ? body.replaceAll(/(?:^|\r\n)[0-9a-f]+\r\n(?:\r\n)?/gi, '') : undefined;
}

/** AWS Signature Version 4. */
function sign({ service, target, url, json }: Request): string {
  const body = JSON.stringify(json);
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const headers = {
    'content-type': `application/x-amz-json-1.${service === 'sqs' ? 0 : 1}`,
    host: url.host,
    'x-amz-date': time,
    'x-amz-security-token': environment('AWS_SESSION_TOKEN'),
    'x-amz-target': target,
  };
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const scope = `${time.slice(0, 8)}/${environment('AWS_REGION')}/${service}/aws4_request`;
  const canonical = ['POST', '/', '', lines.join(''), names, sha256(body)].join('\n');
  const key = scope.split('/').reduce(hmac, Buffer.from(`AWS4${environment('AWS_SECRET_ACCESS_KEY')}`));
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')).toString('hex');
  const credential = `${environment('AWS_ACCESS_KEY_ID')}/${scope}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  const head = [...lines, `authorization:${authorization}\n`, `content-length:${Buffer.byteLength(body)}\n`].join('');
  return `POST / HTTP/1.1\r\n${head.replaceAll('\n', '\r\n')}\r\n${body}`;
}
