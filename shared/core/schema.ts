/** One place that does not fit: the names on the way to it, and nothing of the value. */
interface Misfit {
  readonly path: PropertyKey[];
}

type Misfits = Misfit[];

/** What a value came to: itself, cut down to what the schema names, or where it does not fit. Zod's has the same form. */
export type Parsed<T> =
  | { readonly success: true; readonly data: T }
  | {
      readonly success: false;
      readonly data?: undefined;
      readonly error: { readonly issues: readonly Misfit[] };
    };

/** What a value must be. It gives a new value of only what is named, and throws for none. */
export interface Schema<out T> {
  /** Adds to `misfits` whatever does not fit; then what it gives is worth nothing. */
  read(value: unknown, misfits: Misfits): T;
  safeParse(value: unknown): Parsed<T>;
}

/** The type of what a schema gives. */
export type Infer<S> = S extends Schema<infer T> ? T : never;

type Fields = Readonly<Record<string, Schema<unknown>>>;
type OptionalNames<F extends Fields> = { [K in keyof F]: undefined extends Infer<F[K]> ? K : never }[keyof F];
type Shape<F extends Fields> = { [K in Exclude<keyof F, OptionalNames<F>>]: Infer<F[K]> } & {
  [K in OptionalNames<F>]?: Infer<F[K]>;
};

function schemaOf<T>(read: Schema<T>['read']): Schema<T> {
  return {
    read,
    safeParse: (value) => {
      const misfits: Misfits = [];
      const data = read(value, misfits);
      return misfits.length === 0 ? { success: true, data } : { success: false, error: { issues: misfits } };
    },
  };
}

function misfit(misfits: Misfits): never {
  misfits.push({ path: [] });
  return undefined as never;
}

/** Reads what stands inside under a name, which then stands in the path of all that does not fit there. */
function within<T>({ read }: Schema<T>, value: unknown, at: { name: string | number; misfits: Misfits }): T {
  const before = at.misfits.length;
  const data = read(value, at.misfits);
  for (let next = before; next < at.misfits.length; next += 1) at.misfits[next]?.path.unshift(at.name);
  return data;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const only = <T>(fits: (value: unknown) => value is T): Schema<T> =>
  schemaOf((value, misfits) => (fits(value) ? value : misfit(misfits)));

/** An object of anything, as it came and not copied: whoever reads it must take none of its names for its own. */
export const anyRecord = only(isRecord);

/** Anything, as it is. */
export const unknown: Schema<unknown> = schemaOf((value) => value);

/** Nothing at all. */
export const absent = only((value) => value === undefined);

export const boolean = only((value) => typeof value === 'boolean');

/** A finite number: JSON can write others as `1e999`. */
export const number = only((value): value is number => Number.isFinite(value));

export const string = only((value) => typeof value === 'string');

/** Takes only what also passes the test. */
export function refine<T>(schema: Schema<T>, passes: (value: T) => boolean): Schema<T> {
  return schemaOf((value, misfits) => {
    const before = misfits.length;
    const data = schema.read(value, misfits);
    return misfits.length > before || passes(data) ? data : misfit(misfits);
  });
}

/** Gives something else in place of what fits. */
export function map<T, R>(schema: Schema<T>, change: (value: T) => R): Schema<R> {
  return schemaOf((value, misfits) => {
    const before = misfits.length;
    const data = schema.read(value, misfits);
    return misfits.length > before ? (undefined as never) : change(data);
  });
}

/** A text without the blanks around it. */
export const trimmed = map(string, (text) => text.trim());

/** An absolute address, without what every reader of addresses leaves out. */
export const url = refine(
  map(trimmed, (text) => text.replaceAll(/[\t\n\r]/g, '')),
  (text) => URL.canParse(text),
);

/** A text in which the expression finds something. */
export const matching = (expression: RegExp): Schema<string> => refine(string, (text) => expression.test(text));

const charactersIn = (text: string): number => Array.from(text).length;

/** A text of so many characters at least; a character of two units is one. */
export const atLeast = (least: number, schema = string): Schema<string> =>
  refine(schema, (text) => text.length >= least && charactersIn(text) >= least);

/** A text of so many characters at most. */
export const atMost = (most: number): Schema<string> =>
  refine(string, (text) => text.length <= most || charactersIn(text) <= most);

/** One of the given values. */
export const literal = <const V extends readonly (string | boolean)[]>(...values: V): Schema<V[number]> =>
  only((value): value is V[number] => (values as readonly unknown[]).includes(value));

export const optional = <T>({ read }: Schema<T>): Schema<T | undefined> =>
  schemaOf((value, misfits) => (value === undefined ? undefined : read(value, misfits)));

export const nullish = <T>({ read }: Schema<T>): Schema<T | null | undefined> =>
  schemaOf((value, misfits) => (value === undefined || value === null ? value : read(value, misfits)));

/** Takes `instead` where nothing is given. */
export const withDefault = <T>({ read }: Schema<T>, instead: T): Schema<T> =>
  schemaOf((value, misfits) => (value === undefined ? instead : read(value, misfits)));

/** An optional part: one of another form is treated as absent, so that it cannot hide the rest. */
export function lenient<T>(schema: Schema<T>): Schema<T | null | undefined> {
  const { read } = nullish(schema);
  return schemaOf((value) => {
    const misfits: Misfits = [];
    const data = read(value, misfits);
    return misfits.length === 0 ? data : undefined;
  });
}

/** A list of such values, of so many at least and at most. */
export function array<T>(of: Schema<T>, { least = 0, most = Number.POSITIVE_INFINITY } = {}): Schema<T[]> {
  return schemaOf((value, misfits) => {
    if (!Array.isArray(value)) return misfit(misfits);
    const items = Array.from(value, (item: unknown, name) => within(of, item, { name, misfits }));
    return items.length >= least && items.length <= most ? items : misfit(misfits);
  });
}

/** An object of such values, whatever their names. */
export function record<T>(of: Schema<T>): Schema<Record<string, T>> {
  return schemaOf((value, misfits) => {
    if (!isRecord(value)) return misfit(misfits);
    const entries = Object.entries(value).filter(([name]) => name !== '__proto__');
    return Object.fromEntries(entries.map(([name, inner]) => [name, within(of, inner, { name, misfits })]));
  });
}

/** An object of these members; all others are left out. */
export function object<F extends Fields>(fields: F): Schema<{ [K in keyof Shape<F>]: Shape<F>[K] }> {
  const named = Object.entries(fields);
  return schemaOf((value, misfits) => {
    if (!isRecord(value)) return misfit(misfits);
    const data: Record<string, unknown> = {};
    for (const [name, schema] of named) {
      const inner = within(schema, value[name], { name, misfits });
      if (inner !== undefined) data[name] = inner;
    }
    return data as Shape<F>;
  });
}

/** The first of these forms that fits. */
export function either<S extends readonly Schema<unknown>[]>(...schemas: S): Schema<Infer<S[number]>> {
  return schemaOf((value, misfits) => {
    for (const schema of schemas) {
      const parsed = schema.safeParse(value);
      if (parsed.success) return parsed.data as Infer<S[number]>;
    }
    return misfit(misfits);
  });
}
