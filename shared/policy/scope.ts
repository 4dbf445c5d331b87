/** How a policy names some or all of a kind. */
export type Scope<T> = readonly T[] | '*';

/** True when everything in `inner` is in `outer` too. Only `*` holds `*`. */
export function isScopeWithin<T>(inner: Scope<T>, outer: Scope<T>): boolean {
  return outer === '*' || (inner !== '*' && inner.every((item) => outer.includes(item)));
}

/** True when the scope holds the item; an unknown item is only in `*`. */
export function holds<T>(scope: Scope<T>, item: T | undefined): boolean {
  return scope === '*' || (item !== undefined && scope.includes(item));
}
