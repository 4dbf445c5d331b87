import type { Token, TokenKind } from '#shared/core/vocabulary.ts';
import { spellUuid } from './recogniser.ts';
import { compareShortKey, ENOUGH_TO_SPARE } from './compare-short-key.ts';
import { plainEnds } from './key-ends.ts';

function kindOf(apiKey: string): TokenKind | undefined {
  if (apiKey.startsWith('lsv2_sk_')) return 'service-key';
  return apiKey.startsWith('lsv2_pt_') ? 'pat' : undefined;
}

/** Which rows are or could be the key that we work with. */
function findOwn(tokens: readonly Token[], apiKey: string): ReadonlySet<Token> {
  const kind = kindOf(apiKey);
  const rows = tokens.filter((token) => kind === undefined || token.kind === kind);
  const byId = rows.filter((token) => token.id === spellUuid(apiKey.slice('lsv2_pt_'.length)));
  if (byId.length > 0) return new Set(byId);
  const ends = plainEnds(apiKey);
  const compared = rows.map((token) => ({ token, ...compareShortKey(token.shortKey ?? '', ends) }));
  const sure = compared.filter(({ isPossible, evidence }) => isPossible && evidence >= ENOUGH_TO_SPARE);
  const possible = sure.length > 0 ? sure : compared.filter(({ isPossible }) => isPossible);
  return new Set(possible.map(({ token }) => token));
}

/**
 * Marks the key that we work with as ours. Where several could be it, all are marked: a token too many is spared, our own
 * branch never sawn off.
 */
export function markOwn(tokens: readonly Token[], apiKey: string): readonly Token[] {
  const own = findOwn(tokens, apiKey);
  return tokens.map((token) => (own.has(token) ? { ...token, own: true } : token));
}
