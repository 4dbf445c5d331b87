import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { SOURCES_WITH_SECRET } from '#shared/alerts/routes.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { type Examination, fine, odd, wrong } from './examination.ts';

/** Knocks at each entrance without a signature: a working one answers 401 and nothing else happens. */
export async function examineEndpoints(
  outputs: Readonly<Record<string, string>>,
  policy: Policy,
): Promise<readonly Examination[]> {
  const slack = outputs['SlackEventsUrl'];
  const alerts = outputs['AlertsUrl'];
  const doors = [
    ...(slack === undefined ? [] : [['POST /slack/events', slack] as const]),
    ...SOURCES_WITH_SECRET.filter(({ name }) => policy.alerts.sources.includes(name)).flatMap(({ name, routes }) =>
      alerts === undefined ? [] : [[`POST /alerts/${name}`, `${alerts}/${routes[0]?.path ?? name}`] as const],
    ),
  ];
  return Promise.all(doors.map(([what, url]) => knock(what, url)));
}

async function knock(what: string, url: string): Promise<Examination> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(10_000),
    });
    await response.body?.cancel();
    if (response.status === 401) return fine(what, 'answers, and refuses what is not signed');
    if (response.status === 404)
      return wrong(what, 'is switched off in the deployed policy', 'deploy again: the policy here has it on');
    if (response.status === 503) {
      const isAlert = what.includes('/alerts/');
      return (isAlert ? odd : wrong)(what, 'answers 503', 'its secret is not set up, or cannot be read (see above)');
    }
    return wrong(
      what,
      `answers ${response.status} to a request without a signature`,
      'look into the log of the edge function',
    );
  } catch {
    return wrong(what, 'does not answer', 'is the stage deployed in this region? look at the stack’s events');
  }
}

const ADDRESSES = [
  { output: 'GithubApiUrl', variable: 'GITHUB_API_URL', usual: 'https://api.github.com' },
  { output: 'SlackApiUrl', variable: 'SLACK_API_URL', usual: 'https://slack.com/api/' },
] as const;

/** Compares where this shell asks GitHub and Slack with where the deployed functions do. */
export function examineAddresses(
  outputs: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string | undefined>>,
): readonly Examination[] {
  return ADDRESSES.flatMap(({ output, variable, usual }) => {
    const deployed = outputs[output];
    const here = environment[variable] ?? usual;
    if (deployed === undefined) return [];
    return deployed === here
      ? [fine(variable, `the functions ask ${deployed}`)]
      : [
          wrong(
            variable,
            `is ${here} here, and the deployed functions ask ${deployed}`,
            `set ${variable} to what is right and deploy again`,
          ),
        ];
  });
}

/** Counts what waits in the dead-letter queues. */
export async function examineQueues(client: SQSClient, stage: string): Promise<readonly Examination[]> {
  return Promise.all(
    ['commands-dead', 'leaks-dead'].map(async (name) => {
      try {
        const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: `patrol-${stage}-${name}` }));
        const { Attributes } = await client.send(
          new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
        );
        const waiting = Number(Attributes?.['ApproximateNumberOfMessages'] ?? '0');
        if (waiting === 0) return fine(`queue ${name}`, 'is empty');
        return odd(
          `queue ${name}`,
          `${waiting} jobs could not be handled`,
          `docs/deploy.md, "Dead letters": find the cause, then npm run redrive -- --stage ${stage}`,
        );
      } catch (error) {
        return wrong(
          `queue ${name}`,
          `cannot be read (${error instanceof Error ? error.name : 'unknown'})`,
          'is the stage deployed in this region?',
        );
      }
    }),
  );
}
