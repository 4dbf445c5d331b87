import { allEnded } from '#shared/core/all-ended.ts';
import { caseProfiles } from '#shared/store/case-profiles.ts';
import type { AuditEntry } from '#shared/store/store.ts';
import { type Authority, isDenied } from '../authorise.ts';
import { maySee, visibleEntries } from '../may-see.ts';
import { profilesOf } from '../warrant.ts';
import type { Outcome } from '../outcome.ts';
import type { Services } from '../services.ts';

/** What `stats` looks back over, where nobody says. */
const USUAL_HOURS = 30 * 24;
const HOUR_MS = 3_600_000;
/** Entries that are counted at most. */
const MOST_ENTRIES = 10_000;

/** Counts what was done since then (in the last 30 days, where nobody says) in the profiles that this person may see, and how long an alert took to a confirmed kill. */
export async function readStats(
  services: Services,
  authority: Authority,
  sinceHours: number = USUAL_HOURS,
): Promise<Outcome> {
  const allowed = authority.may('stats');
  if (isDenied(allowed)) return allowed;
  const since = new Date(services.now().getTime() - sinceHours * HOUR_MS).toISOString();
  const mayBeSeen = maySee(services, authority, 'stats');
  const [all, cases, approvals] = await allEnded([
    services.store.audit.query({ since, limit: MOST_ENTRIES }),
    services.store.cases.list({ open: true, limit: 1000 }),
    services.store.approvals.list({ open: true, limit: 1000 }),
  ]);
  const entries = await visibleEntries(services, all, mayBeSeen);
  const openCases = cases.filter((kase) => mayBeSeen(caseProfiles(kase)));
  const count = (test: (entry: AuditEntry) => boolean) => entries.filter(test).length;
  const isRevoke = ({ what }: AuditEntry) => what === 'deactivate' || what === 'delete';
  const times = entries
    .filter(
      (entry) => isRevoke(entry) && entry.result === 'done' && 'source' in entry.actor && entry.receipt !== undefined,
    )
    .map(({ receipt }) => Date.parse(receipt?.confirmedAt ?? '') - Date.parse(receipt?.requestedAt ?? ''))
    .filter(Number.isFinite)
    .sort((left, right) => left - right);
  const now = services.now().toISOString();
  return {
    kind: 'stats',
    since,
    revoked: count((entry) => isRevoke(entry) && entry.result === 'done'),
    restored: count(({ what, result }) => what === 'activate' && result === 'done'),
    failed: count(({ result }) => result === 'failed'),
    denied: count(({ what }) => what === 'denied'),
    openCases: openCases.length,
    openApprovals: approvals.filter(({ expiresAt, order }) => expiresAt > now && mayBeSeen(profilesOf(order))).length,
    ...(times.length === 0
      ? {}
      : { timeToRevoke: { p50: percentile(times, 50), p95: percentile(times, 95), count: times.length } }),
  };
}

/** The nearest-rank percentile of sorted numbers. */
function percentile(sorted: readonly number[], rank: number): number {
  return sorted[Math.max(0, Math.ceil((rank / 100) * sorted.length) - 1)] ?? 0;
}
