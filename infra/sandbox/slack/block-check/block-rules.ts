/** One rule: looks at a value and reports what is wrong with it, at its place. */
export type Rule = (value: unknown, place: string, report: Report) => void;
export type Report = (problem: string, place: string) => void;
type Json = Readonly<Record<string, unknown>>;

/** A field of a shape that may not be missing. */
export interface Required {
  readonly required: Rule;
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Marks a field as one that may not be missing. */
export const required = (rule: Rule): Required => ({ required: rule });

/** Text of `min` to `max` characters, counted as UTF-16 units. */
export const string =
  (max: number, { min = 0, form }: { readonly min?: number; readonly form?: RegExp } = {}): Rule =>
  (value, place, report) => {
    if (typeof value !== 'string') report('must be a string', place);
    else if (value.length > max) report(`must be at most ${max} characters, has ${value.length}`, place);
    else if (value.length < min) report(`must be at least ${min} characters`, place);
    else if (form !== undefined && !form.test(value)) report(`must match ${form.source}`, place);
  };

export const boolean: Rule = (value, place, report) => {
  if (typeof value !== 'boolean') report('must be a boolean', place);
};

/** An integer from `min` to `max`. */
export const integer =
  (min: number, max: number): Rule =>
  (value, place, report) => {
    if (!Number.isInteger(value) || Number(value) < min || Number(value) > max) {
      report(`must be an integer from ${min} to ${max}`, place);
    }
  };

/** One of a closed set of strings. */
export const oneOf =
  (...allowed: readonly string[]): Rule =>
  (value, place, report) => {
    if (typeof value !== 'string' || !allowed.includes(value)) report(`must be one of ${allowed.join(', ')}`, place);
  };

/** A list of `min` to `max` items that each keep `rule`. */
export const list =
  (max: number, rule: Rule, min = 1): Rule =>
  (value, place, report) => {
    if (!Array.isArray(value)) return report('must be an array', place);
    if (value.length > max) report(`must have at most ${max} items, has ${value.length}`, place);
    if (value.length < min) report(`must have at least ${min} items`, place);
    for (const [index, item] of value.entries()) rule(item, `${place}/${index}`, report);
  };

/** An object with these fields and no others. */
export const shape =
  (fields: Readonly<Record<string, Rule | Required>>): Rule =>
  (value, place, report) => {
    if (!isObject(value)) return report('must be an object', place);
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(fields, key)) report(`invalid additional property: ${key}`, place);
    }
    for (const [key, field] of Object.entries(fields)) {
      const rule = typeof field === 'function' ? field : field.required;
      if (value[key] !== undefined) rule(value[key], `${place}/${key}`, report);
      else if (typeof field !== 'function') report(`missing required field: ${key}`, place);
    }
  };

/** All of several rules on the same value. */
export const both =
  (...rules: readonly Rule[]): Rule =>
  (value, place, report) => {
    for (const rule of rules) rule(value, place, report);
  };

/** An object whose `type` picks the shape. */
export const byType =
  (shapes: Readonly<Record<string, Rule>>): Rule =>
  (value, place, report) => {
    const type = isObject(value) ? value['type'] : undefined;
    const rule = typeof type === 'string' && Object.hasOwn(shapes, type) ? shapes[type] : undefined;
    if (rule === undefined) return report(`unsupported type: ${String(type)}`, `${place}/type`);
    rule(value, place, report);
  };

const kind = required(string(50));
const plain = (max: number) => shape({ type: kind, text: required(string(max, { min: 1 })), emoji: boolean });
const mrkdwn = (max: number) => shape({ type: kind, text: required(string(max, { min: 1 })), verbatim: boolean });

/** A text object of 1 to `max` characters, plain only. */
export const plainText = (max: number): Rule => byType({ plain_text: plain(max) });
/** A text object of 1 to `max` characters, plain or with markup. */
export const anyText = (max: number): Rule => byType({ plain_text: plain(max), mrkdwn: mrkdwn(max) });
