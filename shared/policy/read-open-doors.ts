import * as z from 'zod/mini';
import { Fault } from '#shared/core/fault.ts';
import type { Policy } from './policy.ts';

const schema = z.object({ alerts: z.object({ sources: z.array(z.string()), snsTopics: z.array(z.string()) }) });

/**
 * Reads who may report leaks out of a policy that the build has checked as a whole: all that an edge goes by, without the
 * weight of the other rules. Throws `config_invalid`.
 */
export function readOpenDoors(policy: unknown): Pick<Policy['alerts'], 'sources' | 'snsTopics'> {
  const parsed = schema.safeParse(policy);
  if (!parsed.success) throw new Fault('config_invalid', 'policy: alerts.sources or alerts.snsTopics is malformed');
  return parsed.data.alerts;
}
