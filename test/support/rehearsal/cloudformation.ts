import type { Template } from '../../../infra/checks/template.ts';
import type { Names } from './evaluate.ts';
import type { ObjectStore } from './s3.ts';
import { applyTemplate, codeKeys, type Stack } from './stack.ts';
import type { Xml } from './xml.ts';

/** A refusal in CloudFormation's own words. */
export class Refusal extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface CloudFormationDeps {
  readonly objects: ObjectStore;
  readonly names: Names;
  readonly accountId: string;
  readonly region: string;
  /** Called for each resource that a change brought into being or removed. */
  readonly onChange: (change: 'created' | 'deleted' | 'kept', type: string, name: string) => void;
  readonly outside: () => ReadonlySet<string>;
  readonly now: () => Date;
}

/** Keeps stacks and answers the calls that `osls` and our own scripts make. */
export function createCloudFormation({
  objects,
  names,
  accountId,
  region,
  onChange,
  outside,
  now,
}: CloudFormationDeps) {
  const stacks = new Map<string, Stack>();
  const idOf = (name: string): string => `arn:aws:cloudformation:${region}:${accountId}:stack/${name}/1`;
  const find = (form: URLSearchParams): Stack => {
    const wanted = form.get('StackName') ?? '';
    const stack = stacks.get(wanted) ?? [...stacks.values()].find(({ name }) => idOf(name) === wanted);
    if (stack === undefined) throw new Refusal('ValidationError', `Stack with id ${wanted} does not exist`);
    return stack;
  };
  const readTemplate = (form: URLSearchParams): Template => {
    const url = form.get('TemplateURL');
    const text = url === null ? form.get('TemplateBody') : objects.getText(decodeURIComponent(new URL(url).pathname));
    if (text === null || text === undefined)
      throw new Refusal('ValidationError', 'S3 error: The specified key does not exist.');
    return JSON.parse(text) as Template;
  };
  const change = (stack: Stack, template: Template): Xml => {
    const missing = codeKeys(template).find((key) => !objects.has(key));
    if (missing !== undefined) {
      stack.status = 'UPDATE_ROLLBACK_COMPLETE';
      stack.reason = `Error occurred while GetObject. S3 Error Code: NoSuchKey (${missing})`;
      return { StackId: idOf(stack.name) };
    }
    const fresh = applyTemplate(stack, template, { names, outside: outside() });
    for (const { type, physicalId } of fresh.values()) onChange('created', type, physicalId);
    return { StackId: idOf(stack.name) };
  };
  const event = (stack: Stack): Xml => ({
    StackId: idOf(stack.name),
    EventId: `${stack.status}-${now().getTime()}`,
    StackName: stack.name,
    LogicalResourceId: stack.name,
    PhysicalResourceId: idOf(stack.name),
    ResourceType: 'AWS::CloudFormation::Stack',
    // A poller asks only for what happened after its own request.
    Timestamp: new Date(now().getTime() + 1000).toISOString(),
    ResourceStatus: stack.status,
    ResourceStatusReason: stack.reason,
  });
  const actions: Readonly<Record<string, (form: URLSearchParams) => Xml>> = {
    DescribeStacks: (form) => ({ Stacks: { member: [describe(find(form))] } }),
    CreateStack: (form) => {
      const name = form.get('StackName') ?? '';
      const stack: Stack = { name, status: 'CREATE_COMPLETE', resources: new Map(), outputs: {}, reason: undefined };
      stacks.set(name, stack);
      return change(stack, readTemplate(form));
    },
    UpdateStack: (form) => change(find(form), readTemplate(form)),
    ValidateTemplate: (form) => {
      readTemplate(form);
      return { Capabilities: { member: ['CAPABILITY_NAMED_IAM'] } };
    },
    DescribeStackEvents: (form) => ({ StackEvents: { member: [event(find(form))] } }),
    DescribeStackResource: (form) => {
      const stack = find(form);
      const id = form.get('LogicalResourceId') ?? '';
      const owned = stack.resources.get(id);
      if (owned === undefined)
        throw new Refusal('ValidationError', `Resource ${id} does not exist for stack ${stack.name}`);
      return { StackResourceDetail: toResource(stack, id, owned) };
    },
    ListStackResources: (form) => {
      const stack = find(form);
      return {
        StackResourceSummaries: { member: [...stack.resources].map(([id, owned]) => toResource(stack, id, owned)) },
      };
    },
    DeleteStack: (form) => {
      const stack = find(form);
      for (const { type, physicalId, kept } of stack.resources.values())
        onChange(kept ? 'kept' : 'deleted', type, physicalId);
      stack.status = 'DELETE_COMPLETE';
      // Its last event can still be read by its id, once.
      stacks.delete(stack.name);
      stacks.set(idOf(stack.name), stack);
      return {};
    },
  };
  const describe = ({ name, status, outputs }: Stack): Xml => ({
    StackId: idOf(name),
    StackName: name,
    StackStatus: status,
    CreationTime: now().toISOString(),
    Outputs: { member: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })) },
  });
  const toResource = (stack: Stack, id: string, owned: { type: string; physicalId: string }): Xml => ({
    StackName: stack.name,
    LogicalResourceId: id,
    PhysicalResourceId: owned.physicalId,
    ResourceType: owned.type,
    ResourceStatus: 'CREATE_COMPLETE',
    LastUpdatedTimestamp: now().toISOString(),
  });
  return {
    call: (action: string, form: URLSearchParams): Xml => {
      const run = actions[action];
      if (run === undefined) throw new Refusal('InvalidAction', `Could not find operation ${action}`);
      return run(form);
    },
    owns: (type: string, name: string): boolean =>
      [...stacks.values()].some(({ resources }) =>
        [...resources.values()].some((owned) => owned.type === type && owned.physicalId === name),
      ),
    stack: (name: string): Stack | undefined => stacks.get(name),
  };
}
