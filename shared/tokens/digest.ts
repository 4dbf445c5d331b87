import type { ProviderName, Token } from '#shared/core/vocabulary.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { ProfileTrouble } from './trouble.ts';

/** What may be wrong with a live token, worst first: the order in which a digest tells it. */
export const FINDING_KINDS = [
  'expired',
  'unused',
  'stale',
  'expiring',
  'no_expiry',
  'many_permissions',
  'owner_unknown',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export type Thresholds = Policy['hygiene'];

/** The tokens of one profile that have the same finding, oldest first. */
export interface FindingGroup {
  readonly kind: FindingKind;
  readonly profile: string;
  readonly provider: ProviderName;
  /** The first of them; `count` counts all. */
  readonly tokens: readonly Token[];
  readonly count: number;
  /** The first that one press may clean up: never Patrol's own, a protected one, or one that is known to be in use. */
  readonly cleanable: readonly Token[];
  readonly cleanableCount: number;
}

/** How many reports of one kind of finding were muted. */
export interface Muted {
  /** What the scanner calls it: foreign text. */
  readonly detector: string;
  readonly reports: number;
}

/** Everything a hygiene report says, before it has words. */
export interface Digest {
  readonly at: string;
  readonly thresholds: Thresholds;
  readonly profiles: readonly string[];
  readonly seen: number;
  readonly active: number;
  /** How many tokens have at least one finding. */
  readonly troubled: number;
  readonly groups: readonly FindingGroup[];
  /** How many groups of findings there are besides. */
  readonly moreGroups: number;
  /** Tokens that work although the case about them had their end confirmed: the loudest finding there is. */
  readonly revived: readonly { readonly caseId: string; readonly token: Token }[];
  /** Cases of tokens that Patrol itself brought back, which is proved only now: their cards follow. */
  readonly returned?: readonly string[];
  /** What the policy muted of the leaks that came first in the last 7 days. */
  readonly muted: readonly Muted[];
  /** Tokens that the policy protects and that no report has told of. */
  readonly newlyProtected: readonly Token[];
  readonly unread: readonly ProfileTrouble[];
  readonly unseen: readonly string[];
}
