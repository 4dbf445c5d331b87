import { AwsLambdaReceiver, App } from '@slack/bolt';
import { signCommand } from '#infra/sandbox/slack/sign.ts';
import { readHttpRequest } from '#shared/core/read-http-request.ts';
import { hmacSha256 } from '#shared/core/hmac-sha256.ts';
import { Secret } from '#shared/core/secret.ts';
import { signJob } from '#shared/jobs/sign-job.ts';
import { toQueueText } from '#shared/jobs/to-queue-text.ts';
import { deriveKey } from '#shared/secrets/derive-key.ts';
import { receiveSlackRequest } from '#shared/slack/receive-slack-request.ts';
import { parseSigningSecrets } from '#shared/slack/slack-secret.ts';

const [, , kind = '', calls = ''] = process.argv;
const signingSecret = 'a-signing-secret-of-the-bench-0123';
const { headers, body } = signCommand({ signingSecret, userId: 'U0ADMIN0001' }, 'list');
const event = {
  version: '2.0',
  rawPath: '/slack/events',
  requestContext: { http: { method: 'POST' } },
  headers,
  body: Buffer.from(body).toString('base64'),
  isBase64Encoded: true,
};

type Call = () => Promise<{ readonly statusCode: number }>;

/** What slack-edge does with a command when its secrets are there, up to the text that it would send to the queue. */
function ours(): Call {
  const key = 'a-fingerprint-key-of-the-bench-0123456789';
  const jobKey = deriveKey(key, 'jobs');
  const stored = { current: new Secret(JSON.stringify({ signingSecret })) };
  const fingerprint = (text: string) => hmacSha256(key, text).toString('hex');
  return async () => {
    const now = new Date();
    const secrets = parseSigningSecrets(stored, now);
    const { job, status } = receiveSlackRequest(readHttpRequest(event).request, secrets, { now, fingerprint });
    if (job === undefined) throw new Error('the command asks for nothing');
    toQueueText(signJob(jobKey, { ...job, requestId: 'r' }));
    return { statusCode: status };
  };
}

/** Bolt as its documentation shows it on Lambda, with an answer to who is asking that costs no call. */
async function bolt(): Promise<Call> {
  const receiver = new AwsLambdaReceiver({ signingSecret });
  const app = new App({
    receiver,
    authorize: () => Promise.resolve({ botToken: 'xoxb-of-the-bench', botId: 'B0BENCH0001', botUserId: 'U0BENCH0001' }),
  });
  app.command('/pat', ({ ack }) => ack());
  const handler = await receiver.start();
  return () => handler(event as never, {});
}

const call = kind === 'ours' ? ours() : await bolt();
const run = async (times: number): Promise<void> => {
  for (let time = 0; time < times; time += 1) {
    const { statusCode } = await call();
    if (statusCode !== 200) throw new Error(`answered ${statusCode}`);
  }
};
await run(2000);
const before = process.cpuUsage();
await run(Number(calls));
const { user, system } = process.cpuUsage(before);
console.log((user + system) / Number(calls));
process.exit(0);
