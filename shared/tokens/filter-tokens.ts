import { fitsGlob } from '#shared/core/fits-glob.ts';
import type { Token } from '#shared/core/vocabulary.ts';
import { FACTS } from '#shared/providers/facts.ts';
import { tells } from '#shared/providers/tells.ts';
import type { ListQuery } from './command.ts';

const DAY_MS = 86_400_000;

/** Keeps the tokens that fit a query, in its order. Pure. A fact that a provider does not tell fits no filter over it. */
export function filterTokens(tokens: readonly Token[], query: ListQuery, now: Date): Token[] {
  const tests = [
    byState(query),
    byOwner(query),
    byPerson(query),
    byName(query),
    byAge(query, now),
    byUse(query, now),
    byExpiry(query, now),
  ];
  return inOrder(
    tokens.filter((token) => tests.every((test) => test(token))),
    query.sort,
  );
}

/** Says which filters of a query some of the tokens' providers cannot answer. */
export function unanswerable(tokens: readonly Token[], query: ListQuery): string[] {
  const asksExpiry = query.expiresWithinDays !== undefined || query.noExpiry === true;
  return [...new Set(tokens.map(({ provider }) => provider))].flatMap((provider) => {
    const { displayName, knows } = FACTS[provider];
    const leftOut = (fact: string) => `${displayName} does not tell when a token ${fact}: its tokens are left out.`;
    return [
      ...(query.unusedDays === undefined || knows.lastUse ? [] : [leftOut('was last used')]),
      ...(!asksExpiry || knows.expiry ? [] : [leftOut('expires')]),
    ];
  });
}

type Test = (token: Token) => boolean;
const anything: Test = () => true;

function byState({ state }: ListQuery): Test {
  if (state === undefined) return anything;
  return (token) => (state === 'active' ? token.state === 'active' : token.state !== 'active');
}

function byPerson({ owners }: ListQuery): Test {
  if (owners === undefined) return anything;
  const names = new Set(owners.map((name) => name.toLowerCase()));
  return ({ owner }) => [owner?.id, owner?.name].some((text) => text !== undefined && names.has(text.toLowerCase()));
}

function byOwner({ owner }: ListQuery): Test {
  if (owner === undefined) return anything;
  // A beginning, as people and pages cut addresses: "anna@…".
  const part = owner.toLowerCase().replace(/(?<=.)(?:…|\.{2,}|\*)$/, '');
  return (token) => [token.owner?.id, token.owner?.name].some((text) => text?.toLowerCase().includes(part) === true);
}

function byName({ name }: ListQuery): Test {
  if (name === undefined) return anything;
  return (token) => fitsGlob(name, token.name);
}

function byAge({ olderThanDays }: ListQuery, now: Date): Test {
  if (olderThanDays === undefined) return anything;
  return (token) => isBefore(token.createdAt, now.getTime() - olderThanDays * DAY_MS);
}

/** Never used counts as unused since it was made. */
function byUse({ unusedDays }: ListQuery, now: Date): Test {
  if (unusedDays === undefined) return anything;
  const limit = now.getTime() - unusedDays * DAY_MS;
  return (token) => tells(token, 'lastUse') && isBefore(token.lastUsedAt ?? token.createdAt, limit);
}

function byExpiry({ expiresWithinDays, noExpiry }: ListQuery, now: Date): Test {
  const limit = expiresWithinDays === undefined ? undefined : now.getTime() + expiresWithinDays * DAY_MS;
  return (token) => {
    if (limit === undefined && noExpiry !== true) return true;
    if (!tells(token, 'expiry')) return false;
    if (noExpiry === true && token.expiresAt !== undefined) return false;
    // What has expired is over; it does not expire within some days.
    return limit === undefined || (isBefore(token.expiresAt, limit) && !isBefore(token.expiresAt, now.getTime()));
  };
}

function isBefore(iso: string | undefined, limitMs: number): boolean {
  return iso !== undefined && Date.parse(iso) <= limitMs;
}

type Sort = ListQuery['sort'];

/** Oldest, least recently used and soonest to expire first: what wants attention is at the top. */
const KEYS: Readonly<Record<Sort, (token: Token) => string>> = {
  age: ({ createdAt = '~' }) => createdAt,
  used: ({ lastUsedAt = '' }) => lastUsedAt,
  expiry: ({ expiresAt = '~' }) => expiresAt,
  newest: ({ createdAt = '~' }) => createdAt,
  name: ({ name }) => name.toLowerCase(),
};

const byText = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);

/** Sorts by keys that are made once for each token, not for each comparison. */
function inOrder(tokens: readonly Token[], sort: Sort): Token[] {
  const sign = sort === 'newest' ? -1 : 1;
  return tokens
    .map((token) => ({ token, key: KEYS[sort](token) }))
    .sort((left, right) => sign * (byText(left.key, right.key) || byText(left.token.id, right.token.id)))
    .map(({ token }) => token);
}
