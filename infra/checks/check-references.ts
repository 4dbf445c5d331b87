import type { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { isMapping, type Template, type Value } from './template.ts';

type Database = ReturnType<typeof loadAwsServiceSpecSync>;

/** Finds references to resources, attributes and conditions that the template does not have. */
export function checkReferences(database: Database, template: Template): string[] {
  const ids = new Set([...Object.keys(template.Resources), ...Object.keys(template.Parameters ?? {})]);
  const problems: string[] = [];
  const checkAttribute = (id: string, attribute: string, path: string): void => {
    const resource = template.Resources[id];
    if (resource === undefined) {
      problems.push(`${path}: nothing is called ${id}`);
      return;
    }
    const [known] = database.lookup('resource', 'cloudFormationType', 'equals', resource.Type);
    if (known !== undefined && !Object.hasOwn(known.attributes, attribute))
      problems.push(`${path}: ${id} has no attribute ${attribute}`);
  };
  const walk = (value: Value, path: string): void => {
    if (Array.isArray(value)) (value as readonly Value[]).forEach((item, index) => walk(item, `${path}[${index}]`));
    if (!isMapping(value)) return;
    const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Sub': sub, 'Fn::If': choice } = value;
    if (typeof ref === 'string' && !ref.startsWith('AWS::') && !ids.has(ref))
      problems.push(`${path}: nothing is called ${ref}`);
    if (typeof attribute === 'string')
      checkAttribute(attribute.split('.')[0] ?? '', attribute.split('.').slice(1).join('.'), path);
    if (Array.isArray(attribute)) checkAttribute(String(attribute[0]), attribute.slice(1).join('.'), path);
    if (typeof sub === 'string') {
      for (const [, name = ''] of sub.matchAll(/\$\{([^!}][^}]*)\}/g)) {
        const [id = '', ...rest] = name.split('.');
        if (rest.length > 0) checkAttribute(id, rest.join('.'), path);
        else if (!id.startsWith('AWS::') && !ids.has(id)) problems.push(`${path}: nothing is called ${id}`);
      }
    }
    if (Array.isArray(choice) && !Object.hasOwn(template.Conditions ?? {}, String(choice[0]))) {
      problems.push(`${path}: no condition is called ${String(choice[0])}`);
    }
    for (const [key, item] of Object.entries(value)) walk(item, `${path}.${key}`);
  };
  for (const [id, resource] of Object.entries(template.Resources)) {
    walk(resource.Properties ?? {}, id);
    if (resource.Condition !== undefined && !Object.hasOwn(template.Conditions ?? {}, resource.Condition)) {
      problems.push(`${id}: no condition is called ${resource.Condition}`);
    }
  }
  for (const [name, output] of Object.entries(template.Outputs ?? {})) walk(output, `Outputs.${name}`);
  return problems;
}
