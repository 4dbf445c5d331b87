import { defined } from '#shared/core/defined.ts';
import type { Token, TokenState } from '#shared/core/vocabulary.ts';
import { type Authority, isDenied } from '../authorise.ts';
import type { ListQuery } from '../command.ts';
import { filterTokens, unanswerable } from '../filter-tokens.ts';
import type { Outcome } from '../outcome.ts';
import { listAll } from '../read-profiles.ts';
import type { Services } from '../services.ts';
import { ownersOf } from '../owners-of.ts';
import { withPeople } from '../with-people.ts';
import { PAGE_SIZE } from './page-size.ts';

/** Most rows of a file; more than any organisation has tokens. */
const FILE_SIZE = 50_000;

/** Lists what the actor may see, read afresh for every page. A page past the end gives the last one. */
export async function listTokens(
  services: Services,
  authority: Authority,
  request: {
    readonly query: ListQuery;
    readonly offset: number;
    readonly private: boolean;
    readonly file?: 'jsonl' | 'csv';
  },
): Promise<Outcome> {
  const { query } = request;
  for (const profile of query.profiles) {
    const allowed = authority.may('list', profile);
    if (isDenied(allowed)) return allowed;
  }
  const profiles = query.profiles.length > 0 ? query.profiles : authority.profilesFor('list');
  if (profiles.length === 0) {
    const allowed = authority.may('list');
    if (isDenied(allowed)) return allowed;
  }
  const { tokens, unread, unseen } = await listAll(services, profiles);
  const now = services.now();
  const owners = await ownersOf(services, authority.actor, query.ownedBy);
  const matching = filterTokens(tokens, { ...query, ...defined({ owners }) }, now);
  const last = Math.max(0, Math.ceil(matching.length / PAGE_SIZE) - 1) * PAGE_SIZE;
  const offset = Math.min(Math.max(0, Math.floor(request.offset / PAGE_SIZE) * PAGE_SIZE), last);
  return {
    kind: 'listed',
    query,
    tokens:
      request.file === undefined
        ? await withPeople(services, matching.slice(offset, offset + PAGE_SIZE))
        : matching.slice(0, FILE_SIZE),
    offset: request.file === undefined ? offset : 0,
    matching: matching.length,
    seen: tokens.length,
    byState: countStates(matching),
    profiles,
    unread,
    unseen,
    unanswered: [...unknownOwner(owners), ...unanswerable(tokens, query)],
    ...defined({ file: request.file }),
    private: request.private,
    at: now.toISOString(),
  };
}

function countStates(tokens: readonly Token[]): Partial<Record<TokenState, number>> {
  const counts: Partial<Record<TokenState, number>> = {};
  for (const { state } of tokens) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function unknownOwner(owners: readonly string[] | undefined): string[] {
  return owners?.length === 0
    ? [
        'I do not know what this person is called at the providers: Slack tells me no e-mail address, and the policy names none (`owners`).',
      ]
    : [];
}
