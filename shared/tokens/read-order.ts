import { isFault } from '#shared/core/fault.ts';
import type { NamedRef, Order, Token } from '#shared/core/vocabulary.ts';
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

/** Reads the tokens of an order afresh: one alone, or many by the lists of their profiles. What cannot be read is told so. */
export async function readOrder(services: Services, { tokens }: Pick<Order, 'tokens'>): Promise<OrderRead> {
  const [only, ...others] = tokens;
  if (only !== undefined && others.length === 0) return readOne(services, only);
  const { tokens: listed } = await listAll(services, [...new Set(tokens.map(({ profile }) => profile))]);
  const found = new Map(listed.map((token) => [keyOf(token), token]));
  return {
    found: tokens.flatMap((ref) => found.get(keyOf(ref)) ?? []),
    gone: [],
    unread: tokens.filter((ref) => !found.has(keyOf(ref))),
  };
}

async function readOne({ providers }: Services, ref: NamedRef): Promise<OrderRead> {
  try {
    const token = await (await providers.open(ref.profile)).get(ref.id);
    return token === undefined ? { found: [], gone: [ref], unread: [] } : { found: [token], gone: [], unread: [] };
  } catch (error) {
    if (!isFault(error)) throw error;
    return { found: [], gone: [], unread: [ref] };
  }
}

function keyOf({ profile, id }: Pick<NamedRef, 'profile' | 'id'>): string {
  return `${profile}:${id}`;
}
