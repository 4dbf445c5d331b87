/** One thing that one function may do, on what, and why it needs it. */
export interface Right {
  readonly may: readonly string[];
  readonly on: readonly string[];
  readonly because: string;
  /** Name and value of the request condition that narrows it; `not` before a pattern that no value may fit. */
  readonly when?: readonly [name: string, value: string];
  /** Why `on` is `*`: AWS offers nothing narrower. */
  readonly everywhere?: string;
}

const arn = (service: string, rest: string): string =>
  `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${rest}`;
const secret = (name: string): string =>
  arn('secretsmanager', `secret:patrol/<stage>/${name.endsWith('*') ? name : `${name}-??????`}`);

const logs = (name: string): Right => ({
  may: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  on: [arn('logs', `log-group:/aws/lambda/patrol-<stage>-${name}:*`)],
  because: 'writes its own log',
});
const traces: Right = {
  may: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  on: ['*'],
  because: 'active tracing',
  everywhere: 'X-Ray has no resources to name in these two calls',
};
const read = (because: string, ...names: readonly string[]): Right => ({
  may: ['secretsmanager:GetSecretValue'],
  on: names.map(secret),
  because,
});
const readTogether: Right = {
  may: ['secretsmanager:BatchGetSecretValue'],
  on: ['*'],
  because: 'reads its secrets in one call when it starts',
  everywhere: 'the call takes no resource; each secret in it needs the right to read that one',
};
const send = (queue: string, because: string): Right => ({
  may: ['sqs:SendMessage'],
  on: [`GetAtt:${queue}.Arn`],
  because,
});
const take = (queue: string): Right => ({
  may: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
  on: [`GetAtt:${queue}.Arn`],
  because: 'takes its jobs, and postpones one that must wait',
});
const table: readonly Right[] = [
  {
    may: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
    on: [arn('dynamodb', 'table/patrol-<stage>'), arn('dynamodb', 'table/patrol-<stage>/index/gsi1')],
    because: 'remembers jobs; keeps cases, approvals and the audit record; never scans',
  },
  {
    may: ['dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
    on: [arn('dynamodb', 'table/patrol-<stage>')],
    when: ['dynamodb:LeadingKeys', 'not audit#*'],
    because: 'goes on with jobs, cases and approvals, and never changes what is on record',
  },
];

/**
 * Every right of every function. The packaged template must give exactly these: `checkRights` compares both ways, so a
 * right that is added to infra/iam.yml without a reason here fails the checks, and so does one that is no longer given.
 */
export const RIGHTS: Readonly<Record<string, readonly Right[]>> = {
  'slack-edge': [
    logs('slack-edge'),
    traces,
    read(
      'verifies Slack with the signing secret, opens modals with the bot token, fingerprints pasted secrets',
      'slack',
      'slack-bot',
      'fingerprint',
    ),
    readTogether,
    send('CommandsQueue', 'hands over what people asked'),
  ],
  'alert-edge': [
    logs('alert-edge'),
    traces,
    read('verifies each source with its own secret, fingerprints leaked ones', 'alerts/*', 'fingerprint'),
    readTogether,
    send('LeaksQueue', 'hands over sealed reports'),
  ],
  'slack-worker': [
    logs('slack-worker'),
    traces,
    read(
      'answers in Slack, compares fingerprints, calls the providers, closes GitHub alerts of a case that a person ends',
      'slack-bot',
      'fingerprint',
      'github',
      'profiles/*',
    ),
    readTogether,
    take('CommandsQueue'),
    send('LeaksQueue', 'hands a pasted leak to the one place that acts on cases'),
    ...table,
  ],
  'alert-worker': [
    logs('alert-worker'),
    traces,
    read(
      'posts cases, compares fingerprints, fetches and closes GitHub alerts, calls the providers',
      'slack-bot',
      'fingerprint',
      'github',
      'profiles/*',
    ),
    readTogether,
    {
      may: ['secretsmanager:ListSecrets'],
      on: ['*'],
      because: 'finds the secrets whose owners marked them for watching',
      everywhere: 'ListSecrets takes no resource; it shows names and tags, no values',
    },
    {
      may: ['secretsmanager:GetSecretValue'],
      on: [arn('secretsmanager', 'secret:*')],
      when: ['secretsmanager:ResourceTag/patrol:watch', 'true'],
      because: 'compares a hash-only alert with watched secrets; only those with the tag',
    },
    take('LeaksQueue'),
    send('LeaksQueue', 'has a leak searched for again later, which could not be searched for'),
    ...table,
    {
      may: ['sns:ConfirmSubscription'],
      on: ['<snsTopics>'],
      because: 'confirms the subscriptions that the policy lists',
    },
  ],
  hygiene: [
    logs('hygiene'),
    traces,
    read(
      "posts the report, lists tokens at the providers, reads GitHub's open alerts",
      'slack-bot',
      'fingerprint',
      'github',
      'profiles/*',
    ),
    readTogether,
    {
      may: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
      on: [arn('dynamodb', 'table/patrol-<stage>'), arn('dynamodb', 'table/patrol-<stage>/index/gsi1')],
      because: 'remembers each firing, so that a second delivery posts nothing; looks for open cases and for dead ones',
    },
    send('LeaksQueue', 'has a leak searched for that could not be searched for, or that never arrived'),
    {
      may: ['sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
      on: ['GetAtt:LeaksDeadQueue.Arn', 'GetAtt:CommandsDeadQueue.Arn'],
      because: 'tells in the security channel what was given up, and ends the words that promise another try of it',
    },
    {
      may: ['dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
      on: [arn('dynamodb', 'table/patrol-<stage>')],
      when: ['dynamodb:LeadingKeys', 'not audit#*'],
      because:
        'holds a card while it is drawn, goes on with a firing that was begun, and never changes what is on record',
    },
  ],
};
