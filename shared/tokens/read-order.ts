import { isFault } from '#shared/core/fault.ts';
import type { ChangeOrder, NamedRef, Order, Token } from '#shared/core/vocabulary.ts';
import { isReached } from '#shared/providers/is-reached.ts';
import { listAll } from './read-profiles.ts';
import type { Services } from './services.ts';

/** The tokens of an order as they were just read. */
export interface OrderRead {
  readonly found: readonly Token[];
  /** Asked for and not there. Only a token that was asked for alone is said to be gone: a list may not show all. */
  readonly gone: readonly NamedRef[];
  /** Neither found nor known to be gone. */
  readonly unread: readonly NamedRef[];
}

/**
 * Reads the tokens of an order afresh: one alone, or many by the lists of their profiles. What cannot be read is told so.
 * `known`: tokens as an earlier look has shown them.
 */
export async function readOrder(
  services: Services,
  { tokens }: Pick<Order, 'tokens'>,
  known: readonly Token[] = [],
): Promise<OrderRead> {
  const [only, ...others] = tokens;
  if (only !== undefined && others.length === 0)
    return readOne(
      services,
      only,
      known.find((token) => keyOf(token) === keyOf(only)),
    );
  const { tokens: listed } = await listAll(services, [...new Set(tokens.map(({ profile }) => profile))]);
  const found = new Map(listed.map((token) => [keyOf(token), token]));
  return {
    found: tokens.flatMap((ref) => found.get(keyOf(ref)) ?? []),
    gone: [],
    unread: tokens.filter((ref) => !found.has(keyOf(ref))),
  };
}

/**
 * True where the first profile of an order over many shows a token that it would change still: no other has to be read to
 * know that it is not needless. False means nothing.
 */
export async function surelyChanges(services: Services, { verb, tokens }: ChangeOrder): Promise<boolean> {
  const [first, ...others] = tokens;
  if (first === undefined || others.length === 0) return false;
  const { tokens: listed } = await listAll(services, [first.profile]);
  const ids = new Set(tokens.filter(({ profile }) => profile === first.profile).map(({ id }) => id));
  return listed.some((token) => ids.has(token.id) && !isReached(verb, token));
}

async function readOne({ providers }: Services, ref: NamedRef, known: Token | undefined): Promise<OrderRead> {
  try {
    const token = await (await providers.open(ref.profile)).get(ref.id, known);
    return token === undefined ? { found: [], gone: [ref], unread: [] } : { found: [token], gone: [], unread: [] };
  } catch (error) {
    if (!isFault(error)) throw error;
    return { found: [], gone: [], unread: [ref] };
  }
}

function keyOf({ profile, id }: Pick<NamedRef, 'profile' | 'id'>): string {
  return `${profile}:${id}`;
}
