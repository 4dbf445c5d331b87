import * as s from '#shared/core/schema.ts';
import { Fault } from '#shared/core/fault.ts';
import { PROVIDER_NAMES } from '#shared/core/vocabulary.ts';
import { type Issuers, issuersOf } from './issuers.ts';
import type { Policy } from './policy.ts';

const schema = s.object({
  profiles: s.record(s.object({ provider: s.literal(...PROVIDER_NAMES), issuer: s.optional(s.string) })),
  alerts: s.object({ sources: s.array(s.string), snsTopics: s.array(s.string), validityCheck: s.boolean }),
});

/** Who may report leaks, and to whom a leaked secret may be shown. */
export interface OpenDoors extends Pick<Policy['alerts'], 'sources' | 'snsTopics'> {
  readonly issuers: Issuers;
  /** Names of all profiles. */
  readonly profiles: readonly string[];
}

/**
 * Reads what an edge goes by out of a policy that the build has checked as a whole, without the weight of the other rules.
 * `instead` as in `issuersOf`. Throws `config_invalid`.
 */
export function readOpenDoors(policy: unknown, instead?: Readonly<Record<string, string>>): OpenDoors {
  const parsed = schema.safeParse(policy);
  if (!parsed.success) {
    throw new Fault('config_invalid', 'policy: profiles, alerts.sources or alerts.snsTopics is malformed');
  }
  const { sources, snsTopics } = parsed.data.alerts;
  const profiles = Object.keys(parsed.data.profiles);
  return { sources, snsTopics, profiles, issuers: issuersOf(parsed.data, instead) };
}

/** The part of a checked policy that `readOpenDoors` reads, and nothing else of it: the build gives an edge no more. */
export function openDoorsOf({ profiles, alerts }: Policy): unknown {
  const { sources, snsTopics, validityCheck } = alerts;
  return {
    profiles: Object.fromEntries(
      Object.entries(profiles).map(([name, { provider, issuer }]) => [name, { provider, issuer }]),
    ),
    alerts: { sources, snsTopics, validityCheck },
  };
}
