import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkRights } from '#infra/checks/check-rights.ts';
import { checkTemplate } from '#infra/checks/check-template.ts';
import { checkZips } from '#infra/checks/check-zips.ts';
import { checkDeployment, report } from '#infra/checks/check-deployment.ts';
import { checkAgainstServiceSpec } from '#infra/checks/check-against-service-spec.ts';
import { at, type Template } from '#infra/checks/template.ts';
import { createRoutes } from '#shared/alerts/routes.ts';
import { loadPolicy } from '#infra/policy.ts';
import { actionsOfScripts, allowing, readDeployerPolicy } from '#test/support/deployer-rights.ts';
import { packageProject } from '#test/support/packaged.ts';

type Packaged = Awaited<ReturnType<typeof packageProject>>;
const policy = loadPolicy();
const expected = { stage: 'dev', snsTopics: policy.alerts.snsTopics };
let packaged: Packaged;

beforeAll(async () => {
  packaged = await packageProject();
}, 60_000);
afterAll(() => {
  rmSync(packaged.folder, { recursive: true, force: true });
});

/** The template with one resource changed; the original stays as it is. */
function withChange(id: string, change: (resource: any) => void): Template {
  const copy = structuredClone(packaged.template);
  change(copy.Resources[id]);
  return copy;
}
const statements = (role: any) => role.Properties.Policies[0].PolicyDocument.Statement;

describe('the packaged template', () => {
  it('passes every check', async () => {
    const lines: string[] = [];
    const { template, dist, functions } = packaged;
    const findings = await checkDeployment({ template, stage: 'dev', policy, dist, functions });
    expect(
      report(findings, (line) => lines.push(line)),
      lines.join('\n'),
    ).toBe(true);
    expect(findings).toHaveLength(6);
  });

  it('has a route, and with it a budget, for each way in of each source, and one for strangers', () => {
    const routes = Object.values(packaged.template.Resources)
      .filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Route')
      .map(({ Properties }) => Properties?.['RouteKey']);
    const nobody = () => Promise.reject(new Error('nobody is asked'));
    const ways = createRoutes({ partnerKeys: nobody, snsTopics: [], fetchCertificate: nobody });
    const strangers = ['GET /alerts/{source}/{proxy+}', 'POST /alerts/{source}', 'POST /alerts/{source}/{proxy+}'];
    const own = [...new Set(ways.map(({ method, path }) => `${method} /alerts/${path}`))];
    expect(routes.toSorted()).toEqual([...own, ...strangers, 'POST /slack/events'].toSorted());
    const { Properties } = packaged.template.Resources['HttpApiStage']!;
    const limit = (route: string) => at(Properties, 'RouteSettings', route, 'ThrottlingRateLimit');
    for (const route of own) expect(limit(route), route).toBeGreaterThanOrEqual(20);
    for (const route of strangers) expect(limit(route), route).toBe(5);
  });

  it('takes nothing but its stage from the machine it is packaged on', () => {
    expect(JSON.stringify(packaged.template)).not.toMatch(/\/home\/|\/tmp\/|\/root\/|localhost|127\.0\.0\.1/);
  });
});

describe('a planted fault is found:', () => {
  const inRole = (change: (list: any[]) => void) =>
    checkRights(
      withChange('SlackEdgeRole', (role) => change(statements(role))),
      expected,
    );

  it.each([
    ['wildcard action', (list: any[]) => (list[0].Action = ['logs:*']), 'wildcard in action logs:*'],
    ['every resource', (list: any[]) => (list[2].Resource = '*'), 'on every resource, without a reason'],
    [
      'one action more',
      (list: any[]) => (list[3].Action = ['sqs:SendMessage', 'sqs:PurgeQueue']),
      'may sqs:PurgeQueue on GetAtt:CommandsQueue.Arn',
    ],
    [
      'another stage’s secrets',
      (list: any[]) =>
        (list[2].Resource = list[2].Resource.map(
          () => 'arn:aws:secretsmanager:eu-central-1:1:secret:patrol/prod/slack-??????',
        )),
      'patrol/prod/slack',
    ],
    [
      'one right less',
      (list: any[]) =>
        list.splice(
          list.findIndex(({ Action }) => [Action].flat().includes('sqs:SendMessage')),
          1,
        ),
      'lacks sqs:SendMessage',
    ],
    ['NotAction', (list: any[]) => (list[0].NotAction = ['iam:PassRole']), 'uses NotAction'],
  ])('rights: %s', (_, change, words) => {
    expect(inRole(change).join('\n')).toContain(words);
  });

  it('rights: a record that could be changed', () => {
    const template = withChange('SlackWorkerRole', (role) => {
      for (const statement of statements(role)) delete statement.Condition;
    });
    expect(checkRights(template, expected).join('\n')).toContain('may dynamodb:UpdateItem on');
  });

  it('rights: a watched secret without its tag condition', () => {
    const template = withChange('AlertWorkerRole', (role) => {
      for (const statement of statements(role)) delete statement.Condition;
    });
    expect(checkRights(template, expected).join('\n')).toContain('may secretsmanager:GetSecretValue on');
  });

  it('rights: two functions with one role', () => {
    const template = withChange(
      'HygieneLambdaFunction',
      (hygiene) => (hygiene.Properties.Role = { 'Fn::GetAtt': ['SlackWorkerRole', 'Arn'] }),
    );
    expect(checkRights(template, expected).join('\n')).toContain('shares SlackWorkerRole');
  });

  it('rights: a managed policy, and a policy in a resource of its own', () => {
    const managed = withChange(
      'HygieneRole',
      (role) => (role.Properties.ManagedPolicyArns = ['arn:aws:iam::aws:policy/AdministratorAccess']),
    );
    expect(checkRights(managed, expected).join('\n')).toContain('managed policies');
    const apart = withChange('ConfirmTopicsPolicy', (own) => (own.Properties.RoleName = { Ref: 'SlackEdgeRole' }));
    expect(checkRights(apart, expected).join('\n')).toContain('SlackEdgeRole: may sns:ConfirmSubscription');
  });

  it.each([
    [
      'a queue without a dead-letter queue',
      'LeaksQueue',
      (own: any) => delete own.Properties.RedrivePolicy,
      'LeaksQueue: has no dead-letter queue',
    ],
    [
      'a queue that everybody in the account may send to',
      'CommandsQueuePolicy',
      (own: any) => own.Properties.PolicyDocument.Statement.splice(1, 1),
      'CommandsQueue: everybody in the account who has sqs:SendMessage may use it',
    ],
    [
      'a queue that another function may send to',
      'CommandsQueuePolicy',
      (own: any) =>
        own.Properties.PolicyDocument.Statement[1].Condition.ArnNotEquals['aws:PrincipalArn'].push({
          'Fn::GetAtt': ['AlertEdgeRole', 'Arn'],
        }),
      'CommandsQueue: leaves sqs:SendMessage to AlertEdgeRole',
    ],
    [
      'a queue whose leaks anybody may throw away at once',
      'LeaksQueuePolicy',
      (own: any) => own.Properties.PolicyDocument.Statement[2].Action.pop(),
      'LeaksQueue: everybody in the account who has sqs:PurgeQueue may use it',
    ],
    [
      'dead letters that anybody may read',
      'LeaksDeadQueuePolicy',
      (own: any) => own.Properties.PolicyDocument.Statement.splice(1, 1),
      'LeaksDeadQueue: everybody in the account who has sqs:ReceiveMessage may use it',
    ],
    [
      'a queue that is not encrypted',
      'LeaksDeadQueue',
      (own: any) => delete own.Properties.SqsManagedSseEnabled,
      'LeaksDeadQueue: is not encrypted',
    ],
    [
      'a short visibility time-out',
      'CommandsQueue',
      (own: any) => (own.Properties.VisibilityTimeout = 719),
      'visibility time-out 719 s is under 6 × the function',
    ],
    [
      'MAX_RECEIVES that is not the queue’s',
      'CommandsQueue',
      (own: any) => (own.Properties.RedrivePolicy.maxReceiveCount = 3),
      'MAX_RECEIVES',
    ],
    [
      'a batch without item failures',
      'AlertDashworkerEventSourceMappingSQSLeaksQueue',
      (own: any) => delete own.Properties.FunctionResponseTypes,
      'would repeat its whole batch',
    ],
    [
      'an old runtime',
      'HygieneLambdaFunction',
      (own: any) => (own.Properties.Runtime = 'nodejs20.x'),
      'runtime is not nodejs24.x',
    ],
    [
      'another processor',
      'HygieneLambdaFunction',
      (own: any) => (own.Properties.Architectures = ['x86_64']),
      'architecture is not arm64',
    ],
    [
      'an edge that may take long',
      'SlackDashedgeLambdaFunction',
      (own: any) => (own.Properties.Timeout = 29),
      'an edge may take 10 s at most',
    ],
    [
      'a secret in the environment',
      'SlackDashedgeLambdaFunction',
      (own: any) => (own.Properties.Environment.Variables.X = 'xoxb-2345678901-abcdefghij'),
      'looks like a Slack token',
    ],
    [
      'leave to call an address on the function’s own machine',
      'SlackDashworkerLambdaFunction',
      (own: any) => (own.Properties.Environment.Variables.ALLOW_LOOPBACK = 'yes'),
      'ALLOW_LOOPBACK is for the sandbox alone',
    ],
    [
      'a route that shares its budget',
      'HttpApiStage',
      (own: any) => delete own.Properties.RouteSettings['POST /slack/events'],
      'POST /slack/events shares the budget of others',
    ],
    [
      'a variable named like a secret',
      'SlackDashedgeLambdaFunction',
      (own: any) => (own.Properties.Environment.Variables.SLACK_TOKEN = 'x'),
      'SLACK_TOKEN is named like a secret',
    ],
    [
      'a key in the environment',
      'HygieneLambdaFunction',
      (own: any) => (own.Properties.Environment.Variables.X = 'q8Zt3Yw7Rk1Lm5Vb9Nc2Xd6Ps4Hj0GfAa'),
      'a long random text',
    ],
    [
      'a log kept for ever',
      'HygieneLogGroup',
      (own: any) => delete own.Properties.RetentionInDays,
      'keeps its log for ever',
    ],
    [
      'a table deleted with the stack',
      'StateTable',
      (own: any) => delete own.DeletionPolicy,
      'would be deleted with the stack',
    ],
    [
      'a table without a way back in time',
      'StateTable',
      (own: any) => delete own.Properties.PointInTimeRecoverySpecification,
      'no point-in-time recovery',
    ],
    [
      'a secret with its value',
      'SlackSecret',
      (own: any) => (own.Properties.SecretString = 'x'),
      'has its value in the template',
    ],
    [
      'no throttling',
      'HttpApiStage',
      (own: any) => delete own.Properties.DefaultRouteSettings,
      'has no ThrottlingRateLimit',
    ],
    [
      'bodies in the access log',
      'HttpApiStage',
      (own: any) => (own.Properties.AccessLogSettings.Format = '$context.requestId $input.body'),
      'tells more than route and status',
    ],
    ['a mute alarm', 'LeaksDeadAlarm', (own: any) => delete own.Properties.AlarmActions, 'tells nobody'],
  ])('%s', (_, id, change, words) => {
    expect(checkTemplate(withChange(id, change)).join('\n')).toContain(words);
  });

  it.each([
    [
      'an unknown property',
      'LeaksQueue',
      (own: any) => (own.Properties.VisibiltyTimeout = 1),
      'LeaksQueue.VisibiltyTimeout: unknown property',
    ],
    [
      'a missing property',
      'AlarmTopicPolicy',
      (own: any) => delete own.Properties.Topics,
      'AlarmTopicPolicy.Topics: missing',
    ],
    [
      'a wrong type',
      'StateTable',
      (own: any) => (own.Properties.TimeToLiveSpecification = 'ttl'),
      'StateTable.TimeToLiveSpecification: expected a mapping',
    ],
    [
      'an unknown resource type',
      'LeaksQueue',
      (own: any) => (own.Type = 'AWS::SQS::Quue'),
      'unknown type AWS::SQS::Quue',
    ],
    [
      'a reference to nothing',
      'AlarmTopicPolicy',
      (own: any) => (own.Properties.Topics = [{ Ref: 'Nobody' }]),
      'nothing is called Nobody',
    ],
    [
      'an attribute that is not there',
      'LeaksDeadAlarm',
      (own: any) => (own.Properties.Dimensions[0].Value = { 'Fn::GetAtt': ['LeaksQueue', 'Nmae'] }),
      'LeaksQueue has no attribute Nmae',
    ],
    [
      'a name inside a text',
      'Dashboard',
      (own: any) =>
        (own.Properties.DashboardBody = { 'Fn::Sub': '${Nobody} ${AWS::Region} ${LeaksQueue.Nmae} ${!Literal}' }),
      'nothing is called Nobody',
    ],
    [
      'a condition that is not there',
      'StateTable',
      (own: any) => (own.Condition = 'Nope'),
      'no condition is called Nope',
    ],
  ])('%s', (_, id, change, words) => {
    expect(checkAgainstServiceSpec(withChange(id, change)).join('\n')).toContain(words);
  });
});

describe('faulty sources, and zips of them', () => {
  const handlers = {
    'slack-edge':
      'export const handler = (event: unknown, context: unknown, callback: (error: null, body: unknown) => void) => callback(null, { event, context });\n',
    'alert-edge': 'export const handler = 3;\n',
    hygiene:
      "if (process.env['TABLE_NAME'] !== 'patrol-dev') throw new Error('no table');\nexport const handler = async () => { throw new Error(String(process.env['NOTHING'])); };\n",
    'slack-worker':
      "if (process.env['NOT_GIVEN'] === undefined) throw new RangeError('NOT_GIVEN is missing');\nexport const handler = async () => 1;\n",
  };
  /** Each of the sources' faults at once: packaging takes seconds. */
  const edits: Readonly<Record<string, (text: string) => string>> = {
    'infra/iam.yml': (text) => text.replace('Action: sqs:SendMessage', "Action: 'sqs:*'"),
    'infra/queues.yml': (text) => text.replace(/\n {6}RedrivePolicy: .*LeaksDead.*/, ''),
    'infra/functions.yml': (text) =>
      text.replace("MAX_RECEIVES: '100'", "MAX_RECEIVES: '100'\n    SLACK_BOT_TOKEN: xoxb-0000000000-planted"),
  };
  let faulty: Packaged;
  beforeAll(async () => {
    faulty = await packageProject({ handlers, edit: (file, text) => edits[file]?.(text) ?? text });
  }, 60_000);
  afterAll(() => {
    rmSync(faulty.folder, { recursive: true, force: true });
  });

  it('with a handler of three arguments, without a handler, or that do not start with the template’s variables, are refused', async () => {
    const problems = await checkZips(faulty.template, (name) => join(faulty.dist, `${name}.zip`));
    expect(problems).toEqual([
      'slack-edge: the handler takes 3 arguments; with a third one Lambda waits for a callback',
      'alert-edge: the handler index.handler is not exported',
      'slack-worker: the handler index.handler does not start: RangeError: NOT_GIVEN is missing',
    ]);
  });

  it('that are not there are reported', async () => {
    expect((await checkZips(faulty.template, (name) => join(faulty.dist, `no-${name}.zip`)))[0]).toContain(
      'is not there',
    );
  });

  it('make the checks fail, with every fault of their sources in words', async () => {
    const { template, dist, functions } = faulty;
    const lines: string[] = [];
    const findings = await checkDeployment({ template, stage: 'dev', policy, dist, functions });
    expect(report(findings, (line) => lines.push(line))).toBe(false);
    for (const words of [
      'wildcard in action sqs:*',
      'LeaksQueue: has no dead-letter queue',
      'slack-edge: the handler takes 3 arguments',
      'looks like a Slack token',
    ]) {
      expect(lines.join('\n')).toContain(words);
    }
  });
});

describe('the rights of who deploys, in docs/deploy.md,', () => {
  const deployer = readDeployerPolicy();
  const named = (service: string, rest: string) => `arn:aws:${service}:eu-central-1:111122223333:${rest}`;
  const role = 'arn:aws:iam::111122223333:role/patrol-dev-SlackEdgeRole-1A2B3C';
  const bucket = 'arn:aws:s3:::patrol-dev-serverlessdeploymentbucket-1a2b3c';
  const api = 'arn:aws:apigateway:eu-central-1::/apis/a1b2c3/routes';
  const secret = named('secretsmanager', 'secret:patrol/dev/slack-AbCdEf');
  /** What CloudFormation does, with the rights of who calls it, to make and to remove a resource of each type; and on what. */
  const NEEDED: Readonly<Record<string, readonly [arn: string, ...actions: readonly string[]]>> = {
    'AWS::S3::Bucket': [
      bucket,
      's3:CreateBucket',
      's3:PutEncryptionConfiguration',
      's3:DeleteBucket',
      's3:GetBucketLocation',
    ],
    'AWS::S3::BucketPolicy': [bucket, 's3:PutBucketPolicy', 's3:DeleteBucketPolicy'],
    'AWS::Logs::LogGroup': [
      named('logs', 'log-group:/aws/lambda/patrol-dev-hygiene'),
      'logs:CreateLogGroup',
      'logs:PutRetentionPolicy',
      'logs:DeleteLogGroup',
    ],
    'AWS::Logs::MetricFilter': [
      named('logs', 'log-group:/aws/lambda/patrol-dev-hygiene'),
      'logs:PutMetricFilter',
      'logs:DeleteMetricFilter',
      'logs:DescribeMetricFilters',
    ],
    'AWS::Lambda::Function': [
      named('lambda', 'function:patrol-dev-hygiene'),
      'lambda:CreateFunction',
      'lambda:PutFunctionConcurrency',
      'lambda:TagResource',
      'lambda:DeleteFunction',
    ],
    'AWS::Lambda::EventInvokeConfig': [
      named('lambda', 'function:patrol-dev-hygiene'),
      'lambda:PutFunctionEventInvokeConfig',
      'lambda:DeleteFunctionEventInvokeConfig',
    ],
    'AWS::Lambda::Permission': [
      named('lambda', 'function:patrol-dev-hygiene'),
      'lambda:AddPermission',
      'lambda:RemovePermission',
    ],
    'AWS::Lambda::EventSourceMapping': [
      '*',
      'lambda:CreateEventSourceMapping',
      'lambda:GetEventSourceMapping',
      'lambda:DeleteEventSourceMapping',
    ],
    'AWS::Events::Rule': [
      named('events', 'rule/patrol-dev-HygieneEventsRuleSchedule1-1A2B'),
      'events:PutRule',
      'events:PutTargets',
      'events:RemoveTargets',
      'events:DeleteRule',
    ],
    'AWS::ApiGatewayV2::Api': ['arn:aws:apigateway:eu-central-1::/apis', 'apigateway:POST', 'apigateway:TagResource'],
    'AWS::ApiGatewayV2::Stage': [api, 'apigateway:POST', 'apigateway:PATCH', 'apigateway:DELETE'],
    'AWS::ApiGatewayV2::Integration': [api, 'apigateway:POST', 'apigateway:DELETE'],
    'AWS::ApiGatewayV2::Route': [api, 'apigateway:POST', 'apigateway:DELETE', 'apigateway:GET'],
    'AWS::SQS::Queue': [named('sqs', 'patrol-dev-leaks'), 'sqs:CreateQueue', 'sqs:TagQueue', 'sqs:DeleteQueue'],
    'AWS::SQS::QueuePolicy': [named('sqs', 'patrol-dev-leaks'), 'sqs:SetQueueAttributes'],
    'AWS::DynamoDB::Table': [
      named('dynamodb', 'table/patrol-dev'),
      'dynamodb:CreateTable',
      'dynamodb:UpdateContinuousBackups',
      'dynamodb:UpdateTimeToLive',
      'dynamodb:DeleteTable',
    ],
    'AWS::SecretsManager::Secret': [
      secret,
      'secretsmanager:CreateSecret',
      'secretsmanager:TagResource',
      'secretsmanager:DeleteSecret',
    ],
    'AWS::IAM::Role': [
      role,
      'iam:CreateRole',
      'iam:PutRolePolicy',
      'iam:DeleteRolePolicy',
      'iam:DeleteRole',
      'iam:PassRole',
    ],
    'AWS::IAM::RolePolicy': [role, 'iam:PutRolePolicy', 'iam:GetRolePolicy', 'iam:DeleteRolePolicy'],
    'AWS::SNS::Topic': [
      named('sns', 'patrol-dev-alarms'),
      'sns:CreateTopic',
      'sns:GetTopicAttributes',
      'sns:DeleteTopic',
    ],
    'AWS::SNS::TopicPolicy': [named('sns', 'patrol-dev-alarms'), 'sns:SetTopicAttributes'],
    'AWS::SNS::Subscription': [named('sns', 'patrol-dev-alarms'), 'sns:Subscribe', 'sns:Unsubscribe'],
    'AWS::CloudWatch::Alarm': [
      named('cloudwatch', 'alarm:patrol-dev-leaks-dead'),
      'cloudwatch:PutMetricAlarm',
      'cloudwatch:DeleteAlarms',
    ],
    'AWS::CloudWatch::Dashboard': [
      'arn:aws:cloudwatch::111122223333:dashboard/patrol-dev',
      'cloudwatch:PutDashboard',
      'cloudwatch:DeleteDashboards',
    ],
  };

  it('are enough for every resource of the template, and name no type that it has not', () => {
    const types = new Set(Object.values(packaged.template.Resources).map(({ Type }) => Type));
    expect(Object.keys(NEEDED).toSorted()).toEqual([...types].toSorted());
    for (const [type, [arn, ...actions]] of Object.entries(NEEDED))
      for (const action of actions) expect(allowing(deployer, action, arn), `${type} ${action}`).not.toEqual([]);
  });

  it('reach every name that the template gives', () => {
    const lists: readonly (readonly [type: string, field: string, action: string, arn: (name: string) => string])[] = [
      ['AWS::Lambda::Function', 'FunctionName', 'lambda:CreateFunction', (name) => named('lambda', `function:${name}`)],
      ['AWS::SQS::Queue', 'QueueName', 'sqs:CreateQueue', (name) => named('sqs', name)],
      ['AWS::DynamoDB::Table', 'TableName', 'dynamodb:CreateTable', (name) => named('dynamodb', `table/${name}`)],
      [
        'AWS::SecretsManager::Secret',
        'Name',
        'secretsmanager:CreateSecret',
        (name) => named('secretsmanager', `secret:${name}-AbCdEf`),
      ],
      ['AWS::Logs::LogGroup', 'LogGroupName', 'logs:CreateLogGroup', (name) => named('logs', `log-group:${name}`)],
      ['AWS::SNS::Topic', 'TopicName', 'sns:CreateTopic', (name) => named('sns', name)],
      [
        'AWS::CloudWatch::Alarm',
        'AlarmName',
        'cloudwatch:PutMetricAlarm',
        (name) => named('cloudwatch', `alarm:${name}`),
      ],
    ];
    for (const [type, field, action, toArn] of lists) {
      const names = Object.values(packaged.template.Resources).flatMap(({ Type, Properties }) =>
        Type === type && typeof Properties?.[field] === 'string' ? [Properties[field]] : [],
      );
      expect(names.length, type).toBeGreaterThan(0);
      for (const name of names) expect(allowing(deployer, action, toArn(name)), name).not.toEqual([]);
    }
  });

  it('are enough for what the scripts call by themselves', () => {
    const own: Readonly<Record<string, string>> = {
      cloudformation: named('cloudformation', 'stack/patrol-dev/1a2b'),
      dynamodb: named('dynamodb', 'table/patrol-dev'),
      lambda: named('lambda', 'function:patrol-dev-hygiene'),
      logs: named('logs', 'log-group:/aws/lambda/patrol-dev-hygiene'),
      secretsmanager: secret,
      sqs: named('sqs', 'patrol-dev-leaks-dead'),
      sts: '*',
    };
    const actions = actionsOfScripts();
    expect(actions.length).toBeGreaterThan(12);
    for (const action of actions)
      expect(allowing(deployer, action, own[action.split(':')[0] ?? ''] ?? ''), action).not.toEqual([]);
  });

  it('reach nothing of another stage, and make no role for anything but functions', () => {
    for (const arn of [
      named('sqs', 'patrol-prod-leaks'),
      named('lambda', 'function:other'),
      named('dynamodb', 'table/patrol-prod'),
    ])
      expect(allowing(deployer, `${arn.split(':')[2]}:Delete`, arn)).toEqual([]);
    expect(allowing(deployer, 'iam:PutRolePolicy', 'arn:aws:iam::111122223333:role/admin')).toEqual([]);
    const passing = deployer.Statement.filter(({ Action }) => Action.includes('iam:PassRole'));
    expect(passing.map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
    ]);
  });
});
