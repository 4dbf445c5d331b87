import { at, isMapping, type Template, toShort, type Value } from '../../../infra/checks/template.ts';

/** What the stand-in answers for names that only AWS knows. */
export interface Names {
  readonly ref: (logicalId: string) => string;
  readonly attribute: (logicalId: string, attribute: string) => string;
}

/** Evaluates the intrinsics that our outputs and names use, as CloudFormation would. */
export function evaluate(value: Value, names: Names): string {
  const joined = at(value, 'Fn::Join');
  if (Array.isArray(joined)) {
    const [separator, parts] = joined as unknown as readonly [Value, readonly Value[]];
    return parts.map((part) => evaluate(part, names)).join(toShort(separator));
  }
  const sub = at(value, 'Fn::Sub');
  if (typeof sub === 'string') {
    return sub.replaceAll(/\$\{([^!}]+)\}/g, (_, name: string) => {
      const [id = '', ...rest] = name.split('.');
      return rest.length > 0 ? names.attribute(id, rest.join('.')) : names.ref(id);
    });
  }
  const ref = at(value, 'Ref');
  if (typeof ref === 'string') return names.ref(ref);
  const attribute = at(value, 'Fn::GetAtt');
  if (Array.isArray(attribute)) return names.attribute(toShort(attribute[0] as Value), attribute.slice(1).join('.'));
  return toShort(value);
}

/** Evaluates a condition of the template. Throws for a function that it does not know. */
export function isMet(template: Template, condition: Value | undefined): boolean {
  const names: Names = { ref: (id) => id, attribute: (id, attribute) => `${id}.${attribute}` };
  const holds = (value: Value): boolean => {
    const [left, right] = (at(value, 'Fn::Equals') ?? []) as readonly Value[];
    if (left !== undefined && right !== undefined) return evaluate(left, names) === evaluate(right, names);
    const not = at(value, 'Fn::Not', 0);
    if (not !== undefined) return !holds(not);
    throw new Error(`the rehearsal does not know this condition: ${JSON.stringify(value)}`);
  };
  if (condition === undefined) return true;
  const named = typeof condition === 'string' ? template.Conditions?.[condition] : condition;
  if (!isMapping(named)) throw new Error(`no condition ${toShort(condition)}`);
  return holds(named);
}
