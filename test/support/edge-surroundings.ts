import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startQueues } from '#infra/sandbox/aws/queues.ts';
import { readDeployment, REGION, STAGE } from '#infra/sandbox/lambda/deployment.ts';
import { createHttpApi } from '#infra/sandbox/lambda/http-api.ts';
import { makeSharedSecrets, seedSecrets } from '#infra/sandbox/secrets/seeds.ts';
import { signAlert } from '#infra/sandbox/senders/alert-senders.ts';
import { createCertificate } from '#infra/sandbox/sns/certificate.ts';
import { type SecretsManagerStandIn, startSecretsManager } from '#infra/sandbox/secrets/secrets-manager.ts';
import { signCommand } from '#infra/sandbox/slack/sign.ts';
import { startSlack } from '#infra/sandbox/slack/slack.ts';
import { langsmithKey } from '#test/support/leaks.ts';
import { startTls } from './start-tls.ts';

const CREDENTIALS = { accessKeyId: 'ASIASANDBOXSANDBOX00', secretAccessKey: 'sandbox-secret-access-key' };

/** What an edge finds around itself on Lambda: its environment, and AWS and Slack behind TLS. */
export interface EdgeSurroundings {
  /** The whole environment of the function's process. */
  readonly environment: Readonly<Record<string, string>>;
  /** API Gateway's event, as JSON, of a freshly signed slash command. */
  command(): Promise<string>;
  /** The same of a freshly signed gitleaks report. */
  alert(): Promise<string>;
  readonly secrets: SecretsManagerStandIn;
  /** What Slack signs with. */
  readonly signingSecret: string;
  /** How many jobs were stored so far. */
  stored(): Promise<number>;
  close(): Promise<void>;
}

/** Starts local stand-ins of Secrets Manager, SQS and Slack, each behind TLS as the real ones are. */
export async function startEdgeSurroundings(folder: string): Promise<EdgeSurroundings> {
  const deployment = readDeployment();
  const shared = makeSharedSecrets();
  const [secrets, slack, queues] = await Promise.all([
    startSecretsManager({ credentials: CREDENTIALS }),
    startSlack(),
    startQueues(deployment.queues),
  ]);
  seedSecrets(secrets, { shared, botToken: slack.botToken, profiles: {}, watched: [] });

  const certificate = await createCertificate('localhost');
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, certificate.certificatePem);
  const fronts = await Promise.all([secrets.url, slack.url, queues.url].map((url) => startTls(url, certificate)));
  const [secretsUrl = '', slackUrl = '', queuesUrl = ''] = fronts.map(({ url }) => url);
  const queueUrl = (logicalId: string) => queues.queueUrl(logicalId).replace(queues.url, queuesUrl);

  let event = '';
  const api = createHttpApi(deployment.functions, async (_, given) => {
    event = given;
    return { ok: true, payload: '{}', died: false };
  });
  const eventOf = async (path: string, headers: Readonly<Record<string, string>>, body: string): Promise<string> => {
    await api({
      method: 'POST',
      path,
      query: '',
      rawHeaders: Object.entries(headers).flat(),
      sourceIp: '127.0.0.1',
      body: Buffer.from(body),
    });
    return event;
  };
  return {
    environment: {
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_SESSION_TOKEN: 'sandbox-session-token',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsUrl,
      SECRETS_PREFIX: `patrol/${STAGE}`,
      COMMANDS_QUEUE_URL: queueUrl('CommandsQueue'),
      LEAKS_QUEUE_URL: queueUrl('LeaksQueue'),
      SLACK_API_URL: slack.apiUrl.replace(slack.url, slackUrl),
      NODE_EXTRA_CA_CERTS: caFile,
    },
    command: () => {
      const { headers, body } = signCommand({ signingSecret: shared.signingSecret, userId: 'U0ADMIN0001' }, 'list');
      return eventOf('/slack/events', headers, body);
    },
    alert: () => {
      const others = {
        'github-partner': { keyIdentifier: '', privateKeyPem: '' },
        sns: { topicArn: '', privateKeyPem: '', signingCertUrl: '' },
      };
      const leak = { secret: langsmithKey(), provider: 'langsmith' } as const;
      const { path, headers, body } = signAlert('gitleaks', leak, { ...shared.alerts, ...others });
      return eventOf(path, headers, body);
    },
    secrets,
    signingSecret: shared.signingSecret,
    stored: async () => (await queues.history()).length,
    close: async () => {
      await Promise.all(fronts.map(({ close }) => close()));
      await Promise.all([secrets.close(), slack.close(), queues.close()]);
    },
  };
}
