import type { Mutation, ProviderAnswer, Receipt, Token, TokenRef } from '#shared/core/vocabulary.ts';
import { defined } from '#shared/core/defined.ts';
import { holdAhead, type HeldAhead } from '#shared/store/hold-ahead.ts';
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
  /** What its provider answered that has taken it, and waits for somebody there. */
  readonly pending?: ProviderAnswer;
}

/** What stays known of a change once its end is on record, or that it waits. */
export function onRecord(
  begun: BegunChange,
  { receipt, pending }: { readonly receipt?: Receipt; readonly pending?: ProviderAnswer },
): BegunChange {
  return { ...begun, isOnRecord: true, ...defined({ provedAt: receipt?.confirmedAt, pending }) };
}

/** True for a change whose end is not on record: what a provider has taken is there as that, and may have been done since. */
export function isUnfinished({ isOnRecord, pending, provedAt }: BegunChange): boolean {
  return isOnRecord !== true || (pending !== undefined && provedAt === undefined);
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

/** One token, held before it is known whether it is changed. */
export interface TokenAhead extends Pick<HeldAhead, 'letGo'> {
  readonly ref: TokenRef;
  readonly hold: HeldAhead['hold'];
}

/** Takes a token ahead, where nobody holds it. */
export function holdTokenAhead({ store }: Pick<Services, 'store'>, ref: TokenRef): TokenAhead {
  return { ref, ...holdAhead(store, holdKey(ref)) };
}

/** Does work while holding a token alone, with the change of it that was begun last; as it was taken ahead, where it was. */
export function holdToken<T>(
  { store }: Pick<Services, 'store'>,
  { ref, ahead }: { readonly ref: TokenRef; readonly ahead?: TokenAhead | undefined },
  work: (held: Held, last: BegunChange | undefined) => Promise<T>,
): Promise<T> {
  const key = holdKey(ref);
  const alone = (held: Held) => work(held, held.kept<BegunChange>());
  return ahead !== undefined && holdKey(ahead.ref) === key ? ahead.hold(alone) : store.hold(key, alone);
}
