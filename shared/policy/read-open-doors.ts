import * as z from 'zod/mini';
import { Fault } from '#shared/core/fault.ts';
import { PROVIDER_NAMES } from '#shared/core/vocabulary.ts';
import { type Issuers, issuersOf } from './issuers.ts';
import type { Policy } from './policy.ts';

const schema = z.object({
  profiles: z.record(z.string(), z.object({ provider: z.enum(PROVIDER_NAMES), issuer: z.optional(z.string()) })),
  alerts: z.object({ sources: z.array(z.string()), snsTopics: z.array(z.string()), validityCheck: z.boolean() }),
});

/** Who may report leaks, and to whom a leaked secret may be shown. */
export interface OpenDoors extends Pick<Policy['alerts'], 'sources' | 'snsTopics'> {
  readonly issuers: Issuers;
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
  return { sources, snsTopics, issuers: issuersOf(parsed.data, instead) };
}
