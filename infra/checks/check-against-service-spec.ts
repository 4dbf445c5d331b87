import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { checkReferences } from './check-references.ts';
import { isMapping, type Template, type Value } from './template.ts';

type Database = ReturnType<typeof loadAwsServiceSpecSync>;
type Attribute = { readonly type: Kind; readonly required?: boolean };
type Kind =
  | { readonly type: 'string'; readonly allowedValues?: readonly string[] }
  | { readonly type: 'number' | 'integer' | 'boolean' | 'json' | 'date-time' | 'null' | 'tag' | 'union' }
  | { readonly type: 'array' | 'map'; readonly element: Kind }
  | { readonly type: 'ref'; readonly reference: { readonly $ref: string } };

/** Read once: it is large and never changes. */
let loaded: Database | undefined;

/**
 * Compares a template with AWS's own resource specification: unknown types and properties, missing and wrongly typed
 * ones, references to nothing. Returns one sentence per problem.
 */
export function checkAgainstServiceSpec(template: Template): readonly string[] {
  loaded ??= loadAwsServiceSpecSync();
  const database = loaded;
  const checkObject = createObjectCheck(database);
  const resources = Object.entries(template.Resources).flatMap(([id, resource]) => {
    const [known] = database.lookup('resource', 'cloudFormationType', 'equals', resource.Type);
    if (known === undefined) return [`${id}: unknown type ${resource.Type}`];
    return checkObject(resource.Properties ?? {}, known.properties, id);
  });
  return [...resources, ...checkReferences(database, template)];
}

const isIntrinsic = (value: Value): boolean =>
  isMapping(value) && Object.keys(value).length === 1 && /^(?:Ref|Condition|Fn::.+)$/.test(Object.keys(value)[0] ?? '');

type ObjectCheck = (value: Value, known: Readonly<Record<string, Attribute>>, path: string) => string[];

function createObjectCheck(database: Database): ObjectCheck {
  return checkObject;

  function checkObject(value: Value, known: Readonly<Record<string, Attribute>>, path: string): string[] {
    if (!isMapping(value)) return [`${path}: expected a mapping`];
    const unknown = Object.keys(value).filter((key) => !Object.hasOwn(known, key));
    const missing = Object.keys(known).filter((key) => known[key]?.required === true && !Object.hasOwn(value, key));
    return [
      ...unknown.map((key) => `${path}.${key}: unknown property`),
      ...missing.map((key) => `${path}.${key}: missing`),
      ...Object.entries(value).flatMap(([key, item]) => {
        const kind = known[key]?.type;
        return kind === undefined ? [] : checkValue(item, kind, `${path}.${key}`);
      }),
    ];
  }

  function checkValue(value: Value, kind: Kind, path: string): string[] {
    if (isIntrinsic(value)) return [];
    switch (kind.type) {
      case 'string':
        if (typeof value === 'object') return [`${path}: expected a string`];
        if (kind.allowedValues !== undefined && typeof value === 'string' && !kind.allowedValues.includes(value)) {
          return [`${path}: ${value} is not allowed`];
        }
        return [];
      case 'number':
      case 'integer':
        return typeof value === 'number' || (typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value))
          ? []
          : [`${path}: expected a number`];
      case 'boolean':
        return typeof value === 'boolean' || value === 'true' || value === 'false'
          ? []
          : [`${path}: expected a boolean`];
      case 'array':
        if (!Array.isArray(value)) return [`${path}: expected a list`];
        return (value as readonly Value[]).flatMap((item, index) =>
          checkValue(item, kind.element, `${path}[${index}]`),
        );
      case 'map':
        if (!isMapping(value)) return [`${path}: expected a mapping`];
        return Object.entries(value).flatMap(([key, item]) => checkValue(item, kind.element, `${path}.${key}`));
      case 'ref': {
        const definition = database.get('typeDefinition', kind.reference.$ref);
        return checkObject(value, definition.properties, path);
      }
      default:
        return [];
    }
  }
}
