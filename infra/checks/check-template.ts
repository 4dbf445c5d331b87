import { checkQueuePolicies } from './check-queue-policies.ts';
import {
  at,
  eachText,
  resourcesOf,
  targetOf,
  type Properties,
  type Resource,
  type Template,
  toShort,
  type Value,
} from './template.ts';

const RUNTIME = 'nodejs24.x';
const ARCHITECTURE = 'arm64';
/** AWS asks for at least six times the function's time-out between two deliveries of a job. */
const VISIBILITY_FACTOR = 6;
/** Slack waits 3 s, scanners 10 s. */
const EDGE_TIMEOUT_SECONDS = 10;
const REQUIRED_ALARMS = [
  'leaks-dead',
  'commands-dead',
  'leaks-age',
  'commands-age',
  'worker-errors',
  'edge-5xx',
  'throttles',
  'time-to-revoke',
  'faults',
];

/** What no text of a template may look like. Secrets live in Secrets Manager; the template only names them. */
const SECRET_SHAPES: readonly (readonly [string, RegExp])[] = [
  ['an AWS key', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['a Slack token', /\bxox[a-z]-[\w-]{8,}/],
  ['a LangSmith key', /\blsv2_[a-z]{2}_\w{8,}/],
  ['a JSON web token', /\beyJ[\w-]{10,}\.[\w-]{10,}/],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['a GitHub token', /\bgh[a-z]_\w{20,}|\bgithub_pat_\w{20,}/],
  ['a webhook secret', /\bwhsec_[\w+/=]{16,}/],
  ['a long random text', /^(?=.*[A-Z])(?=.*[a-z])(?=.*\d)[\w+/=]{32,}$/],
  ['a long hexadecimal text', /^[0-9a-fA-F]{32,}$/],
];
/** What only the sandbox sets: an address on this machine in place of a public one, or leave to call one. */
const SANDBOX_NAME = /^(?:ALLOW_LOOPBACK|ISSUER_URLS|AWS_ENDPOINT_URL\w*)$/;
const SECRET_NAME = /SECRET(?!S_PREFIX$)|TOKEN|PASSWORD|PRIVATE|API_?KEY|CREDENTIAL/i;

/** The rules of ours that AWS's specification cannot know. Returns one sentence per problem. */
export function checkTemplate(template: Template): readonly string[] {
  return [
    ...resourcesOf(template, 'AWS::Lambda::Function').flatMap((entry) => checkFunction(template, entry)),
    ...resourcesOf(template, 'AWS::Lambda::EventSourceMapping').flatMap((entry) => checkSource(template, entry)),
    ...checkQueues(template),
    ...checkQueuePolicies(template),
    ...resourcesOf(template, 'AWS::DynamoDB::Table').flatMap(checkTable),
    ...resourcesOf(template, 'AWS::SecretsManager::Secret').flatMap(checkSecret),
    ...resourcesOf(template, 'AWS::Logs::LogGroup').flatMap(([id, { Properties }]) =>
      typeof Properties?.['RetentionInDays'] === 'number' ? [] : [`${id}: keeps its log for ever`],
    ),
    ...resourcesOf(template, 'AWS::ApiGatewayV2::Stage').flatMap((entry) => checkStage(template, entry)),
    ...checkAlarms(template),
    ...checkTexts(template),
  ];
}

function checkFunction(template: Template, [id, { Properties: own = {} }]: [string, Resource]): string[] {
  const timeout = Number(own['Timeout']);
  const isEdge = id.includes('Dashedge');
  const hasGroup = resourcesOf(template, 'AWS::Logs::LogGroup').some(
    ([, group]) =>
      toShort(group.Properties?.['LogGroupName'] ?? '') === `/aws/lambda/${toShort(own['FunctionName'] ?? '')}`,
  );
  const variables = Object.keys((at(own, 'Environment', 'Variables') as Properties | undefined) ?? {});
  return [
    ...(own['Runtime'] === RUNTIME ? [] : [`${id}: runtime is not ${RUNTIME}`]),
    ...(at(own, 'Architectures', 0) === ARCHITECTURE ? [] : [`${id}: architecture is not ${ARCHITECTURE}`]),
    ...(own['MemorySize'] === undefined ? [`${id}: states no memory`] : []),
    ...(Number.isFinite(timeout) ? [] : [`${id}: states no time-out`]),
    ...(isEdge && timeout > EDGE_TIMEOUT_SECONDS ? [`${id}: an edge may take ${EDGE_TIMEOUT_SECONDS} s at most`] : []),
    ...(at(own, 'LoggingConfig', 'LogFormat') === 'JSON' ? [] : [`${id}: does not log as JSON`]),
    ...(hasGroup ? [] : [`${id}: has no log group of this template, so its log would be kept for ever`]),
    ...variables
      .filter((name) => SECRET_NAME.test(name))
      .map((name) => `${id}: environment variable ${name} is named like a secret`),
    ...variables
      .filter((name) => SANDBOX_NAME.test(name))
      .map((name) => `${id}: environment variable ${name} is for the sandbox alone`),
  ];
}

function checkSource(template: Template, [id, { Properties: own = {} }]: [string, Resource]): string[] {
  const queue = template.Resources[targetOf(own['EventSourceArn']) ?? ''];
  const worker = template.Resources[targetOf(own['FunctionName']) ?? ''];
  if (queue === undefined || worker === undefined)
    return [`${id}: joins a queue or a function that is not in the template`];
  const visibility = Number(queue.Properties?.['VisibilityTimeout']);
  const timeout = Number(worker.Properties?.['Timeout']);
  const receives = at(worker.Properties, 'Environment', 'Variables', 'MAX_RECEIVES');
  const maximum = at(queue.Properties, 'RedrivePolicy', 'maxReceiveCount');
  return [
    ...(visibility >= VISIBILITY_FACTOR * timeout
      ? []
      : [`${id}: visibility time-out ${visibility} s is under ${VISIBILITY_FACTOR} × the function's ${timeout} s`]),
    ...(at(own, 'FunctionResponseTypes', 0) === 'ReportBatchItemFailures'
      ? []
      : [`${id}: one failed job would repeat its whole batch`]),
    ...(at(own, 'ScalingConfig', 'MaximumConcurrency') === undefined ? [`${id}: has no maximum concurrency`] : []),
    ...(receives !== undefined && toShort(receives) === toShort(maximum ?? '')
      ? []
      : [`${id}: MAX_RECEIVES is not the queue's maxReceiveCount`]),
  ];
}

function checkQueues(template: Template): string[] {
  const queues = resourcesOf(template, 'AWS::SQS::Queue');
  const targets = new Set(
    queues.map(([, { Properties }]) => targetOf(at(Properties, 'RedrivePolicy', 'deadLetterTargetArn'))),
  );
  const guarded = new Set(
    resourcesOf(template, 'AWS::SQS::QueuePolicy')
      .filter(([, { Properties }]) => JSON.stringify(Properties).includes('"aws:SecureTransport":"false"'))
      .flatMap(([, { Properties }]) => ((Properties?.['Queues'] as readonly Value[] | undefined) ?? []).map(targetOf)),
  );
  return queues.flatMap(([id, { Properties }]) => [
    ...(targets.has(id) || targetOf(at(Properties, 'RedrivePolicy', 'deadLetterTargetArn')) !== undefined
      ? []
      : [`${id}: has no dead-letter queue`]),
    ...(Properties?.['SqsManagedSseEnabled'] === true || Properties?.['KmsMasterKeyId'] !== undefined
      ? []
      : [`${id}: is not encrypted`]),
    ...(guarded.has(id) ? [] : [`${id}: accepts requests without TLS`]),
  ]);
}

const checkKept = (id: string, { DeletionPolicy, UpdateReplacePolicy }: Resource): string[] =>
  DeletionPolicy === 'Retain' && UpdateReplacePolicy === 'Retain' ? [] : [`${id}: would be deleted with the stack`];

function checkTable([id, table]: [string, Resource]): string[] {
  const own = table.Properties;
  return [
    ...checkKept(id, table),
    ...(at(own, 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled') === true
      ? []
      : [`${id}: has no point-in-time recovery`]),
    ...(own?.['DeletionProtectionEnabled'] === true ? [] : [`${id}: is not protected from deletion`]),
    ...(at(own, 'TimeToLiveSpecification', 'AttributeName') === 'ttl' ? [] : [`${id}: does not end items by "ttl"`]),
    ...(own?.['BillingMode'] === 'PAY_PER_REQUEST' ? [] : [`${id}: is not paid per request`]),
  ];
}

function checkSecret([id, secret]: [string, Resource]): string[] {
  return [
    ...checkKept(id, secret),
    ...(secret.Properties?.['SecretString'] === undefined ? [] : [`${id}: has its value in the template`]),
  ];
}

function checkStage(template: Template, [id, { Properties }]: [string, Resource]): string[] {
  const format = at(Properties, 'AccessLogSettings', 'Format');
  const told = typeof format === 'string' ? format : '';
  return [
    ...['ThrottlingRateLimit', 'ThrottlingBurstLimit']
      .filter((limit) => typeof at(Properties, 'DefaultRouteSettings', limit) !== 'number')
      .map((limit) => `${id}: has no ${limit}`),
    ...resourcesOf(template, 'AWS::ApiGatewayV2::Route').flatMap(([, route]) => {
      const key = toShort(route.Properties?.['RouteKey'] ?? '');
      const limit = at(Properties, 'RouteSettings', key, 'ThrottlingRateLimit');
      return typeof limit === 'number' ? [] : [`${id}: ${key} shares the budget of others`];
    }),
    ...(told === '' ? [`${id}: has no access log`] : []),
    ...(/\$context\.(?:path|authorizer|requestOverride|responseOverride)|body|querystring|header/i.test(told)
      ? [`${id}: its access log tells more than route and status`]
      : []),
  ];
}

function checkAlarms(template: Template): string[] {
  const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties ?? {});
  return REQUIRED_ALARMS.flatMap((name) => {
    const alarm = alarms.find((properties) => toShort(properties['AlarmName'] ?? '').endsWith(`-${name}`));
    if (alarm === undefined) return [`there is no alarm ${name}`];
    return targetOf(at(alarm, 'AlarmActions', 0)) === undefined ? [`alarm ${name}: tells nobody`] : [];
  });
}

function checkTexts(template: Template): string[] {
  const problems: string[] = [];
  eachText({ ...template.Resources, Outputs: template.Outputs ?? {} }, 'template', (text, path) => {
    // Names of resources of this template, and of nothing else.
    if (/\.DependsOn\[\d+\]$/.test(path)) return;
    for (const [what, shape] of SECRET_SHAPES) if (shape.test(text)) problems.push(`${path}: looks like ${what}`);
  });
  return problems;
}
