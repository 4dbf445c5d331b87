import { defined } from '#shared/core/defined.ts';
import type { ProviderName, Token } from '#shared/core/vocabulary.ts';
import type { FindingKind, Thresholds } from '#shared/tokens/digest.ts';
import { assess, type Inventory } from './assess.ts';

/** One profile in a few numbers. */
export interface Overview {
  readonly profile: string;
  readonly provider: ProviderName;
  readonly active: number;
  readonly inactive: number;
  readonly expired: number;
  /** Active tokens with a finding; a kind that the provider's data cannot show is absent. */
  readonly found: Readonly<Partial<Record<FindingKind, number>>>;
  readonly oldest?: Token;
}

/** Counts one profile: states, findings and the oldest active token. */
export function overviewOf(inventory: Inventory, thresholds: Thresholds, now: Date): Overview {
  const { profile, provider, knows, tokens } = inventory;
  const active = tokens.filter(({ state }) => state === 'active');
  const found: Partial<Record<FindingKind, number>> = {};
  for (const kind of active.flatMap((token) => assess(token, { knows, thresholds, now }))) {
    found[kind] = (found[kind] ?? 0) + 1;
  }
  const [oldest] = active.filter(({ createdAt }) => createdAt !== undefined).toSorted(byAge);
  return {
    profile,
    provider,
    active: active.length,
    inactive: tokens.filter(({ state }) => state === 'inactive').length,
    expired: tokens.filter(({ state }) => state === 'expired').length,
    found,
    ...defined({ oldest }),
  };
}

function byAge(a: Token, b: Token): number {
  return Date.parse(a.createdAt ?? '') - Date.parse(b.createdAt ?? '');
}
