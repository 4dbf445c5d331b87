import { isDeleteOnly, tells } from '#shared/providers/tells.ts';
import type { ProviderName, Token } from '#shared/core/vocabulary.ts';
import type { Provider } from '#shared/providers/provider.ts';
import {
  type Digest,
  FINDING_KINDS,
  type FindingGroup,
  type FindingKind,
  type Thresholds,
} from '#shared/tokens/digest.ts';
import type { ProfileTrouble } from '#shared/tokens/trouble.ts';

/** One profile as it was read. */
export interface Inventory {
  readonly profile: string;
  readonly provider: ProviderName;
  readonly knows: Provider['knows'];
  readonly tokens: readonly Token[];
  /** Sentences about what the credential cannot see. */
  readonly unseen: readonly string[];
}

const DAY_MS = 86_400_000;

/**
 * Lists what is wrong with one token. Inactive tokens are never judged. What a provider does not tell is never held against
 * a token: no "unused" without a last use that is known, no "no expiry" where expiry is not told.
 */
export function assess(
  token: Token,
  {
    knows,
    thresholds,
    now,
  }: { readonly knows: Provider['knows']; readonly thresholds: Thresholds; readonly now: Date },
): readonly FindingKind[] {
  if (token.state === 'expired') return ['expired'];
  if (token.state === 'inactive') return [];
  const ageDays = daysSince(token.createdAt, now);
  const idleDays = knows.lastUse && tells(token, 'lastUse') ? (daysSince(token.lastUsedAt, now) ?? ageDays) : undefined;
  const leftDays = token.expiresAt === undefined ? undefined : -(daysSince(token.expiresAt, now) ?? 0);
  if (leftDays !== undefined && leftDays < 0) return ['expired'];
  const found: Readonly<Record<Exclude<FindingKind, 'expired'>, boolean>> = {
    unused: idleDays !== undefined && idleDays >= thresholds.unusedDays,
    stale: ageDays !== undefined && ageDays >= thresholds.staleDays,
    expiring: leftDays !== undefined && leftDays <= thresholds.expiringDays,
    no_expiry: knows.expiry && tells(token, 'expiry') && token.expiresAt === undefined,
    many_permissions: token.permissions.length >= thresholds.manyPermissions,
    owner_unknown: token.owner === undefined,
  };
  return FINDING_KINDS.filter((kind) => kind !== 'expired' && found[kind]);
}

/** Days since a time, negative for one to come; `undefined` where there is none or it is no time. */
function daysSince(iso: string | undefined, now: Date): number | undefined {
  const at = iso === undefined ? Number.NaN : Date.parse(iso);
  return Number.isNaN(at) ? undefined : (now.getTime() - at) / DAY_MS;
}

/** Most groups of a digest, and most tokens of each; the others are counted. */
const KEPT = { groups: 20, tokens: 20 } as const;

interface DigestInput {
  readonly inventories: readonly Inventory[];
  readonly unread: readonly ProfileTrouble[];
  readonly thresholds: Thresholds;
  /** Whether the policy protects a token: then no press offers to revoke it. */
  readonly isProtected?: (token: Token) => boolean;
  readonly revived?: Digest['revived'];
  readonly returned?: Digest['returned'];
  readonly muted?: Digest['muted'];
  readonly newlyProtected?: readonly Token[];
  readonly now: Date;
}

/** Groups the findings of all profiles by kind and profile, worst kind and largest group first, and says what could not be seen. */
export function digest({
  inventories,
  unread,
  thresholds,
  isProtected,
  revived = [],
  returned = [],
  muted = [],
  newlyProtected = [],
  now,
}: DigestInput): Digest {
  const groups = inventories
    .flatMap((inventory) => groupsOf(inventory, thresholds, now))
    .map((group) => ({ ...group, cleanable: group.cleanable.filter((token) => isProtected?.(token) !== true) }))
    .toSorted(
      (a, b) =>
        FINDING_KINDS.indexOf(a.kind) - FINDING_KINDS.indexOf(b.kind) ||
        b.tokens.length - a.tokens.length ||
        (a.profile < b.profile ? -1 : 1),
    );
  const tokens = inventories.flatMap((inventory) => inventory.tokens);
  const troubled = new Set(groups.flatMap((group) => group.tokens));
  return {
    at: now.toISOString(),
    thresholds,
    profiles: inventories.map(({ profile }) => profile),
    seen: tokens.length,
    active: tokens.filter(({ state }) => state === 'active').length,
    troubled: troubled.size,
    groups: groups.slice(0, KEPT.groups).map(shortened),
    moreGroups: Math.max(0, groups.length - KEPT.groups),
    revived,
    returned,
    muted,
    newlyProtected,
    unread,
    unseen: inventories.flatMap(unseenOf),
  };
}

/** A group whose tokens are all there. */
type WholeGroup = Omit<FindingGroup, 'count' | 'cleanableCount'>;

function shortened({ tokens, cleanable, ...group }: WholeGroup): FindingGroup {
  return {
    ...group,
    tokens: tokens.slice(0, KEPT.tokens),
    count: tokens.length,
    cleanable: cleanable.slice(0, KEPT.tokens),
    cleanableCount: cleanable.length,
  };
}

function groupsOf(inventory: Inventory, thresholds: Thresholds, now: Date): WholeGroup[] {
  const { profile, provider, knows } = inventory;
  const judged = inventory.tokens
    .toSorted((a, b) => (a.createdAt ?? '').localeCompare(b.createdAt ?? ''))
    .map((token) => ({ token, found: assess(token, { knows, thresholds, now }) }));
  return FINDING_KINDS.flatMap((kind) => {
    const hits = judged.filter(({ found }) => found.includes(kind));
    if (hits.length === 0) return [];
    const cleanable = hits.filter(({ token }) => mayClean(kind, token, knows));
    return [
      {
        kind,
        profile,
        provider,
        tokens: hits.map(({ token }) => token),
        cleanable: cleanable.map(({ token }) => token),
      },
    ];
  });
}

/** What is known to be unused or expired may be swept; what is merely old only where nobody can know whether it is used. */
function mayClean(kind: FindingKind, token: Token, knows: Provider['knows']): boolean {
  if (token.own) return false;
  if (kind === 'expired') return true;
  // What can only be deleted is no matter for one press.
  return !isDeleteOnly(token) && (kind === 'unused' || (kind === 'stale' && !knows.lastUse));
}

function unseenOf({ profile, knows, unseen }: Inventory): string[] {
  return [
    ...unseen.map((words) => `${profile}: ${words}`),
    ...(knows.lastUse ? [] : [`${profile}: last use is not told by the provider`]),
    ...(knows.expiry ? [] : [`${profile}: expiry is not told by the provider`]),
  ];
}
