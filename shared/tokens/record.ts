import type { Verb } from '#shared/core/vocabulary.ts';
import type { AuditEntry } from '#shared/store/store.ts';
import { type Authority, isDenied } from './authorise.ts';
import type { Command } from './command.ts';
import type { Outcome } from './outcome.ts';
import { isUnresolved, resolveToken } from './resolve-token.ts';
import type { Services } from './services.ts';

const HOUR_MS = 3_600_000;
/** Lines shown in a message, and lines put into a file. */
const LINES = { message: 20, file: 10_000 } as const;
/** What `stats` looks back over. */
const STATS_DAYS = 30;

/** The policy's profiles on which somebody may not do this; what the policy no longer names is hidden from nobody. */
export function hiddenFrom({ policy }: Services, authority: Authority, verb: Verb): ReadonlySet<string> {
  const open = new Set(authority.profilesFor(verb));
  return new Set(Object.keys(policy.profiles).filter((profile) => !open.has(profile)));
}

/** Answers from the record; a file is asked for by `file`. */
export async function readAudit(
  services: Services,
  authority: Authority,
  command: Extract<Command, { verb: 'audit' }>,
): Promise<Outcome> {
  const allowed = authority.may('audit');
  if (isDenied(allowed)) return allowed;
  const limit = command.file === undefined ? LINES.message : LINES.file;
  const since =
    command.sinceHours === undefined
      ? undefined
      : new Date(services.now().getTime() - command.sinceHours * HOUR_MS).toISOString();
  const token = command.token === undefined ? undefined : await auditedToken(services, authority, command.token);
  const hidden = hiddenFrom(services, authority, 'audit');
  const found = await services.store.audit.query({
    limit: hidden.size === 0 ? limit + 1 : LINES.file + 1,
    ...(token === undefined ? {} : { token }),
    ...(command.actorUserId === undefined ? {} : { actorUserId: command.actorUserId }),
    ...(since === undefined ? {} : { since }),
  });
  const entries = found.filter(({ token: about }) => about === undefined || !hidden.has(about.profile));
  return {
    kind: 'audited',
    entries: entries.slice(0, limit),
    more: entries.length > limit || found.length > LINES.file,
    ...(command.file === undefined ? {} : { file: command.file }),
    ...(since === undefined ? {} : { since }),
  };
}

/** A deleted token has no name to look up any more: what was typed is then taken as its id. */
async function auditedToken(services: Services, authority: Authority, asked: string) {
  const answer = await resolveToken(services, authority, { verb: 'show', asked });
  if (!isUnresolved(answer)) return { profile: answer.token.profile, id: answer.token.id };
  const colon = asked.indexOf(':');
  return colon > 0 ? { profile: asked.slice(0, colon), id: asked.slice(colon + 1) } : { id: asked };
}

/** Counts what was done in the last 30 days, and how long an alert took to a confirmed kill. */
export async function readStats(services: Services, authority: Authority): Promise<Outcome> {
  const allowed = authority.may('stats');
  if (isDenied(allowed)) return allowed;
  const since = new Date(services.now().getTime() - STATS_DAYS * 24 * HOUR_MS).toISOString();
  const [entries, openCases, approvals] = await Promise.all([
    services.store.audit.query({ since, limit: LINES.file }),
    services.store.cases.list({ open: true, limit: 1000 }),
    services.store.approvals.list({ open: true, limit: 1000 }),
  ]);
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
    openApprovals: approvals.filter(({ expiresAt }) => expiresAt > now).length,
    ...(times.length === 0
      ? {}
      : { timeToRevoke: { p50: percentile(times, 50), p95: percentile(times, 95), count: times.length } }),
  };
}

/** The nearest-rank percentile of sorted numbers. */
function percentile(sorted: readonly number[], rank: number): number {
  return sorted[Math.max(0, Math.ceil((rank / 100) * sorted.length) - 1)] ?? 0;
}
