import type { Mutation, Receipt, Token, TokenRef } from '#shared/core/vocabulary.ts';
import type { Held } from '#shared/store/store.ts';
import type { TokenChange } from './warrant.ts';
import type { Services } from './services.ts';

/** The last change of a token that was begun, kept with the token's hold, as whoever changes the token next finds it. */
export interface BegunChange extends TokenChange {
  /** Tells one request from another. */
  readonly by: string;
  readonly verb: Mutation;
  /** ISO 8601. */
  readonly at: string;
  /** As it was before. */
  readonly token: Token;
  /** Once its end is on record; not while nobody could tell what came of it. */
  readonly isOnRecord?: true;
  /** ISO 8601: when its end was proved. The proof of whoever comes next is later, whatever their clock says. */
  readonly provedAt?: string;
}

/** What stays known of a change once its end is on record. */
export function onRecord(begun: BegunChange, { receipt }: { readonly receipt?: Receipt }): BegunChange {
  return { ...begun, isOnRecord: true, ...(receipt && { provedAt: receipt.confirmedAt }) };
}

function holdKey({ profile, id }: TokenRef): string {
  return `token:${profile}:${id}`;
}

/** Reads the change of a token that was begun last, whoever holds it. */
export function lastBegun({ store }: Pick<Services, 'store'>, ref: TokenRef): Promise<BegunChange | undefined> {
  return store.kept<BegunChange>(holdKey(ref));
}

/** Names the request whose change it is, the same on every replay. */
export function begunBy({ requester, requestedAt, request, verb }: TokenChange['order']): string {
  return JSON.stringify([requestedAt, requester, verb, request]);
}

/** Does work while holding a token alone, with the change of it that was begun last. */
export function holdToken<T>(
  { store }: Pick<Services, 'store'>,
  ref: TokenRef,
  work: (held: Held, last: BegunChange | undefined) => Promise<T>,
): Promise<T> {
  return store.hold(holdKey(ref), (held) => work(held, held.kept<BegunChange>()));
}
