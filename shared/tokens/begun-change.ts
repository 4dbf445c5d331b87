import type { Mutation, Token, TokenRef } from '#shared/core/vocabulary.ts';
import type { TokenChange } from './warrant.ts';
import type { Services } from './services.ts';

/** The last change of a token that was begun, as whoever changes the token next finds it. */
export interface BegunChange extends TokenChange {
  /** Tells one request from another. */
  readonly by: string;
  readonly verb: Mutation;
  /** ISO 8601. */
  readonly at: string;
  /** As it was before. */
  readonly token: Token;
  readonly isOnRecord?: true;
}

/** As long as a job's own journal. */
const KEPT_SECONDS = 30 * 86_400;

/** Names the request whose change it is, the same on every replay. */
export function begunBy({ requester, requestedAt, verb }: TokenChange['order']): string {
  return JSON.stringify([requestedAt, requester, verb]);
}

/** Writes down what has begun; whoever calls this holds the token alone. */
export async function writeBegun({ store }: Services, begun: BegunChange): Promise<void> {
  await store.notes.put(keyOf(begun.ref), begun, KEPT_SECONDS);
}

/** Reads what was begun last, for whoever holds the token alone. */
export async function readBegun({ store }: Services, ref: TokenRef): Promise<BegunChange | undefined> {
  return store.notes.get<BegunChange>(keyOf(ref));
}

function keyOf({ profile, id }: TokenRef): string {
  return `begun:${profile}:${id}`;
}
