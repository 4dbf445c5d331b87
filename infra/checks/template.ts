import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A CloudFormation value: text, number, list, mapping, or an intrinsic such as `{ Ref: … }`. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };
export type Properties = Readonly<Record<string, Value>>;

export interface Resource {
  readonly Type: string;
  readonly Properties?: Properties;
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** The template as `osls package` leaves it. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Parameters?: Readonly<Record<string, Value>>;
  readonly Conditions?: Readonly<Record<string, Value>>;
  readonly Outputs?: Readonly<Record<string, Value>>;
}

/** Folder into which `npm run package` writes, and from which `npm run deploy` sends. */
export const PACKAGE_FOLDER = '.build/sls';

/** Reads the packaged template. Throws when nothing has been packaged there. */
export function readTemplate(folder = PACKAGE_FOLDER): Template {
  return JSON.parse(readFileSync(join(folder, 'cloudformation-template-update-stack.json'), 'utf8')) as Template;
}

/** Lists the resources of one type as `[logical id, resource]`. */
export function resourcesOf(template: Template, type: string): [string, Resource][] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}

/** True for a mapping that is no list. */
export function isMapping(value: Value | undefined): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Follows keys into a value; `undefined` where one is absent. */
export function at(value: Value | undefined, ...keys: readonly (string | number)[]): Value | undefined {
  return keys.reduce<Value | undefined>((found, key) => {
    if (Array.isArray(found)) return (found as readonly Value[])[Number(key)];
    return isMapping(found) ? found[key] : undefined;
  }, value);
}

/** Calls `visit` with every text in the value and where it stands. */
export function eachText(value: Value | undefined, path: string, visit: (text: string, path: string) => void): void {
  if (typeof value === 'string') visit(value, path);
  else if (Array.isArray(value))
    (value as readonly Value[]).forEach((item, index) => eachText(item, `${path}[${index}]`, visit));
  else if (isMapping(value)) for (const [key, item] of Object.entries(value)) eachText(item, `${path}.${key}`, visit);
}

/** The logical id that `{ Ref }` or `{ Fn::GetAtt }` points to. */
export function targetOf(value: Value | undefined): string | undefined {
  const ref = at(value, 'Ref');
  if (typeof ref === 'string') return ref;
  const attribute = at(value, 'Fn::GetAtt');
  if (typeof attribute === 'string') return attribute.split('.')[0];
  const first = at(attribute, 0);
  return typeof first === 'string' ? first : undefined;
}

/** A short form of a value for a message or a comparison: `GetAtt:Queue.Arn`, `Ref:Queue`, the text of a `Fn::Sub`. */
export function toShort(value: Value): string {
  if (typeof value === 'string') return value;
  const sub = at(value, 'Fn::Sub');
  if (typeof sub === 'string') return sub;
  const ref = at(value, 'Ref');
  if (typeof ref === 'string') return `Ref:${ref}`;
  const attribute = at(value, 'Fn::GetAtt');
  if (Array.isArray(attribute)) return `GetAtt:${attribute.join('.')}`;
  return JSON.stringify(value);
}
