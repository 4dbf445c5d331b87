import type { Actor, TokenRef } from '#shared/core/vocabulary.ts';
import { holdAhead, type HeldAhead } from '#shared/store/hold-ahead.ts';
import type { Store, Write } from '#shared/store/store.ts';
import type { Services } from './services.ts';

/** A token of which somebody has ordered a change without anybody else's agreement, and when (milliseconds). */
interface Recent {
  readonly ref: string;
  readonly at: number;
}

type Counting = Pick<Services, 'store' | 'policy' | 'now'>;

const keyOf = ({ userId }: Actor): string => `recent:${userId}`;
const refOf = ({ profile, id }: TokenRef): string => `${profile}:${id}`;

/** How many other tokens a person has ordered changes of alone lately: they count as one request with these. */
export async function countOthers(counting: Counting, who: Actor, tokens: readonly TokenRef[]): Promise<number> {
  const own = new Set(tokens.map(refOf));
  const known = stillRecent(counting, await counting.store.kept<readonly Recent[]>(keyOf(who)));
  return known.filter(({ ref }) => !own.has(ref)).length;
}

interface Ordering {
  readonly who: Actor;
  readonly tokens: readonly TokenRef[];
  /** Who counts this person's orders alone, as it was taken ahead; see `countAhead`. */
  readonly held?: HeldAhead | undefined;
}

/** Takes ahead what is held while a person's orders are counted. */
export function countAhead(store: Pick<Store, 'hold'>, who: Actor, waiting: () => Promise<void>): HeldAhead {
  return holdAhead(store, keyOf(who), waiting);
}

/**
 * Asks, with these tokens counted together with those of the person's last orders, whether others have to agree;
 * where nobody has to, they are counted from now on. One at a time for each person, so that no two requests overlook one
 * another; the same tokens again, on a replay or an undo, count once.
 */
export function countTogether<T>(
  counting: Counting,
  ordering: Ordering,
  ask: (others: number) => T | undefined,
): Promise<T | undefined> {
  return countAndBegin(counting, ordering, { ask, begin: async () => undefined });
}

/** What an order asks of the count, and what is begun where nobody has to agree. */
interface Beginning<T, B> {
  readonly ask: (others: number) => T | undefined;
  readonly begin: (counted: () => readonly Write[]) => Promise<B>;
}

/**
 * The same; where nobody has to agree it begins what was ordered. That its tokens are counted is written together with the
 * first note of that, where it takes these writes along, and when it has ended otherwise.
 */
export function countAndBegin<T, B>(
  counting: Counting,
  { who, tokens, held: ahead }: Ordering,
  { ask, begin }: Beginning<T, B>,
): Promise<T | B> {
  const { store, now } = counting;
  const hold: HeldAhead['hold'] = (work) => (ahead === undefined ? store.hold(keyOf(who), work) : ahead.hold(work));
  return hold(async (held) => {
    const known = stillRecent(counting, held.kept<readonly Recent[]>());
    const refs = new Set(tokens.map(refOf));
    const others = known.filter(({ ref }) => !refs.has(ref));
    const asked = ask(others.length);
    if (asked !== undefined) return asked;
    const at = now().getTime();
    const recent: readonly Recent[] = [...others, ...[...refs].map((ref) => ({ ref, at }))];
    held.keep(recent);
    return begin(held.givingBack);
  });
}

function stillRecent({ policy, now }: Counting, known: readonly Recent[] = []): readonly Recent[] {
  const since = now().getTime() - policy.limits.bulkMinutes * 60_000;
  return known.filter(({ at }) => at > since);
}
