import { PROVIDER_NAMES } from '#shared/core/vocabulary.ts';
import { STAND_INS } from '../providers/stand-ins.ts';

/** What can be made to misbehave. */
export const FAULT_TARGETS = [...PROVIDER_NAMES, 'slack', 'github', 'sqs', 'dynamodb', 'secrets'] as const;
/** One of them. */
export type FaultTarget = (typeof FAULT_TARGETS)[number];

const EVERYWHERE = ['none', 'down', 'slow', 'hang', 'half', '401', '429', '500', 'html'] as const;
/** Every mode of any target. */
export const MODES = [...EVERYWHERE, '202', 'no-revocation'] as const;

/** Which modes make sense for a target. */
export function modesOf(target: FaultTarget): readonly string[] {
  const provider = PROVIDER_NAMES.find((name) => name === target);
  return provider === undefined ? EVERYWHERE : [...EVERYWHERE, ...STAND_INS[provider].faultModes];
}
