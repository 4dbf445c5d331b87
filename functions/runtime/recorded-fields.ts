import { defined } from '#shared/core/defined.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { AuditEntry } from '#shared/store/store.ts';
import type { LogFields } from '#shared/telemetry/log.ts';

/** What the log tells of an entry of the record: names and codes, and nobody's name or words. */
export function recordedFields({ profiles }: Policy, entry: AuditEntry): LogFields {
  const { actor, what, verb, token, caseId, rule, result } = entry;
  const profile = token?.profile;
  const provider = profile === undefined ? undefined : profiles[profile]?.provider;
  const source = 'source' in actor ? actor.source : PERSON;
  return { event: 'recorded', source, verb: verb ?? what, result, ...defined({ profile, provider, caseId, rule }) };
}

/** Whoever is behind it is in the record, whose readers are known. */
const PERSON = 'person';
