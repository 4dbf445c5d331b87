type OptionalKeys<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];

/** `T` with every member that may be undefined as an optional one. */
export type Defined<T> = {
  readonly [K in keyof T as K extends OptionalKeys<T> ? never : K]: T[K];
} & { readonly [K in OptionalKeys<T>]?: Exclude<T[K], undefined> };

/** Leaves out the fields that are undefined, as `exactOptionalPropertyTypes` wants it. */
export function defined<const T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}

/** Leaves out what is undefined, null or an empty text: what says nothing in a foreign or a printed record. */
export function given<T extends object>(fields: T): { readonly [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  ) as { readonly [K in keyof T]?: NonNullable<T[K]> };
}
