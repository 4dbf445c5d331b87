import type { Policy } from '#shared/policy/policy.ts';
import { loadPolicy, PolicyError } from '../policy.ts';
import { Stop } from '../command-line.ts';

/** Reads a stage's policy. Throws `Stop` with file, line and field of each mistake. */
export function readStagePolicy(stage: string): Policy {
  try {
    return loadPolicy({ stage });
  } catch (error) {
    if (error instanceof PolicyError) throw new Stop(`The policy cannot be used:\n${error.message}`);
    throw error;
  }
}
