import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * The request that is being worked on, by its id: whatever is logged, recorded or queued meanwhile carries it. It is kept here
 * at the rim and handed in as a function, as the clock is.
 */
const following = new AsyncLocalStorage<string | undefined>();

/** Does some work as a part of a request; `undefined` where it belongs to none. */
export function follow<T>(requestId: string | undefined, work: () => T): T {
  return following.run(requestId, work);
}

/** The id of the request that is being worked on; `undefined` outside of one. */
export function requestId(): string | undefined {
  return following.getStore();
}
