import { defined } from '#shared/core/defined.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { digestOf, type Recorded } from '#shared/store/digest-of.ts';
import type { AuditEntry } from '#shared/store/store.ts';
import type { LogFields } from '#shared/telemetry/log.ts';

/**
 * What the log tells of an entry of the record: names and codes, nobody's name or words, and the digest of all of it, by
 * which `npm run record` sees whether the table still says the same. Only a new one is counted.
 */
export function recordedFields({ profiles }: Policy, entry: AuditEntry, isNew: boolean): LogFields {
  const recorded: Recorded = { entry: entry.id, digest: digestOf(entry) };
  if (!isNew) return { event: 'recorded_again', ...recorded };
  const { actor, what, verb, token, caseId, rule, result } = entry;
  const profile = token?.profile;
  const provider = profile === undefined ? undefined : profiles[profile]?.provider;
  const source = 'source' in actor ? actor.source : PERSON;
  const names = defined({ profile, provider, caseId, rule });
  return { event: 'recorded', source, verb: verb ?? what, result, ...names, ...recorded };
}

/** Whoever is behind it is in the record, whose readers are known. */
const PERSON = 'person';
