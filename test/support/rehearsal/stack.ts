import { isMapping, type Resource, type Template, toShort } from '../../../infra/checks/template.ts';
import { evaluate, isMet, type Names } from './evaluate.ts';

interface OwnedResource {
  readonly type: string;
  readonly physicalId: string;
  readonly kept: boolean;
}

/** A stack as CloudFormation keeps it. */
export interface Stack {
  readonly name: string;
  status: string;
  resources: ReadonlyMap<string, OwnedResource>;
  outputs: Readonly<Record<string, string>>;
  /** Why the last change failed. */
  reason: string | undefined;
}

/** The property that gives a resource a name which must be new in the account. */
const NAME_PROPERTY: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::SecretsManager::Secret': 'Name',
  'AWS::SQS::Queue': 'QueueName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::SNS::Topic': 'TopicName',
};

interface ApplyOptions {
  readonly names: Names;
  /** Named things that exist in the account outside any stack, as `type name`. */
  readonly outside: ReadonlySet<string>;
}

const physicalId = (id: string, { Type, Properties }: Resource, names: Names): string => {
  const given = Properties?.[NAME_PROPERTY[Type] ?? ''];
  return given === undefined ? names.ref(id) : evaluate(given, names);
};

/**
 * Makes the stack what the template says. A named resource that exists outside the stack makes the whole change fail and
 * roll back, as on AWS. Returns what the change brought into being.
 */
export function applyTemplate(
  stack: Stack,
  template: Template,
  { names, outside }: ApplyOptions,
): ReadonlyMap<string, OwnedResource> {
  const wanted = new Map(
    Object.entries(template.Resources)
      .filter(([, { Condition }]) => isMet(template, Condition))
      .map(([id, resource]): [string, OwnedResource] => [
        id,
        {
          type: resource.Type,
          physicalId: physicalId(id, resource, names),
          kept: resource.DeletionPolicy === 'Retain',
        },
      ]),
  );
  const fresh = new Map([...wanted].filter(([id]) => !stack.resources.has(id)));
  const clash = [...fresh.values()].find(({ type, physicalId: name }) => outside.has(`${type} ${name}`));
  if (clash !== undefined) {
    stack.status = 'UPDATE_ROLLBACK_COMPLETE';
    stack.reason = `${clash.physicalId} already exists`;
    return new Map();
  }
  stack.resources = wanted;
  stack.status = stack.outputs['ServerlessDeploymentBucketName'] === undefined ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE';
  stack.reason = undefined;
  stack.outputs = Object.fromEntries(
    Object.entries(template.Outputs ?? {}).flatMap(([name, output]) =>
      isMapping(output) && output['Value'] !== undefined ? [[name, evaluate(output['Value'], names)]] : [],
    ),
  );
  return fresh;
}

/** Lists the keys of the zips that the template's functions are made of. */
export function codeKeys(template: Template): readonly string[] {
  return Object.values(template.Resources).flatMap(({ Type, Properties }) => {
    const code = Type === 'AWS::Lambda::Function' ? Properties?.['Code'] : undefined;
    return isMapping(code) ? [toShort(code['S3Key'] ?? '')] : [];
  });
}
