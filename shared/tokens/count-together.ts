import type { Actor, TokenRef } from '#shared/core/vocabulary.ts';
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

/**
 * Asks, with these tokens counted together with those of the person's last orders, whether others have to agree;
 * where nobody has to, they are counted from now on. One at a time for each person, so that no two requests overlook one
 * another; the same tokens again, on a replay or an undo, count once.
 */
export async function countTogether<T>(
  counting: Counting,
  { who, tokens }: { readonly who: Actor; readonly tokens: readonly TokenRef[] },
  ask: (others: number) => T | undefined,
): Promise<T | undefined> {
  const { store, now } = counting;
  return store.hold(keyOf(who), async (held) => {
    const known = stillRecent(counting, held.kept<readonly Recent[]>());
    const refs = new Set(tokens.map(refOf));
    const others = known.filter(({ ref }) => !refs.has(ref));
    const asked = ask(others.length);
    if (asked === undefined) {
      const at = now().getTime();
      const recent: readonly Recent[] = [...others, ...[...refs].map((ref) => ({ ref, at }))];
      held.keep(recent);
    }
    return asked;
  });
}

function stillRecent({ policy, now }: Counting, known: readonly Recent[] = []): readonly Recent[] {
  const since = now().getTime() - policy.limits.bulkMinutes * 60_000;
  return known.filter(({ at }) => at > since);
}
