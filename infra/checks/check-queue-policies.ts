import { RIGHTS } from './rights.ts';
import { at, resourcesOf, targetOf, type Template, toShort, type Value } from './template.ts';

const SEND = 'sqs:SendMessage';
const TAKE = 'sqs:ReceiveMessage';
const REMOVE = 'sqs:DeleteMessage';
const EMPTY = 'sqs:PurgeQueue';

/**
 * Holds each queue's own policy against `RIGHTS`: whatever rights others in the account have, sending is denied to all but
 * the functions that may send, and taking to all but the function that takes. A dead-letter queue is read by the
 * function that tells of it, and nobody takes from it but the role that moves dead letters back. To empty one at once, leaks
 * and all, is denied like taking.
 */
export function checkQueuePolicies(template: Template): readonly string[] {
  const dead = new Set(
    resourcesOf(template, 'AWS::SQS::Queue').map(([, { Properties }]) =>
      targetOf(at(Properties, 'RedrivePolicy', 'deadLetterTargetArn')),
    ),
  );
  return resourcesOf(template, 'AWS::SQS::Queue').flatMap(([queue]) => [
    ...(exceptedFrom(template, queue, EMPTY) === undefined
      ? [`${queue}: everybody in the account who has ${EMPTY} may use it`]
      : []),
    ...(dead.has(queue) ? [TAKE, REMOVE] : [SEND, TAKE, REMOVE]).flatMap((action) => {
      const excepted = exceptedFrom(template, queue, action);
      if (excepted === undefined) return [`${queue}: everybody in the account who has ${action} may use it`];
      const wanted = rolesWith(template, queue, action);
      return [
        ...wanted.filter((role) => !excepted.has(role)).map((role) => `${queue}: denies ${action} to ${role}`),
        ...[...excepted]
          .filter((role) => !wanted.includes(role))
          .map((role) => `${queue}: leaves ${action} to ${role}`),
      ];
    }),
  ]);
}

/** The roles of this template whose functions are listed with a right on a queue. */
function rolesWith(template: Template, queue: string, action: string): readonly string[] {
  const names = Object.entries(RIGHTS).filter(([, rights]) =>
    rights.some(({ may, on }) => may.includes(action) && on.includes(`GetAtt:${queue}.Arn`)),
  );
  return names.flatMap(([name]) =>
    resourcesOf(template, 'AWS::Lambda::Function')
      .filter(([, { Properties }]) => toShort(Properties?.['FunctionName'] ?? '').endsWith(`-${name}`))
      .flatMap(([, { Properties }]) => targetOf(Properties?.['Role']) ?? []),
  );
}

/** Whom the queue's policy leaves out of its denial of an action; `undefined` when it denies it to nobody. */
function exceptedFrom(template: Template, queue: string, action: string): ReadonlySet<string> | undefined {
  const statements = resourcesOf(template, 'AWS::SQS::QueuePolicy')
    .filter(([, { Properties }]) => list(Properties?.['Queues']).some((each) => targetOf(each) === queue))
    .flatMap(([, { Properties }]) => list(at(Properties, 'PolicyDocument', 'Statement')));
  const found = statements.find(
    (statement) =>
      at(statement, 'Effect') === 'Deny' &&
      at(statement, 'Principal') === '*' &&
      targetOf(at(statement, 'Resource')) === queue &&
      list(at(statement, 'Action')).includes(action) &&
      at(statement, 'Condition', 'ArnNotEquals', 'aws:PrincipalArn') !== undefined,
  );
  if (found === undefined) return undefined;
  const excepted = list(at(found, 'Condition', 'ArnNotEquals', 'aws:PrincipalArn'));
  return new Set(excepted.flatMap((each) => targetOf(each) ?? []));
}

const list = (value: Value | undefined): readonly Value[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly Value[]) : [value];
