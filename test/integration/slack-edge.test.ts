import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type CommandJob, commandJobSchema } from '#shared/jobs/job.ts';
import { type Queues, startQueues } from '#infra/sandbox/aws/queues.ts';
import { type SecretsManagerStandIn, startSecretsManager } from '#infra/sandbox/secrets/secrets-manager.ts';
import {
  type Sender,
  type SignedRequest,
  signCommand,
  signPress,
  signSlackBody,
  signSubmission,
  signUrlVerification,
} from '#infra/sandbox/slack/sign.ts';
import { type SlackStandIn, startSlack } from '#infra/sandbox/slack/slack.ts';
import { MODAL_PATIENCE_MS } from '#shared/slack/open-modal.ts';
import { dfnsToken, langsmithKey } from '#test/support/leaks.ts';

const signingSecret = 'signing-secret-for-tests-0123456789';
const admin: Sender = { signingSecret, userId: 'U0ADMIN0001', responseUrl: 'https://hooks.slack.com/x' };

interface Answer {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

let secrets: SecretsManagerStandIn;
let queues: Queues;
let slack: SlackStandIn;
let handler: (event: unknown, context: { readonly awsRequestId: string }) => Promise<Answer>;
const printed: string[] = [];

const writeSecret = (secret: string) => secrets.put('patrol/test/slack', JSON.stringify({ signingSecret: secret }));

/** The event that API Gateway's HTTP API makes of a request: a form arrives base64-encoded. */
function eventOf({ headers, body }: SignedRequest): unknown {
  const isForm = headers['content-type']?.includes('form') === true;
  return {
    version: '2.0',
    routeKey: 'POST /slack/events',
    rawPath: '/slack/events',
    rawQueryString: '',
    headers: { ...headers, host: 'example.execute-api.eu-central-1.amazonaws.com' },
    requestContext: { http: { method: 'POST', path: '/slack/events', sourceIp: '127.0.0.1' } },
    body: isForm ? Buffer.from(body).toString('base64') : body,
    isBase64Encoded: isForm,
  };
}
const post = (signed: SignedRequest) => handler(eventOf(signed), { awsRequestId: 'request-1' });

async function queued(): Promise<CommandJob[]> {
  return (await queues.history()).map(({ body }) => commandJobSchema.parse(JSON.parse(body)));
}

beforeAll(async () => {
  [secrets, slack, queues] = await Promise.all([
    startSecretsManager(),
    startSlack(),
    startQueues([{ logicalId: 'Commands', name: 'patrol-test-commands' }]),
  ]);
  writeSecret(signingSecret);
  secrets.put('patrol/test/slack-bot', JSON.stringify({ botToken: slack.botToken }));
  secrets.put('patrol/test/fingerprint', JSON.stringify({ key: 'f'.repeat(32) }));
  Object.assign(process.env, {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    SECRETS_PREFIX: 'patrol/test',
    COMMANDS_QUEUE_URL: queues.queueUrl('Commands'),
    SLACK_API_URL: slack.apiUrl,
  });
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed.push(String(chunk));
    return true;
  });
  ({ handler } = await import('#functions/slack-edge.ts'));
});
afterAll(() => Promise.all([secrets.close(), slack.close(), queues.close()]));
beforeEach(async () => {
  await queues.clear();
  slack.reset();
  for (const one of [secrets, slack]) one.setFault({ mode: 'none' });
  queues.setFault({ mode: 'none' });
  printed.length = 0;
});

describe('slackEdge', () => {
  it('has read its secrets before the first request', () => {
    expect(secrets.calls.length).toBeGreaterThan(0);
  });

  it('answers a command with an empty 200 once it is in the queue', async () => {
    expect(await post(signCommand(admin, 'list --active'))).toEqual({ statusCode: 200, headers: {}, body: '' });
    expect(await queued()).toMatchObject([{ kind: 'command', payload: { text: 'list --active' } }]);
  });

  it('reads bodies that are not base64, and with characters beyond ASCII', async () => {
    await post(signUrlVerification(signingSecret, 'überprüft'));
    const answer = await post(signUrlVerification(signingSecret, 'überprüft'));
    expect(answer).toMatchObject({ statusCode: 200, headers: { 'content-type': 'application/json' } });
    expect(JSON.parse(answer.body)).toEqual({ challenge: 'überprüft' });
    expect(await queued()).toEqual([]);
  });

  it.each<[string, number, () => SignedRequest]>([
    ['no signature', 401, () => ({ headers: { 'content-type': 'application/json' }, body: '{' })],
    ['a wrong signature', 401, () => signCommand({ ...admin, signingSecret: 'another-secret-0123456789' }, 'list')],
    ['an old signature', 401, () => signCommand({ ...admin, at: new Date(Date.now() - 301_000) }, 'list')],
    ['a signature from the future', 401, () => signCommand({ ...admin, at: new Date(Date.now() + 302_000) }, 'list')],
    ['broken JSON, well signed', 400, () => signSlackBody(signingSecret, '{', 'application/json')],
  ])('answers %s with %d, says nothing and queues nothing', async (_, status, make) => {
    expect(await post(make())).toEqual({ statusCode: status, headers: {}, body: '' });
    expect(await queued()).toEqual([]);
  });

  it('refuses an event of another shape without failing', async () => {
    for (const event of [undefined, null, {}, { requestContext: {}, headers: null, body: null }, { Records: [] }]) {
      expect((await handler(event, { awsRequestId: 'x' })).statusCode).toBeGreaterThanOrEqual(400);
    }
    expect(await queued()).toEqual([]);
  });

  it('opens the leak modal within the trigger, and queues its id', async () => {
    const triggerId = slack.issueTrigger(admin.userId);
    await post(signCommand({ ...admin, triggerId }, 'leak'));
    const [view] = slack.views();
    expect(view).toMatchObject({ userId: admin.userId, callbackId: 'patrol:leak' });
    expect(await queued()).toMatchObject([{ payload: { text: 'leak', patrol_view_id: view?.id } }]);
  });

  it.each(['hang', '500', '401', 'html', 'down'] as const)(
    'queues a request whose modal Slack does not open (%s)',
    async (mode) => {
      slack.setFault({ mode });
      const answer = await post(signPress(admin, { ts: '1.1' }, { actionId: 'patrol:modal:case', value: 'x' }));
      expect(answer.statusCode).toBe(200);
      const [job] = await queued();
      expect(job?.kind).toBe('action');
      expect(job?.payload).not.toHaveProperty('patrol_view_id');
      expect(printed.join('')).toContain('"result":"modal_not_opened"');
    },
  );

  it('waits for a modal less than half of the three seconds that Slack waits for us', () => {
    expect(MODAL_PATIENCE_MS).toBeLessThan(1500);
  });

  it('answers 503 while the queue takes nothing, and says so in a modal that is open', async () => {
    queues.setFault({ mode: '500' });
    expect(await post(signCommand(admin, 'list'))).toEqual({ statusCode: 503, headers: {}, body: '' });
    const triggerId = slack.issueTrigger(admin.userId);
    const press = signPress({ ...admin, triggerId }, { ts: '1.1' }, { actionId: 'patrol:modal:case', value: 'x' });
    expect((await post(press)).statusCode).toBe(503);
    expect(JSON.stringify(slack.views())).toContain('NOT accepted');
    expect(await queued()).toEqual([]);
  });

  it('never lets a secret into the queue, its log, its answer or a modal', async () => {
    const pasted = [langsmithKey(), dfnsToken()];
    const view = { id: 'V1', type: 'modal', callback_id: 'patrol:leak', hash: '1.a', private_metadata: '{}' };
    const answers = [
      await post(signSubmission(admin, view, { leak: { secrets: { value: pasted.join('\n') } } })),
      ...(await Promise.all(pasted.map((secret) => post(signCommand(admin, `deactivate ${secret}`))))),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    const jobs = await queued();
    expect(jobs.map(({ sealed }) => sealed.length).toSorted()).toEqual([1, 1, 2]);
    const everything = JSON.stringify([jobs, answers, printed, slack.views(), await queues.history()]);
    for (const secret of pasted) {
      expect(everything).not.toContain(secret);
      expect(everything).not.toContain(secret.slice(20, 44));
    }
  });

  it('logs one line with allow-listed fields only', async () => {
    await post(signCommand(admin, 'deactivate to-abc left in cab'));
    const lines = printed.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as object);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      event: 'slack_queued',
      function: 'slack-edge',
      requestId: 'request-1',
      kind: 'command',
    });
    expect(printed.join('')).not.toMatch(/left in cab|to-abc|hooks\.slack|U0ADMIN/);
  });

  it('accepts a rotated signing secret at once, and the one before', async () => {
    const rotated = 'rotated-signing-secret-0123456789';
    writeSecret(rotated);
    // A refresh is allowed every five seconds. Only the clock is moved, no timer.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5100 });
    onTestFinished(() => void vi.useRealTimers());
    expect((await post(signCommand({ ...admin, signingSecret: rotated }, 'list'))).statusCode).toBe(200);
    expect((await post(signCommand(admin, 'list'))).statusCode).toBe(200);
  });

  it('reads the secret from before a rotation when a signature does not fit, and once however many do not', async () => {
    const rotated = 'rotated-again-signing-secret-0123';
    writeSecret(signingSecret);
    writeSecret(rotated);
    vi.resetModules();
    const before = secrets.calls.length;
    const cold = await import('#functions/slack-edge.ts');
    const send = async (secret: string) =>
      (await cold.handler(eventOf(signCommand({ ...admin, signingSecret: secret }, 'list')))).statusCode;
    expect(await send(rotated)).toBe(200);
    const paths = () => secrets.calls.slice(before).map(({ path }) => path);
    expect(paths()).toEqual(['/BatchGetSecretValue']);
    expect(await send(signingSecret)).toBe(200);
    const forged = await Promise.all(Array.from({ length: 30 }, (_, index) => send(`nobody-has-signed-with-${index}`)));
    expect(new Set(forged)).toEqual(new Set([401]));
    expect(await send(signingSecret)).toBe(200);
    expect(paths()).toEqual(['/BatchGetSecretValue', '/GetSecretValue', '/GetSecretValue']);
    writeSecret(signingSecret);
  });

  it('goes on with known secrets while Secrets Manager is away', async () => {
    secrets.setFault({ mode: 'down' });
    expect((await post(signCommand(admin, 'list'))).statusCode).toBe(200);
  });

  it('answers 503 when it starts without its secrets, and recovers by itself', async () => {
    secrets.setFault({ mode: 'down' });
    vi.resetModules();
    const cold = await import('#functions/slack-edge.ts');
    const event = eventOf(signCommand(admin, 'list'));
    expect(await cold.handler(event)).toEqual({ statusCode: 503, headers: {}, body: '' });
    expect(printed.join('')).toContain('"fault":"secret_unavailable"');
    secrets.setFault({ mode: 'none' });
    expect((await cold.handler(event)).statusCode).toBe(200);
  });

  it('does not start without its environment, and names what is missing', async () => {
    vi.resetModules();
    vi.stubEnv('COMMANDS_QUEUE_URL', 'not a url');
    await expect(import('#functions/slack-edge.ts')).rejects.toThrow('environment: COMMANDS_QUEUE_URL');
    vi.unstubAllEnvs();
  });
});
