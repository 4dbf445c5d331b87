import { RIGHTS, type Right } from './rights.ts';
import { at, isMapping, resourcesOf, targetOf, type Template, toShort, type Value } from './template.ts';

interface Expected {
  readonly stage: string;
  readonly snsTopics: readonly string[];
}

/**
 * Holds the template's roles against `RIGHTS`, both ways. Also refuses a wildcard in an action, a bare `*` resource
 * without a stated reason, `NotAction`, `NotResource`, managed policies, and a role that two functions share.
 */
export function checkRights(template: Template, { stage, snsTopics }: Expected): readonly string[] {
  const functions = resourcesOf(template, 'AWS::Lambda::Function').map(([id, { Properties }]) => ({
    id,
    name: toShort(Properties?.['FunctionName'] ?? '').replace(`patrol-${stage}-`, ''),
    role: targetOf(Properties?.['Role']),
  }));
  const roles = functions.map(({ role }) => role);
  return [
    ...functions.flatMap(({ id, name, role }) => {
      if (role === undefined) return [`${id}: has no role of this template`];
      if (roles.filter((other) => other === role).length > 1) return [`${id}: shares ${role} with another function`];
      const listed = RIGHTS[name];
      if (listed === undefined) return [`${id}: infra/checks/rights.ts lists no rights for ${name}`];
      return compare(
        role,
        given(template, role),
        new Set(listed.flatMap((right) => lines(right, { stage, snsTopics }))),
      );
    }),
    ...Object.keys(RIGHTS)
      .filter((name) => !functions.some((found) => found.name === name))
      .map((name) => `infra/checks/rights.ts lists rights for ${name}, which the template does not have`),
    ...resourcesOf(template, 'AWS::IAM::Role').flatMap(([id, role]) =>
      checkRole(id, role.Properties?.['ManagedPolicyArns']),
    ),
    ...statements(template).flatMap(({ owner, statement }) => checkStatement(owner, statement)),
  ];
}

function compare(role: string, found: ReadonlySet<string>, listed: ReadonlySet<string>): string[] {
  return [
    ...[...found]
      .filter((item) => !listed.has(item))
      .map((line) => `${role}: may ${line}, which infra/checks/rights.ts does not list`),
    ...[...listed]
      .filter((item) => !found.has(item))
      .map((line) => `${role}: lacks ${line}, which infra/checks/rights.ts lists`),
  ];
}

const line = (action: string, resource: string, condition?: string): string =>
  `${action} on ${resource}${condition === undefined ? '' : ` when ${condition}`}`;

function lines({ may, on, when }: Right, { stage, snsTopics }: Expected): string[] {
  const resources = on.flatMap((text) => (text === '<snsTopics>' ? snsTopics : [text.replaceAll('<stage>', stage)]));
  return may.flatMap((action) => resources.map((resource) => line(action, resource, when?.join(' = '))));
}

function given(template: Template, role: string): ReadonlySet<string> {
  return new Set(
    statements(template)
      .filter(({ owner, statement }) => owner === role && statement['Effect'] === 'Allow')
      .flatMap(({ statement }) => {
        const conditions = [
          ...Object.entries(at(statement, 'Condition', 'StringEquals') ?? {}).map((pair) => pair.join(' = ')),
          ...Object.entries(at(statement, 'Condition', 'ForAllValues:StringNotLike') ?? {}).map(
            ([name, patterns]) => `${name} = not ${texts(patterns as Value).join(', ')}`,
          ),
        ];
        const condition = conditions.length > 0 ? conditions.join(', ') : undefined;
        return texts(statement['Action']).flatMap((action) =>
          texts(statement['Resource']).map((resource) => line(action, resource, condition)),
        );
      }),
  );
}

/** Every policy statement of every role, those of separate policy resources included. */
function statements(
  template: Template,
): { readonly owner: string; readonly statement: Readonly<Record<string, Value>> }[] {
  const inline = resourcesOf(template, 'AWS::IAM::Role').flatMap(([id, { Properties }]) =>
    list(Properties?.['Policies']).map((policy) => ({ owner: id, document: at(policy, 'PolicyDocument') })),
  );
  const apart = ['AWS::IAM::RolePolicy', 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) =>
    resourcesOf(template, type).flatMap(([, { Properties }]) =>
      [...list(Properties?.['Roles']), ...(Properties?.['RoleName'] === undefined ? [] : [Properties['RoleName']])].map(
        (role) => ({
          owner: targetOf(role) ?? toShort(role),
          document: Properties?.['PolicyDocument'],
        }),
      ),
    ),
  );
  return [...inline, ...apart].flatMap(({ owner, document }) =>
    list(at(document, 'Statement')).flatMap((statement) => (isMapping(statement) ? [{ owner, statement }] : [])),
  );
}

function checkRole(id: string, managed: Value | undefined): string[] {
  return managed === undefined ? [] : [`${id}: has managed policies, whose rights AWS may widen`];
}

function checkStatement(owner: string, statement: Readonly<Record<string, Value>>): string[] {
  const everywhere = new Set(
    Object.values(RIGHTS).flatMap((rights) =>
      rights.flatMap((right) => (right.everywhere === undefined ? [] : right.may)),
    ),
  );
  const actions = texts(statement['Action']);
  return [
    ...actions.filter((action) => action.includes('*')).map((action) => `${owner}: wildcard in action ${action}`),
    ...['NotAction', 'NotResource'].filter((key) => key in statement).map((key) => `${owner}: uses ${key}`),
    ...(texts(statement['Resource']).includes('*')
      ? actions
          .filter((action) => !everywhere.has(action))
          .map((action) => `${owner}: ${action} on every resource, without a reason in infra/checks/rights.ts`)
      : []),
  ];
}

const list = (value: Value | undefined): readonly Value[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly Value[]) : [value];
const texts = (value: Value | undefined): readonly string[] => list(value).map(toShort);
